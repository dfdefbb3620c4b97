"""The user's turns: where they begin and end, what was understood, and what they interrupt."""

from dataclasses import replace

from assistant.home.requests import UserTurn
from assistant.session import playback
from assistant.session.commands import Command
from assistant.session.events import (
    Event,
    UserStartedSpeaking,
    UserStoppedSpeaking,
    UserTranscribed,
    WakeWordHeard,
)
from assistant.session.states import Awake, BargeIn, Limits, is_busy
from assistant.units import Milliseconds

Turn = tuple[Awake, tuple[Command, ...]]

CURLY = "\N{RIGHT SINGLE QUOTATION MARK}"


def step(state: Awake, event: Event, limits: Limits) -> Turn:
    """Take one event about the user's speech."""
    match event:
        case UserStartedSpeaking():
            return playback.interrupt(_begin(state, event), cancel=not limits.server_interrupts)
        case UserStoppedSpeaking() if state.user_item is not None:
            return _end(state, event), ()
        case UserTranscribed(item, text) if item == state.turn_item:
            return replace(state, turn=replace(state.turn, transcript=text)), ()
        case WakeWordHeard() if state.sounding or state.announcing:
            return playback.interrupt(state, cancel=True)
        case _:
            return state, ()


def audible(state: Awake, pcm: bytes, limits: Limits) -> bytes:
    """Without echo cancellation the far end must not hear what this house says itself."""
    speaks = bool(state.sounding or state.announcing)
    return bytes(len(pcm)) if speaks and limits.barge_in is BargeIn.WAKE_WORD else pcm


def is_farewell(state: Awake, event: UserTranscribed, limits: Limits) -> bool:
    """True if the whole current turn is a word that ends conversations."""
    plain = event.text.strip().rstrip(".,!?").lower().replace(CURLY, "'")
    return event.item == state.turn_item and plain in limits.farewells


def _begin(state: Awake, event: UserStartedSpeaking) -> Awake:
    turn = UserTurn(
        conversation=state.turn.conversation,
        number=state.turn.number + 1,
        after_question=state.heard_out and not state.announcing and not is_busy(state),
    )
    return replace(
        state, turn=turn, turn_item=event.item, user_item=event.item, started_at=event.at,
        heard_out=False, calls_made=0, asks_made=0, told_of_limit=False, closing=False,
    )  # fmt: skip


def _end(state: Awake, event: UserStoppedSpeaking) -> Awake:
    spoken = Milliseconds(max(0, event.at - state.started_at))
    turn = replace(state.turn, speech_ms=spoken)
    return replace(
        state, turn=turn, turn_item=event.item, user_item=None,
        reply_expected=True, asked_too_early=False,
    )  # fmt: skip
