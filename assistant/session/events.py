"""What can happen to a session: past tense, with their subject."""

from dataclasses import dataclass, field

from assistant.realtime.messages import ReplyStatus, Usage
from assistant.units import CallId, ItemId, Milliseconds, ResponseId


@dataclass(frozen=True, slots=True)
class MicHeard:
    """80 ms of sound: 1,280 samples, s16le mono at 16 kHz."""

    pcm: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class WakeWordHeard:
    """The gate let a wake word through."""

    word: str
    score: float


@dataclass(frozen=True, slots=True)
class LinkOpened:
    """The far end accepted our settings: it listens now."""


@dataclass(frozen=True, slots=True)
class LinkLost:
    """The link ended without our asking; exactly once for each link."""

    reason: str
    remedy: str = ""
    retryable: bool = True


@dataclass(frozen=True, slots=True)
class UserStartedSpeaking:
    """The far end hears speech; `at` counts the audio of this link."""

    item: ItemId
    at: Milliseconds = Milliseconds(0)


@dataclass(frozen=True, slots=True)
class UserStoppedSpeaking:
    """The far end heard the end of the user's turn."""

    item: ItemId
    at: Milliseconds = Milliseconds(0)


@dataclass(frozen=True, slots=True)
class UserTranscribed:
    """What the far end understood; it may come at any time, or never."""

    item: ItemId
    text: str


@dataclass(frozen=True, slots=True)
class ReplyStarted:
    """The far end began an answer."""

    response: ResponseId


@dataclass(frozen=True, slots=True)
class ReplySounded:
    """A piece of a spoken answer: s16le mono at 24 kHz, faster than real time."""

    response: ResponseId
    item: ItemId
    pcm: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class ReplyItemEnded:
    """No more sound will come for this item."""

    response: ResponseId
    item: ItemId


@dataclass(frozen=True, slots=True)
class ReplyWorded:
    """The whole text of an item of an answer."""

    response: ResponseId
    item: ItemId
    text: str


@dataclass(frozen=True, slots=True)
class FunctionCalled:
    """The model wants something done; the same call may be told more than once."""

    response: ResponseId
    call: CallId
    name: str
    arguments: str


@dataclass(frozen=True, slots=True)
class ReplyEnded:
    """The far end finished an answer, whatever its status."""

    response: ResponseId
    status: ReplyStatus = ReplyStatus.COMPLETED
    reason: str = ""
    usage: Usage | None = None


@dataclass(frozen=True, slots=True)
class ReplyRefused:
    """The far end will not give the answer that we asked for."""

    reason: str


@dataclass(frozen=True, slots=True)
class FarEndComplained:
    """An `error` that leaves the session open."""

    code: str
    message: str = ""


@dataclass(frozen=True, slots=True)
class FunctionReturned:
    """The home answered a call: `output` is the JSON text for the model."""

    call: CallId
    output: str


@dataclass(frozen=True, slots=True)
class SpeakerStarted:
    """The first sample of an item left the loudspeaker."""

    item: ItemId


@dataclass(frozen=True, slots=True)
class SpeakerFinished:
    """The last sample of a complete item left the loudspeaker."""

    item: ItemId
    heard: Milliseconds


@dataclass(frozen=True, slots=True)
class SpeakerStopped:
    """An item was cut short by `stop`; 0 means that nothing of it was heard."""

    item: ItemId
    heard: Milliseconds


@dataclass(frozen=True, slots=True)
class Reminded:
    """Something at home speaks up by itself: a timer rang, a slow device failed later."""

    text: str
    rings: bool = False
    """True plays the timer's sound first."""


@dataclass(frozen=True, slots=True)
class DeadlinePassed:
    """The instant that `deadline_of` named is reached."""


Event = (
    MicHeard | WakeWordHeard | LinkOpened | LinkLost | UserStartedSpeaking | UserStoppedSpeaking
    | UserTranscribed | ReplyStarted | ReplySounded | ReplyItemEnded | ReplyWorded
    | FunctionCalled | ReplyEnded | ReplyRefused | FarEndComplained | FunctionReturned
    | SpeakerStarted | SpeakerFinished | SpeakerStopped | Reminded | DeadlinePassed
)  # fmt: skip
