"""How conversations end, and what the user is told of it."""

from assistant.session.commands import (
    Announce,
    Chime,
    CloseLink,
    Command,
    PlayChime,
    StopSpeaker,
)
from assistant.session.events import LinkLost, Reminded
from assistant.session.states import Asleep, Awake, Limits
from assistant.units import Seconds

Ending = tuple[Asleep, tuple[Command, ...]]


def fall_asleep(conversation: int) -> Asleep:
    """The state after a conversation, with nothing remembered but their count."""
    return Asleep(conversations=conversation)


def hang_up(state: Awake) -> Ending:
    """End on purpose: silence, goodbye to the far end, and the chime that says so."""
    stop = (StopSpeaker(),) if state.sounding else ()
    orders = (*stop, CloseLink(), PlayChime(Chime.ASLEEP))
    return fall_asleep(state.turn.conversation), orders


def give_up(state: Awake, sentence: str) -> Ending:
    """End because the far end lets us down, and say so."""
    stop = (StopSpeaker(),) if state.sounding else ()
    orders = (*stop, CloseLink(), PlayChime(Chime.TROUBLE), Announce(sentence))
    return fall_asleep(state.turn.conversation), orders


def lose_link(conversation: int, event: LinkLost, now: Seconds, limits: Limits) -> Ending:
    """End because the link broke; a refusal is remembered, so that nobody knocks in vain."""
    sentence = f"{event.reason} {event.remedy}".strip()
    orders = (CloseLink(), PlayChime(Chime.TROUBLE), Announce(sentence))
    if event.retryable:
        return fall_asleep(conversation), orders
    asleep = Asleep(
        conversations=conversation,
        refusal=sentence,
        refused_until=Seconds(now + limits.refusal),
    )
    return asleep, orders


def say_reminder(event: Reminded) -> tuple[Command, ...]:
    """What sounds when something at home speaks up by itself."""
    ring = (PlayChime(Chime.TIMER),) if event.rings else ()
    return (*ring, Announce(event.text))
