"""Text from outside, made fit for a terminal: nothing in it can move the cursor or hide."""

import json
from collections.abc import Mapping
from typing import Any

STAND_IN = "·"


def legible(text: str) -> str:
    """The text on one line; control, format and other unprintable characters become dots."""
    return "".join(sign if sign.isprintable() else STAND_IN for sign in text)


def shortened(text: str, width: int) -> str:
    """The text in no more than `width` characters; what was cut is shown by an ellipsis."""
    return text if len(text) <= width else text[: max(0, width - 1)] + "…"[:width]


def arguments_in_words(arguments: Mapping[str, Any]) -> str:
    """A call's arguments as a person reads them: "kitchen light, state on"."""
    return ", ".join(_argument(name, value) for name, value in arguments.items())


def _argument(name: str, value: Any) -> str:
    if isinstance(value, dict):
        parts = (key if each is True else _in_words(each) for key, each in value.items())
        return " ".join(map(legible, parts))
    return f"{legible(name)} {legible(_in_words(value))}"


def _in_words(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, default=str)
