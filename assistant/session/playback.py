"""What sounds: replies arrive faster than they are heard, and only the heard part was said."""

from dataclasses import replace

from assistant.session.commands import (
    CancelReply,
    Command,
    DeleteReply,
    FinishPlaying,
    Play,
    StopSpeaker,
    TruncateReply,
)
from assistant.session.events import (
    Event,
    ReplyItemEnded,
    ReplySounded,
    SpeakerFinished,
    SpeakerStopped,
)
from assistant.session.states import Awake, Limits, Sounding, without
from assistant.units import ItemId, Milliseconds, ResponseId

Turn = tuple[Awake, tuple[Command, ...]]


def step(state: Awake, event: Event, limits: Limits) -> Turn:
    """Take one event about sound."""
    match event:
        case ReplySounded():
            return _play(state, event)
        case ReplyItemEnded(item=item):
            return _complete_item(state, item)
        case SpeakerFinished(item):
            return without(state, item), ()
        case SpeakerStopped(item, heard):
            return _account(state, item, heard, limits)
        case _:
            return state, ()


def interrupt(state: Awake, *, cancel: bool) -> Turn:
    """Be silent first, then tell the far end; late sound of this reply is dropped by its ids."""
    if not state.sounding and state.generating is None:
        return state, ()
    unheard = {*state.unheard, *(s.item for s in state.sounding)}
    orders: tuple[Command, ...] = (StopSpeaker(),) if state.sounding else ()
    if state.generating is not None:
        unheard.add(state.generating)
        orders += (CancelReply(state.generating),) if cancel else ()
    stopping = tuple(replace(s, stopping=True) for s in state.sounding)
    return replace(state, sounding=stopping, unheard=frozenset(unheard)), orders


def complete(state: Awake, response: ResponseId) -> Turn:
    """The response has ended: none of its items gets more sound."""
    orders: tuple[Command, ...] = ()
    for sound in state.sounding:
        if sound.response == response:
            state, finished = _complete_item(state, sound.item)
            orders += finished
    return state, orders


def _play(state: Awake, event: ReplySounded) -> Turn:
    if event.response in state.unheard or event.item in state.unheard:
        return state, ()
    known = next((s for s in state.sounding if s.item == event.item), None)
    if known is None:
        fresh = Sounding(event.item, event.response, len(event.pcm))
        sounding = (*state.sounding, fresh)
    else:
        longer = replace(known, received_bytes=known.received_bytes + len(event.pcm))
        sounding = tuple(longer if s is known else s for s in state.sounding)
    return replace(state, sounding=sounding), (Play(event.item, event.pcm),)


def _complete_item(state: Awake, item: ItemId) -> Turn:
    known = next((s for s in state.sounding if s.item == item), None)
    if known is None or known.complete or known.stopping:
        return state, ()
    whole = tuple(replace(s, complete=True) if s is known else s for s in state.sounding)
    return replace(state, sounding=whole), (FinishPlaying(item),)


def _account(state: Awake, item: ItemId, heard: Milliseconds, limits: Limits) -> Turn:
    """Nothing heard: the item was never said. Else: it ends where the user stopped hearing it."""
    known = next((s for s in state.sounding if s.item == item), None)
    if known is None:
        return state, ()
    rest = without(state, item)
    if heard <= 0:
        return rest, (DeleteReply(item),)
    ended = known.complete and known.received - heard <= limits.answered_early
    if ended and not rest.sounding and rest.turn.number:
        rest = replace(rest, turn=replace(rest.turn, after_question=True))
    return rest, (TruncateReply(item, Milliseconds(min(heard, known.received))),)
