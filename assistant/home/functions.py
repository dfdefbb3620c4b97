"""What the model may ask of the home: argument models, their JSON schemas, their validation.

Names and arguments: home.md section 8. Only functions whose kinds exist are declared.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal, Self

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    field_validator,
    model_validator,
)

from assistant.home.devices import Device, Kind
from assistant.home.names import Scope, Target, kind_of_word
from assistant.home.outcomes import Refusal, Status

_MOST_BYTES = 8192


def _absent_if_empty(value: Any) -> Any:
    """Models like to send "" for what they leave out."""
    return None if isinstance(value, str) and not value.strip() else value


Spoken = Annotated[str | None, Field(max_length=64), BeforeValidator(_absent_if_empty)]


class Arguments(BaseModel):
    """The arguments of a function; unknown ones are refused, "40" counts as 40."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, str_strip_whitespace=True, allow_inf_nan=False
    )


class TargetArguments(Arguments):
    """Whom a call is about."""

    name: Spoken = Field(None, description="device name or alias from the list")
    area: Spoken = None
    domain: Kind | None = None
    all: bool = False

    @field_validator("domain", mode="before")
    @classmethod
    def _accept_words(cls, value: Any) -> Any:
        word = _absent_if_empty(value)
        return kind_of_word(word) or word if isinstance(word, str) else word

    def target(self) -> Target:
        """The same as plain data."""
        return Target(self.name, self.area, self.domain, self.all)


class Targeted(Arguments):
    """The arguments of a function that is about devices."""

    target: TargetArguments


class GetState(Arguments):
    """`home_get_state`."""

    target: TargetArguments | None = None


class Turn(Targeted):
    """`home_turn`."""

    state: Literal["on", "off", "toggle"]


class _WithAChange(Targeted):
    """A function of optional arguments, at least one of which is given."""

    @model_validator(mode="after")
    def _changes_something(self) -> Self:
        names = [name for name in type(self).model_fields if name != "target"]
        if all(getattr(self, name) is None for name in names):
            raise ValueError(f"give at least one of {', '.join(names)}")
        return self


class SetLight(_WithAChange):
    """`home_set_light`."""

    brightness_pct: int | None = Field(None, ge=1, le=100)
    brightness_step_pct: int | None = Field(None, ge=-100, le=100)
    color: Annotated[str | None, BeforeValidator(_absent_if_empty)] = Field(
        None, max_length=20, description="a name or #rrggbb"
    )
    color_temp_k: int | None = Field(None, ge=1500, le=9000)


class SetCover(_WithAChange):
    """`home_set_cover`."""

    action: Literal["open", "close", "stop"] | None = None
    position_pct: int | None = Field(None, ge=0, le=100, description="0 is closed, 100 is open")


class SetClimate(_WithAChange):
    """`home_set_climate`."""

    temperature_c: float | None = None
    temperature_step_c: float | None = Field(None, ge=-5, le=5, description="warmer or colder by")
    mode: Annotated[str | None, BeforeValidator(_absent_if_empty)] = Field(None, max_length=32)


class SetFan(Targeted):
    """`home_set_fan`."""

    percentage: int = Field(ge=0, le=100)


class Activate(Targeted):
    """`home_activate`."""


class Vacuum(Targeted):
    """`home_vacuum`."""

    action: Literal["start", "pause", "dock", "stop", "locate"]


class Media(Targeted):
    """`home_media`."""

    action: Literal["play", "pause", "stop", "next", "previous"]


class Security(Targeted):
    """`home_security`."""

    action: Literal["lock", "unlock", "open", "arm_home", "arm_away", "arm_night", "disarm"]


class Confirm(Arguments):
    """`home_confirm`."""

    confirmation_id: str = Field(max_length=64)
    approved: bool


@dataclass(frozen=True, slots=True)
class Function:
    """One function: its arguments, what it can name, and what a group without a kind means."""

    arguments: type[Arguments]
    description: str
    kinds: frozenset[Kind]
    group: frozenset[Kind] = frozenset()


@dataclass(frozen=True, slots=True)
class Declaration:
    """A function as the model learns of it; `parameters` is a JSON schema without references."""

    name: str
    description: str
    parameters: dict[str, Any]


_ALL = frozenset(Kind)
_CAREFREE = frozenset({Kind.LIGHT, Kind.SWITCH, Kind.FAN, Kind.MEDIA})
"""What "everything" switches: never locks, covers, climate or alarms."""
_SWITCHED = _CAREFREE | {Kind.CLIMATE, Kind.VACUUM, Kind.SCENE}


def _of(arguments: type[Arguments], description: str, *kinds: Kind) -> Function:
    return Function(arguments, description, frozenset(kinds), frozenset(kinds))


FUNCTIONS: Mapping[str, Function] = {
    "home_get_state": Function(
        GetState, "Read the present state of a device, an area or a kind of devices.", _ALL, _ALL
    ),
    "home_turn": Function(Turn, "Switch a device or a group on or off.", _SWITCHED, _CAREFREE),
    "home_set_light": _of(SetLight, "Set brightness or colour of lights.", Kind.LIGHT),
    "home_set_cover": _of(
        SetCover, "Open, close, stop or place blinds, curtains and garage doors.", Kind.COVER
    ),
    "home_set_climate": _of(
        SetClimate, "Set the wanted temperature or the mode of heating.", Kind.CLIMATE
    ),
    "home_set_fan": _of(SetFan, "Set the speed of a fan.", Kind.FAN),
    "home_activate": _of(Activate, "Activate a scene.", Kind.SCENE),
    "home_vacuum": _of(Vacuum, "Command a vacuum cleaner.", Kind.VACUUM),
    "home_media": _of(Media, "Command a music or media player.", Kind.MEDIA),
    "home_security": _of(
        Security, "Lock or unlock a door, arm or disarm an alarm.", Kind.LOCK, Kind.ALARM
    ),
    "home_confirm": _of(
        Confirm,
        "Pass on the user's answer to a confirmation question, after the user has spoken.",
        *(_ALL - {Kind.SENSOR}),
    ),
}


SERVING: Mapping[Kind, str] = {
    Kind.LIGHT: "home_turn",
    Kind.SWITCH: "home_turn",
    Kind.COVER: "home_set_cover",
    Kind.CLIMATE: "home_set_climate",
    Kind.LOCK: "home_security",
    Kind.FAN: "home_set_fan",
    Kind.SENSOR: "home_get_state",
    Kind.SCENE: "home_activate",
    Kind.VACUUM: "home_vacuum",
    Kind.ALARM: "home_security",
    Kind.MEDIA: "home_media",
}
"""The function to hint at when another one was tried on a kind."""


def declarations(devices: Iterable[Device]) -> tuple[Declaration, ...]:
    """The functions that the exposed devices need, with only the kinds that exist."""
    kinds = frozenset(device.kind for device in devices if device.exposed)
    return tuple(
        Declaration(name, function.description, _schema(function, kinds & function.kinds))
        for name, function in FUNCTIONS.items()
        if kinds & function.kinds
    )


def validated(name: str, arguments: str) -> Arguments | Refusal:
    """Read the JSON arguments of a call, or say in one sentence what is wrong with them."""
    function = FUNCTIONS.get(name)
    if function is None:
        return Refusal(Status.INVALID, f"There is no function {name[:64]!r}.")
    if len(arguments) > _MOST_BYTES:
        return Refusal(Status.INVALID, "The arguments are too long.")
    try:
        return function.arguments.model_validate(json.loads(arguments or "{}"))
    except ValidationError as error:
        return Refusal(Status.INVALID, _complaint(error))
    except (ValueError, RecursionError):
        return Refusal(Status.INVALID, "The arguments are not valid JSON.")


def scope_of(name: str, own_area: str | None) -> Scope:
    """What a known function may reach."""
    function = FUNCTIONS[name]
    return Scope(function.kinds, function.group, own_area, lists=name == "home_get_state")


def _complaint(error: ValidationError) -> str:
    first = error.errors(include_url=False, include_context=False, include_input=False)[0]
    place = ".".join(str(part) for part in first["loc"])
    message = first["msg"].removeprefix("Value error, ")
    return f"{place}: {message}" if place else message


def _schema(function: Function, kinds: frozenset[Kind]) -> dict[str, Any]:
    """The JSON schema of the arguments, everything inline and without titles."""
    whole = function.arguments.model_json_schema()
    definitions = whole.pop("$defs", {})
    definitions["Kind"] = {"type": "string", "enum": [kind.value for kind in Kind if kind in kinds]}
    plain: dict[str, Any] = _inlined(whole, definitions)
    plain.pop("description", None)
    return plain


def _inlined(node: Any, definitions: Mapping[str, Any]) -> Any:
    match node:
        case {"$ref": str(reference)}:
            return _inlined(definitions[reference.rsplit("/", 1)[-1]], definitions)
        case {"anyOf": [one, {"type": "null"}], **rest}:
            return {**_inlined(one, definitions), **_inlined(rest, definitions)}
        case {"properties": dict(properties), **rest}:
            inner = {name: _inlined(part, definitions) for name, part in properties.items()}
            return {"properties": inner, **_inlined(_without_words(rest), definitions)}
        case dict():
            return {key: _inlined(part, definitions) for key, part in _named_only(node).items()}
        case _:
            return node


def _without_words(node: Mapping[Any, Any]) -> dict[str, Any]:
    """Docstrings of models are for us; only the descriptions of fields reach the model."""
    return {key: part for key, part in node.items() if key != "description"}


def _named_only(node: Mapping[Any, Any]) -> dict[str, Any]:
    return {key: part for key, part in node.items() if key not in {"title", "default"}}
