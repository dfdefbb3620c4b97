"""Replies of the far end: begun, ended, refused; one at a time, and asked for once."""

from dataclasses import replace

from assistant.realtime.messages import ReplyStatus
from assistant.session import playback
from assistant.session.commands import Announce, AskForReply, CancelReply, Chime, Command, PlayChime
from assistant.session.events import (
    Event,
    FarEndComplained,
    ReplyEnded,
    ReplyRefused,
    ReplyStarted,
)
from assistant.session.states import Awake, Limits
from assistant.units import ResponseId

Turn = tuple[Awake, tuple[Command, ...]]

ANOTHER_IS_ACTIVE = "conversation_already_has_active_response"
LIMIT_SENTENCE = "I stopped, because I was going round in circles. Please ask me again."


def step(state: Awake, event: Event) -> Turn:
    """Take one event about the far end's answers."""
    match event:
        case ReplyStarted(response):
            return _begin(state, response)
        case ReplyEnded(response=response) if response == state.generating:
            state, orders = playback.complete(replace(state, generating=None), response)
            return state, (*orders, *_regret(event))
        case ReplyEnded() if state.asked_too_early:
            return replace(state, reply_expected=False, asked_too_early=False), ()
        case ReplyRefused(reason) if state.reply_expected:
            settled = replace(state, reply_expected=False, reply_owed=False, asked_too_early=False)
            return settled, _sorry(reason)
        case FarEndComplained(code) if code == ANOTHER_IS_ACTIVE:
            return _wait_for_the_other(state), ()
        case _:
            return state, ()


def ask(state: Awake, limits: Limits) -> Turn:
    """One `response.create` at a time, and only when nobody else is about to speak."""
    waiting = state.generating is not None or state.calls or state.user_item is not None
    if not state.reply_owed or waiting or state.reply_expected:
        return state, ()
    if state.asks_made < limits.asks_per_turn:
        asked = replace(state, reply_owed=False, reply_expected=True, asks_made=state.asks_made + 1)
        return asked, (AskForReply(),)
    silent = replace(state, reply_owed=False, told_of_limit=True)
    return silent, () if state.told_of_limit else (Announce(LIMIT_SENTENCE),)


def _begin(state: Awake, response: ResponseId) -> Turn:
    state = replace(state, reply_expected=False, asked_too_early=False)
    if state.user_item is not None:
        return replace(state, unheard=state.unheard | {response}), (CancelReply(response),)
    return replace(state, generating=response, reply_owed=False, replied=True), ()


def _wait_for_the_other(state: Awake) -> Awake:
    """We asked while another reply was made; where we do not follow that one, wait for any end."""
    unknown = state.generating is None
    return replace(state, reply_owed=True, reply_expected=unknown, asked_too_early=unknown)


def _regret(event: ReplyEnded) -> tuple[Command, ...]:
    """A reply that failed is never met with silence."""
    match event.status, event.reason:
        case ReplyStatus.FAILED, reason:
            return _sorry(reason)
        case ReplyStatus.INCOMPLETE, "content_filter":
            return PlayChime(Chime.TROUBLE), Announce("I must not say that.")
        case _:
            return ()


def _sorry(reason: str) -> tuple[Command, ...]:
    """Codes of the far end are read out as words."""
    cause = f": {reason.replace('_', ' ')}" if reason else "."
    return PlayChime(Chime.TROUBLE), Announce(f"I could not answer that{cause}")
