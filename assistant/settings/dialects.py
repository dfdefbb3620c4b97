"""How three families of devices speak MQTT, as tables; `~` stands for the device's topic.

Sources: Zigbee2MQTT "MQTT topics and messages" and its exposes, Tasmota "Commands",
ESPHome `components/mqtt`; plain devices use the words of Home Assistant's platforms.
"""

from collections.abc import Mapping
from dataclasses import replace
from enum import StrEnum

from assistant.home.devices import Attribute, Availability, Channel, Kind


class Dialect(StrEnum):
    """Which family a device belongs to."""

    PLAIN = "plain"
    ZIGBEE2MQTT = "zigbee2mqtt"
    TASMOTA = "tasmota"
    ESPHOME = "esphome"


Channels = Mapping[Attribute, Channel]

A = Attribute
ON_OFF = {"on": "ON", "off": "OFF"}
OPEN_CLOSE = {"open": "OPEN", "close": "CLOSE", "stop": "STOP"}
LOCK_UNLOCK = {"lock": "LOCK", "unlock": "UNLOCK"}
VACUUM = {
    "start": "start",
    "pause": "pause",
    "stop": "stop",
    "dock": "return_to_base",
    "locate": "locate",
}
ALARM = {
    "arm_home": "ARM_HOME",
    "arm_away": "ARM_AWAY",
    "arm_night": "ARM_NIGHT",
    "disarm": "DISARM",
}
MEDIA = {word: word for word in ("play", "pause", "stop", "next", "previous")}
MODES = {word: word for word in ("off", "heat", "cool", "auto")}
KELVIN = (2000.0, 6500.0)
ROOM_HEAT = (5.0, 30.0)


def _turned(payloads: Mapping[str, str]) -> dict[str, str]:
    return {payload: value for value, payload in payloads.items()}


def _limited(channel: Channel, limits: tuple[float, float], unit: str) -> Channel:
    return replace(channel, minimum=limits[0], maximum=limits[1], unit=unit)


def _json(key: str, payloads: Mapping[str, str] | None = None) -> Channel:
    """A key of the one JSON object that a Zigbee2MQTT device sends and accepts."""
    words = payloads or {}
    return Channel("~/set", "~", key, key, words, _turned(words))


def _read(topic: str, key: str | None = None, unit: str = "") -> Channel:
    return Channel(state_topic=topic, state_key=key, unit=unit)


def _measures(topic: str, *, keyed: bool) -> Channels:
    """Temperature, humidity and any other value, read from one topic."""
    units = {A.VALUE: "", A.TEMPERATURE: "°C", A.HUMIDITY: "%"}
    return {what: _read(topic, what.value if keyed else None, unit) for what, unit in units.items()}


_ZIGBEE_POWER = {A.POWER: _json("state", ON_OFF)}

ZIGBEE2MQTT: Mapping[Kind, Channels] = {
    Kind.LIGHT: {
        **_ZIGBEE_POWER,
        A.BRIGHTNESS: replace(_json("brightness"), scale=254.0),
        A.COLOR: _json("color"),
        A.COLOR_TEMP: _limited(_json("color_temp"), KELVIN, "mired"),
    },
    Kind.SWITCH: _ZIGBEE_POWER,
    Kind.FAN: {**_ZIGBEE_POWER, A.SPEED: replace(_json("speed"), scale=254.0)},
    Kind.COVER: {
        A.MOVE: replace(
            _json("state", OPEN_CLOSE),
            states={"OPEN": "open", "CLOSE": "closed", "STOP": "stopped"},
        ),
        A.POSITION: _json("position"),
    },
    Kind.LOCK: {
        A.LOCK: replace(
            _json("state", LOCK_UNLOCK), states={"LOCK": "locked", "UNLOCK": "unlocked"}
        )
    },
    Kind.CLIMATE: {
        A.TARGET_TEMPERATURE: _limited(_json("occupied_heating_setpoint"), ROOM_HEAT, "°C"),
        A.TEMPERATURE: _read("~", "local_temperature", "°C"),
        A.MODE: _json("system_mode", MODES),
    },
    Kind.SENSOR: _measures("~", keyed=True),
    Kind.SCENE: {
        A.ACTION: Channel("~/set", command_key="scene_recall", payloads={"activate": "1"})
    },
}


def _order(command: str, payloads: Mapping[str, str] | None = None) -> Channel:
    """A Tasmota command, answered in the JSON object at `RESULT` under its own name."""
    words = payloads or {}
    return Channel(f"cmnd/~/{command}", "stat/~/RESULT", None, command, words, _turned(words))


_TASMOTA_POWER = {
    A.POWER: Channel("cmnd/~/POWER", "stat/~/POWER", payloads=ON_OFF, states=_turned(ON_OFF))
}
_SHUTTER = Channel("cmnd/~/ShutterPosition1", "stat/~/RESULT", state_key="Shutter1.Position")

TASMOTA: Mapping[Kind, Channels] = {
    Kind.LIGHT: {
        **_TASMOTA_POWER,
        A.BRIGHTNESS: _order("Dimmer"),
        A.COLOR_TEMP: _limited(_order("CT"), KELVIN, "mired"),
    },
    Kind.SWITCH: _TASMOTA_POWER,
    Kind.FAN: {
        A.POWER: replace(
            _order("FanSpeed", {"off": "0", "on": "2"}),
            states={"0": "off", "2": "on", "1": "on", "3": "on"},
        ),
        A.SPEED: replace(_order("FanSpeed"), scale=3.0),
    },
    Kind.COVER: {
        A.MOVE: replace(_SHUTTER, payloads=OPEN_CLOSE, states={"100": "open", "0": "closed"}),
        A.POSITION: _SHUTTER,
    },
    Kind.SENSOR: _measures("tele/~/SENSOR", keyed=True),
}

_ESPHOME_POWER = {A.POWER: Channel("~/command", "~/state", payloads=ON_OFF, states=_turned(ON_OFF))}


def _lamp(key: str, payloads: Mapping[str, str] | None = None) -> Channel:
    """A key of the JSON object of an ESPHome light."""
    words = payloads or {}
    return Channel("~/command", "~/state", key, key, words, _turned(words))


ESPHOME: Mapping[Kind, Channels] = {
    Kind.LIGHT: {
        A.POWER: _lamp("state", ON_OFF),
        A.BRIGHTNESS: replace(_lamp("brightness"), scale=255.0),
        A.COLOR: _lamp("color"),
        A.COLOR_TEMP: _limited(_lamp("color_temp"), KELVIN, "mired"),
    },
    Kind.SWITCH: _ESPHOME_POWER,
    Kind.FAN: {
        **_ESPHOME_POWER,
        A.SPEED: Channel("~/speed_level/command", "~/speed_level/state"),
    },
    Kind.COVER: {
        A.MOVE: Channel("~/command", "~/state", payloads=OPEN_CLOSE),
        A.POSITION: Channel("~/position/command", "~/position/state"),
    },
    Kind.LOCK: {
        A.LOCK: Channel(
            "~/command",
            "~/state",
            payloads=LOCK_UNLOCK,
            states={
                word.upper(): word
                for word in ("locked", "unlocked", "locking", "unlocking", "jammed")
            },
        )
    },
    Kind.CLIMATE: {
        A.TARGET_TEMPERATURE: _limited(
            Channel("~/target_temperature/command", "~/target_temperature/state"), ROOM_HEAT, "°C"
        ),
        A.TEMPERATURE: _read("~/current_temperature/state", unit="°C"),
        A.MODE: Channel("~/mode/command", "~/mode/state", payloads=MODES),
    },
    Kind.SENSOR: _measures("~/state", keyed=False),
    Kind.ALARM: {A.ACTION: Channel("~/command", "~/state", payloads=ALARM)},
}

_PLAIN_POWER = {A.POWER: Channel(payloads=ON_OFF, states=_turned(ON_OFF))}

PLAIN: Mapping[Kind, Channels] = {
    Kind.LIGHT: _PLAIN_POWER,
    Kind.SWITCH: _PLAIN_POWER,
    Kind.FAN: _PLAIN_POWER,
    Kind.COVER: {A.MOVE: Channel(payloads=OPEN_CLOSE)},
    Kind.LOCK: {A.LOCK: Channel(payloads=LOCK_UNLOCK, states=ESPHOME[Kind.LOCK][A.LOCK].states)},
    Kind.CLIMATE: {A.TARGET_TEMPERATURE: _limited(Channel(), ROOM_HEAT, "°C")},
    Kind.SENSOR: {
        A.VALUE: Channel(),
        A.TEMPERATURE: Channel(unit="°C"),
        A.HUMIDITY: Channel(unit="%"),
    },
    Kind.SCENE: {A.ACTION: Channel(payloads={"activate": "ON"})},
    Kind.VACUUM: {A.ACTION: Channel(payloads=VACUUM)},
    Kind.ALARM: {A.ACTION: Channel(payloads=ALARM)},
    Kind.MEDIA: {A.ACTION: Channel(payloads=MEDIA)},
}

TABLES: Mapping[Dialect, Mapping[Kind, Channels]] = {
    Dialect.PLAIN: PLAIN,
    Dialect.ZIGBEE2MQTT: ZIGBEE2MQTT,
    Dialect.TASMOTA: TASMOTA,
    Dialect.ESPHOME: ESPHOME,
}

USUAL: Mapping[Kind, tuple[Attribute, ...]] = {
    Kind.LIGHT: (A.POWER, A.BRIGHTNESS),
    Kind.SENSOR: (A.VALUE,),
}
"""What a device has when its table names no features; the other kinds have all."""


def channels_for(dialect: Dialect, kind: Kind) -> Channels:
    """All that a kind can have in a dialect; empty where the dialect lacks the kind."""
    return TABLES[dialect].get(kind, {})


def placed(channel: Channel, topic: str) -> Channel:
    """The same channel at a real topic."""
    return replace(
        channel,
        command_topic=channel.command_topic and channel.command_topic.replace("~", topic),
        state_topic=channel.state_topic and channel.state_topic.replace("~", topic),
    )


def presence_of(dialect: Dialect, topic: str) -> tuple[Availability, ...]:
    """Where a device, or its gateway, tells that it is there."""
    first = topic.partition("/")[0]
    match dialect:
        case Dialect.ZIGBEE2MQTT:
            return (Availability(f"{first}/bridge/state", key="state"),)
        case Dialect.TASMOTA:
            return (Availability(f"tele/{topic}/LWT", "Online", "Offline"),)
        case Dialect.ESPHOME:
            return (Availability(f"{first}/status"),)
        case Dialect.PLAIN:
            return ()
