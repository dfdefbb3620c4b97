"""What a session orders: imperative. The engine carries the orders out in their sequence."""

from dataclasses import dataclass, field
from enum import StrEnum

from assistant.home.requests import FunctionRequest
from assistant.units import CallId, ItemId, Milliseconds, ResponseId


class Chime(StrEnum):
    """The short sounds of our own making."""

    AWAKE = "awake"
    ASLEEP = "asleep"
    TROUBLE = "trouble"
    TIMER = "timer"


@dataclass(frozen=True, slots=True)
class OpenLink:
    """Make a fresh link and open it."""


@dataclass(frozen=True, slots=True)
class CloseLink:
    """End the link; what it still says is ignored."""


@dataclass(frozen=True, slots=True)
class SendAudio:
    """Send 80 ms of the microphone: s16le mono at 16 kHz."""

    pcm: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class SendFunctionOutput:
    """Tell the model what came of its call."""

    call: CallId
    output: str


@dataclass(frozen=True, slots=True)
class AskForReply:
    """Ask for exactly one answer; `instructions` steer this one alone."""

    instructions: str | None = None


@dataclass(frozen=True, slots=True)
class CancelReply:
    """Stop the generation of an answer."""

    response: ResponseId


@dataclass(frozen=True, slots=True)
class TruncateReply:
    """Tell the far end how much of an item was heard."""

    item: ItemId
    heard: Milliseconds


@dataclass(frozen=True, slots=True)
class DeleteReply:
    """Tell the far end that nothing of an item was heard."""

    item: ItemId


@dataclass(frozen=True, slots=True)
class CallHome:
    """Run a function of the home as an errand; it ends in `FunctionReturned`."""

    request: FunctionRequest


@dataclass(frozen=True, slots=True)
class Play:
    """Queue sound of an item: s16le mono at 24 kHz."""

    item: ItemId
    pcm: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class FinishPlaying:
    """The item is complete: report when its last sample has sounded."""

    item: ItemId


@dataclass(frozen=True, slots=True)
class StopSpeaker:
    """Be silent at once, and report for each item what was heard of it."""


@dataclass(frozen=True, slots=True)
class PlayChime:
    """Play a short sound of our own."""

    chime: Chime


@dataclass(frozen=True, slots=True)
class Announce:
    """Say a sentence with the house's own voice, without the far end."""

    text: str


FarEndCommand = (
    SendAudio | SendFunctionOutput | AskForReply | CancelReply | TruncateReply | DeleteReply
)
Command = (
    OpenLink | CloseLink | CallHome | Play | FinishPlaying | StopSpeaker | PlayChime | Announce
    | FarEndCommand
)  # fmt: skip
