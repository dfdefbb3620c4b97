"""Spoken names find the device that was meant, or a question."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.home.devices import Device, Kind
from assistant.home.functions import scope_of
from assistant.home.names import Found, Target, kind_of_word, likeness, plainly, resolve
from assistant.home.outcomes import Refusal, Status
from tests.doubles.small_house import (
    BACK_DOOR,
    BLINDS,
    DESK_LAMP,
    DEVICES,
    FAN,
    GARAGE_DOOR,
    KITCHEN_LIGHT,
    MUSIC,
)


def found(target: Target, function: str = "home_turn", area: str | None = None) -> list[str]:
    result = resolve(target, DEVICES, scope_of(function, area))
    assert isinstance(result, Found), result
    return [device.name for device in result.devices]


def refused(target: Target, function: str = "home_turn", area: str | None = None) -> Refusal:
    result = resolve(target, DEVICES, scope_of(function, area))
    assert isinstance(result, Refusal), result
    return result


@pytest.mark.parametrize(
    "spoken",
    ["kitchen light", "The Kitchen Light", "kitchen-light", "Kitchén  light!", "cooking lamp",
     "kitchen lihgt", "light kitchen", "kitchen lights"],
)  # fmt: skip
def test_a_name_is_found_however_it_is_spelled(spoken: str) -> None:
    assert found(Target(name=spoken)) == ["kitchen light"]


def test_only_the_likeness_of_words_makes_a_find_loose() -> None:
    scope = scope_of("home_security", None)
    exact = resolve(Target(name="The back door"), DEVICES, scope)
    alike = resolve(Target(name="bak door"), DEVICES, scope)
    assert exact == Found((BACK_DOOR,))
    assert alike == Found((BACK_DOOR,), loosely=True)


def test_an_excess_word_is_another_device() -> None:
    refusal = refused(Target(name="bedroom fan light"))
    assert refusal.status is Status.NOT_FOUND
    assert refusal.candidates[0] == "bedroom fan"


def test_an_unknown_name_gets_the_three_nearest() -> None:
    refusal = refused(Target(name="patio heater"))
    assert refusal.status is Status.NOT_FOUND
    assert len(refusal.candidates) == 3
    assert "patio heater" in refusal.message


def test_a_short_name_for_two_devices_is_a_question() -> None:
    refusal = refused(Target(name="lamp", area="office"))
    assert refusal.status is Status.AMBIGUOUS
    assert refusal.candidates == ("desk lamp", "floor lamp")


def test_a_short_name_means_the_one_that_is_here() -> None:
    assert found(Target(name="lamp"), area="kitchen") == ["kitchen light"]


def test_the_name_counts_within_its_area_and_kind() -> None:
    assert refused(Target(name="desk lamp", area="kitchen")).status is Status.NOT_FOUND
    assert found(Target(name="fan", domain=Kind.FAN)) == ["bedroom fan"]


def test_a_device_that_the_function_can_serve_goes_first() -> None:
    sensor = replace(BACK_DOOR, id="contact", kind=Kind.SENSOR)
    scope = scope_of("home_security", None)
    assert resolve(Target(name="back door"), (sensor, BACK_DOOR), scope) == Found((BACK_DOOR,))


def test_a_device_of_another_kind_is_found_so_that_a_hint_can_be_given() -> None:
    assert found(Target(name="back door"), "home_turn") == ["back door"]


def test_twins_are_told_apart_by_their_area() -> None:
    twin = replace(DESK_LAMP, id="twin", area="bedroom")
    result = resolve(Target(name="desk lamp"), (DESK_LAMP, twin), scope_of("home_turn", None))
    assert isinstance(result, Refusal)
    assert result.candidates == ("desk lamp (office)", "desk lamp (bedroom)")


def test_the_lights_are_those_where_the_speaker_is() -> None:
    assert found(Target(name="the lights"), area="office") == ["desk lamp", "floor lamp"]
    assert found(Target(domain=Kind.LIGHT), area="office") == ["desk lamp", "floor lamp"]


def test_the_lights_are_a_question_where_nobody_knows_the_place() -> None:
    assert refused(Target(name="the lights")).status is Status.AMBIGUOUS
    assert refused(Target(domain=Kind.LIGHT)).status is Status.AMBIGUOUS


def test_all_the_lights_are_all_of_them() -> None:
    everything = ["kitchen light", "desk lamp", "floor lamp"]
    assert found(Target(domain=Kind.LIGHT, all=True), area="office") == everything


def test_an_area_in_the_name_is_understood() -> None:
    assert found(Target(name="office lights")) == ["desk lamp", "floor lamp"]
    assert found(Target(name="the bedroom fans")) == ["bedroom fan"]


def test_blinds_are_no_garage_doors() -> None:
    assert found(Target(name="blinds"), "home_set_cover") == [BLINDS.name]
    assert refused(Target(name="shutters"), "home_set_cover").candidates == (
        BLINDS.name,
        GARAGE_DOOR.name,
    )


def test_a_question_about_a_kind_is_about_all_of_them() -> None:
    assert len(found(Target(domain=Kind.LIGHT), "home_get_state", "office")) == 3
    assert len(found(Target(name="lamp"), "home_get_state")) == 3


def test_everything_is_lights_switches_fans_and_media() -> None:
    names = found(Target(all=True))
    assert names == [
        "kitchen light", "coffee maker", "desk lamp", "floor lamp", FAN.name, MUSIC.name,
    ]  # fmt: skip


def test_an_area_is_a_group() -> None:
    assert found(Target(area="Kitchen")) == ["kitchen light", "coffee maker"]


def test_a_group_without_members_says_what_is_missing() -> None:
    assert refused(Target(area="garage")).message == "There is nothing for this function in garage."
    no_fans = resolve(Target(domain=Kind.FAN), (DESK_LAMP,), scope_of("home_turn", None))
    assert isinstance(no_fans, Refusal)
    assert no_fans.message == "There is no fan at home."


def test_an_unknown_area_gets_the_known_ones() -> None:
    refusal = refused(Target(area="attic"))
    assert refusal.status is Status.NOT_FOUND
    assert "kitchen" in refusal.candidates


def test_nothing_said_is_invalid() -> None:
    assert refused(Target()).status is Status.INVALID


def test_hidden_devices_do_not_exist() -> None:
    hidden = (replace(KITCHEN_LIGHT, exposed=False),)
    result = resolve(Target(name="kitchen light"), hidden, scope_of("home_turn", None))
    assert isinstance(result, Refusal)
    assert result.candidates == ()


def test_words_for_kinds_come_in_both_numbers() -> None:
    assert kind_of_word("Lights") is Kind.LIGHT
    assert kind_of_word("switches") is Kind.SWITCH
    assert kind_of_word("the curtains") is Kind.COVER
    assert kind_of_word("elephants") is None


def test_articles_alone_stay() -> None:
    assert plainly("The A") == "the a"


@given(st.text(max_size=40), st.sampled_from(DEVICES))
def test_no_text_breaks_the_search(spoken: str, device: Device) -> None:
    assert 0.0 <= likeness(spoken, device) <= 1.0
    resolve(Target(name=spoken), DEVICES, scope_of("home_turn", "kitchen"))


@given(st.sampled_from(DEVICES))
def test_every_device_is_found_by_its_own_name(device: Device) -> None:
    result = resolve(Target(name=device.name), DEVICES, scope_of("home_get_state", None))
    assert result == Found((device,))
