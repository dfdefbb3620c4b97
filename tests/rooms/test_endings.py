"""How conversations end: by word, by function, by time, by trouble."""
# ruff: noqa: N802 - laws keep the numbers of the protocol's clients: C4 to C26

import pytest

from assistant.session import events as e
from assistant.session.commands import (
    Announce,
    AskForReply,
    CallHome,
    Chime,
    CloseLink,
    PlayChime,
    SendFunctionOutput,
    StopSpeaker,
)
from assistant.session.conversation import NO_ANSWER
from assistant.session.states import END_CONVERSATION, Asleep, Limits, Phase
from assistant.units import CallId, ItemId, Seconds
from tests.rooms.session_story import (
    CALL,
    FIRST,
    NEXT,
    REPLY,
    SECOND,
    Story,
    called,
    conversation,
    heard_reply,
    ms,
    sound,
    spoken_reply,
)

GOODBYE = (CloseLink(), PlayChime(Chime.ASLEEP))
HANG_UP = CallId("call_hang_up")
ANNOUNCEMENT = ItemId("announcement-1")


def words(text: str, turn: int = 1) -> e.UserTranscribed:
    return e.UserTranscribed(ItemId(f"user_{turn}"), text)


def hanging_up() -> e.FunctionCalled:
    return called(HANG_UP, END_CONVERSATION)


@pytest.mark.parametrize(
    "text", ["never mind", " Never mind. ", "STOP!", "that\N{RIGHT SINGLE QUOTATION MARK}s all"]
)
def test_a_farewell_ends_the_conversation_at_once(text: str) -> None:
    story = conversation()
    story.the_user_speaks()
    assert story.tell(words(text)) == GOODBYE
    assert story.state == Asleep(conversations=1)


@pytest.mark.parametrize("text", ["never mind the cost, buy it", "stop the music", ""])
def test_a_sentence_that_holds_a_farewell_is_none(text: str) -> None:
    story = conversation()
    story.the_user_speaks()
    assert story.tell(words(text)) == ()
    assert story.awake.turn.transcript == text


def test_a_farewell_of_an_older_turn_does_not_end_a_newer_one() -> None:
    story = conversation()
    story.the_user_speaks()
    story.the_user_interrupts()
    assert story.tell(words("never mind", turn=1)) == ()
    assert story.is_in(Phase.HEARING)


def test_a_farewell_silences_the_reply() -> None:
    story = spoken_reply()
    assert story.tell(words("stop")) == (StopSpeaker(), *GOODBYE)


def test_a_farewell_silences_an_announcement() -> None:
    story = heard_reply()
    story.tell(e.SpeakerStarted(ANNOUNCEMENT))
    assert story.tell(words("be quiet")) == (StopSpeaker(), *GOODBYE)
    assert story.asleep.announcing == {ANNOUNCEMENT}, "until the speaker says that it stopped"
    story.tell(e.SpeakerStopped(ANNOUNCEMENT, ms(90)))
    assert story.asleep.announcing == frozenset()


def test_the_model_hangs_up_when_its_last_word_was_heard() -> None:
    story = conversation()
    story.the_user_speaks()
    told = story.tell(e.ReplyStarted(REPLY), sound(), hanging_up())
    assert isinstance(told[-1], SendFunctionOutput)
    story.tell(e.ReplyItemEnded(REPLY, FIRST), e.ReplyEnded(REPLY))
    assert story.is_in(Phase.SPEAKING)
    assert story.tell(e.SpeakerFinished(FIRST, ms(1000))) == GOODBYE


def test_hanging_up_waits_for_a_running_call_and_for_what_is_said_of_it() -> None:
    story = conversation()
    story.the_user_speaks()
    story.tell(e.ReplyStarted(REPLY), called(), hanging_up(), e.ReplyEnded(REPLY))
    assert story.is_in(Phase.THINKING)
    told = story.tell(e.FunctionReturned(CALL, "{}"))
    assert told == (SendFunctionOutput(CALL, "{}"), AskForReply())
    story.tell(e.ReplyStarted(NEXT), sound(SECOND, NEXT), e.ReplyEnded(NEXT))
    assert story.tell(e.SpeakerFinished(SECOND, ms(1000))) == GOODBYE


def test_who_speaks_again_is_not_hung_up_on() -> None:
    story = conversation()
    story.the_user_speaks()
    story.tell(e.ReplyStarted(REPLY), sound(), hanging_up(), e.ReplyEnded(REPLY))
    story.the_user_interrupts()
    assert not story.awake.closing


def test_without_follow_up_the_first_answer_is_the_last() -> None:
    story = spoken_reply(Limits(follow_up=Seconds(0.0)))
    assert story.tell(e.SpeakerFinished(FIRST, ms(1000))) == GOODBYE


def test_nobody_speaks_and_the_conversation_ends() -> None:
    story = conversation()
    assert story.awake.deadline == story.now + story.limits.listen
    assert story.tell(e.DeadlinePassed()) == GOODBYE


def test_after_a_reply_the_user_has_a_while_for_the_next_word() -> None:
    story = heard_reply()
    assert story.awake.deadline == story.now + story.limits.follow_up


def test_an_endless_turn_ends() -> None:
    story = conversation()
    story.the_user_interrupts()
    began = story.now
    assert story.awake.deadline == began + story.limits.turn
    story.after(20).tell(e.UserStartedSpeaking(ItemId("user_9")), words("well", turn=9))
    assert story.awake.deadline == began + story.limits.turn, "nothing prolongs a turn"
    assert story.tell(e.DeadlinePassed()) == GOODBYE


def test_a_far_end_that_thinks_for_ever_is_given_up_aloud() -> None:
    story = conversation()
    story.the_user_speaks()
    assert story.awake.deadline == story.now + story.limits.reply
    assert story.tell(e.DeadlinePassed()) == (
        CloseLink(), PlayChime(Chime.TROUBLE), Announce(NO_ANSWER),
    )  # fmt: skip


def test_a_running_call_has_its_own_time_beside_the_far_ends() -> None:
    story = conversation()
    story.the_user_speaks()
    story.tell(e.ReplyStarted(REPLY), called(), e.ReplyEnded(REPLY))
    assert story.awake.deadline == story.now + story.limits.call + story.limits.reply


def test_news_of_a_reply_prolongs_the_wait_and_no_news_does_not() -> None:
    story = conversation()
    story.the_user_speaks()
    began = story.now
    story.after(5).tell(e.ReplyWorded(REPLY, FIRST, "words"))
    assert story.awake.deadline == began + story.limits.reply
    story.tell(e.ReplyStarted(REPLY))
    assert story.awake.deadline == began + 5 + story.limits.reply


def test_a_reply_that_never_stops_sounding_is_stopped() -> None:
    story = spoken_reply()
    assert story.awake.deadline == story.now + story.limits.sound
    assert story.tell(e.DeadlinePassed()) == (StopSpeaker(), *GOODBYE)


def test_a_lost_link_silences_the_reply_and_says_why() -> None:
    story = spoken_reply()
    assert story.tell(e.LinkLost("The network is gone.")) == (
        StopSpeaker(),
        CloseLink(),
        PlayChime(Chime.TROUBLE),
        Announce("The network is gone."),
    )


def test_a_lost_link_leaves_an_announcement_alone() -> None:
    story = heard_reply()
    story.tell(e.SpeakerStarted(ANNOUNCEMENT))
    assert story.tell(e.LinkLost("gone"))[0] == CloseLink()


def the_television_speaks(story: Story) -> tuple[object, ...]:
    """A turn of four seconds that nobody answers."""
    told = story.after(4).the_user_speaks()
    return told + story.after(1).tell(e.ReplyStarted(REPLY), e.ReplyEnded(REPLY))


def test_turns_that_lead_to_nothing_do_not_keep_the_house_listening_for_ever() -> None:
    story, turns = conversation(), 0
    while not isinstance(story.state, Asleep):
        told, turns = the_television_speaks(story), turns + 1
    assert turns == story.limits.fruitless / 5
    assert told == GOODBYE


def test_a_television_that_never_pauses_for_the_reply_is_not_heard_for_ever_either() -> None:
    story, seconds = conversation(), 0
    while not isinstance(story.state, Asleep):
        story.after(5).the_user_speaks()
        story.tell(e.ReplyStarted(REPLY))
        seconds += 5
    assert seconds == float(story.limits.fruitless)


def test_a_turn_that_leads_to_sound_or_to_a_call_keeps_the_house_listening() -> None:
    for fruit in ((sound(), e.SpeakerFinished(FIRST, ms(9))), (called(),)):
        story = conversation()
        for _ in range(11):
            the_television_speaks(story)
        story.the_user_speaks()
        story.tell(e.ReplyStarted(REPLY), *fruit)
        story.tell(e.FunctionReturned(CALL, "{}"), e.ReplyEnded(REPLY))
        story.tell(e.ReplyStarted(NEXT), e.ReplyEnded(NEXT))
        story.after(5).the_user_speaks()
        assert story.awake.fruitful_at == story.now - 5


def test_a_long_reply_may_be_interrupted_however_long_it_was() -> None:
    story = spoken_reply()
    assert story.after(100).the_user_interrupts() == (StopSpeaker(),)
    assert story.is_in(Phase.HEARING)


def test_a_first_turn_may_take_its_whole_time() -> None:
    story = conversation(Limits(turn=Seconds(120.0)))
    story.the_user_interrupts()
    story.after(100).tell(e.UserStoppedSpeaking(ItemId("user_1"), ms(100_000)))
    assert story.is_in(Phase.THINKING)


def test_C22_a_conversation_ends_at_a_rest_before_the_far_end_ends_it() -> None:
    story = spoken_reply()
    story.after(story.limits.conversation)
    assert story.is_in(Phase.SPEAKING), "never in the middle of a word"
    assert story.tell(e.SpeakerFinished(FIRST, ms(1000))) == GOODBYE


def test_a_call_that_returns_after_its_conversation_changes_nothing() -> None:
    story = conversation()
    story.the_user_speaks()
    assert isinstance(story.tell(e.ReplyStarted(REPLY), called())[0], CallHome)
    story.tell(words("never mind"))
    before = story.state
    assert story.tell(e.FunctionReturned(CALL, "{}")) == ()
    assert story.state == before


def test_a_call_that_returns_into_the_next_conversation_is_not_handed_over_there() -> None:
    story = conversation()
    story.the_user_speaks()
    story.tell(e.ReplyStarted(REPLY), called(), words("never mind"))
    story.state = conversation().state
    assert story.tell(e.FunctionReturned(CALL, "{}")) == ()
