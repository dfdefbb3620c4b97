"""From sleep to the first word: waking, connecting, and what is kept meanwhile."""

import pytest

from assistant.session import events as e
from assistant.session.commands import (
    Announce,
    Chime,
    CloseLink,
    OpenLink,
    PlayChime,
    SendAudio,
    StopSpeaker,
)
from assistant.session.machine import DEAF, UNANSWERED
from assistant.session.states import Asleep, Connecting, Limits, Phase
from assistant.units import CallId, ItemId, Seconds
from tests.rooms.session_story import LOUD, QUIET, WAKE, Story, conversation, ms, sound

ANNOUNCEMENT = ItemId("announcement-1")


def heard(frame: bytes, times: int = 1) -> list[e.Event]:
    return [e.MicHeard(frame)] * times


def numbered(count: int, like: bytes = LOUD) -> list[bytes]:
    return [n.to_bytes(4, "little") + like[4:] for n in range(count)]


def test_asleep_only_the_last_frames_are_kept_and_nothing_is_sent() -> None:
    story, frames = Story(), numbered(30)
    assert story.tell(*map(e.MicHeard, frames)) == ()
    assert list(story.asleep.preroll) == frames[-Limits().preroll_frames :]


def test_the_wake_word_opens_a_link() -> None:
    story = Story()
    assert story.tell(WAKE) == (OpenLink(),)
    assert story.is_in(Phase.CONNECTING)
    assert story.connecting.deadline == story.now + story.limits.connect


def test_a_command_in_the_same_breath_is_sent_whole_and_no_chime_disturbs_it() -> None:
    story, before, behind = Story(), numbered(3), numbered(8)[3:]
    story.tell(*map(e.MicHeard, before), WAKE)
    assert story.tell(*map(e.MicHeard, behind)) == ()
    assert story.tell(e.LinkOpened()) == tuple(map(SendAudio, [*before, *behind]))


def test_after_a_pause_the_chime_says_go_on_and_the_wake_word_is_not_sent() -> None:
    story = Story()
    story.tell(*heard(LOUD, 3), WAKE)
    assert story.tell(*heard(QUIET, 4)) == (PlayChime(Chime.AWAKE),)
    assert story.tell(*heard(LOUD, 2), e.LinkOpened()) == (
        SendAudio(QUIET),
        SendAudio(LOUD),
        SendAudio(LOUD),
    )


def test_a_link_that_opens_early_waits_for_the_decision() -> None:
    story = Story()
    story.tell(*heard(LOUD, 1), WAKE)
    assert story.tell(e.LinkOpened(), *heard(QUIET, 3)) == ()
    assert story.is_in(Phase.CONNECTING)
    assert story.tell(*heard(QUIET)) == (PlayChime(Chime.AWAKE), SendAudio(QUIET))
    assert story.is_in(Phase.LISTENING)


def test_only_so_many_frames_are_kept_while_connecting() -> None:
    story, frames = Story(Limits(kept_frames=10)), numbered(20)
    story.tell(WAKE, *map(e.MicHeard, frames))
    assert list(story.connecting.kept) == frames[-10:]


def test_the_wake_word_said_again_while_connecting_changes_nothing() -> None:
    story = Story()
    story.tell(WAKE, *heard(LOUD, 2))
    before = story.state
    assert story.tell(WAKE) == ()
    assert story.state == before


@pytest.mark.parametrize(
    "event",
    [
        e.UserStartedSpeaking(ItemId("u")),
        e.FunctionReturned(CallId("c"), "{}"),
        sound(),
        e.LinkOpened(),
        e.LinkLost("an old link"),
        e.DeadlinePassed(),
    ],
)
def test_asleep_nothing_but_the_wake_word_means_anything(event: e.Event) -> None:
    story = Story()
    assert story.tell(event) == ()
    assert story.state == Asleep()


def test_a_far_end_that_does_not_answer_is_given_up() -> None:
    story = Story()
    story.tell(WAKE, *heard(LOUD, 9))
    assert story.tell(e.DeadlinePassed()) == (
        CloseLink(), PlayChime(Chime.TROUBLE), Announce(UNANSWERED),
    )  # fmt: skip
    assert story.state == Asleep(conversations=1)


def test_a_microphone_that_fell_silent_is_not_blamed_on_the_far_end() -> None:
    story = Story()
    story.tell(WAKE, e.LinkOpened())
    assert story.tell(e.DeadlinePassed())[-1] == Announce(DEAF)


def test_a_link_lost_while_connecting_is_told() -> None:
    story = Story()
    story.tell(WAKE)
    assert story.tell(e.LinkLost("No network.", "Check the router.")) == (
        CloseLink(),
        PlayChime(Chime.TROUBLE),
        Announce("No network. Check the router."),
    )
    assert story.tell(WAKE) == (OpenLink(),), "the next wake word tries again"


def test_a_refusal_is_repeated_for_a_while_and_nobody_knocks_in_vain() -> None:
    story = Story()
    story.tell(WAKE, e.LinkLost("The key is wrong.", "Set another.", retryable=False))
    sentence = Announce("The key is wrong. Set another.")
    assert story.after(59.9).tell(WAKE) == (PlayChime(Chime.TROUBLE), sentence)
    assert story.after(0.2).tell(WAKE) == (OpenLink(),)


def test_conversations_are_counted() -> None:
    story = conversation()
    assert story.awake.turn.conversation == 1
    story.tell(e.LinkLost("gone"), WAKE, e.LinkOpened(), *heard(LOUD, 4))
    assert story.awake.turn.conversation == 2


def test_a_reminder_is_said_in_every_state_and_changes_none() -> None:
    connecting = Story()
    connecting.tell(WAKE)
    for story in (Story(), connecting, conversation()):
        before = story.state
        tea = e.Reminded("Tea!", rings=True)
        assert story.tell(tea) == (PlayChime(Chime.TIMER), Announce("Tea!"))
        assert story.tell(e.Reminded("The door jams.")) == (Announce("The door jams."),)
        assert story.state == before


def test_the_wake_word_silences_an_announcement_but_no_silence() -> None:
    story = Story()
    story.tell(e.SpeakerStarted(ANNOUNCEMENT))
    assert story.tell(WAKE) == (StopSpeaker(), OpenLink())
    quiet = Story()
    quiet.tell(e.SpeakerStarted(ANNOUNCEMENT), e.SpeakerFinished(ANNOUNCEMENT, ms(900)))
    assert quiet.tell(WAKE) == (OpenLink(),)


def test_an_announcement_that_began_before_the_conversation_is_known_in_it() -> None:
    story = Story()
    story.tell(*heard(LOUD), WAKE, e.SpeakerStarted(ANNOUNCEMENT), e.LinkOpened(), *heard(LOUD, 4))
    assert story.is_in(Phase.SPEAKING)
    story.tell(e.SpeakerStopped(ANNOUNCEMENT, ms(10)))
    assert story.is_in(Phase.LISTENING)


def test_an_announcement_may_end_while_connecting() -> None:
    story = Story()
    story.tell(e.SpeakerStarted(ANNOUNCEMENT), WAKE, e.SpeakerStopped(ANNOUNCEMENT, ms(10)))
    assert story.connecting.announcing == frozenset()


def test_the_wake_word_alone_in_a_silent_room_is_loud_enough_to_be_told_from_a_pause() -> None:
    story = Story(state=Connecting(Seconds(110), 1, undecided=1, loudest=-40.0))
    assert story.tell(*heard(QUIET)) == (PlayChime(Chime.AWAKE),)
