"""When a report proves a wish, when it shows the way there, and when it proves nothing."""

from typing import Any

import pytest

from assistant.home.devices import Attribute, Channel, Device, Kind
from assistant.home.expectations import (
    concerns,
    is_fulfilled,
    is_observable,
    is_under_way,
    leaves_open,
)
from tests.doubles.small_house import (
    ALARM,
    BACK_DOOR,
    BLINDS,
    COFFEE_MAKER,
    FAN,
    FLOOR_LAMP,
    GARAGE_DOOR,
    KITCHEN_LIGHT,
    MOVIE_NIGHT,
    MUSIC,
    THERMOSTAT,
    VACUUM,
)

A = Attribute
Pairs = dict[Attribute, Any]


@pytest.mark.parametrize(
    ("device", "wishes", "state"),
    [
        (COFFEE_MAKER, {A.POWER: "on"}, {A.POWER: "on"}),
        (KITCHEN_LIGHT, {A.BRIGHTNESS: 40.0}, {A.BRIGHTNESS: 41}),
        (KITCHEN_LIGHT, {A.COLOR: "#ff0000"}, {A.COLOR: "#f03010"}),
        (KITCHEN_LIGHT, {A.COLOR_TEMP: 4000.0}, {A.COLOR_TEMP: 4100}),
        (THERMOSTAT, {A.TARGET_TEMPERATURE: 21.0}, {A.TARGET_TEMPERATURE: 21.3}),
        (THERMOSTAT, {A.MODE: "heat"}, {A.MODE: "heat"}),
        (FAN, {A.SPEED: 50.0}, {A.SPEED: 67}),
        (BLINDS, {A.MOVE: "open"}, {A.MOVE: "open"}),
        (BLINDS, {A.MOVE: "close"}, {A.POSITION: 2}),
        (BLINDS, {A.MOVE: "stop"}, {A.MOVE: "stopped", A.POSITION: 40}),
        (BLINDS, {A.MOVE: "stop"}, {A.MOVE: "open", A.POSITION: 100}),
        (BLINDS, {A.MOVE: "stop"}, {A.MOVE: "closed"}),
        (BLINDS, {A.POSITION: 50.0}, {A.POSITION: 47}),
        (BLINDS, {A.POSITION: 100.0}, {A.MOVE: "open"}),
        (BLINDS, {A.POSITION: 0.0}, {A.MOVE: "closed"}),
        (BACK_DOOR, {A.LOCK: "lock"}, {A.LOCK: "locked"}),
        (BACK_DOOR, {A.LOCK: "unlock"}, {A.LOCK: "unlocked"}),
        (BACK_DOOR, {A.LOCK: "open"}, {A.LOCK: "unlocked"}),
        (VACUUM, {A.ACTION: "start"}, {A.ACTION: "cleaning"}),
        (VACUUM, {A.ACTION: "dock"}, {A.ACTION: "docked"}),
        (MUSIC, {A.ACTION: "pause"}, {A.ACTION: "paused"}),
        (MUSIC, {A.ACTION: "stop"}, {A.ACTION: "idle"}),
        (ALARM, {A.ACTION: "arm_home"}, {A.ACTION: "armed_home"}),
        (ALARM, {A.ACTION: "disarm"}, {A.ACTION: "disarmed"}),
    ],
)
def test_it_is_done(device: Device, wishes: Pairs, state: Pairs) -> None:
    assert is_fulfilled(device, wishes, state)
    assert is_under_way(device, wishes, {}, state)


@pytest.mark.parametrize(
    ("device", "wishes", "state"),
    [
        (COFFEE_MAKER, {A.POWER: "on"}, {A.POWER: "off"}),
        (COFFEE_MAKER, {A.POWER: "on"}, {}),
        (KITCHEN_LIGHT, {A.BRIGHTNESS: 40.0}, {A.BRIGHTNESS: 42}),
        (KITCHEN_LIGHT, {A.POWER: "on", A.BRIGHTNESS: 40.0}, {A.BRIGHTNESS: 40}),
        (KITCHEN_LIGHT, {A.COLOR: "#ff0000"}, {A.COLOR: "#00ff00"}),
        (KITCHEN_LIGHT, {A.COLOR: "#ff0000"}, {A.COLOR: "warm"}),
        (KITCHEN_LIGHT, {A.COLOR_TEMP: 4000.0}, {A.COLOR_TEMP: 4300}),
        (THERMOSTAT, {A.TARGET_TEMPERATURE: 21.0}, {A.TARGET_TEMPERATURE: 21.5}),
        (THERMOSTAT, {A.TARGET_TEMPERATURE: 21.0}, {A.TARGET_TEMPERATURE: "cold"}),
        (FAN, {A.SPEED: 50.0}, {A.SPEED: 100}),
        (GARAGE_DOOR, {A.MOVE: "open"}, {A.MOVE: "open", A.POSITION: 10}),
        (GARAGE_DOOR, {A.MOVE: "close"}, {A.MOVE: "closed", A.POSITION: 10}),
        (GARAGE_DOOR, {A.MOVE: "stop"}, {A.MOVE: "open", A.POSITION: 40}),
        (BLINDS, {A.MOVE: "open"}, {A.MOVE: "opening"}),
        (BLINDS, {A.POSITION: 50.0}, {A.MOVE: "open"}),
        (BLINDS, {A.POSITION: 50.0}, {A.POSITION: 40}),
        (BACK_DOOR, {A.LOCK: "lock"}, {A.LOCK: "jammed"}),
        (BACK_DOOR, {A.LOCK: "unlock"}, {A.LOCK: "locked"}),
        (VACUUM, {A.ACTION: "start"}, {A.ACTION: "docked"}),
        (MUSIC, {A.ACTION: "stop"}, {A.ACTION: "playing"}),
        (ALARM, {A.ACTION: "arm_home"}, {A.ACTION: "armed_away"}),
    ],
)
def test_it_is_not_done(device: Device, wishes: Pairs, state: Pairs) -> None:
    assert not is_fulfilled(device, wishes, state)


@pytest.mark.parametrize(
    ("device", "wishes", "before", "now"),
    [
        (BLINDS, {A.MOVE: "open"}, {A.MOVE: "closed"}, {A.MOVE: "opening"}),
        (GARAGE_DOOR, {A.MOVE: "open"}, {A.POSITION: 0}, {A.MOVE: "open", A.POSITION: 20}),
        (GARAGE_DOOR, {A.MOVE: "close"}, {A.POSITION: 90}, {A.POSITION: 60}),
        (BLINDS, {A.POSITION: 50.0}, {A.POSITION: 0}, {A.POSITION: 10}),
        (BLINDS, {A.POSITION: 50.0}, {}, {A.MOVE: "closing"}),
        (BACK_DOOR, {A.LOCK: "lock"}, {A.LOCK: "unlocked"}, {A.LOCK: "locking"}),
        (VACUUM, {A.ACTION: "dock"}, {A.ACTION: "cleaning"}, {A.ACTION: "returning"}),
        (ALARM, {A.ACTION: "arm_away"}, {A.ACTION: "disarmed"}, {A.ACTION: "arming"}),
    ],
)
def test_it_is_under_way(device: Device, wishes: Pairs, before: Pairs, now: Pairs) -> None:
    assert is_under_way(device, wishes, before, now)
    assert not is_fulfilled(device, wishes, now)


@pytest.mark.parametrize(
    ("device", "wishes", "before", "now"),
    [
        (BLINDS, {A.MOVE: "open"}, {}, {A.MOVE: "closing"}),
        (BLINDS, {A.MOVE: "open"}, {A.POSITION: 40}, {A.POSITION: 30}),
        (BLINDS, {A.MOVE: "stop"}, {A.POSITION: 40}, {A.POSITION: 30, A.MOVE: "closing"}),
        (BLINDS, {A.POSITION: 50.0}, {A.POSITION: 60}, {A.POSITION: 70}),
        (BACK_DOOR, {A.LOCK: "lock"}, {}, {A.LOCK: "unlocking"}),
        (COFFEE_MAKER, {A.POWER: "on"}, {}, {A.POWER: "off"}),
        (THERMOSTAT, {A.TARGET_TEMPERATURE: 25.0}, {}, {A.TARGET_TEMPERATURE: 20}),
    ],
)
def test_the_wrong_way_is_no_way(device: Device, wishes: Pairs, before: Pairs, now: Pairs) -> None:
    assert not is_under_way(device, wishes, before, now)


def test_devices_without_feedback_cannot_prove_anything() -> None:
    assert is_observable(COFFEE_MAKER, {A.POWER: "on"})
    assert not is_observable(FLOOR_LAMP, {A.POWER: "on"})
    assert not is_observable(MOVIE_NIGHT, {A.ACTION: "activate"})
    assert not is_observable(MUSIC, {A.ACTION: "next"})


def test_a_cover_shows_a_movement_in_its_position() -> None:
    blind = Device(
        "b", "b", Kind.COVER, {A.MOVE: Channel("b/set"), A.POSITION: Channel(state_topic="b")}
    )
    assert is_observable(blind, {A.MOVE: "open"})
    assert concerns({A.MOVE: "open"}) == {A.MOVE, A.POSITION}
    assert concerns({A.POWER: "on"}) == {A.POWER}


def test_a_stop_that_cannot_be_proven_stays_open() -> None:
    assert leaves_open({A.MOVE: "stop"}, {A.MOVE: "open", A.POSITION: 40})
    assert not leaves_open({A.MOVE: "stop"}, {A.MOVE: "opening"})
    assert not leaves_open({A.MOVE: "open"}, {A.MOVE: "closed"})
