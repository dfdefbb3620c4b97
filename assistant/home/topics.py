"""Between attributes and MQTT: wishes become topics and payloads, payloads become readings.

Whatever comes in may be garbage: what cannot be read is left out, nothing raises.
"""

import json
import math
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from assistant.home.colours import hex_of_report, rgb_of
from assistant.home.devices import Attribute, Availability, Channel, Device
from assistant.home.outcomes import Value

NUMBERS = frozenset(
    {
        Attribute.BRIGHTNESS,
        Attribute.COLOR_TEMP,
        Attribute.POSITION,
        Attribute.TARGET_TEMPERATURE,
        Attribute.TEMPERATURE,
        Attribute.HUMIDITY,
        Attribute.SPEED,
    }
)
MOST_BYTES = 65536
_TEXT_LIMIT = 64
_MIRED = 1e6
_SETTLED: Mapping[tuple[Attribute, str], str] = {
    (Attribute.LOCK, "lock"): "locked",
    (Attribute.LOCK, "unlock"): "unlocked",
    (Attribute.MOVE, "close"): "closed",
    (Attribute.MOVE, "stop"): "stopped",
}
"""Some gateways report a state by the word of the command that leads to it."""


@dataclass(frozen=True, slots=True)
class Publication:
    """A message to publish; `attributes` are those that it asks to change."""

    topic: str
    payload: str
    qos: int = 1
    retain: bool = False
    attributes: frozenset[Attribute] = frozenset()


def commands_of(device: Device, values: Mapping[Attribute, Value]) -> tuple[Publication, ...]:
    """The messages that carry wishes to a device; keys of one JSON object travel together."""
    objects: dict[str, dict[Attribute, Value]] = {}
    bare: list[Publication] = []
    for attribute, value in values.items():
        channel = device.channels[attribute]
        topic = channel.command_topic or ""
        if channel.command_key is None:
            payload = _text(_encoded(channel, attribute, value))
            only = frozenset({attribute})
            bare.append(Publication(topic, payload, channel.qos, channel.retain, only))
        else:
            objects.setdefault(topic, {})[attribute] = value
    joined = (_joined(device, topic, wishes) for topic, wishes in objects.items())
    return (*joined, *bare)


def query_of(device: Device, attributes: Iterable[Attribute]) -> Publication | None:
    """Ask a Zigbee2MQTT gateway to read a device; None where there is no such gateway."""
    for attribute in attributes:
        channel = device.channels.get(attribute)
        if device.gateway and channel and channel.state_topic and channel.state_key:
            key = channel.state_key.partition(".")[0]
            return Publication(f"{channel.state_topic}/get", json.dumps({key: ""}))
    return None


def state_topics(device: Device) -> frozenset[str]:
    """Where a device tells its state."""
    return frozenset(
        channel.state_topic for channel in device.channels.values() if channel.state_topic
    )


def readings_of(device: Device, topic: str, payload: bytes) -> dict[Attribute, Value]:
    """What a message on a state topic says about a device; empty if it says nothing readable."""
    channels = [(a, c) for a, c in device.channels.items() if c.state_topic == topic]
    if not channels or len(payload) > MOST_BYTES:
        return {}
    text = payload.decode("utf-8", "replace").strip()
    document = _document(text) if any(channel.state_key for _, channel in channels) else None
    readings: dict[Attribute, Value] = {}
    for attribute, channel in channels:
        raw = _walk(document, channel.state_key) if channel.state_key else text
        value = _decoded(channel, attribute, raw)
        if value is not None:
            readings[attribute] = value
    return readings


def presence_in(availability: Availability, payload: bytes) -> bool | None:
    """Whether a message says that the device is there; None if it says neither."""
    text = payload[:MOST_BYTES].decode("utf-8", "replace").strip()
    raw = _walk(_document(text), availability.key) if availability.key else text
    # Zigbee2MQTT has sent both the bare word and an object, depending on its settings.
    words = {text, _text(raw)} if raw is not None else {text}
    if availability.online in words:
        return True
    return False if availability.offline in words else None


def failure_in(payload: bytes, device: Device) -> str | None:
    """The complaint of a Zigbee2MQTT log entry about this device; None for all other entries."""
    entry = _document(payload[:MOST_BYTES].decode("utf-8", "replace"))
    if not isinstance(entry, dict) or entry.get("level") != "error":
        return None
    message = str(entry.get("message", ""))
    named = any(f"'{name}'" in message for name in _gateway_names(device))
    return _clean(message) if named else None


def _gateway_names(device: Device) -> frozenset[str]:
    """A Zigbee2MQTT friendly name is what follows the base topic."""
    prefix = f"{device.gateway}/"
    return frozenset(topic.removeprefix(prefix) for topic in state_topics(device))


def _joined(device: Device, topic: str, wishes: Mapping[Attribute, Value]) -> Publication:
    document: dict[str, Any] = {}
    channels = [device.channels[attribute] for attribute in wishes]
    for (attribute, value), channel in zip(wishes.items(), channels, strict=True):
        raw = _encoded(channel, attribute, value)
        _plant(document, channel.command_key or "", _typed(raw, channel, attribute))
    return Publication(
        topic,
        json.dumps(document, separators=(",", ":")),
        max(channel.qos for channel in channels),
        any(channel.retain for channel in channels),
        frozenset(wishes),
    )


def _encoded(channel: Channel, attribute: Attribute, value: Value) -> Value:
    """A value in the device's own words or numbers."""
    word = channel.payloads.get(str(value))
    if word is not None or isinstance(value, str):
        return value if word is None else word
    if attribute is Attribute.COLOR_TEMP and channel.unit == "mired":
        return round(_MIRED / max(value, 1.0))
    if channel.scale is not None:
        scaled = round(value * channel.scale / 100)
        return max(1, scaled) if value > 0 else scaled
    return int(value) if float(value).is_integer() else value


def _typed(raw: Value, channel: Channel, attribute: Attribute) -> Any:
    """A value as JSON wants it: numbers and booleans bare, a colour as an object."""
    if attribute is Attribute.COLOR and str(channel.command_key).endswith("color"):
        red, green, blue = rgb_of(str(raw))
        return {"r": red, "g": green, "b": blue}
    if isinstance(raw, str) and attribute is not Attribute.COLOR:
        literal = _document(raw)
        return literal if isinstance(literal, int | float) else raw
    return raw


def _decoded(channel: Channel, attribute: Attribute, raw: Any) -> Value | None:
    if raw is None:
        return None
    if attribute is Attribute.COLOR:
        return hex_of_report(raw)
    if attribute in NUMBERS:
        return _number(channel, attribute, raw)
    if isinstance(raw, dict | list):
        return None
    return _word(channel, attribute, raw)


def _number(channel: Channel, attribute: Attribute, raw: Any) -> float | None:
    try:
        number = float(raw)
    except (TypeError, ValueError, OverflowError):
        return None
    if not math.isfinite(number) or abs(number) > 1e9:
        return None
    if attribute is Attribute.COLOR_TEMP and channel.unit == "mired":
        return round(_MIRED / number) if number >= 1 else None
    if channel.scale is not None:
        number = round(number * 100 / channel.scale)
    return int(number) if float(number).is_integer() else round(number, 2)


def _word(channel: Channel, attribute: Attribute, raw: Any) -> Value | None:
    """A word of ours for a word of the device; sensors may speak in numbers."""
    known = channel.states or {payload: value for value, payload in channel.payloads.items()}
    for spelling in _spellings(raw):
        if spelling in known:
            return _SETTLED.get((attribute, known[spelling]), known[spelling])
    if attribute is Attribute.VALUE:
        number = _number(channel, attribute, raw)
        return _clean(_text(raw)) if number is None else number
    text = _clean(_text(raw)).casefold()
    text = _SETTLED.get((attribute, text), text)
    # A shutter whose state is its position has no word for what lies between the ends.
    is_word = any(letter.isalpha() for letter in text)
    return text if is_word and text not in {"none", "unknown", "unavailable"} else None


def _spellings(raw: Any) -> tuple[str, ...]:
    """Booleans are written in JSON's way and in Python's."""
    return (str(raw).lower(), str(raw)) if isinstance(raw, bool) else (_text(raw),)


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _clean(text: str) -> str:
    """Text from devices reaches the model: one short line without control or bidi marks."""
    kept = (
        " " if letter.isspace() else letter
        for letter in unicodedata.normalize("NFKC", text[: 4 * _TEXT_LIMIT])
        if letter.isspace() or unicodedata.category(letter)[0] != "C"
    )
    return "".join(kept).strip()[:_TEXT_LIMIT]


def _document(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _walk(document: Any, path: str) -> Any:
    for key in path.split("."):
        if not isinstance(document, dict):
            return None
        document = document.get(key)
    return document


def _plant(document: dict[str, Any], path: str, value: Any) -> None:
    *branches, leaf = path.split(".")
    for branch in branches:
        document = document.setdefault(branch, {})
    document[leaf] = value
