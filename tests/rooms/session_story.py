"""Stories of a session, told event by event."""

from dataclasses import dataclass, field

from assistant.session import events as e
from assistant.session.commands import Command
from assistant.session.machine import step
from assistant.session.states import Asleep, Awake, Connecting, Limits, Phase, State, phase_of
from assistant.units import CallId, ItemId, Milliseconds, ResponseId, Seconds

LOUD = b"\xff\x3f" * 1280
QUIET = bytes(2560)
MS = 48
"""Bytes of one millisecond of a reply."""
FIRST, SECOND = ItemId("item_1"), ItemId("item_2")
REPLY, NEXT = ResponseId("reply_1"), ResponseId("reply_2")
CALL = CallId("call_1")
WAKE = e.WakeWordHeard("hey_jarvis", 0.9)
STOPPED_AT_ONCE = Milliseconds(0)


def ms(number: int) -> Milliseconds:
    return Milliseconds(number)


def sound(item: ItemId = FIRST, reply: ResponseId = REPLY, length: int = 1000) -> e.ReplySounded:
    return e.ReplySounded(reply, item, bytes(length * MS))


def called(
    call: CallId = CALL, name: str = "home_turn", reply: ResponseId = REPLY
) -> e.FunctionCalled:
    return e.FunctionCalled(reply, call, name, "{}")


@dataclass
class Story:
    """A session and its clock."""

    limits: Limits = field(default_factory=Limits)
    state: State = field(default_factory=Asleep)
    now: Seconds = Seconds(100.0)
    turns: int = 0

    def tell(self, *events: e.Event) -> tuple[Command, ...]:
        """What all these events together bring about."""
        given: tuple[Command, ...] = ()
        for event in events:
            self.state, orders = step(self.state, event, self.now, self.limits)
            given += orders
        return given

    def after(self, seconds: float) -> "Story":
        self.now = Seconds(self.now + seconds)
        return self

    def is_in(self, phase: Phase) -> bool:
        return phase_of(self.state) is phase

    @property
    def awake(self) -> Awake:
        assert isinstance(self.state, Awake), self.state
        return self.state

    @property
    def connecting(self) -> Connecting:
        assert isinstance(self.state, Connecting), self.state
        return self.state

    @property
    def asleep(self) -> Asleep:
        assert isinstance(self.state, Asleep), self.state
        return self.state

    def the_user_speaks(self, milliseconds: int = 900) -> tuple[Command, ...]:
        """A whole turn of the user."""
        self.turns += 1
        user = ItemId(f"user_{self.turns}")
        began = e.UserStartedSpeaking(user, ms(1000))
        return self.tell(began, e.UserStoppedSpeaking(user, ms(1000 + milliseconds)))

    def the_user_interrupts(self) -> tuple[Command, ...]:
        """The begin of a turn."""
        self.turns += 1
        return self.tell(e.UserStartedSpeaking(ItemId(f"user_{self.turns}"), ms(1000)))


def conversation(limits: Limits | None = None) -> Story:
    """A conversation that has just begun, with a command in the same breath as the wake word."""
    story = Story(limits or Limits())
    story.tell(e.MicHeard(LOUD), WAKE, e.LinkOpened())
    story.tell(*[e.MicHeard(LOUD)] * story.limits.decide_frames)
    assert story.is_in(Phase.LISTENING)
    return story


def spoken_reply(limits: Limits | None = None) -> Story:
    """A conversation in which a whole reply of one second is queued, and plays."""
    story = conversation(limits)
    story.the_user_speaks()
    story.tell(e.ReplyStarted(REPLY), sound(), e.ReplyItemEnded(REPLY, FIRST), e.ReplyEnded(REPLY))
    assert story.is_in(Phase.SPEAKING)
    return story


def heard_reply(limits: Limits | None = None) -> Story:
    """A conversation in which a whole reply was heard to its end."""
    story = spoken_reply(limits)
    story.tell(e.SpeakerFinished(FIRST, ms(1000)))
    return story
