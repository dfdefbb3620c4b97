"""What sounds, what was heard of it, and what the far end is told: laws C4 to C13."""
# ruff: noqa: N802 - laws keep the numbers of the protocol's clients: C4 to C26

import pytest

from assistant.session import events as e
from assistant.session.commands import (
    CancelReply,
    DeleteReply,
    FinishPlaying,
    Play,
    SendAudio,
    StopSpeaker,
    TruncateReply,
)
from assistant.session.states import BargeIn, Limits, Phase
from assistant.units import ItemId
from tests.rooms.session_story import (
    FIRST,
    LOUD,
    MS,
    NEXT,
    REPLY,
    SECOND,
    WAKE,
    Story,
    conversation,
    heard_reply,
    ms,
    sound,
    spoken_reply,
)

HALF_DUPLEX = Limits(barge_in=BargeIn.WAKE_WORD, server_interrupts=False)
ANNOUNCEMENT = ItemId("announcement-1")


def speaking(limits: Limits | None = None) -> Story:
    """A conversation in which a reply is still generated while its first second plays."""
    story = conversation(limits)
    story.the_user_speaks()
    assert story.tell(e.ReplyStarted(REPLY), sound()) == (Play(FIRST, bytes(1000 * MS)),)
    return story


def test_C4_a_reply_sounds_until_its_last_sample_has_left_the_device() -> None:
    story = spoken_reply()
    assert story.is_in(Phase.SPEAKING), "generated is not played"
    story.tell(e.SpeakerFinished(FIRST, ms(1000)))
    assert story.is_in(Phase.LISTENING)


def test_C5_speech_stops_the_playback_at_once_and_then_truncates() -> None:
    story = speaking()
    assert story.the_user_interrupts() == (StopSpeaker(),), "the server cancels by itself"
    assert story.tell(e.SpeakerStopped(FIRST, ms(400))) == (TruncateReply(FIRST, ms(400)),)


@pytest.mark.parametrize(("heard", "told"), [(1, 1), (999, 999), (1000, 1000), (1240, 1000)])
def test_C6_what_was_heard_is_never_more_than_what_was_received(heard: int, told: int) -> None:
    story = speaking()
    story.the_user_interrupts()
    assert story.tell(e.SpeakerStopped(FIRST, ms(heard))) == (TruncateReply(FIRST, ms(told)),)


def test_C6_a_reply_that_comes_in_pieces_is_received_as_a_whole() -> None:
    story = speaking()
    assert story.tell(sound(length=500)) == (Play(FIRST, bytes(500 * MS)),)
    story.the_user_interrupts()
    assert story.tell(e.SpeakerStopped(FIRST, ms(1400))) == (TruncateReply(FIRST, ms(1400)),)


def test_C7_an_item_of_which_nothing_was_heard_is_deleted() -> None:
    story = speaking()
    story.the_user_interrupts()
    assert story.tell(e.SpeakerStopped(FIRST, ms(0))) == (DeleteReply(FIRST),)


def test_C7_an_item_of_less_than_a_millisecond_is_deleted_not_truncated_at_nothing() -> None:
    story = conversation()
    story.the_user_speaks()
    story.tell(e.ReplyStarted(REPLY), e.ReplySounded(REPLY, FIRST, bytes(24)))
    story.the_user_interrupts()
    assert story.tell(e.SpeakerStopped(FIRST, ms(1))) == (DeleteReply(FIRST),)


def test_C7_words_of_an_interrupted_reply_that_never_sounded_are_deleted_once() -> None:
    story = speaking()
    story.the_user_interrupts()
    assert story.tell(sound(SECOND), sound(SECOND)) == (DeleteReply(SECOND),)
    assert story.tell(e.ReplyItemEnded(REPLY, SECOND)) == ()


def test_C7_an_item_that_is_only_known_from_the_end_of_its_reply_is_deleted() -> None:
    story = speaking()
    story.the_user_interrupts()
    assert story.tell(e.ReplyItemEnded(REPLY, SECOND)) == (DeleteReply(SECOND),)
    assert story.tell(e.ReplyItemEnded(REPLY, FIRST)) == (), "the first was heard"


def test_C8_the_playing_item_is_truncated_and_the_unplayed_one_deleted() -> None:
    story = speaking()
    story.tell(e.ReplyItemEnded(REPLY, FIRST), sound(SECOND))
    story.the_user_interrupts()
    told = story.tell(e.SpeakerStopped(FIRST, ms(300)), e.SpeakerStopped(SECOND, ms(0)))
    assert told == (TruncateReply(FIRST, ms(300)), DeleteReply(SECOND))


def test_C8_an_item_heard_to_its_end_stays_when_the_rest_of_its_reply_is_cut() -> None:
    story = speaking()
    story.tell(e.ReplyItemEnded(REPLY, FIRST), sound(SECOND), e.SpeakerFinished(FIRST, ms(1000)))
    story.the_user_interrupts()
    told = story.tell(e.SpeakerStopped(SECOND, ms(10)), e.ReplyItemEnded(REPLY, FIRST))
    assert told == (TruncateReply(SECOND, ms(10)),)


def test_C9_a_reply_heard_to_its_end_is_not_truncated() -> None:
    story = heard_reply()
    assert story.the_user_interrupts() == ()
    assert story.tell(e.SpeakerStopped(FIRST, ms(1000))) == ()


def test_C9_a_reply_without_sound_is_not_truncated() -> None:
    story = conversation()
    story.the_user_speaks()
    story.tell(e.ReplyStarted(REPLY))
    assert story.the_user_interrupts() == ()


def test_C10_late_sound_of_an_interrupted_reply_is_dropped() -> None:
    story = speaking()
    story.the_user_interrupts()
    story.tell(e.SpeakerStopped(FIRST, ms(400)))
    assert story.tell(sound(), e.ReplyItemEnded(REPLY, FIRST), e.ReplyEnded(REPLY)) == ()


def test_C10_late_sound_of_a_truncated_item_is_dropped_though_its_reply_goes_on() -> None:
    """The loudspeaker lost its device and came back."""
    story = speaking()
    assert story.tell(e.SpeakerStopped(FIRST, ms(400))) == (TruncateReply(FIRST, ms(400)),)
    assert story.tell(sound()) == ()
    assert story.tell(sound(SECOND)) == (Play(SECOND, bytes(1000 * MS)),)


def test_C10_a_missing_loudspeaker_deletes_an_item_once() -> None:
    story = conversation()
    story.the_user_speaks()
    gone = e.SpeakerStopped(FIRST, ms(0))
    told = story.tell(e.ReplyStarted(REPLY), sound(), gone, sound(), gone)
    assert told.count(DeleteReply(FIRST)) == 1


def test_C12_speech_behind_the_end_of_a_reply_truncates_but_cancels_nothing() -> None:
    story = spoken_reply(HALF_DUPLEX)
    assert story.the_user_interrupts() == (StopSpeaker(),)
    assert story.tell(e.SpeakerStopped(FIRST, ms(400))) == (TruncateReply(FIRST, ms(400)),)


def test_C12_without_echo_cancellation_the_far_end_hears_silence_while_a_reply_sounds() -> None:
    story = speaking(HALF_DUPLEX)
    assert story.tell(e.MicHeard(LOUD)) == (SendAudio(bytes(len(LOUD))),)
    story.tell(WAKE, e.SpeakerStopped(FIRST, ms(10)))
    assert story.tell(e.MicHeard(LOUD)) == (SendAudio(LOUD),)


def test_C12_with_echo_cancellation_the_far_end_hears_everything() -> None:
    assert speaking().tell(e.MicHeard(LOUD)) == (SendAudio(LOUD),)


def test_C12_without_echo_cancellation_an_announcement_is_not_heard_as_the_user() -> None:
    story = conversation(HALF_DUPLEX)
    story.tell(e.SpeakerStarted(ANNOUNCEMENT))
    assert story.tell(e.MicHeard(LOUD)) == (SendAudio(bytes(len(LOUD))),)
    story.tell(e.SpeakerFinished(ANNOUNCEMENT, ms(900)))
    assert story.tell(e.MicHeard(LOUD)) == (SendAudio(LOUD),)


def test_C13_a_reply_is_cancelled_where_the_far_end_does_not_do_it_itself() -> None:
    story = speaking(HALF_DUPLEX)
    assert story.the_user_interrupts() == (StopSpeaker(), CancelReply(REPLY))


def test_C13_a_reply_is_cancelled_once() -> None:
    story = speaking(HALF_DUPLEX)
    assert story.tell(WAKE) == (StopSpeaker(), CancelReply(REPLY))
    assert story.tell(WAKE) == (StopSpeaker(),)
    assert story.the_user_interrupts() == (StopSpeaker(),)


def test_C13_a_reply_that_makes_no_sound_yet_is_cancelled_without_touching_the_speaker() -> None:
    story = conversation(HALF_DUPLEX)
    story.the_user_speaks()
    story.tell(e.ReplyStarted(REPLY))
    assert story.the_user_interrupts() == (CancelReply(REPLY),)


def test_the_wake_word_interrupts_a_reply_and_nothing_else() -> None:
    assert spoken_reply().tell(WAKE) == (StopSpeaker(),)
    story = heard_reply()
    before = story.state
    assert story.tell(WAKE) == ()
    assert story.state == before


def test_an_announcement_is_interrupted_but_the_far_end_knows_nothing_of_it() -> None:
    story = conversation()
    story.tell(e.SpeakerStarted(ANNOUNCEMENT))
    assert story.is_in(Phase.SPEAKING)
    assert story.tell(WAKE) == (StopSpeaker(),)
    assert story.tell(e.SpeakerStopped(ANNOUNCEMENT, ms(300))) == ()
    assert story.is_in(Phase.LISTENING)


def test_a_reply_that_begins_to_sound_is_no_announcement() -> None:
    story = spoken_reply()
    story.tell(e.SpeakerStarted(FIRST))
    assert story.awake.announcing == frozenset()


def test_an_item_is_finished_once() -> None:
    story = speaking()
    assert story.tell(e.ReplyItemEnded(REPLY, FIRST)) == (FinishPlaying(FIRST),)
    assert story.tell(e.ReplyItemEnded(REPLY, FIRST), e.ReplyEnded(REPLY)) == ()


def test_the_end_of_a_reply_finishes_the_items_that_it_forgot() -> None:
    story = speaking()
    story.tell(e.ReplyItemEnded(REPLY, FIRST), sound(SECOND))
    assert story.tell(e.ReplyEnded(REPLY)) == (FinishPlaying(SECOND),)


def test_the_end_of_a_reply_leaves_the_items_of_another_alone() -> None:
    story = speaking()
    story.tell(e.ReplyStarted(NEXT), sound(SECOND, NEXT))
    assert story.tell(e.ReplyEnded(NEXT)) == (FinishPlaying(SECOND),)


def test_the_end_of_an_item_that_nobody_knows_means_nothing() -> None:
    assert speaking().tell(e.ReplyItemEnded(REPLY, ItemId("another"))) == ()


def test_a_speaker_that_tells_of_an_item_twice_is_heard_once() -> None:
    story = speaking()
    story.the_user_interrupts()
    assert len(story.tell(*[e.SpeakerStopped(FIRST, ms(9))] * 2)) == 1
