"""What the user would call a state, and when its time is up."""

from dataclasses import replace

import pytest

from assistant.home.requests import UserTurn
from assistant.session.states import (
    Asleep,
    Awake,
    Connecting,
    Phase,
    Sounding,
    State,
    deadline_of,
    is_busy,
    phase_of,
    without,
)
from assistant.units import CallId, ItemId, ResponseId, Seconds

ONE, TWO, REPLY = ItemId("one"), ItemId("two"), ResponseId("reply")
LISTENING = Awake(Seconds(9.0), UserTurn())
SPEAKING = replace(LISTENING, sounding=(Sounding(ONE, REPLY), Sounding(TWO, REPLY)))


@pytest.mark.parametrize(
    ("state", "phase"),
    [
        (Asleep(), Phase.ASLEEP),
        (Connecting(Seconds(9.0), 1), Phase.CONNECTING),
        (LISTENING, Phase.LISTENING),
        (replace(LISTENING, user_item=ONE), Phase.HEARING),
        (replace(SPEAKING, user_item=TWO), Phase.HEARING),
        (SPEAKING, Phase.SPEAKING),
        (replace(SPEAKING, generating=REPLY), Phase.SPEAKING),
        (replace(LISTENING, announcing=frozenset({ONE})), Phase.SPEAKING),
        (replace(LISTENING, generating=REPLY), Phase.THINKING),
        (replace(LISTENING, reply_expected=True), Phase.THINKING),
        (replace(LISTENING, reply_owed=True), Phase.THINKING),
        (replace(LISTENING, calls=frozenset({CallId("c")})), Phase.THINKING),
    ],
)
def test_a_state_has_a_name_that_users_know(state: State, phase: Phase) -> None:
    assert phase_of(state) is phase


def test_only_sleep_has_no_deadline() -> None:
    assert deadline_of(Asleep()) is None
    assert deadline_of(Connecting(Seconds(5.0), 1)) == 5.0
    assert deadline_of(LISTENING) == 9.0


def test_sound_alone_keeps_nobody_busy() -> None:
    assert not is_busy(SPEAKING)
    assert is_busy(replace(SPEAKING, generating=REPLY))


def test_an_item_leaves_the_others_sounding() -> None:
    assert [sound.item for sound in without(SPEAKING, ONE).sounding] == [TWO]


def test_received_sound_is_counted_in_whole_milliseconds() -> None:
    assert Sounding(ONE, REPLY, received_bytes=48 * 7 + 47).received == 7
