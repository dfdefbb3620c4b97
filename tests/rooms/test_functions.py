"""What the model may call, and what becomes of the arguments it sends."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.home.devices import Kind
from assistant.home.functions import (
    FUNCTIONS,
    SERVING,
    Arguments,
    Confirm,
    GetState,
    SetClimate,
    SetLight,
    Turn,
    declarations,
    validated,
)
from assistant.home.names import Target
from assistant.home.outcomes import Refusal, Status
from tests.doubles.small_house import DESK_LAMP, DEVICES, TEMPERATURE


def read(name: str, **arguments: Any) -> Arguments | Refusal:
    return validated(name, json.dumps(arguments))


def complaint(name: str, **arguments: Any) -> str:
    result = read(name, **arguments)
    assert isinstance(result, Refusal)
    assert result.status is Status.INVALID
    return result.message


def test_only_functions_whose_kinds_exist_are_declared() -> None:
    names = [declared.name for declared in declarations((DESK_LAMP,))]
    assert names == ["home_get_state", "home_turn", "home_set_light", "home_confirm"]
    assert [one.name for one in declarations((TEMPERATURE,))] == ["home_get_state"]
    assert {one.name for one in declarations(DEVICES)} == set(FUNCTIONS)
    assert declarations(()) == ()


def test_schemas_are_whole_and_plain() -> None:
    for declared in declarations(DEVICES):
        text = json.dumps(declared.parameters)
        for foreign in ("$ref", "$defs", "anyOf", '"title"', '"default"', "home_"):
            assert foreign not in text, (declared.name, foreign)
        assert declared.parameters["type"] == "object"
        assert declared.parameters["additionalProperties"] is False
        assert declared.description


def test_the_schema_of_home_turn_is_the_documented_one() -> None:
    (turn,) = [one for one in declarations((DESK_LAMP,)) if one.name == "home_turn"]
    assert turn.parameters == {
        "type": "object",
        "properties": {
            "target": {
                "type": "object",
                "properties": {
                    "name": {
                        "type": "string",
                        "maxLength": 64,
                        "description": "device name or alias from the list",
                    },
                    "area": {"type": "string", "maxLength": 64},
                    "domain": {"type": "string", "enum": ["light"]},
                    "all": {"type": "boolean"},
                },
                "additionalProperties": False,
            },
            "state": {"type": "string", "enum": ["on", "off", "toggle"]},
        },
        "required": ["target", "state"],
        "additionalProperties": False,
    }


def test_numbers_may_come_as_strings() -> None:
    arguments = read("home_set_light", target={"name": "desk lamp"}, brightness_pct="40")
    assert isinstance(arguments, SetLight)
    assert arguments.brightness_pct == 40
    climate = read("home_set_climate", target={"name": "x"}, temperature_c="21.5")
    assert isinstance(climate, SetClimate)
    assert climate.temperature_c == 21.5
    confirm = read("home_confirm", confirmation_id="x", approved="true")
    assert isinstance(confirm, Confirm)
    assert confirm.approved is True


def test_empty_strings_and_nulls_count_as_left_out() -> None:
    turn = read(
        "home_turn", target={"name": "lamp", "area": "", "domain": " ", "all": False}, state="on"
    )
    assert isinstance(turn, Turn)
    assert turn.target.target() == Target(name="lamp")
    assert read("home_get_state", target=None) == GetState()


def test_words_for_kinds_are_accepted_as_domains() -> None:
    turn = read("home_turn", target={"domain": "Lights", "all": True}, state="off")
    assert isinstance(turn, Turn)
    assert turn.target.target() == Target(domain=Kind.LIGHT, all=True)


@pytest.mark.parametrize(
    ("name", "arguments", "place"),
    [
        ("home_turn", {"target": {"name": "x"}, "state": "dim"}, "state"),
        ("home_turn", {"target": {"name": "x"}}, "state"),
        ("home_turn", {"target": {"nam": "x"}, "state": "on"}, "target.nam"),
        ("home_turn", {"target": {"domain": "elephant"}, "state": "on"}, "target.domain"),
        ("home_turn", {"target": {"domain": 7}, "state": "on"}, "target.domain"),
        ("home_set_light", {"target": {"name": "x"}, "brightness_pct": 101}, "brightness_pct"),
        ("home_set_light", {"target": {"name": "x"}, "color": "x" * 21}, "color"),
        ("home_set_light", {"target": {"name": "x"}}, "give at least one of brightness_pct"),
        ("home_set_cover", {"target": {"name": "x"}, "position_pct": -1}, "position_pct"),
        ("home_set_climate", {"target": {"name": "x"}, "temperature_step_c": 6}, "temperature_st"),
        ("home_set_fan", {"target": {"name": "x"}, "percentage": "fast"}, "percentage"),
        ("home_media", {"target": {"name": "x"}, "action": "sing"}, "action"),
    ],
)
def test_a_bad_argument_is_named(name: str, arguments: dict[str, Any], place: str) -> None:
    assert place in complaint(name, **arguments)


def test_infinite_temperatures_are_refused() -> None:
    text = '{"target":{"name":"x"},"temperature_c":Infinity}'
    assert isinstance(validated("home_set_climate", text), Refusal)


def test_an_unknown_function_is_invalid() -> None:
    assert complaint("home_fly") == "There is no function 'home_fly'."


@pytest.mark.parametrize("text", ["{", "[" * 100_000, "[1]", '"on"', "[" * 5000, "{" + " " * 9000])
def test_arguments_that_are_no_object_are_invalid(text: str) -> None:
    result = validated("home_turn", text)
    assert isinstance(result, Refusal)
    assert result.status is Status.INVALID


def test_no_arguments_are_an_empty_object() -> None:
    assert validated("home_get_state", "") == GetState()


@given(st.sampled_from(sorted(FUNCTIONS)), st.text())
def test_no_text_breaks_the_reading(name: str, text: str) -> None:
    assert isinstance(validated(name, text), Arguments | Refusal)


def test_every_kind_has_a_function_that_serves_it() -> None:
    assert set(SERVING) == set(Kind)
    assert all(kind in FUNCTIONS[name].kinds for kind, name in SERVING.items())
