"""Turns, replies and calls within a conversation: laws C13 to C18 and the rules of consent."""
# ruff: noqa: N802 - laws keep the numbers of the protocol's clients: C4 to C26

import json

import pytest

from assistant.home.requests import FunctionRequest, UserTurn
from assistant.realtime.messages import ReplyStatus
from assistant.session import events as e
from assistant.session.commands import (
    Announce,
    AskForReply,
    CallHome,
    CancelReply,
    Chime,
    PlayChime,
    SendFunctionOutput,
)
from assistant.session.replies import ANOTHER_IS_ACTIVE, LIMIT_SENTENCE
from assistant.session.states import Limits, Phase
from assistant.units import CallId, ItemId, ResponseId
from tests.rooms.session_story import (
    CALL,
    FIRST,
    NEXT,
    REPLY,
    SECOND,
    WAKE,
    Story,
    called,
    conversation,
    heard_reply,
    ms,
    sound,
    spoken_reply,
)

OTHER = CallId("call_2")
OUTPUT = SendFunctionOutput(CALL, '{"ok":true}')
RETURNED = e.FunctionReturned(CALL, '{"ok":true}')
BUSY = e.FarEndComplained(ANOTHER_IS_ACTIVE)
ANNOUNCEMENT = ItemId("announcement-1")


def thinking(limits: Limits | None = None) -> Story:
    """A conversation in which a reply to the user's turn is being made."""
    story = conversation(limits)
    story.the_user_speaks()
    story.tell(e.ReplyStarted(REPLY))
    return story


def status_of(order: object) -> str:
    assert isinstance(order, SendFunctionOutput)
    return str(json.loads(order.output)["status"])


# ---------------------------------------------------------------- turns


def test_a_turn_is_numbered_and_its_length_is_known() -> None:
    story = conversation()
    story.the_user_speaks(milliseconds=1240)
    assert story.awake.turn == UserTurn(conversation=1, number=1, speech_ms=ms(1240))
    assert story.is_in(Phase.THINKING)


def test_a_clock_of_the_far_end_that_runs_backwards_makes_no_negative_length() -> None:
    story = conversation()
    story.the_user_speaks(milliseconds=-500)
    assert story.awake.turn.speech_ms == 0


def test_the_end_of_a_turn_that_never_began_means_nothing() -> None:
    story = conversation()
    before = story.state
    assert story.tell(e.UserStoppedSpeaking(ItemId("user"), ms(900))) == ()
    assert story.state == before


def test_C26_a_transcript_belongs_to_its_own_item() -> None:
    story = conversation()
    story.the_user_speaks()
    story.the_user_speaks()
    story.tell(e.UserTranscribed(ItemId("user_2"), "lights on"))
    story.tell(e.UserTranscribed(ItemId("user_1"), "do not unlock the door"))
    assert story.awake.turn.transcript == "lights on"


def test_a_far_end_that_names_the_item_only_at_the_end_of_the_turn_is_understood() -> None:
    story = conversation()
    story.tell(e.UserStartedSpeaking(ItemId("a")), e.UserStoppedSpeaking(ItemId("b")))
    story.tell(e.UserTranscribed(ItemId("b"), "hello"))
    assert story.awake.turn.transcript == "hello"


# ---------------------------------------------------------------- consent


def answered(story: Story) -> bool:
    """Whether what the user says now may be the answer to what was said last."""
    story.the_user_speaks()
    return story.awake.turn.after_question


def test_a_turn_after_a_reply_that_was_heard_may_be_its_answer() -> None:
    assert answered(heard_reply())


def test_the_first_turn_answers_nothing() -> None:
    assert not answered(conversation())


def test_a_question_cut_short_has_no_answer() -> None:
    story = spoken_reply()
    story.the_user_interrupts()
    story.tell(e.SpeakerStopped(FIRST, ms(200)))
    assert not story.awake.turn.after_question


def test_an_answer_at_the_last_syllable_counts() -> None:
    story = spoken_reply()
    story.the_user_interrupts()
    story.tell(e.SpeakerStopped(FIRST, ms(400)))
    assert story.awake.turn.after_question, "600 ms are missing, 700 are allowed"


def test_an_answer_at_the_last_syllable_behind_the_wake_word_counts() -> None:
    story = spoken_reply()
    story.tell(WAKE, e.SpeakerStopped(FIRST, ms(400)))
    assert not story.awake.turn.after_question, "the turn that asked is not the one that answers"
    assert answered(story)


def test_the_last_syllable_of_a_first_part_is_no_end_of_the_question() -> None:
    story = thinking()
    story.tell(sound(), e.ReplyItemEnded(REPLY, FIRST))
    story.the_user_interrupts()
    story.tell(e.ReplyEnded(REPLY, ReplyStatus.CANCELLED), e.SpeakerStopped(FIRST, ms(990)))
    assert not story.awake.turn.after_question, "more of this reply was to come"


def test_of_two_items_the_last_must_be_heard() -> None:
    story = thinking()
    story.tell(sound(), sound(SECOND), e.ReplyEnded(REPLY), e.SpeakerFinished(FIRST, ms(1000)))
    assert not answered(story)


def test_a_question_cut_short_is_not_healed_by_an_empty_reply() -> None:
    story = spoken_reply()
    story.the_user_speaks()
    story.tell(e.SpeakerStopped(FIRST, ms(200)), e.ReplyStarted(NEXT), e.ReplyEnded(NEXT))
    assert not answered(story)


def test_a_question_is_answered_by_the_next_turn_or_by_none() -> None:
    story = heard_reply()
    assert answered(story)
    story.tell(e.ReplyStarted(NEXT), e.ReplyEnded(NEXT))
    assert not answered(story)


def test_while_a_reply_is_made_nothing_is_answered() -> None:
    story = heard_reply()
    story.tell(e.ReplyStarted(NEXT))
    assert not answered(story)


def test_a_yes_during_or_after_an_announcement_may_be_meant_for_it() -> None:
    during, after, chimed = heard_reply(), heard_reply(), heard_reply()
    during.tell(e.SpeakerStarted(ANNOUNCEMENT))
    after.tell(e.SpeakerStarted(ANNOUNCEMENT), e.SpeakerFinished(ANNOUNCEMENT, ms(900)))
    chimed.tell(e.Reminded("Tea!", rings=True))
    assert not any(map(answered, (during, after, chimed)))


# ---------------------------------------------------------------- replies


def test_C13_a_reply_that_begins_while_the_user_speaks_is_cancelled() -> None:
    story = conversation()
    story.the_user_interrupts()
    assert story.tell(e.ReplyStarted(REPLY)) == (CancelReply(REPLY),)
    assert story.awake.generating is None


def test_C14_replies_are_asked_for_one_at_a_time() -> None:
    story = thinking()
    assert story.tell(called(), RETURNED)[-1] == OUTPUT, "not while one is made"
    assert story.tell(e.ReplyEnded(REPLY)) == (AskForReply(),)
    assert story.tell(called(OTHER), e.FunctionReturned(OTHER, "{}"))[1:] == (
        SendFunctionOutput(OTHER, "{}"),
    ), "not while one is expected"


def test_C14_a_request_that_met_a_known_reply_is_repeated_behind_it() -> None:
    story = thinking()
    assert story.tell(BUSY) == ()
    assert story.tell(e.ReplyEnded(REPLY)) == (AskForReply(),)


def asked() -> Story:
    """A conversation in which we have asked for a reply behind a call."""
    story = thinking()
    assert story.tell(called(), e.ReplyEnded(REPLY), RETURNED)[-1] == AskForReply()
    return story


def test_C14_a_request_that_met_an_unknown_reply_waits_for_any_end() -> None:
    story = asked()
    assert story.tell(BUSY) == (), "at once it would only be refused again"
    assert story.is_in(Phase.THINKING)
    assert story.tell(e.ReplyEnded(ResponseId("unknown"))) == (AskForReply(),)


def test_C14_the_end_of_an_unknown_reply_means_nothing_otherwise() -> None:
    story = asked()
    before = story.state
    assert story.tell(e.ReplyEnded(ResponseId("unknown"))) == ()
    assert story.state == before


def test_C14_a_new_turn_needs_no_repeated_request() -> None:
    story = asked()
    story.tell(BUSY)
    story.the_user_speaks()
    assert story.tell(e.ReplyEnded(ResponseId("unknown"))) == (), "the far end answers the turn"


def test_a_reply_that_is_refused_is_told_and_the_house_listens_again() -> None:
    story = asked()
    told = story.tell(e.ReplyRefused("rate_limit_exceeded"))
    assert told == (
        PlayChime(Chime.TROUBLE),
        Announce("I could not answer that: rate limit exceeded"),
    )
    assert story.is_in(Phase.LISTENING)


def test_a_refusal_of_what_is_answered_already_means_nothing() -> None:
    story = thinking()
    assert story.tell(e.ReplyRefused("late")) == ()
    assert story.is_in(Phase.THINKING)


@pytest.mark.parametrize("code", ["response_cancel_not_active", "item_truncate_invalid_item_id"])
def test_other_complaints_change_nothing(code: str) -> None:
    story = asked()
    before = story.state
    assert story.tell(e.FarEndComplained(code)) == ()
    assert story.state == before


@pytest.mark.parametrize(
    ("status", "reason", "sentence"),
    [
        (ReplyStatus.FAILED, "server_error", "I could not answer that: server error"),
        (ReplyStatus.FAILED, "", "I could not answer that."),
        (ReplyStatus.INCOMPLETE, "content_filter", "I must not say that."),
    ],
)
def test_C25_a_reply_that_failed_is_never_met_with_silence(
    status: ReplyStatus, reason: str, sentence: str
) -> None:
    told = thinking().tell(e.ReplyEnded(REPLY, status, reason))
    assert told == (PlayChime(Chime.TROUBLE), Announce(sentence))


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        (ReplyStatus.COMPLETED, ""),
        (ReplyStatus.CANCELLED, "turn_detected"),
        (ReplyStatus.INCOMPLETE, "max_output_tokens"),
    ],
)
def test_other_ends_of_replies_are_no_trouble(status: ReplyStatus, reason: str) -> None:
    assert thinking().tell(e.ReplyEnded(REPLY, status, reason)) == ()


# ---------------------------------------------------------------- calls


def test_C16_a_call_told_more_than_once_runs_once() -> None:
    story = thinking()
    told = story.tell(called(), called(), RETURNED, called())
    request = FunctionRequest(CALL, "home_turn", "{}", story.awake.turn)
    assert told == (CallHome(request), OUTPUT)


def test_C16_a_call_of_an_interrupted_reply_is_not_run_in_the_new_turns_name() -> None:
    story = thinking()
    story.tell(sound())
    story.the_user_interrupts()
    (output,) = story.tell(called(name="home_confirm"))
    assert status_of(output) == "denied"
    assert not story.awake.calls
    assert not story.awake.reply_owed, "the new turn's own reply covers it"


def test_C17_an_output_nobody_waits_for_is_not_sent() -> None:
    story = thinking()
    assert story.tell(e.FunctionReturned(OTHER, "{}")) == ()
    assert story.tell(called(), RETURNED, RETURNED)[1:] == (OUTPUT,)


def test_C17_a_call_above_the_cap_is_answered_and_not_run() -> None:
    story = thinking(Limits(calls_per_turn=1))
    first, second = story.tell(called(), called(OTHER))
    assert isinstance(first, CallHome)
    assert status_of(second) == "rate_limited"


def test_C17_a_call_is_answered_while_the_user_speaks() -> None:
    story = thinking()
    story.tell(called(), e.ReplyEnded(REPLY))
    story.the_user_interrupts()
    assert story.tell(RETURNED) == (OUTPUT,), "and nothing is asked for: the turn brings its reply"
    story.tell(e.UserStoppedSpeaking(ItemId("user_2"), ms(2000)))
    assert story.tell(e.ReplyStarted(NEXT), e.ReplyEnded(NEXT)) == ()


def test_C18_parallel_calls_end_in_one_request() -> None:
    story = thinking()
    story.tell(called(), called(OTHER), e.ReplyEnded(REPLY))
    assert story.tell(RETURNED) == (OUTPUT,)
    assert story.tell(e.FunctionReturned(OTHER, "{}")) == (
        SendFunctionOutput(OTHER, "{}"), AskForReply(),
    )  # fmt: skip


def test_C18_the_request_waits_for_the_end_of_the_reply_that_called() -> None:
    story = thinking()
    assert AskForReply() not in story.tell(called(), RETURNED)
    assert story.tell(e.ReplyEnded(REPLY)) == (AskForReply(),)


def test_going_round_in_circles_is_told_once_and_then_ends() -> None:
    story = thinking(Limits(asks_per_turn=1, calls_per_turn=9))
    told: list[object] = []
    for number in range(4):
        call, reply = CallId(f"c{number}"), ResponseId(f"r{number}")
        told += story.tell(e.ReplyStarted(reply), called(call, reply=reply), e.ReplyEnded(reply))
        told += story.tell(e.FunctionReturned(call, "{}"))
    assert told.count(AskForReply()) == 1
    assert told.count(Announce(LIMIT_SENTENCE)) == 1
    assert story.is_in(Phase.LISTENING)


def test_what_means_nothing_changes_nothing() -> None:
    story = heard_reply()
    before = story.state
    assert story.tell(e.LinkOpened(), e.ReplyWorded(REPLY, FIRST, "words")) == ()
    assert story.state == before
