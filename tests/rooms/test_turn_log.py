"""The log of a conversation: what happened, and nothing of what was said unless asked."""

import logging

import pytest

from assistant.app.turn_log import TurnLog
from assistant.engine.loop import Step
from assistant.home.requests import FunctionRequest, UserTurn
from assistant.realtime.messages import ReplyStatus
from assistant.session.commands import CallHome, Command
from assistant.session.events import (
    Event,
    FarEndComplained,
    FunctionReturned,
    LinkLost,
    LinkOpened,
    MicHeard,
    ReplyEnded,
    ReplyWorded,
    UserTranscribed,
    WakeWordHeard,
)
from assistant.session.states import Asleep, Awake, Connecting, State
from assistant.units import CallId, ItemId, ResponseId, Seconds

ASLEEP = Asleep()
CONNECTING = Connecting(deadline=Seconds(10.0), conversation=1)
AWAKE = Awake(deadline=Seconds(10.0), turn=UserTurn())
PRIVATE = "unlock the safe"
REQUEST = FunctionRequest(CallId("c1"), "home_lock", f'{{"x": "{PRIVATE}"}}')
RESPONSE, ITEM = ResponseId("r1"), ItemId("i1")


def lines(
    caplog: pytest.LogCaptureFixture,
    event: Event,
    before: State = AWAKE,
    after: State = AWAKE,
    *,
    orders: tuple[Command, ...] = (),
    transcripts: bool = False,
) -> list[str]:
    caplog.set_level(logging.DEBUG)
    caplog.clear()
    TurnLog(transcripts=transcripts)(Step(Seconds(1.0), event, before, after, orders))
    return [record.getMessage() for record in caplog.records]


EVENTS: tuple[Event, ...] = (
    UserTranscribed(ITEM, PRIVATE),
    ReplyWorded(RESPONSE, ITEM, PRIVATE),
    FunctionReturned(CallId("c1"), PRIVATE),
)


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: type(event).__name__)
def test_what_was_said_is_written_only_if_asked(
    caplog: pytest.LogCaptureFixture, event: Event
) -> None:
    assert not any(PRIVATE in line for line in lines(caplog, event))
    assert any(PRIVATE in line for line in lines(caplog, event, transcripts=True))


def test_a_call_is_written_by_its_name_alone(caplog: pytest.LogCaptureFixture) -> None:
    for transcripts in (False, True):
        told = lines(caplog, LinkOpened(), orders=(CallHome(REQUEST),), transcripts=transcripts)
        assert told == ["the far end listens", "calling home_lock"]


def test_sound_is_never_written(caplog: pytest.LogCaptureFixture) -> None:
    assert lines(caplog, MicHeard(b"\1\2"), transcripts=True) == []


def test_a_wake_word_is_written_with_its_score(caplog: pytest.LogCaptureFixture) -> None:
    told = lines(caplog, WakeWordHeard("hey_jarvis", 0.987), ASLEEP, CONNECTING)
    assert told == ["heard hey_jarvis (0.99)", "now connecting"]
    assert caplog.records[0].__dict__["wake_score"] == 0.987


def test_a_wake_word_that_wakes_nobody_is_not_written(caplog: pytest.LogCaptureFixture) -> None:
    assert lines(caplog, WakeWordHeard("hey_jarvis", 0.987)) == []


def test_a_lost_link_warns_with_its_remedy(caplog: pytest.LogCaptureFixture) -> None:
    told = lines(caplog, LinkLost("It broke off.", "Check the network."), AWAKE, ASLEEP)
    assert told == ["link lost: It broke off. Check the network.", "now asleep"]
    assert caplog.records[0].levelno == logging.WARNING
    assert caplog.records[0].__dict__["remedy"] == "Check the network."


def test_a_link_that_nobody_used_is_lost_silently(caplog: pytest.LogCaptureFixture) -> None:
    assert lines(caplog, LinkLost("It broke off."), ASLEEP, ASLEEP) == []


def test_a_complaint_of_the_far_end_warns(caplog: pytest.LogCaptureFixture) -> None:
    assert lines(caplog, FarEndComplained("odd", "Odd.")) == ["the far end complains: odd Odd."]
    assert caplog.records[0].levelno == logging.WARNING


def test_the_end_of_a_reply_is_written_by_its_status(caplog: pytest.LogCaptureFixture) -> None:
    assert lines(caplog, ReplyEnded(RESPONSE, ReplyStatus.CANCELLED)) == ["reply cancelled"]


def test_phases_within_a_conversation_are_not_written(caplog: pytest.LogCaptureFixture) -> None:
    hearing = Awake(deadline=Seconds(10.0), turn=UserTurn(), user_item=ITEM)
    assert lines(caplog, MicHeard(b""), AWAKE, hearing) == []
