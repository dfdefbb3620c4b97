"""The states of a session, and the limits that shape it.

There are three states, and `Awake` is not divided further: who speaks, what is generated,
what sounds and which calls run change independently of each other.
"""

from dataclasses import dataclass, field, replace
from enum import StrEnum

from assistant.home.requests import UserTurn
from assistant.units import CallId, ItemId, Milliseconds, ResponseId, Seconds

BYTES_PER_MS = 48
"""s16le mono at 24 kHz."""

END_CONVERSATION = "end_conversation"
"""The function by which the model hangs up; the session answers it itself."""


class BargeIn(StrEnum):
    """What may interrupt a reply."""

    SPEECH = "speech"
    WAKE_WORD = "wake_word"
    """For rooms without echo cancellation: the far end hears silence while a reply sounds."""


class Phase(StrEnum):
    """What the user would say the assistant is doing."""

    ASLEEP = "asleep"
    CONNECTING = "connecting"
    LISTENING = "listening"
    HEARING = "hearing"
    THINKING = "thinking"
    SPEAKING = "speaking"


@dataclass(frozen=True, slots=True)
class Limits:
    """Time limits and policies, as data."""

    connect: Seconds = Seconds(10.0)
    listen: Seconds = Seconds(8.0)
    """From the wake word to the first word of the user."""
    follow_up: Seconds = Seconds(6.0)
    """After a reply, for a word without the wake word; 0 ends the conversation at once."""
    turn: Seconds = Seconds(30.0)
    """The longest turn of the user."""
    reply: Seconds = Seconds(20.0)
    """The longest silence of the far end while an answer is due."""
    call: Seconds = Seconds(30.0)
    """The longest run of a function of the home."""
    sound: Seconds = Seconds(180.0)
    """The longest reply without news of it."""
    fruitless: Seconds = Seconds(60.0)
    """Turns that lead to no sound and to no call keep nobody listening for longer than this."""
    conversation: Seconds = Seconds(3000.0)
    """After this a conversation ends at its next rest, before the far end ends it (law C22)."""
    refusal: Seconds = Seconds(60.0)
    """After a refusal the far end is not asked again for this long."""
    preroll_frames: int = 20
    kept_frames: int = 250
    decide_frames: int = 4
    """Frames after the wake word that tell a pause from a command in the same breath."""
    pause_db: float = 18.0
    """A pause is this much quieter than the wake word."""
    calls_per_turn: int = 8
    asks_per_turn: int = 6
    barge_in: BargeIn = BargeIn.SPEECH
    server_interrupts: bool = True
    """The far end cancels its own reply when the user speaks (`interrupt_response`)."""
    answered_early: Milliseconds = Milliseconds(700)
    """A reply of which no more than this is missing counts as heard to its end."""
    farewells: frozenset[str] = frozenset(
        {"never mind", "nevermind", "stop", "cancel", "be quiet", "that's all", "forget it"}
    )


@dataclass(frozen=True, slots=True)
class Asleep:
    """Only the wake word is listened for; the last frames are kept as pre-roll."""

    preroll: tuple[bytes, ...] = field(default=(), repr=False)
    conversations: int = 0
    announcing: frozenset[ItemId] = frozenset()
    """Sentences of our own that sound; they belong to no conversation."""
    refusal: str = ""
    refused_until: Seconds = Seconds(0.0)


@dataclass(frozen=True, slots=True)
class Connecting:
    """The wake word was heard: what is said now is kept until the far end listens."""

    deadline: Seconds
    conversation: int
    kept: tuple[bytes, ...] = field(default=(), repr=False)
    announcing: frozenset[ItemId] = frozenset()
    opened: bool = False
    undecided: int = 0
    """Frames still to come before pause and one breath are told apart."""
    loudest: float = -120.0
    """dBFS of the wake word's loudest frame."""


@dataclass(frozen=True, slots=True)
class Sounding:
    """An item of a reply that is queued or plays."""

    item: ItemId
    response: ResponseId
    received_bytes: int = 0
    complete: bool = False
    stopping: bool = False

    @property
    def received(self) -> Milliseconds:
        """How much sound of the item has arrived so far, rounded down."""
        return Milliseconds(self.received_bytes // BYTES_PER_MS)


@dataclass(frozen=True, slots=True)
class Awake:
    """A conversation. Its fields change independently of each other."""

    deadline: Seconds
    turn: UserTurn
    began: Seconds = Seconds(0.0)
    fruitful_at: Seconds = Seconds(0.0)
    """When a turn last led to something: sound, or a call."""
    turn_item: ItemId | None = None
    """The user's item of the current turn, to which a transcript must belong."""
    user_item: ItemId | None = None
    """The user's item in progress; None while the user is silent."""
    started_at: Milliseconds = Milliseconds(0)
    generating: ResponseId | None = None
    sounding: tuple[Sounding, ...] = ()
    sounded: frozenset[ItemId] = frozenset()
    """Every item that was ever queued: what is not among them was never heard."""
    announcing: frozenset[ItemId] = frozenset()
    heard_out: bool = False
    """The last words since the user's turn were heard to their end, and were the reply's."""
    calls: frozenset[CallId] = frozenset()
    known_calls: frozenset[CallId] = frozenset()
    calls_made: int = 0
    asks_made: int = 0
    reply_owed: bool = False
    reply_expected: bool = False
    """A reply was asked for, by us or by the end of the user's turn, and has not begun."""
    asked_too_early: bool = False
    """Our request met a reply that we do not follow: it is repeated when that one has ended."""
    unheard: frozenset[str] = frozenset()
    """Responses and items whose late sound is dropped."""
    replied: bool = False
    closing: bool = False
    told_of_limit: bool = False


State = Asleep | Connecting | Awake


def phase_of(state: State) -> Phase:
    """What the user would call this state; sound that plays outranks silence behind it."""
    match state:
        case Asleep():
            return Phase.ASLEEP
        case Connecting():
            return Phase.CONNECTING
        case Awake() if state.user_item is not None:
            return Phase.HEARING
        case Awake() if state.sounding or state.announcing:
            return Phase.SPEAKING
        case Awake() if is_busy(state):
            return Phase.THINKING
        case _:
            return Phase.LISTENING


def is_busy(state: Awake) -> bool:
    """True while an answer is generated, expected or owed, or a call runs."""
    answering = state.generating is not None or state.reply_expected or state.reply_owed
    return answering or bool(state.calls)


def deadline_of(state: State) -> Seconds | None:
    """The instant at which the engine must report `DeadlinePassed`."""
    return None if isinstance(state, Asleep) else state.deadline


def without(state: Awake, item: ItemId) -> Awake:
    """The same conversation without this item among those that sound."""
    return replace(state, sounding=tuple(s for s in state.sounding if s.item != item))
