"""Conversation items and their content, between JSON and `Item`."""

from typing import Literal

from assistant.realtime.fields import Fields
from assistant.realtime.messages import Item, ItemKind, Json, Part, Role
from assistant.units import CallId, ItemId

_PART_KINDS: dict[str, Literal["text", "audio"]] = {
    "text": "text",
    "input_text": "text",
    "output_text": "text",
    "audio": "audio",
    "input_audio": "audio",
    "output_audio": "audio",
}


def read_item(fields: Fields) -> Item:
    """Read an item; one of an unknown type keeps its JSON. Raises `Misspelling`."""
    match fields.text("type"):
        case "message":
            return _message(fields)
        case "function_call":
            return _call(fields)
        case "function_call_output":
            return _output(fields)
        case _:
            return Item(
                ItemId(fields.text("id", "")),
                ItemKind.OTHER,
                _status(fields),
                raw=fields.values,
            )


def read_part(fields: Fields) -> Part | None:
    """Read a piece of content in any spelling; None for what is neither text nor audio."""
    kind = _PART_KINDS.get(fields.text("type", ""))
    if kind is None:
        return None
    return Part(kind, fields.text("transcript" if kind == "audio" else "text", ""))


def write_item(item: Item) -> Json:
    """Write an item as a server tells it: with its type of object and its status."""
    if item.kind is ItemKind.OTHER:
        return dict(item.raw or {})
    return _named(item) | {"object": "realtime.item", "status": item.status} | _body(item)


def write_new_item(item: Item) -> Json:
    """Write an item as a client creates it: without what only the server knows."""
    if item.kind is ItemKind.OTHER:
        return dict(item.raw or {})
    return _named(item) | _body(item)


def write_part(part: Part) -> Json:
    """Write a piece of content as the `content_part` events spell it."""
    key = "transcript" if part.kind == "audio" else "text"
    return {"type": part.kind, key: part.text}


def _message(fields: Fields) -> Item:
    role = fields.choice("role", tuple(Role)) or Role.USER
    parts = (read_part(part) for part in fields.inners("content"))
    return Item(
        ItemId(fields.text("id", "")),
        ItemKind.MESSAGE,
        _status(fields),
        role=Role(role),
        content=tuple(part for part in parts if part is not None),
    )


def _call(fields: Fields) -> Item:
    return Item(
        ItemId(fields.text("id", "")),
        ItemKind.CALL,
        _status(fields),
        call_id=CallId(fields.text("call_id", "")),
        name=fields.asked_text("name"),
        arguments=fields.asked_text("arguments"),
    )


def _output(fields: Fields) -> Item:
    return Item(
        ItemId(fields.text("id", "")),
        ItemKind.OUTPUT,
        _status(fields),
        call_id=CallId(fields.asked_text("call_id")),
        output=fields.asked_text("output"),
    )


def _status(fields: Fields) -> str:
    return fields.text("status", "completed")


def _named(item: Item) -> Json:
    return {"id": item.id} if item.id else {}


def _body(item: Item) -> Json:
    match item.kind:
        case ItemKind.CALL:
            return {
                "type": item.kind.value,
                "call_id": item.call_id,
                "name": item.name,
                "arguments": item.arguments,
            }
        case ItemKind.OUTPUT:
            return {"type": item.kind.value, "call_id": item.call_id, "output": item.output}
        case _:
            content = [_content(part, item.role) for part in item.content]
            return {"type": "message", "role": item.role.value, "content": content}


def _content(part: Part, role: Role) -> Json:
    direction = "output" if role is Role.ASSISTANT else "input"
    key = "transcript" if part.kind == "audio" else "text"
    return {"type": f"{direction}_{part.kind}", key: part.text}
