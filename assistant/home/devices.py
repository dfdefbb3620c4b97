"""What exists at home: devices as data, whatever announced them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Kind(StrEnum):
    """What a device is; the words are those of Home Assistant's platforms."""

    LIGHT = "light"
    SWITCH = "switch"
    COVER = "cover"
    CLIMATE = "climate"
    LOCK = "lock"
    FAN = "fan"
    SENSOR = "sensor"
    SCENE = "scene"
    VACUUM = "vacuum"
    ALARM = "alarm"
    MEDIA = "media"


class Attribute(StrEnum):
    """What can be read from or set on a device."""

    POWER = "power"
    """"on" or "off"."""
    BRIGHTNESS = "brightness"
    """Percent, 0 to 100."""
    COLOR = "color"
    """"#rrggbb"."""
    COLOR_TEMP = "color_temp"
    """Kelvin."""
    POSITION = "position"
    """Percent open, 0 to 100."""
    MOVE = "move"
    """Cover: "open", "close", "stop"; its states are open, closed, opening, closing, stopped."""
    TARGET_TEMPERATURE = "target_temperature"
    """Degrees Celsius."""
    TEMPERATURE = "temperature"
    """Measured degrees Celsius."""
    HUMIDITY = "humidity"
    """Measured percent."""
    MODE = "mode"
    """Climate: off, heat, cool, auto, as the device names them."""
    SPEED = "speed"
    """Fan: percent, 0 to 100."""
    LOCK = "lock"
    """"lock", "unlock"; its states are locked, unlocked, locking, unlocking, jammed."""
    ACTION = "action"
    """Vacuum: start, pause, dock, stop, locate. Media: play, pause, stop, next, previous.
    Alarm: arm_home, arm_away, arm_night, disarm. Scene: activate."""
    VALUE = "value"
    """Any other measured value, as text or number."""


class Risk(StrEnum):
    """How much harm a wrong command can do (`free`, `bounded`, `confirm`, `never`)."""

    FREE = "free"
    BOUNDED = "bounded"
    CONFIRM = "confirm"
    NEVER = "never"


@dataclass(frozen=True, slots=True)
class Channel:
    """How one attribute of a device travels over MQTT.

    A command is `payloads[value]` (or the scaled number), bare or as `{command_key: …}`;
    a state is the bare payload or the value at `state_key` (dots walk into objects),
    translated back through `states`.
    """

    command_topic: str | None = None
    state_topic: str | None = None
    command_key: str | None = None
    state_key: str | None = None
    payloads: Mapping[str, str] = field(default_factory=dict)
    states: Mapping[str, str] = field(default_factory=dict)
    minimum: float = 0.0
    maximum: float = 100.0
    scale: float | None = None
    """The device's number for 100 percent; None where its numbers are ours."""
    unit: str = ""
    qos: int = 1
    retain: bool = False


@dataclass(frozen=True, slots=True)
class Availability:
    """The topic where a device (or its gateway) says that it is there."""

    topic: str
    online: str = "online"
    offline: str = "offline"
    key: str | None = None


@dataclass(frozen=True, slots=True)
class Device:
    """One thing at home. `id` is unique and stable; names are what people say."""

    id: str
    name: str
    kind: Kind
    channels: Mapping[Attribute, Channel]
    area: str | None = None
    aliases: tuple[str, ...] = ()
    availability: tuple[Availability, ...] = ()
    device_class: str | None = None
    risk: Risk | None = None
    """The owner's own word; None lets `policy` judge by kind, class and name."""
    exposed: bool = True
    gateway: str | None = None
    """The base topic of a Zigbee2MQTT gateway, whose log names failed commands."""
