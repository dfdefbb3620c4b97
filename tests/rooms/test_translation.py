"""The translation between the protocol's words and the session's."""

from typing import Any

import pytest

from assistant.realtime import messages as told
from assistant.realtime.messages import Item, ItemKind, ReplyStatus, Response, TokenCount, Usage
from assistant.session import events
from assistant.session.commands import (
    AskForReply,
    CancelReply,
    DeleteReply,
    SendFunctionOutput,
    TruncateReply,
)
from assistant.session.replies import ANOTHER_IS_ACTIVE
from assistant.session.translation import WordedCommand, events_of, messages_of
from assistant.units import CallId, ItemId, Milliseconds, ResponseId

R, ITEM, C = ResponseId("r"), ItemId("i"), CallId("c")
AT = Milliseconds(1240)
PLACE = told.Place(R, ITEM, 0, 0)
CALLED = events.FunctionCalled(R, C, "set_device", '{"on":true}')


def _call(status: str = "completed", call: CallId = C) -> Item:
    return Item(
        ITEM, ItemKind.CALL, status, call_id=call, name="set_device", arguments='{"on":true}'
    )


def _done(**keys: Any) -> tuple[events.Event, ...]:
    return events_of(told.ResponseDone(Response(R, **keys)))


@pytest.mark.parametrize(
    ("message", "event"),
    [
        (
            told.SpeechStarted(ITEM, Milliseconds(3)),
            events.UserStartedSpeaking(ITEM, Milliseconds(3)),
        ),
        (
            told.SpeechStopped(ITEM, Milliseconds(9)),
            events.UserStoppedSpeaking(ITEM, Milliseconds(9)),
        ),
        (told.InputTranscribed(ITEM, "Licht an"), events.UserTranscribed(ITEM, "Licht an")),
        (told.ResponseCreated(Response(R)), events.ReplyStarted(R)),
        (told.AudioDelta(PLACE, b"ab"), events.ReplySounded(R, ITEM, b"ab")),
        (told.AudioDone(PLACE), events.ReplyItemEnded(R, ITEM)),
        (told.AudioTranscriptDone(PLACE, "Gern."), events.ReplyWorded(R, ITEM, "Gern.")),
        (told.TextDone(PLACE, "Gern."), events.ReplyWorded(R, ITEM, "Gern.")),
        (told.OutputItemDone(R, _call()), CALLED),
        (told.ArgumentsDone(PLACE, C, '{"on":true}', "set_device"), CALLED),
        (told.ErrorReported(told.Fault("t", "c", "m")), events.FarEndComplained("c", "m")),
        (told.ErrorReported(told.Fault("t", "", "m")), events.FarEndComplained("t", "m")),
    ],
)
def test_a_message_becomes_one_event(message: told.ServerMessage, event: events.Event) -> None:
    assert events_of(message) == (event,)


@pytest.mark.parametrize(
    "message",
    [
        told.Unfamiliar("x"),
        told.SessionCreated(told.SessionInfo()),
        told.SessionUpdated(told.SessionInfo()),
        told.ItemAdded(_call()),
        told.OutputItemAdded(R, _call("in_progress")),
        told.ArgumentsDelta(PLACE, C, "{"),
        told.AudioTranscriptDelta(PLACE, "Ge"),
        told.InputTranscriptionFailed(ITEM, told.Fault()),
        told.ItemTruncated(ITEM, AT),
        told.RateLimits({}),
        told.OutputItemDone(R, Item(ITEM)),
    ],
)
def test_most_messages_mean_nothing_to_the_session(message: told.ServerMessage) -> None:
    assert events_of(message) == ()


def test_a_call_is_told_before_the_end_of_its_response() -> None:
    told_events = _done(status=ReplyStatus.COMPLETED, output=(Item(ITEM), _call()))
    assert told_events == (CALLED, events.ReplyEnded(R))


def test_an_incomplete_call_is_not_told() -> None:
    assert events_of(told.OutputItemDone(R, _call("incomplete"))) == ()
    ended = _done(
        status=ReplyStatus.CANCELLED, reason="turn_detected", output=(_call("incomplete"),)
    )
    assert ended == (events.ReplyEnded(R, ReplyStatus.CANCELLED, "turn_detected"),)


def test_a_call_without_a_name_waits_for_the_end_of_its_item() -> None:
    assert events_of(told.ArgumentsDone(PLACE, C, "{}")) == ()


def test_a_call_that_cannot_be_answered_is_not_told() -> None:
    assert events_of(told.OutputItemDone(R, _call(call=CallId("")))) == ()
    assert events_of(told.ArgumentsDone(PLACE, CallId(""), "{}", "f")) == ()


def test_the_end_of_a_response_tells_its_price_and_its_cause() -> None:
    usage = Usage(TokenCount(7), TokenCount(3))
    failed = told.Fault("server_error", "rate_limit_exceeded")
    ended = _done(status=ReplyStatus.FAILED, error=failed, usage=usage)
    assert ended == (events.ReplyEnded(R, ReplyStatus.FAILED, "rate_limit_exceeded", usage),)
    nameless = _done(status=ReplyStatus.FAILED, error=told.Fault("server_error"))
    assert nameless == (events.ReplyEnded(R, ReplyStatus.FAILED, "server_error"),)


@pytest.mark.parametrize(
    ("command", "message"),
    [
        (
            SendFunctionOutput(C, "{}"),
            told.CreateItem(Item(kind=ItemKind.OUTPUT, call_id=C, output="{}")),
        ),
        (AskForReply(), told.CreateResponse()),
        (AskForReply("Kurz."), told.CreateResponse(told.ResponseOptions(instructions="Kurz."))),
        (CancelReply(R), told.CancelResponse(R)),
        (TruncateReply(ITEM, AT), told.TruncateItem(ITEM, AT)),
        (DeleteReply(ITEM), told.DeleteItem(ITEM)),
    ],
)
def test_a_command_becomes_one_message(command: WordedCommand, message: told.ClientMessage) -> None:
    assert messages_of(command) == (message,)


def test_a_refused_request_for_a_reply_is_told_apart_from_other_complaints() -> None:
    refused = told.Fault("t", "rate_limit_exceeded", "Too fast.", event_id="CreateResponse-7")
    assert events_of(told.ErrorReported(refused)) == (events.ReplyRefused("Too fast."),)
    busy = told.Fault("t", ANOTHER_IS_ACTIVE, "m", event_id="CreateResponse-7")
    assert events_of(told.ErrorReported(busy)) == (events.FarEndComplained(ANOTHER_IS_ACTIVE, "m"),)
    item = told.Fault("t", "c", "m", event_id="DeleteItem-7")
    assert events_of(told.ErrorReported(item)) == (events.FarEndComplained("c", "m"),)


def test_the_spoken_items_of_a_cancelled_response_are_told() -> None:
    ended = _done(status=ReplyStatus.CANCELLED, output=(Item(ITEM), _call("incomplete")))
    assert ended == (
        events.ReplyItemEnded(R, ITEM),
        events.ReplyEnded(R, ReplyStatus.CANCELLED),
    )
