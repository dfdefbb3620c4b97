"""From arguments to what a device is asked to become."""

import json
from dataclasses import replace
from typing import Any

import pytest

from assistant.home.changes import Change, change_of
from assistant.home.devices import Attribute, Channel, Device, Kind
from assistant.home.functions import Arguments, GetState, validated
from assistant.home.outcomes import Refusal, State, Status
from tests.doubles.small_house import (
    ALARM,
    BACK_DOOR,
    BLINDS,
    COFFEE_MAKER,
    DESK_LAMP,
    FAN,
    FLOOR_LAMP,
    KITCHEN_LIGHT,
    MOVIE_NIGHT,
    MUSIC,
    THERMOSTAT,
    VACUUM,
)

A = Attribute
ANY = {"name": "it"}


def outcome(name: str, device: Device, known: State | None = None, /, **given: Any) -> Any:
    arguments = validated(name, json.dumps({"target": ANY, **given}))
    assert isinstance(arguments, Arguments), arguments
    return change_of(arguments, device, known or {})


def wish(name: str, device: Device, known: State | None = None, /, **given: Any) -> dict[A, Any]:
    change = outcome(name, device, known, **given)
    assert isinstance(change, Change), change
    return dict(change.values)


def refusal(name: str, device: Device, known: State | None = None, /, **given: Any) -> str:
    refused = outcome(name, device, known, **given)
    assert isinstance(refused, Refusal), refused
    assert refused.status is Status.INVALID
    return refused.message


def only(device: Device, *kept: Attribute) -> Device:
    return replace(device, channels={name: device.channels[name] for name in kept})


@pytest.mark.parametrize(
    ("device", "on", "off"),
    [
        (COFFEE_MAKER, {A.POWER: "on"}, {A.POWER: "off"}),
        (only(FAN, A.SPEED), {A.SPEED: 100.0}, {A.SPEED: 0.0}),
        (THERMOSTAT, {A.MODE: "heat"}, {A.MODE: "off"}),
        (VACUUM, {A.ACTION: "start"}, {A.ACTION: "dock"}),
        (MUSIC, {A.ACTION: "play"}, {A.ACTION: "stop"}),
    ],
)
def test_on_and_off_mean_something_for_each_kind(
    device: Device, on: dict[A, Any], off: dict[A, Any]
) -> None:
    assert wish("home_turn", device, state="on") == on
    assert wish("home_turn", device, state="off") == off


def test_a_scene_goes_on_but_never_off() -> None:
    assert wish("home_turn", MOVIE_NIGHT, state="on") == {A.ACTION: "activate"}
    assert wish("home_activate", MOVIE_NIGHT) == {A.ACTION: "activate"}
    assert "cannot be switched" in refusal("home_turn", MOVIE_NIGHT, state="off")


def test_a_thermostat_without_the_mode_says_so() -> None:
    cold = replace(THERMOSTAT, channels={A.MODE: Channel("m", payloads={"dry": "dry"})})
    assert "no mode" in refusal("home_turn", cold, state="off")


def test_a_toggle_needs_the_present_state() -> None:
    assert wish("home_turn", COFFEE_MAKER, {A.POWER: "on"}, state="toggle") == {A.POWER: "off"}
    assert wish("home_turn", COFFEE_MAKER, {A.POWER: "off"}, state="toggle") == {A.POWER: "on"}
    assert "say on or off" in refusal("home_turn", COFFEE_MAKER, state="toggle")
    toggled = outcome("home_turn", COFFEE_MAKER, {A.POWER: "on"}, state="toggle")
    assert toggled.toggled is True


def test_a_json_lamp_is_switched_on_with_its_colour() -> None:
    values = wish("home_set_light", KITCHEN_LIGHT, {A.POWER: "on"}, color="Red", brightness_pct=30)
    assert values == {A.POWER: "on", A.COLOR: "#ff0000", A.BRIGHTNESS: 30.0}


def test_a_plain_lamp_is_switched_on_only_when_dark() -> None:
    assert wish("home_set_light", DESK_LAMP, {A.POWER: "on"}, brightness_pct=30) == {
        A.BRIGHTNESS: 30.0
    }
    assert A.POWER in wish("home_set_light", DESK_LAMP, {A.POWER: "off"}, brightness_pct=30)
    dimmer = only(DESK_LAMP, A.BRIGHTNESS)
    assert A.POWER not in wish("home_set_light", dimmer, {A.POWER: "off"}, brightness_pct=30)


def test_brighter_is_relative_to_what_is_seen() -> None:
    lit: State = {A.POWER: "on", A.BRIGHTNESS: 60}
    dark: State = {A.POWER: "off", A.BRIGHTNESS: 60}
    step: dict[str, Any] = {"brightness_step_pct": 20}
    assert wish("home_set_light", KITCHEN_LIGHT, lit, **step)[A.BRIGHTNESS] == 80
    assert wish("home_set_light", KITCHEN_LIGHT, dark, **step)[A.BRIGHTNESS] == 20
    lower: dict[str, Any] = {"brightness_step_pct": -90}
    assert wish("home_set_light", KITCHEN_LIGHT, lit, **lower)[A.BRIGHTNESS] == 1
    assert "not known" in refusal("home_set_light", KITCHEN_LIGHT, **step)


def test_warmth_is_clamped_to_what_the_lamp_can() -> None:
    assert wish("home_set_light", KITCHEN_LIGHT, color_temp_k=9000)[A.COLOR_TEMP] == 6500


def test_a_lamp_without_colours_says_so() -> None:
    assert refusal("home_set_light", FLOOR_LAMP, color="red") == (
        "floor lamp has no color that can be set."
    )
    assert "has no color temp" in refusal("home_set_light", FLOOR_LAMP, color_temp_k=3000)
    assert "not a colour" in refusal("home_set_light", KITCHEN_LIGHT, color="loud")


def test_covers_go_by_word_or_by_place() -> None:
    assert wish("home_set_cover", BLINDS, action="open") == {A.MOVE: "open"}
    assert wish("home_set_cover", BLINDS, position_pct=40) == {A.POSITION: 40.0}
    assert wish("home_set_cover", BLINDS, position_pct=0) == {A.POSITION: 0.0}


def test_a_cover_reaches_its_ends_with_either_channel() -> None:
    by_word, by_place = only(BLINDS, A.MOVE), only(BLINDS, A.POSITION)
    assert wish("home_set_cover", by_word, position_pct=0) == {A.MOVE: "close"}
    assert wish("home_set_cover", by_word, position_pct=100) == {A.MOVE: "open"}
    assert wish("home_set_cover", by_place, action="open") == {A.POSITION: 100.0}
    assert wish("home_set_cover", by_place, action="close") == {A.POSITION: 0.0}
    assert "no position" in refusal("home_set_cover", by_word, position_pct=40)
    assert "no move" in refusal("home_set_cover", by_place, action="stop")


def test_warmer_is_relative_to_the_setting() -> None:
    state = {A.TARGET_TEMPERATURE: 20.5}
    assert wish("home_set_climate", THERMOSTAT, state, temperature_step_c=-1.5) == {
        A.TARGET_TEMPERATURE: 19.0
    }
    hot = {A.TARGET_TEMPERATURE: 29}
    assert wish("home_set_climate", THERMOSTAT, hot, temperature_step_c=5) == {
        A.TARGET_TEMPERATURE: 30
    }
    assert "not known" in refusal("home_set_climate", THERMOSTAT, temperature_step_c=1)


def test_a_step_on_a_device_without_setting_says_so() -> None:
    state = {A.TARGET_TEMPERATURE: 20.5}
    bare = only(THERMOSTAT, A.MODE)
    assert "no target temperature" in refusal("home_set_climate", bare, state, temperature_step_c=1)


def test_temperature_and_mode_have_limits() -> None:
    assert wish("home_set_climate", THERMOSTAT, temperature_c=21, mode="Heat") == {
        A.TARGET_TEMPERATURE: 21,
        A.MODE: "heat",
    }
    assert refusal("home_set_climate", THERMOSTAT, temperature_c=31) == (
        "thermostat takes 5 to 30, not 31."
    )
    assert "knows off, heat" in refusal("home_set_climate", THERMOSTAT, mode="dry")


def test_a_fan_at_zero_is_off() -> None:
    assert wish("home_set_fan", FAN, percentage=0) == {A.POWER: "off"}
    assert wish("home_set_fan", FAN, percentage=40) == {A.SPEED: 40.0}
    assert wish("home_set_fan", only(FAN, A.SPEED), percentage=0) == {A.SPEED: 0.0}


def test_doors_are_locked_and_alarms_are_armed() -> None:
    assert wish("home_security", BACK_DOOR, action="lock") == {A.LOCK: "lock"}
    assert wish("home_security", ALARM, action="disarm") == {A.ACTION: "disarm"}
    assert "cannot lock" in refusal("home_security", ALARM, action="lock")
    assert "cannot arm_home" in refusal("home_security", BACK_DOOR, action="arm_home")
    assert "knows lock, unlock" in refusal("home_security", BACK_DOOR, action="open")


def test_players_and_cleaners_act() -> None:
    assert wish("home_media", MUSIC, action="next") == {A.ACTION: "next"}
    assert wish("home_vacuum", VACUUM, action="dock") == {A.ACTION: "dock"}
    assert "not locate" in refusal("home_vacuum", VACUUM, action="locate")


def test_a_word_without_a_table_is_taken_as_it_is() -> None:
    plain = Device("p", "plug", Kind.SWITCH, {A.POWER: Channel("p/set")})
    assert wish("home_turn", plain, state="on") == {A.POWER: "on"}


def test_a_question_changes_nothing() -> None:
    assert isinstance(change_of(GetState(), DESK_LAMP, {}), Refusal)
