"""How a simulated device thinks: commands come in, steps of change follow in time. Pure.

The far side of `home.topics`, written apart from it: commands are read and states are
spelled here as a device would, so that an error on one side does not hide on the other.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from assistant.home.devices import Attribute, Channel, Device, Kind

Reading = str | float
A = Attribute
_MEASURED_IN_NUMBERS = frozenset(
    {A.BRIGHTNESS, A.COLOR_TEMP, A.POSITION, A.TARGET_TEMPERATURE, A.TEMPERATURE, A.HUMIDITY}
) | {A.SPEED}

_AT_FIRST: Mapping[Kind, Mapping[Attribute, Reading]] = {
    Kind.LIGHT: {A.POWER: "off", A.BRIGHTNESS: 60.0, A.COLOR: "#ffffff", A.COLOR_TEMP: 2700.0},
    Kind.SWITCH: {A.POWER: "off"},
    Kind.COVER: {A.MOVE: "closed", A.POSITION: 0.0},
    Kind.CLIMATE: {
        A.POWER: "on",
        A.MODE: "heat",
        A.TARGET_TEMPERATURE: 20.0,
        A.TEMPERATURE: 19.5,
        A.HUMIDITY: 45.0,
    },
    Kind.LOCK: {A.LOCK: "locked"},
    Kind.FAN: {A.POWER: "off", A.SPEED: 0.0},
    Kind.SENSOR: {A.TEMPERATURE: 20.5, A.HUMIDITY: 45.0, A.VALUE: 20.5},
    Kind.SCENE: {},
    Kind.VACUUM: {A.ACTION: "docked", A.POWER: "off"},
    Kind.ALARM: {A.ACTION: "disarmed"},
    Kind.MEDIA: {A.ACTION: "playing", A.POWER: "on", A.VALUE: 30.0},
}

_ENDS: Mapping[tuple[Kind, str], tuple[str, str]] = {
    (Kind.VACUUM, "start"): ("", "cleaning"),
    (Kind.VACUUM, "pause"): ("", "paused"),
    (Kind.VACUUM, "stop"): ("", "idle"),
    (Kind.VACUUM, "dock"): ("returning", "docked"),
    (Kind.MEDIA, "play"): ("", "playing"),
    (Kind.MEDIA, "next"): ("", "playing"),
    (Kind.MEDIA, "previous"): ("", "playing"),
    (Kind.MEDIA, "pause"): ("", "paused"),
    (Kind.MEDIA, "stop"): ("", "stopped"),
    (Kind.ALARM, "arm_home"): ("arming", "armed_home"),
    (Kind.ALARM, "arm_away"): ("arming", "armed_away"),
    (Kind.ALARM, "arm_night"): ("arming", "armed_night"),
    (Kind.ALARM, "disarm"): ("", "disarmed"),
}
"""What an action leads to: a state on the way (or none), and the state at the end."""

_BOLT: Mapping[str, tuple[str, str]] = {
    "lock": ("locking", "locked"),
    "unlock": ("unlocking", "unlocked"),
    "open": ("unlocking", "unlocked"),
}


_COMMAND_WORDS = {
    "locked": "lock",
    "unlocked": "unlock",
    "closed": "close",
    "stopped": "stop",
}


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast simulated devices are, in seconds."""

    latency: float = 0.01
    """From a command to the first report."""
    travel: float = 8.0
    """A cover's way from closed to open."""
    bolt: float = 0.8
    """A lock's way; alarms and homing vacuums take this long too."""
    echo: float = 0.02
    """From a gateway's first report to the device's own."""
    slow: float = 8.0
    """How late a slow device is."""


@dataclass(frozen=True, slots=True)
class Step:
    """After a pause, these values change, and the device reports."""

    pause: float
    values: Mapping[Attribute, Reading] = field(default_factory=dict)


class SimulatedDevice:
    """One device and its true state."""

    def __init__(self, device: Device, pace: Pace) -> None:
        self.device = device
        self._pace = pace
        first = _AT_FIRST[device.kind]
        known = {name for name in device.channels if name in first}
        self.values: dict[Attribute, Reading] = {name: first[name] for name in known}

    def command_topics(self) -> frozenset[str]:
        """Where the device listens."""
        channels = self.device.channels.values()
        return frozenset(channel.command_topic for channel in channels if channel.command_topic)

    def wishes_in(self, topic: str, payload: str) -> dict[Attribute, Reading]:
        """What a command asks for; empty if the device does not understand it."""
        wishes: dict[Attribute, Reading] = {}
        for attribute, channel in self.device.channels.items():
            if channel.command_topic != topic:
                continue
            wish = _understood(channel, attribute, _taken_from(payload, channel.command_key))
            if wish is not None:
                wishes[attribute] = wish
        return wishes

    def steps_for(self, wishes: Mapping[Attribute, Reading]) -> Iterator[Step]:
        """What happens, one report after the other."""
        if moves := wishes.keys() & {A.MOVE, A.POSITION}:
            yield from self._travel(wishes[min(moves)])
        elif A.LOCK in wishes:
            between, end = _BOLT[str(wishes[A.LOCK])]
            yield Step(self._pace.latency, {A.LOCK: between})
            yield Step(self._pace.bolt, {A.LOCK: end})
        elif A.ACTION in wishes:
            yield from self._act(str(wishes[A.ACTION]))
        elif wishes:
            yield Step(self._pace.latency, self._with_consequences(wishes))

    def contrary_to(self, wishes: Mapping[Attribute, Reading]) -> dict[Attribute, Reading]:
        """What a device shows that does something else than it was told."""
        return {name: self._contrary(name, wish) for name, wish in wishes.items()}

    def reports(self) -> Iterator[tuple[str, str]]:
        """Topic and payload of every state message, as the device spells them."""
        documents: dict[str, dict[str, Any]] = {}
        # Numbers last: where a word and a number share a place, the number is the report.
        ordered = sorted(self.device.channels, key=lambda name: name in _MEASURED_IN_NUMBERS)
        for attribute in ordered:
            channel = self.device.channels[attribute]
            raw = self._spelled(channel, attribute)
            if channel.state_topic is None or raw is None:
                continue
            if channel.state_key is None:
                yield channel.state_topic, str(raw)
            else:
                document = documents.setdefault(channel.state_topic, {})
                _put(document, channel.state_key.split("."), raw)
        for topic, document in documents.items():
            yield topic, json.dumps(document)

    def _travel(self, goal: Reading) -> Iterator[Step]:
        at_rest = 0.0 if self.values.get(A.MOVE) == "closed" else 100.0
        stands = float(self.values.get(A.POSITION, at_rest))
        if goal == "stop":
            yield Step(self._pace.latency, {A.MOVE: "stopped"})
            return
        end = {"open": 100.0, "close": 0.0}.get(str(goal))
        end = float(goal) if end is None else end
        way = "opening" if end > stands else "closing"
        strides = max(1, round(abs(end - stands) / 10))
        for stride in range(strides if end != stands else 0):
            position = stands + (end - stands) * stride / strides
            pause = self._pace.latency if stride == 0 else self._pace.travel / 10
            yield Step(pause, {A.MOVE: way, A.POSITION: round(position)})
        pause = self._pace.travel / 10 if end != stands else self._pace.latency
        yield Step(pause, {A.MOVE: "open" if end else "closed", A.POSITION: end})

    def _act(self, action: str) -> Iterator[Step]:
        between, end = _ENDS.get((self.device.kind, action), ("", ""))
        if between:
            yield Step(self._pace.latency, {A.ACTION: between})
        changed: dict[Attribute, Reading] = {A.ACTION: end} if end else {}
        yield Step(self._pace.bolt if between else self._pace.latency, changed)

    def _with_consequences(self, wishes: Mapping[Attribute, Reading]) -> dict[Attribute, Reading]:
        """A lamp that is told a brightness goes on; a fan without speed stands still."""
        changed = dict(wishes)
        if changed.get(A.POWER) == "off":
            return {**changed, A.SPEED: 0.0} if A.SPEED in self.values else changed
        if A.SPEED in changed:
            changed[A.POWER] = "on" if changed[A.SPEED] else "off"
        elif changed.get(A.POWER) == "on" and self.values.get(A.SPEED) == 0:
            changed[A.SPEED] = 50.0
        if self.device.kind is Kind.LIGHT:
            changed[A.POWER] = "on"
        return changed

    def _contrary(self, attribute: Attribute, wish: Reading) -> Reading:
        if attribute is A.POWER:
            return "off" if wish == "on" else "on"
        if attribute is A.LOCK:
            return "jammed"
        if isinstance(wish, str):
            return self.values.get(attribute, "unknown")
        channel = self.device.channels[attribute]
        middle = (channel.minimum + channel.maximum) / 2
        return channel.maximum if wish < middle else channel.minimum

    def _spelled(self, channel: Channel, attribute: Attribute) -> Any:
        """The device's word or number for its present value; None where it has none."""
        value = self.values.get(attribute)
        if value is None:
            return None
        if attribute is A.COLOR:
            return _colour_report(channel, str(value))
        if not isinstance(value, str):
            return _device_number(channel, attribute, value)
        return self._device_word(channel, value)

    def _device_word(self, channel: Channel, value: str) -> str | None:
        words = {word: raw for raw, word in channel.states.items()} or dict(channel.payloads)
        if value in words:
            return words[value]
        # Zigbee2MQTT says LOCK for locked, and OPEN from the first moment of the movement.
        near = self._nearest_word(value)
        if channel.states and near in words:
            return words[near]
        speaks_in_numbers = bool(channel.states) and all(map(str.isdecimal, channel.states))
        return None if speaks_in_numbers else value

    def _nearest_word(self, value: str) -> str:
        if self.device.gateway:
            value = {"opening": "open", "closing": "closed"}.get(value, value)
        return _COMMAND_WORDS.get(value, value)


def _taken_from(payload: str, key: str | None) -> Any:
    if key is None:
        return payload.strip()
    try:
        found: Any = json.loads(payload)
    except ValueError:
        return None
    for part in key.split("."):
        found = found.get(part) if isinstance(found, dict) else None
    return found


def _understood(channel: Channel, attribute: Attribute, raw: Any) -> Reading | None:
    if raw is None:
        return None
    if attribute is A.COLOR:
        return _colour_in(raw)
    text = raw if isinstance(raw, str) else json.dumps(raw)
    for value, payload in channel.payloads.items():
        if payload == text:
            return value
    if attribute in _MEASURED_IN_NUMBERS:
        return _our_number(channel, attribute, text)
    return None if channel.payloads else text


def _our_number(channel: Channel, attribute: Attribute, text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    if attribute is A.COLOR_TEMP and channel.unit == "mired":
        return round(1_000_000 / number)
    return number if channel.scale is None else round(100 * number / channel.scale, 1)


def _device_number(channel: Channel, attribute: Attribute, value: float) -> float:
    if attribute is A.COLOR_TEMP and channel.unit == "mired":
        return round(1_000_000 / value)
    number = value if channel.scale is None else round(channel.scale * value / 100)
    return int(number) if number == int(number) else number


def _colour_in(raw: Any) -> str | None:
    if isinstance(raw, str):
        return raw if raw.startswith("#") else None
    if isinstance(raw, dict) and {"r", "g", "b"} <= raw.keys():
        return f"#{raw['r']:02x}{raw['g']:02x}{raw['b']:02x}"
    return None


def _colour_report(channel: Channel, colour: str) -> Any:
    """Zigbee lamps report chromaticity; others repeat the colour."""
    if channel.state_key is None or not channel.state_key.endswith("color"):
        return colour
    red, green, blue = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    red, green, blue = (part**2.2 for part in (red, green, blue))
    x = 0.4124 * red + 0.3576 * green + 0.1805 * blue
    y = 0.2126 * red + 0.7152 * green + 0.0722 * blue
    z = 0.0193 * red + 0.1192 * green + 0.9505 * blue
    whole = max(x + y + z, 1e-6)
    return {"x": round(x / whole, 4), "y": round(y / whole, 4)}


def _put(document: dict[str, Any], path: list[str], value: Any) -> None:
    for branch in path[:-1]:
        document = document.setdefault(branch, {})
    document[path[-1]] = value
