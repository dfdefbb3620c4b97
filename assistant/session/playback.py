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
    SpeakerStarted,
    SpeakerStopped,
)
from assistant.session.states import Awake, Limits, Sounding, is_busy, without
from assistant.units import ItemId, Milliseconds, ResponseId

Turn = tuple[Awake, tuple[Command, ...]]


def step(state: Awake, event: Event, limits: Limits) -> Turn:
    """Take one event about sound."""
    match event:
        case ReplySounded():
            return _play(state, event)
        case ReplyItemEnded(response, item) if response in state.unheard:
            return _disown(state, item)
        case ReplyItemEnded(item=item):
            return _complete_item(state, item)
        case SpeakerStarted(item) if item not in state.sounded:
            return replace(state, announcing=state.announcing | {item}, heard_out=False), ()
        case SpeakerFinished(item) | SpeakerStopped(item) if item in state.announcing:
            return replace(state, announcing=state.announcing - {item}), ()
        case SpeakerFinished() | SpeakerStopped():
            return _account(state, event, limits)
        case _:
            return state, ()


def silence(state: Awake) -> tuple[Command, ...]:
    """What makes the house be quiet, where it is not."""
    return (StopSpeaker(),) if state.sounding or state.announcing else ()


def interrupt(state: Awake, *, cancel: bool) -> Turn:
    """Be silent first, then tell the far end; late sound of this reply is dropped by its ids."""
    orders = silence(state)
    generating = {state.generating} - {None, *state.unheard}
    if cancel:
        orders += tuple(CancelReply(response) for response in generating if response)
    unheard = {*state.unheard, *(s.item for s in state.sounding), *filter(None, generating)}
    # What is cut while more was to come was not heard to its end, however complete it is.
    cut_short = is_busy(state)
    stopping = tuple(
        replace(s, stopping=True, complete=s.complete and not cut_short) for s in state.sounding
    )
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
    if event.response in state.unheard:
        return _disown(state, event.item)
    if event.item in state.unheard:
        return state, ()
    known = next((s for s in state.sounding if s.item == event.item), None)
    if known is None:
        fresh = Sounding(event.item, event.response, len(event.pcm))
        sounding = (*state.sounding, fresh)
    else:
        longer = replace(known, received_bytes=known.received_bytes + len(event.pcm))
        sounding = tuple(longer if s is known else s for s in state.sounding)
    sounded = state.sounded | {event.item}
    state = replace(state, sounding=sounding, sounded=sounded, heard_out=False)
    return state, (Play(event.item, event.pcm),)


def _disown(state: Awake, item: ItemId) -> Turn:
    """An item of an interrupted reply that never sounded here was never said (law C7)."""
    if item in state.sounded or item in state.unheard:
        return state, ()
    return replace(state, unheard=state.unheard | {item}), (DeleteReply(item),)


def _complete_item(state: Awake, item: ItemId) -> Turn:
    known = next((s for s in state.sounding if s.item == item), None)
    if known is None or known.complete or known.stopping:
        return state, ()
    whole = tuple(replace(s, complete=True) if s is known else s for s in state.sounding)
    return replace(state, sounding=whole), (FinishPlaying(item),)


def _account(state: Awake, event: SpeakerFinished | SpeakerStopped, limits: Limits) -> Turn:
    known = next((s for s in state.sounding if s.item == event.item), None)
    if known is None:
        return state, ()
    rest = without(state, known.item)
    if isinstance(event, SpeakerFinished):
        return replace(rest, heard_out=not rest.sounding), ()
    # A speaker may also stop by itself: what still comes of this item has no place to go.
    rest = replace(rest, unheard=rest.unheard | {known.item})
    return _tell_what_was_heard(rest, known, event.heard, limits)


def _tell_what_was_heard(state: Awake, item: Sounding, heard: Milliseconds, limits: Limits) -> Turn:
    """Nothing heard: the item was never said. Else: it ends where the user stopped hearing it."""
    heard = min(heard, item.received)
    if heard <= 0:
        return state, (DeleteReply(item.item),)
    ended = item.complete and item.received - heard <= limits.answered_early
    if ended and not state.sounding:
        state = _count_as_heard_out(state)
    return state, (TruncateReply(item.item, heard),)


def _count_as_heard_out(state: Awake) -> Awake:
    """Whoever answers a question at its last syllable has heard it."""
    if state.user_item is None:
        return replace(state, heard_out=True)
    return replace(state, turn=replace(state.turn, after_question=True))
