"""Who has the floor: the whole behaviour of a session, with time as an argument.

Rule 1: everything that decides lives in this room. `step` takes one event and answers with
the next state and the orders that follow from it, to be carried out in their sequence.
An event that means nothing in a state changes nothing and never raises.
"""

from dataclasses import replace

from assistant.audio.level import level_dbfs
from assistant.home.requests import UserTurn
from assistant.session import conversation
from assistant.session.commands import (
    Announce,
    Chime,
    Command,
    OpenLink,
    PlayChime,
    SendAudio,
    StopSpeaker,
)
from assistant.session.endings import give_up, lose_link, say_reminder
from assistant.session.events import (
    DeadlinePassed,
    Event,
    LinkLost,
    LinkOpened,
    MicHeard,
    Reminded,
    SpeakerFinished,
    SpeakerStarted,
    SpeakerStopped,
    WakeWordHeard,
)
from assistant.session.states import Asleep, Awake, Connecting, Limits, State
from assistant.units import Seconds

Step = tuple[State, tuple[Command, ...]]

UNANSWERED = "The speech service does not answer. Please try again later."
DEAF = "The microphone fell silent. Please try again."


def step(state: State, event: Event, now: Seconds, limits: Limits) -> Step:
    """Take one event at the monotonic instant `now`; never raises, never waits."""
    if isinstance(state, Awake):
        return conversation.step(state, event, now, limits)
    match event:
        case Reminded():
            return state, say_reminder(event)
        case SpeakerStarted(item):
            return replace(state, announcing=state.announcing | {item}), ()
        case SpeakerFinished(item) | SpeakerStopped(item):
            return replace(state, announcing=state.announcing - {item}), ()
        case _ if isinstance(state, Asleep):
            return _while_asleep(state, event, now, limits)
        case _:
            return _while_connecting(state, event, now, limits)


def _while_asleep(state: Asleep, event: Event, now: Seconds, limits: Limits) -> Step:
    match event:
        case MicHeard(pcm):
            return replace(state, preroll=(*state.preroll, pcm)[-limits.preroll_frames :]), ()
        case WakeWordHeard() if now < state.refused_until:
            return state, (PlayChime(Chime.TROUBLE), Announce(state.refusal))
        case WakeWordHeard():
            hush = (StopSpeaker(),) if state.announcing else ()
            return _wake(state, now, limits), (*hush, OpenLink())
        case _:
            return state, ()


def _wake(state: Asleep, now: Seconds, limits: Limits) -> Connecting:
    return Connecting(
        deadline=Seconds(now + limits.connect),
        conversation=state.conversations + 1,
        kept=state.preroll,
        announcing=state.announcing,
        undecided=limits.decide_frames,
        loudest=max(map(level_dbfs, state.preroll), default=-120.0),
    )


def _while_connecting(state: Connecting, event: Event, now: Seconds, limits: Limits) -> Step:
    match event:
        case MicHeard(pcm):
            kept = (*state.kept, pcm)[-limits.kept_frames :]
            return _decide(replace(state, kept=kept), now, limits)
        case LinkOpened():
            return _begin(replace(state, opened=True), (), now, limits)
        case LinkLost():
            return lose_link(state, event, now, limits)
        case DeadlinePassed():
            return give_up(state, DEAF if state.opened else UNANSWERED)
        case _:
            return state, ()


def _decide(state: Connecting, now: Seconds, limits: Limits) -> Step:
    """Tell a pause after the wake word from a command in the same breath.

    In a pause the wake word is not sent, and the chime says "go on"; in one breath the
    sound goes out whole and no chime disturbs it.
    """
    if state.undecided == 0:
        return state, ()
    state = replace(state, undecided=state.undecided - 1)
    if state.undecided:
        return state, ()
    recent = state.kept[-limits.decide_frames :]
    if any(level_dbfs(pcm) > state.loudest - limits.pause_db for pcm in recent):
        return _begin(state, (), now, limits)
    return _begin(replace(state, kept=recent[-1:]), (PlayChime(Chime.AWAKE),), now, limits)


def _begin(state: Connecting, orders: tuple[Command, ...], now: Seconds, limits: Limits) -> Step:
    """Start the conversation once the far end listens and the first frames are understood."""
    if state.undecided or not state.opened:
        return state, orders
    awake = Awake(
        deadline=Seconds(now + limits.listen),
        turn=UserTurn(conversation=state.conversation),
        began=now,
        fruitful_at=now,
        announcing=state.announcing,
    )
    return awake, (*orders, *(SendAudio(pcm) for pcm in state.kept))
