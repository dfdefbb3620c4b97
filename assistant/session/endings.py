"""How conversations end, and what the user is told of it."""

from dataclasses import replace

from assistant.session.commands import (
    Announce,
    Chime,
    CloseLink,
    Command,
    PlayChime,
    StopSpeaker,
)
from assistant.session.events import LinkLost, Reminded
from assistant.session.playback import silence
from assistant.session.states import Asleep, Awake, Connecting, Limits
from assistant.units import Seconds

Ending = tuple[Asleep, tuple[Command, ...]]


def fall_asleep(state: Connecting | Awake) -> Asleep:
    """The state after a conversation, with nothing remembered but their count."""
    number = state.turn.conversation if isinstance(state, Awake) else state.conversation
    return Asleep(conversations=number, announcing=state.announcing)


def hang_up(state: Awake) -> Ending:
    """End on purpose: silence, goodbye to the far end, and the chime that says so."""
    return fall_asleep(state), (*silence(state), CloseLink(), PlayChime(Chime.ASLEEP))


def give_up(state: Connecting | Awake, sentence: str) -> Ending:
    """End because the world lets us down, and say so."""
    return fall_asleep(state), (CloseLink(), PlayChime(Chime.TROUBLE), Announce(sentence))


def lose_link(state: Connecting | Awake, event: LinkLost, now: Seconds, limits: Limits) -> Ending:
    """End because the link broke; a refusal is remembered, so that nobody knocks in vain."""
    sentence = f"{event.reason} {event.remedy}".strip()
    asleep, orders = give_up(state, sentence)
    stop = (StopSpeaker(),) if isinstance(state, Awake) and state.sounding else ()
    if not event.retryable:
        until = Seconds(now + limits.refusal)
        asleep = replace(asleep, refusal=sentence, refused_until=until)
    return asleep, (*stop, *orders)


def say_reminder(event: Reminded) -> tuple[Command, ...]:
    """What sounds when something at home speaks up by itself."""
    ring = (PlayChime(Chime.TIMER),) if event.rings else ()
    return (*ring, Announce(event.text))
