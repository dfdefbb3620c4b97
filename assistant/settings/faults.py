"""Pydantic's complaints, told as sentences for a human."""

from collections.abc import Iterator
from difflib import get_close_matches
from typing import Any, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from assistant.home.names import kind_of_word

_SECRET_WORDS = ("api_key", "apikey", "password", "secret", "token")

_SENTENCES = {
    "missing": "is missing",
    "bool_type": "must be true or false",
    "int_type": "must be a whole number",
    "int_from_float": "must be a whole number",
    "float_type": "must be a number",
    "string_type": 'must be text in "quotes"',
    "tuple_type": "must be a list in [brackets]",
    "dict_type": "must be a table",
    "model_type": "must be a table",
    "greater_than": "must be more than {gt:g}",
    "greater_than_equal": "must be at least {ge:g}",
    "less_than": "must be less than {lt:g}",
    "less_than_equal": "must be at most {le:g}",
    "multiple_of": "must be a multiple of {multiple_of}",
    "string_too_short": "must not be empty",
    "string_too_long": "must have at most {max_length} characters",
    "too_short": "must name at least {min_length}",
    "too_long": "must name at most {max_length}",
    "finite_number": "must be a finite number",
}

_FORMATS = {
    "words": "must be written like hey_jarvis: small letters, digits and '_'",
    "id": "must consist of letters, digits, '_' and '-', at most 64",
}


def sentences(error: ValidationError, model: type[BaseModel], data: Any) -> tuple[str, ...]:
    """Every fault as `key: sentence`, in the order of the model; keys show list positions."""
    faults = [fault for fault in error.errors() if not _echoes(fault)]
    told = (
        f"{_place(fault['loc'], data)}{text}" for fault in faults for text in _texts(fault, model)
    )
    return tuple(dict.fromkeys(told))


def _echoes(fault: ErrorDetails) -> bool:
    """True where a list is called too short only because its items were faulty."""
    return fault["type"] == "too_short" and bool(fault["input"])


def _texts(fault: ErrorDetails, model: type[BaseModel]) -> Iterator[str]:
    context = fault.get("ctx", {})
    match fault["type"]:
        case "extra_forbidden":
            yield _unknown_key(fault["loc"], model)
        case "literal_error" | "enum":
            is_kind = fault["loc"][-1] == "kind"
            meant = kind_of_word(str(fault["input"])) if is_kind else None
            yield _unknown_choice(fault["input"], str(context.get("expected", "")), meant)
        case "value_error":
            yield from str(context["error"]).splitlines()
        case "string_pattern_mismatch":
            yield _misspelled(fault["loc"])
        case kind if kind in _SENTENCES:
            yield _SENTENCES[kind].format(**context)
        case _:
            yield fault["msg"][:1].lower() + fault["msg"][1:]


def _place(loc: tuple[int | str, ...], data: Any) -> str:
    """`devices[2] (hall lamp).kind: `, or nothing for the file as a whole."""
    place = ""
    for step in loc:
        data = _inside(data, step)
        if isinstance(step, int):
            name = data.get("name") if isinstance(data, dict) else None
            place += f"[{step + 1}]" + (f" ({name})" if isinstance(name, str) else "")
        elif data is not _NOTHING:
            place += f".{step}" if place else step
    return f"{place}: " if place else ""


_NOTHING = object()


def _inside(data: Any, step: int | str) -> Any:
    """One step down into the file's data; `_NOTHING` where pydantic names a branch of a union."""
    if isinstance(data, dict):
        return data.get(step, None if step in _MAY_LACK else _NOTHING)
    if isinstance(data, list) and isinstance(step, int) and step < len(data):
        return data[step]
    return _NOTHING


_MAY_LACK = ("name", "kind")
"""Required keys: a fault about them names a place that the file does not have."""


def _unknown_key(loc: tuple[int | str, ...], model: type[BaseModel]) -> str:
    *way, key = loc
    if any(word in str(key).lower() for word in _SECRET_WORDS):
        return (
            "secrets do not belong in this file; set OPENAI_API_KEY or ASSISTANT_MQTT_PASSWORD,"
            " or give systemd credentials"
        )
    return f"unknown key{_did_you_mean(str(key), _keys_at(way, model))}"


def _unknown_choice(given: Any, expected: str, meant: str | None = None) -> str:
    """`meant` is the choice that people call so: a lamp is a light, however unlike the words."""
    if meant is not None:
        return f"must be {expected}; did you mean '{meant}'?"
    choices = [choice.strip().strip("'") for choice in expected.replace(" or ", ", ").split(",")]
    return f"must be {expected}{_did_you_mean(str(given), choices)}"


def _misspelled(loc: tuple[int | str, ...]) -> str:
    names = [step for step in loc if step in _FORMATS]
    return _FORMATS[str(names[0])] if names else "must be printable text"


def _did_you_mean(given: str, known: list[str]) -> str:
    near = get_close_matches(given.lower(), known, n=1, cutoff=0.6)
    return f"; did you mean '{near[0]}'?" if near else ""


def _keys_at(way: list[int | str], model: type[BaseModel]) -> list[str]:
    """The keys that the table at this place knows."""
    for step in way:
        field = model.model_fields.get(str(step))
        inner = next(_models_in(field.annotation), None) if field else None
        model = inner or model
    return list(model.model_fields)


def _models_in(annotation: Any) -> Iterator[type[BaseModel]]:
    """The models that a type mentions, outermost first."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
        return
    for inner in get_args(annotation):
        yield from _models_in(inner)
