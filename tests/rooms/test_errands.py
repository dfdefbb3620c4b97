"""Errands: each call gets exactly one answer, each announcement its own item."""
# ruff: noqa: N802 - laws keep the numbers of the protocol's clients: C17

import asyncio
import json
import logging

import pytest

from assistant.engine.errands import announce, run_call
from assistant.home.requests import FunctionRequest
from assistant.ports import Home
from assistant.session.events import Event, FunctionReturned
from assistant.units import CallId, Seconds
from tests.doubles.failing_home import FailingHome, SilentHome
from tests.doubles.leaping_clock import leap_through
from tests.doubles.obedient_home import DONE, ObedientHome
from tests.doubles.recording_speaker import RecordingSpeaker
from tests.doubles.speaking_voice import HoarseVoice, MissingVoice, SpeakingVoice

REQUEST = FunctionRequest(CallId("c"), "home_turn", "{}")


def answer_of(home: Home) -> FunctionReturned:
    posted: list[Event] = []
    leap_through(run_call(home, REQUEST, posted.append, Seconds(5.0)))
    (answer,) = posted
    assert isinstance(answer, FunctionReturned)
    assert answer.call == REQUEST.call_id
    return answer


def test_the_answer_of_the_home_is_posted_as_it_is() -> None:
    assert answer_of(ObedientHome()).output == DONE


@pytest.mark.parametrize(
    ("home", "status"), [(FailingHome(), "device_failed"), (SilentHome(), "timeout")]
)
def test_C17_a_call_that_fails_is_answered_too(home: Home, status: str) -> None:
    told = json.loads(answer_of(home).output)
    assert (told["ok"], told["status"]) == (False, status)


def test_a_failure_is_logged_with_its_trace(caplog: pytest.LogCaptureFixture) -> None:
    answer_of(FailingHome())
    (record,) = (r for r in caplog.records if r.levelno == logging.ERROR)
    assert record.getMessage() == "function home_turn failed"
    assert record.exc_info is not None


def test_a_cancelled_call_is_not_answered() -> None:
    """The engine ends: nobody is there to answer."""

    async def story() -> None:
        posted: list[Event] = []
        errand = run_call(SilentHome(), REQUEST, posted.append, Seconds(5.0))
        task = asyncio.create_task(errand)
        await asyncio.sleep(1)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert posted == []

    leap_through(story())


def test_an_announcement_is_one_whole_item() -> None:
    speaker = RecordingSpeaker()
    leap_through(announce(SpeakingVoice(), speaker, "Tea!", "announcement-7"))
    assert speaker.deeds == ["play announcement-7", "finish announcement-7"]


@pytest.mark.parametrize("voice", [MissingVoice(), HoarseVoice()])
def test_without_a_voice_the_log_must_do(
    voice: MissingVoice | HoarseVoice, caplog: pytest.LogCaptureFixture
) -> None:
    speaker = RecordingSpeaker()
    leap_through(announce(voice, speaker, "Tea!", "announcement-1"))
    assert speaker.deeds == []
    assert "announced: Tea!" in caplog.messages
