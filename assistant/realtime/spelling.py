"""How a message is spelled: its type, and for each attribute the keys that carry it."""

import binascii
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from assistant.realtime.fields import Fields
from assistant.realtime.items import read_item, read_part, write_item, write_new_item, write_part
from assistant.realtime.messages import Json, Part, Place
from assistant.units import ItemId, ResponseId


@dataclass(frozen=True, slots=True)
class Attribute:
    """One attribute of a message: how to read it, and the keys that tell it."""

    name: str
    read: Callable[[Fields], Any]
    write: Callable[[Any], Json]


@dataclass(frozen=True, slots=True)
class Spelling:
    """One type of message, in both directions."""

    type: str
    message: Callable[..., Any]
    attributes: tuple[Attribute, ...]

    def read(self, fields: Fields) -> Any:
        """Make the message of its JSON. Raises `Misspelling`."""
        return self.message(**{one.name: one.read(fields) for one in self.attributes})

    def write(self, message: Any) -> Json:
        """Make the JSON of a message."""
        frame: Json = {"type": self.type}
        for one in self.attributes:
            frame |= one.write(getattr(message, one.name))
        return frame


def text(name: str, default: str | None = None) -> Attribute:
    """Spell a string under its own name; without a default it must be there."""
    return Attribute(name, lambda fields: fields.text(name, default), lambda value: {name: value})


def whole(name: str, default: int | None = None) -> Attribute:
    """Spell a whole number under its own name; without a default it must be there."""
    return Attribute(name, lambda fields: fields.whole(name, default), lambda value: {name: value})


def optional(name: str, key: str = "") -> Attribute:
    """Spell a string that may be None or empty: then its key is left out."""
    key = key or name
    empty = "" if key == name == "event_id" else None
    return Attribute(
        name,
        lambda fields: fields.text(key, "") or empty,
        lambda value: {key: value} if value else {},
    )


def json_object(name: str) -> Attribute:
    """Spell an object as it is; None leaves its key out."""
    return Attribute(
        name,
        lambda fields: fields.json(name),
        lambda value: {} if value is None else {name: value},
    )


def inner(name: str, read: Callable[[Fields], Any], write: Callable[[Any], Json]) -> Attribute:
    """Spell a value by an object under its own name."""
    return Attribute(
        name,
        lambda fields: read(fields.inner(name)),
        lambda value: {name: write(value)},
    )


def sound(name: str, key: str) -> Attribute:
    """Spell raw bytes by base64."""
    return Attribute(
        name,
        lambda fields: _decoded(fields, key),
        lambda value: {key: encoded(value)},
    )


def encoded(audio: bytes) -> str:
    """Give the base64 of raw bytes."""
    return binascii.b2a_base64(audio, newline=False).decode("ascii")


def _decoded(fields: Fields, key: str) -> bytes:
    try:
        return binascii.a2b_base64(fields.text(key), strict_mode=True)
    except ValueError as error:
        raise fields.misfit(key, "must be base64") from error


def _read_place(fields: Fields) -> Place:
    return Place(
        ResponseId(fields.text("response_id")),
        ItemId(fields.text("item_id")),
        fields.whole("output_index", 0),
        fields.whole("content_index", 0),
    )


def _write_place(place: Place) -> Json:
    return {
        "response_id": place.response_id,
        "item_id": place.item_id,
        "output_index": place.output_index,
        "content_index": place.content_index,
    }


def _write_call_place(place: Place) -> Json:
    """A call has no content, and so no index of it."""
    return {key: value for key, value in _write_place(place).items() if key != "content_index"}


def _read_any_part(fields: Fields) -> Part:
    return read_part(fields) or Part("text")


ITEM = inner("item", read_item, write_item)
NEW_ITEM = inner("item", read_item, write_new_item)
PART = inner("part", _read_any_part, write_part)
PLACE = Attribute("place", _read_place, _write_place)
CALL_PLACE = Attribute("place", _read_place, _write_call_place)
