"""A conversation in progress: what each event means, and what follows when all are heard.

The laws are those of the protocol's clients, C4 to C18: generated is not played, what was
not heard is not said, one reply at a time, every call once and every call answered.
"""

from dataclasses import replace

from assistant.session import calls, playback, replies, turns
from assistant.session.commands import Command, SendAudio
from assistant.session.endings import give_up, hang_up, lose_link, say_reminder
from assistant.session.events import (
    DeadlinePassed,
    Event,
    FarEndComplained,
    FunctionCalled,
    FunctionReturned,
    LinkLost,
    MicHeard,
    Reminded,
    ReplyEnded,
    ReplyItemEnded,
    ReplyRefused,
    ReplySounded,
    ReplyStarted,
    SpeakerFinished,
    SpeakerStarted,
    SpeakerStopped,
    UserStartedSpeaking,
    UserStoppedSpeaking,
    UserTranscribed,
    WakeWordHeard,
)
from assistant.session.states import Asleep, Awake, Limits, Phase, phase_of
from assistant.units import Seconds

Step = tuple[Awake | Asleep, tuple[Command, ...]]
Turn = tuple[Awake, tuple[Command, ...]]

NO_ANSWER = "I got no answer in time. Please try again."


def step(state: Awake, event: Event, now: Seconds, limits: Limits) -> Step:
    """Take one event of a conversation."""
    match event:
        case MicHeard(pcm):
            return state, (SendAudio(turns.audible(state, pcm, limits)),)
        case LinkLost():
            return lose_link(state, event, now, limits)
        case DeadlinePassed():
            return _out_of_patience(state)
        case UserTranscribed() if turns.is_farewell(state, event, limits):
            return hang_up(state)
        case _:
            after, orders = _take(state, event, limits)
            return _settle(state, after, orders, now, limits)


def _out_of_patience(state: Awake) -> Step:
    return give_up(state, NO_ANSWER) if phase_of(state) is Phase.THINKING else hang_up(state)


def _take(state: Awake, event: Event, limits: Limits) -> Turn:
    match event:
        case UserStartedSpeaking() | UserStoppedSpeaking() | UserTranscribed() | WakeWordHeard():
            return turns.step(state, event, limits)
        case ReplySounded() | ReplyItemEnded() | SpeakerStarted():
            return playback.step(state, event, limits)
        case SpeakerFinished() | SpeakerStopped():
            return playback.step(state, event, limits)
        case ReplyStarted() | ReplyEnded() | ReplyRefused() | FarEndComplained():
            return replies.step(state, event)
        case FunctionCalled() | FunctionReturned():
            return calls.step(state, event, limits)
        case Reminded():
            # A "yes" after it may be meant for it.
            return replace(state, heard_out=False), say_reminder(event)
        case _:
            return state, ()


def _settle(
    before: Awake, state: Awake, orders: tuple[Command, ...], now: Seconds, limits: Limits
) -> Step:
    """Ask for what is owed, hang up when all is said, and set the clock for what comes next."""
    state, asked = replies.ask(state, limits)
    orders = (*orders, *asked)
    phase, moved = phase_of(state), state != before
    if before.sounding or before.calls or state.sounding or state.calls:
        state = replace(state, fruitful_at=now)
    begins = phase is not phase_of(before)
    if _is_spent(state, now, limits) and (begins or phase is Phase.LISTENING):
        asleep, farewell = hang_up(state)
        return asleep, (*orders, *farewell)
    if begins or (moved and phase in {Phase.THINKING, Phase.SPEAKING}):
        state = replace(state, deadline=Seconds(now + _patience(state, limits)))
    return state, orders


def _is_spent(state: Awake, now: Seconds, limits: Limits) -> bool:
    """Nothing is left to say, or the user's turns lead to nothing: a television talks, maybe."""
    fruitless = now - state.fruitful_at >= limits.fruitless
    match phase_of(state):
        case Phase.HEARING:
            return fruitless
        case Phase.LISTENING:
            brief = state.replied and limits.follow_up <= 0
            long = now - state.began >= limits.conversation
            return fruitless or state.closing or brief or long
        case _:
            return False


def _patience(state: Awake, limits: Limits) -> Seconds:
    match phase_of(state):
        case Phase.HEARING:
            return limits.turn
        case Phase.SPEAKING:
            return limits.sound
        case Phase.THINKING:
            return Seconds(limits.reply + limits.call) if state.calls else limits.reply
        case _:
            return limits.follow_up if state.replied else limits.listen
