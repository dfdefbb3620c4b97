"""The last word of a silent device, and the sentence about one that never arrived."""

from typing import Any

import pytest

from assistant.home.changes import Change
from assistant.home.devices import Attribute
from assistant.home.late_news import is_stuck, late_failure, silence
from assistant.home.outcomes import State
from tests.doubles.small_house import ALARM, BACK_DOOR, BLINDS, GARAGE_DOOR

A = Attribute
CLOSE = Change(GARAGE_DOOR, {A.MOVE: "close"})


@pytest.mark.parametrize(
    ("state", "end"),
    [
        ({A.LOCK: "locked"}, "It last reported locked."),
        ({A.POSITION: 0.0, A.MOVE: "closed"}, "It last reported closed."),
        ({A.ACTION: "armed_away"}, "It last reported armed away."),
        ({A.COLOR: "#ffffff"}, "it may still happen."),
        ({A.BRIGHTNESS: 40.0}, "it may still happen."),
        ({}, "it may still happen."),
    ],
)
def test_a_silent_device_is_told_with_its_last_word(state: State, end: str) -> None:
    told = silence(state)
    assert told.startswith("The device did not answer; it may still happen.")
    assert told.endswith(end)


@pytest.mark.parametrize(
    ("change", "state", "failure", "told"),
    [
        (CLOSE, {}, "no route to 0x00", "went wrong: the garage door did not close."),
        (CLOSE, {A.MOVE: "stopped"}, "",
         "went wrong: the garage door stopped and did not close."),
        (CLOSE, {A.MOVE: "open"}, "",
         "may be wrong: I did not hear that the garage door closed."),
        (Change(BACK_DOOR, {A.LOCK: "lock"}), {A.LOCK: "jammed"}, "",
         "went wrong: the back door jammed and did not lock."),
        (Change(ALARM, {A.ACTION: "arm_away"}), {}, "",
         "may be wrong: I did not hear that the alarm armed."),
        (Change(BLINDS, {A.POSITION: 40.0}), {}, "x",
         "went wrong: the living room blinds did not arrive."),
    ],
)  # fmt: skip
def test_what_did_not_arrive_is_one_sentence(
    change: Change, state: State, failure: str, told: str
) -> None:
    assert late_failure(change, state, failure) == f"Something {told}"


@pytest.mark.parametrize(
    ("values", "word", "stuck"),
    [
        ({A.MOVE: "open"}, "stopped", True),
        ({A.MOVE: "open"}, "opening", False),
        ({A.MOVE: "stop"}, "stopped", False),
        ({A.LOCK: "lock"}, "jammed", True),
    ],
)
def test_a_device_is_stuck_where_nobody_sent_it(
    values: dict[Attribute, Any], word: str, stuck: bool
) -> None:
    assert is_stuck(Change(GARAGE_DOOR, values), {next(iter(values)): word}) is stuck
