"""What the model is told: short, and never more than is proven."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.home.devices import Attribute, Device, Kind
from assistant.home.outcomes import (
    LIMIT_BYTES,
    MEANINGS,
    SUCCESSES,
    Outcome,
    Refusal,
    Status,
    outcome_text,
    refusal_text,
    states_text,
)
from tests.doubles.small_house import BLINDS, DESK_LAMP, DEVICES, KITCHEN_LIGHT, MOVIE_NIGHT, MUSIC

A = Attribute
ON: dict[Attribute, Any] = {A.POWER: "on"}


def group(*statuses: Status) -> Any:
    outcomes = [Outcome(f"lamp {number}", status) for number, status in enumerate(statuses)]
    return json.loads(outcome_text(outcomes, 7))


def test_one_device_is_told_with_its_state() -> None:
    text = outcome_text([Outcome("desk lamp", Status.DONE, ON)], 123)
    assert text == (
        '{"ok":true,"status":"done","devices":[{"name":"desk lamp","state":{"power":"on"}}],'
        '"ms":123}'
    )


@pytest.mark.parametrize("status", list(Status))
def test_only_done_already_and_in_progress_are_ok(status: Status) -> None:
    answer = json.loads(outcome_text([Outcome("x", status)], 1))
    assert answer["ok"] is (status in {Status.DONE, Status.ALREADY, Status.IN_PROGRESS})
    assert answer["status"] == status.value


def test_what_is_not_done_says_so_in_words() -> None:
    bare = {Status.NEEDS_CONFIRMATION, Status.AMBIGUOUS, Status.NOT_FOUND, Status.INVALID}
    for status in set(Status) - SUCCESSES - bare:
        assert MEANINGS[status]
    assert "done" not in MEANINGS[Status.SENT_UNCONFIRMED].casefold()


def test_a_message_of_its_own_goes_before_the_common_one() -> None:
    answer = json.loads(outcome_text([Outcome("x", Status.DEVICE_FAILED, message="no route")], 1))
    assert answer["message"] == "no route"


def test_a_group_that_worked_is_done() -> None:
    answer = group(Status.DONE, Status.ALREADY)
    assert answer == {
        "ok": True, "status": "done", "done": ["lamp 0", "lamp 1"], "failed": [], "ms": 7
    }  # fmt: skip
    assert group(Status.ALREADY, Status.ALREADY)["status"] == "already"


def test_a_group_under_way_is_in_progress() -> None:
    answer = group(Status.DONE, Status.IN_PROGRESS)
    assert (answer["ok"], answer["status"]) == (True, "in_progress")
    assert "started" in answer["message"]
    assert (answer["done"], answer["started"]) == (["lamp 0"], ["lamp 1"])


def test_what_has_only_started_is_never_among_the_done() -> None:
    answer = group(Status.IN_PROGRESS, Status.DONE, Status.DEVICE_FAILED)
    assert (answer["ok"], answer["status"]) == (False, "device_failed")
    assert (answer["done"], answer["started"]) == (["lamp 1"], ["lamp 0"])
    assert [one["name"] for one in answer["failed"]] == ["lamp 2"]
    assert "message" not in group(Status.IN_PROGRESS, Status.TIMEOUT)


def test_a_group_with_failures_names_them() -> None:
    answer = group(Status.DONE, Status.TIMEOUT, Status.OFFLINE, Status.TIMEOUT)
    assert (answer["ok"], answer["status"]) == (False, "timeout")
    assert answer["failed"][1] == {"name": "lamp 2", "why": "offline"}
    assert "message" not in answer


def test_a_group_in_which_all_failed_says_why() -> None:
    assert group(Status.OFFLINE, Status.OFFLINE)["message"] == MEANINGS[Status.OFFLINE]


def test_a_refusal_tells_what_is_missing() -> None:
    refusal = Refusal(Status.AMBIGUOUS, "Which one?", ("a", "b"))
    assert json.loads(refusal_text(refusal)) == {
        "ok": False, "status": "ambiguous", "message": "Which one?", "candidates": ["a", "b"]
    }  # fmt: skip
    asked = json.loads(refusal_text(Refusal(Status.NEEDS_CONFIRMATION, "Sure?", (), "id7")))
    assert asked["confirmation_id"] == "id7"
    assert json.loads(refusal_text(Refusal(Status.OFFLINE)))["message"]


def test_a_state_is_told_whole_for_few_and_briefly_for_many() -> None:
    lamp: dict[Attribute, Any] = {A.BRIGHTNESS: 40, A.POWER: "on"}
    few = json.loads(states_text([(DESK_LAMP, lamp)]))
    assert few["devices"] == [
        {"name": "desk lamp", "area": "office", "state": {"brightness": 40, "power": "on"}}
    ]
    many = json.loads(states_text([(DESK_LAMP, lamp)] * 5))
    assert many["devices"][0] == {"name": "desk lamp", "state": {"power": "on"}}


def test_what_is_on_comes_first() -> None:
    off: dict[Attribute, Any] = {A.POWER: "off"}
    entries: list[tuple[Device, Any]] = [(KITCHEN_LIGHT, off), (DESK_LAMP, ON), (MUSIC, None)]
    names = [entry["name"] for entry in json.loads(states_text(entries))["devices"]]
    assert names == ["desk lamp", "kitchen light", "music"]


def test_an_absent_or_silent_device_is_not_guessed() -> None:
    absent = json.loads(states_text([(DESK_LAMP, None)]))
    silent = json.loads(states_text([(DESK_LAMP, {})]))
    assert (absent["ok"], absent["status"]) == (False, "unavailable")
    assert (silent["ok"], silent["status"]) == (False, "timeout")
    group_of_two = json.loads(states_text([(DESK_LAMP, None), (MOVIE_NIGHT, {})]))
    assert group_of_two["devices"][0]["state"] == "offline"
    crowd: list[tuple[Device, Any]] = [(BLINDS, None)] * 5
    assert json.loads(states_text(crowd))["devices"][4]["state"] == "offline"


def test_a_device_without_an_area_is_told_without_one() -> None:
    device = Device("x", "x", Kind.SWITCH, {})
    assert json.loads(states_text([(device, ON)]))["devices"] == [
        {"name": "x", "state": {"power": "on"}}
    ]


def test_a_hundred_devices_fit_and_the_rest_is_counted() -> None:
    text = states_text([(device, ON) for device in DEVICES * 8])
    answer = json.loads(text)
    assert len(text.encode()) <= LIMIT_BYTES
    assert len(answer["devices"]) + answer["more"] == len(DEVICES) * 8


@given(
    st.lists(
        st.builds(Outcome, st.text(max_size=64), st.sampled_from(Status), message=st.text()),
        min_size=1,
        max_size=60,
    )
)
def test_no_outcome_exceeds_a_kilobyte(outcomes: list[Outcome]) -> None:
    text = outcome_text(outcomes, 5)
    assert len(text.encode()) <= LIMIT_BYTES
    assert json.loads(text)["ok"] is all(one.status in SUCCESSES for one in outcomes)


def test_what_cannot_be_shortened_is_told_bare() -> None:
    huge: dict[Attribute, Any] = {A.VALUE: "x" * 2000}
    text = outcome_text([Outcome("x", Status.MISMATCH, huge)], 1)
    answer = json.loads(text)
    assert (answer["ok"], answer["status"]) == (False, "mismatch")
    refusal = Refusal(Status.INVALID, "m", (), "i" * 3000)
    assert json.loads(refusal_text(refusal)) == {"ok": False, "status": "invalid"}
