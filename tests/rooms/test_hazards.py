"""What lets people in or heats unwatched is known by its name, in policy and in the far end."""

from dataclasses import replace

import pytest

from assistant.home.changes import Change
from assistant.home.devices import Attribute, Device, Kind, Risk
from assistant.home.hazards import is_harmful_when_on, lets_people_in
from assistant.home.policy import risk_of
from assistant.local.guarding import is_guarded
from tests.doubles.small_house import BLINDS, COFFEE_MAKER, DESK_LAMP

ENTRANCES = (
    *("garage door", "front gate", "door opener", "Garage", "entry", "main entrance", "gates"),
    *("frontdoor", "GarageDoor relay", "garage_door", "the gate's latch", "Haustür", "Tor"),
)
HARMLESS = ("coffee maker", "outdoor plug", "indoor fountain", "tortoise lamp", "gatekeeper")


def named(name: str, kind: Kind = Kind.SWITCH) -> Device:
    return replace(COFFEE_MAKER, name=name, kind=kind)


@pytest.mark.parametrize("kind", [Kind.SWITCH, Kind.COVER])
@pytest.mark.parametrize("name", ENTRANCES)
def test_a_cover_or_switch_with_the_name_of_an_entrance_lets_people_in(
    name: str, kind: Kind
) -> None:
    assert lets_people_in(named(name, kind))
    assert lets_people_in(replace(named("relay 3", kind), aliases=("x", name)))


@pytest.mark.parametrize("name", HARMLESS)
def test_other_names_let_nobody_in(name: str) -> None:
    assert not lets_people_in(named(name))
    assert not lets_people_in(named(name, Kind.COVER))


def test_a_light_at_the_door_lets_nobody_in() -> None:
    assert not lets_people_in(replace(DESK_LAMP, name="garage door"))


def test_the_class_of_a_blind_goes_before_its_name_but_not_for_a_switch() -> None:
    assert not lets_people_in(replace(BLINDS, name="door", device_class="blind"))
    assert lets_people_in(replace(named("door"), device_class="window"))
    assert lets_people_in(replace(BLINDS, device_class="gate"))


@pytest.mark.parametrize("name", ["patio heater", "oven", "water valve", "Heizlüfter", "irons"])
def test_a_switch_that_heats_or_floods_is_harmful(name: str) -> None:
    assert is_harmful_when_on(named(name))
    assert not is_harmful_when_on(named(name, Kind.LIGHT))


def test_a_class_makes_a_switch_harmful_too() -> None:
    assert is_harmful_when_on(replace(COFFEE_MAKER, device_class="oven"))
    assert not is_harmful_when_on(COFFEE_MAKER)


@pytest.mark.parametrize("name", [*ENTRANCES, *HARMLESS, "oven", "valve"])
def test_the_far_end_guards_what_the_policy_asks_for(name: str) -> None:
    asks = risk_of(Change(named(name), {Attribute.POWER: "on"})) is Risk.CONFIRM
    assert is_guarded(named(name)) is asks
