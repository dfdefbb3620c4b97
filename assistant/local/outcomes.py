"""What a function answered, read from its JSON without trusting its shape."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

LONGEST_TEXT = 200
"""Characters of a foreign text that are spoken at most."""
MOST_ITEMS = 50


@dataclass(frozen=True, slots=True)
class Outcome:
    """A function's answer. An unreadable one has the status "" and proves nothing."""

    status: str = ""
    devices: tuple[tuple[str, Mapping[str, Any]], ...] = ()
    done: tuple[tuple[str, Mapping[str, Any]], ...] = ()
    started: tuple[str, ...] = ()
    failed: tuple[tuple[str, str], ...] = ()
    candidates: tuple[str, ...] = ()
    confirmation_id: str = ""
    message: str = ""
    timers: tuple[Mapping[str, Any], ...] = ()
    more: int = 0
    """How many entries were left out because the answer would have been too long."""


def outcome_of(output: str) -> Outcome:
    """Read a function's JSON answer; never raises, unknown parts are left out."""
    try:
        answer = json.loads(output)
    except (ValueError, RecursionError):
        return Outcome()
    if not isinstance(answer, dict):
        return Outcome()
    return Outcome(
        status=_text(answer.get("status")),
        devices=_named_states(answer.get("devices")),
        done=_named_states(answer.get("done")),
        started=tuple(filter(None, map(_name, _items(answer.get("started"))))),
        failed=tuple((_name(one), _why(one)) for one in _items(answer.get("failed"))),
        candidates=tuple(_name(one) for one in _items(answer.get("candidates"))),
        confirmation_id=_text(answer.get("confirmation_id")),
        message=_text(answer.get("message")),
        timers=tuple(one for one in _items(answer.get("timers")) if isinstance(one, dict)),
        more=more if isinstance(more := answer.get("more"), int) else 0,
    )


def _named_states(value: object) -> tuple[tuple[str, Mapping[str, Any]], ...]:
    return tuple((_name(one), _state(one)) for one in _items(value) if _name(one))


def _items(value: object) -> list[Any]:
    return value[:MOST_ITEMS] if isinstance(value, list) else []


def _name(one: object) -> str:
    return _text(one.get("name") if isinstance(one, dict) else one)


def _state(one: object) -> Mapping[str, Any]:
    state = one.get("state") if isinstance(one, dict) else None
    return state if isinstance(state, dict) else {}


def _why(one: object) -> str:
    return _text(one.get("why")) if isinstance(one, dict) else ""


def _text(value: object) -> str:
    return " ".join(value.split())[:LONGEST_TEXT] if isinstance(value, str) else ""
