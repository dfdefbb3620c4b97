"""Pieces of the sentences that the local far end says: things, states and spans of time."""

from collections.abc import Iterable, Mapping, Sequence
from math import isfinite
from typing import Any

from assistant.home.devices import Attribute
from assistant.local.spoken import in_words, listed, number_in_words

MOST_NAMED = 4
"""More things than this are counted, not named."""

State = Mapping[str, Any]
Named = tuple[str, str]
"""A device's name and what is said of it, beginning with "is" or "has"."""


def the(name: str) -> str:
    """A name with its article, unless it brings one."""
    return name if name.split(" ", 1)[0] in {"the", "my", "our"} else f"the {name}"


def sentence(text: str) -> str:
    """A text as a sentence: capital letter and full stop."""
    return f"{text[:1].upper()}{text[1:]}{'' if text.endswith(('.', '?')) else '.'}"


def joined_clauses(said: Iterable[Named]) -> str:
    """Names with the same predicate share a sentence."""
    together: dict[str, list[str]] = {}
    for name, predicate in said:
        together.setdefault(predicate, []).append(name)
    return " ".join(sentence(clause(names, what)) for what, names in together.items())


def clause(names: Sequence[str], predicate: str) -> str:
    """Names and what is said of them, in the plural where it must be."""
    subject = subject_of(names)
    plural = len(names) > 1 or is_plural(names[0])
    return f"{subject} {_pluralized(predicate) if plural else predicate}"


def subject_of(names: Sequence[str]) -> str:
    """A few names in a row; many of them only as a number."""
    if len(names) <= MOST_NAMED:
        return listed([the(name) for name in names])
    return f"{in_words(len(names))} {'lights' if _all_lights(names) else 'devices'}"


def is_plural(name: str) -> bool:
    """True for names such as "blinds" and "hallway lights"."""
    return name.endswith("s") and not name.endswith(("ss", "us"))


def predicate_of(attribute: Attribute, value: Any) -> str:
    """What is said of a device whose attribute has this value, beginning with "is"."""
    number = finite_number(value)
    match attribute:
        case Attribute.BRIGHTNESS | Attribute.SPEED | Attribute.HUMIDITY if number is not None:
            return f"is at {number_in_words(number)} percent"
        case Attribute.POSITION if number is not None:
            return {0: "is closed", 100: "is open"}.get(
                round(number), f"is {number_in_words(number)} percent open"
            )
        case Attribute.TARGET_TEMPERATURE if number is not None:
            return f"is set to {degrees(number)}"
        case Attribute.TEMPERATURE if number is not None:
            return f"is at {degrees(number)}"
        case Attribute.COLOR_TEMP if number is not None:
            return f"is at {number_in_words(number)} kelvin"
        case Attribute.COLOR:
            return f"is {color_name(str(value))}"
        case Attribute.MODE:
            return f"is in {_plain_value(value)} mode"
    return f"is {_plain_value(value)}"


def state_predicates(state: State) -> tuple[str, ...]:
    """Everything known about a device that can be said."""
    known = [(Attribute(key), state[key]) for key in state if key in set(Attribute)]
    return tuple(predicate_of(attribute, value) for attribute, value in known if value is not None)


def degrees(number: float) -> str:
    """A temperature in words."""
    return f"{number_in_words(number)} {'degree' if number == 1 else 'degrees'}"


def color_name(color: str) -> str:
    """A colour's name, or honestly no name."""
    return _COLORS.get(color.lower(), "in the new color" if color.startswith("#") else color)


def duration(seconds: float) -> str:
    """A span of time: "one hour and thirty minutes"."""
    whole = max(0, round(seconds))
    counts = ((whole // 3600, "hour"), (whole // 60 % 60, "minute"), (whole % 60, "second"))
    parts = [f"{in_words(n)} {unit}{'s' * (n != 1)}" for n, unit in counts if n]
    return listed(parts) or "zero seconds"


_COLORS: Mapping[str, str] = {
    "#ff0000": "red",
    "#00ff00": "green",
    "#008000": "green",
    "#0000ff": "blue",
    "#ffffff": "white",
    "#ffff00": "yellow",
    "#ffa500": "orange",
    "#800080": "purple",
    "#ffc0cb": "pink",
    "#00ffff": "cyan",
    "#ff00ff": "magenta",
}


def finite_number(value: Any) -> float | None:
    """A number, also where it comes as text; None for anything that is none."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if isfinite(number) else None


def _plain_value(value: Any) -> str:
    number = finite_number(value)
    return number_in_words(number) if number is not None else str(value).replace("_", " ")


def _pluralized(predicate: str) -> str:
    verb, space, rest = predicate.partition(" ")
    return f"{_PLURALS.get(verb, verb)}{space}{rest}"


_PLURALS: Mapping[str, str] = {"is": "are", "has": "have"}


def _all_lights(names: Sequence[str]) -> bool:
    return all(name.endswith(("light", "lights", "lamp", "lamps")) for name in names)
