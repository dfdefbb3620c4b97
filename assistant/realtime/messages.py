"""Every message of the Realtime protocol that we speak or understand, as frozen data.

The classes carry the protocol's meaning, not the spelling of a dialect: `ga` and `beta`
hold the spellings. Both ends use them: our client, and the local far end.
Source: the Realtime API reference, client and server events (GA, 2026).
"""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Literal

from assistant.units import CallId, ItemId, Milliseconds, ResponseId

Json = dict[str, Any]


class AudioFormat(StrEnum):
    """Sound on the wire: s16le mono at 24 kHz, or G.711 at 8 kHz."""

    PCM = "audio/pcm"
    ULAW = "audio/pcmu"
    ALAW = "audio/pcma"


class Role(StrEnum):
    """Who speaks in a message item."""

    USER = "user"
    ASSISTANT = "assistant"
    SYSTEM = "system"


class ItemKind(StrEnum):
    """What a conversation item is; unknown kinds pass through as OTHER."""

    MESSAGE = "message"
    CALL = "function_call"
    OUTPUT = "function_call_output"
    OTHER = "other"


class ReplyStatus(StrEnum):
    """How a response stands or ended (`response.status`)."""

    IN_PROGRESS = "in_progress"
    COMPLETED = "completed"
    CANCELLED = "cancelled"
    FAILED = "failed"
    INCOMPLETE = "incomplete"


@dataclass(frozen=True, slots=True)
class Part:
    """One piece of a message's content: text, or audio known by its transcript."""

    kind: Literal["text", "audio"]
    text: str = ""


@dataclass(frozen=True, slots=True)
class Item:
    """A conversation item; which fields matter follows from `kind`."""

    id: ItemId = ItemId("")
    kind: ItemKind = ItemKind.MESSAGE
    status: str = "completed"
    role: Role = Role.USER
    content: tuple[Part, ...] = ()
    call_id: CallId = CallId("")
    name: str = ""
    arguments: str = ""
    output: str = ""
    raw: Json | None = None
    """The JSON of an item of kind OTHER, as it came."""


@dataclass(frozen=True, slots=True)
class TurnDetection:
    """How the far end finds the end of the user's turn (`session.audio.input.turn_detection`)."""

    kind: Literal["server_vad", "semantic_vad"] = "server_vad"
    threshold: float | None = None
    prefix_padding_ms: int | None = None
    silence_duration_ms: int | None = None
    eagerness: str | None = None
    create_response: bool | None = None
    interrupt_response: bool | None = None
    idle_timeout_ms: int | None = None


@dataclass(frozen=True, slots=True)
class Tool:
    """A function that the model may call; `parameters` is a JSON schema."""

    name: str
    description: str
    parameters: Json


class Unset(StrEnum):
    """The mark of a session field that is not part of an update."""

    UNSET = "unset"


UNSET = Unset.UNSET


@dataclass(frozen=True, slots=True)
class SessionConfig:
    """The fields of `session.update`; what is UNSET is not sent, None switches a thing off.

    On the far end the same class holds the whole configuration in force.
    """

    instructions: str | Unset = UNSET
    output_modalities: tuple[str, ...] | Unset = UNSET
    tools: tuple[Tool, ...] | Unset = UNSET
    tool_choice: str | Json | Unset = UNSET
    max_output_tokens: int | str | Unset = UNSET
    input_format: AudioFormat | Unset = UNSET
    output_format: AudioFormat | Unset = UNSET
    transcription: Json | None | Unset = UNSET
    noise_reduction: str | None | Unset = UNSET
    turn_detection: TurnDetection | None | Unset = UNSET
    voice: str | Unset = UNSET
    speed: float | Unset = UNSET
    truncation: str | Json | Unset = UNSET
    tracing: str | Json | None | Unset = UNSET
    temperature: float | Unset = UNSET
    """Beta only; the GA dialect drops it."""
    reasoning: Json | None | Unset = UNSET
    parallel_tool_calls: bool | Unset = UNSET
    include: tuple[str, ...] | None | Unset = UNSET


@dataclass(frozen=True, slots=True)
class SessionInfo:
    """What the far end tells of a session: `session.created` and `session.updated`."""

    id: str = ""
    model: str = ""
    expires_at: int | None = None
    config: SessionConfig = field(default_factory=SessionConfig)


@dataclass(frozen=True, slots=True)
class TokenCount:
    """Tokens of one direction by modality; `cached` is contained in the others."""

    total: int = 0
    text: int = 0
    audio: int = 0
    cached: int = 0
    cached_text: int = 0
    cached_audio: int = 0


@dataclass(frozen=True, slots=True)
class Usage:
    """What a response cost (`response.usage`); missing figures are 0."""

    input: TokenCount = field(default_factory=TokenCount)
    output: TokenCount = field(default_factory=TokenCount)


@dataclass(frozen=True, slots=True)
class Fault:
    """An `error` object: `code` decides, `event_id` names the client event at fault."""

    type: str = ""
    code: str = ""
    message: str = ""
    param: str = ""
    event_id: str = ""


@dataclass(frozen=True, slots=True)
class Response:
    """A response as its events carry it."""

    id: ResponseId
    status: ReplyStatus = ReplyStatus.IN_PROGRESS
    reason: str = ""
    error: Fault | None = None
    output: tuple[Item, ...] = ()
    usage: Usage | None = None
    metadata: Json | None = None
    conversation_id: str | None = None


@dataclass(frozen=True, slots=True)
class ResponseOptions:
    """The optional fields of `response.create`."""

    instructions: str | None = None
    output_modalities: tuple[str, ...] | None = None
    out_of_band: bool = False
    """True makes it `conversation: "none"`."""
    metadata: Json | None = None
    input: tuple[Item, ...] | None = None
    tool_choice: str | Json | None = None
    tools: tuple[Tool, ...] | None = None
    max_output_tokens: int | str | None = None


# ---------------------------------------------------------------- client to server


@dataclass(frozen=True, slots=True)
class UpdateSession:
    """`session.update`."""

    config: SessionConfig
    event_id: str = ""


@dataclass(frozen=True, slots=True)
class AppendAudio:
    """`input_audio_buffer.append`; `audio` is raw bytes in the session's input format."""

    audio: bytes = field(repr=False)
    event_id: str = ""


@dataclass(frozen=True, slots=True)
class CommitAudio:
    """`input_audio_buffer.commit`."""

    event_id: str = ""


@dataclass(frozen=True, slots=True)
class ClearAudio:
    """`input_audio_buffer.clear`."""

    event_id: str = ""


@dataclass(frozen=True, slots=True)
class CreateItem:
    """`conversation.item.create`; `after` None appends, "root" puts it first."""

    item: Item
    after: str | None = None
    event_id: str = ""


@dataclass(frozen=True, slots=True)
class TruncateItem:
    """`conversation.item.truncate`: the user heard `audio_end_ms` of it."""

    item_id: ItemId
    audio_end_ms: Milliseconds
    content_index: int = 0
    event_id: str = ""


@dataclass(frozen=True, slots=True)
class DeleteItem:
    """`conversation.item.delete`."""

    item_id: ItemId
    event_id: str = ""


@dataclass(frozen=True, slots=True)
class RetrieveItem:
    """`conversation.item.retrieve`."""

    item_id: ItemId
    event_id: str = ""


@dataclass(frozen=True, slots=True)
class CreateResponse:
    """`response.create`."""

    options: ResponseOptions = field(default_factory=ResponseOptions)
    event_id: str = ""


@dataclass(frozen=True, slots=True)
class CancelResponse:
    """`response.cancel`; without an id the active response of the default conversation."""

    response_id: ResponseId | None = None
    event_id: str = ""


@dataclass(frozen=True, slots=True)
class ClearOutput:
    """`output_audio_buffer.clear`: WebRTC and SIP only; understood, never sent by us."""

    event_id: str = ""


ClientMessage = (
    UpdateSession | AppendAudio | CommitAudio | ClearAudio | CreateItem | TruncateItem
    | DeleteItem | RetrieveItem | CreateResponse | CancelResponse | ClearOutput
)  # fmt: skip


# ---------------------------------------------------------------- server to client


@dataclass(frozen=True, slots=True)
class SessionCreated:
    """`session.created`: the first message on every socket."""

    session: SessionInfo


@dataclass(frozen=True, slots=True)
class SessionUpdated:
    """`session.updated`: the whole configuration in force."""

    session: SessionInfo


@dataclass(frozen=True, slots=True)
class ConversationCreated:
    """`conversation.created`."""

    conversation_id: str = ""


@dataclass(frozen=True, slots=True)
class ItemAdded:
    """`conversation.item.added` (beta and older servers: `.created`)."""

    item: Item
    after: str | None = None


@dataclass(frozen=True, slots=True)
class ItemDone:
    """`conversation.item.done`; the beta dialect has none."""

    item: Item
    after: str | None = None


@dataclass(frozen=True, slots=True)
class ItemRetrieved:
    """`conversation.item.retrieved`."""

    item: Item


@dataclass(frozen=True, slots=True)
class ItemDeleted:
    """`conversation.item.deleted`."""

    item_id: ItemId


@dataclass(frozen=True, slots=True)
class ItemTruncated:
    """`conversation.item.truncated`."""

    item_id: ItemId
    audio_end_ms: Milliseconds
    content_index: int = 0


@dataclass(frozen=True, slots=True)
class InputTranscribed:
    """`conversation.item.input_audio_transcription.completed`."""

    item_id: ItemId
    transcript: str
    content_index: int = 0
    usage: Json | None = None


@dataclass(frozen=True, slots=True)
class InputTranscriptDelta:
    """`conversation.item.input_audio_transcription.delta`."""

    item_id: ItemId
    delta: str
    content_index: int = 0


@dataclass(frozen=True, slots=True)
class InputTranscriptionFailed:
    """`conversation.item.input_audio_transcription.failed`."""

    item_id: ItemId
    error: Fault
    content_index: int = 0


@dataclass(frozen=True, slots=True)
class AudioCommitted:
    """`input_audio_buffer.committed`: the user's turn became an item."""

    item_id: ItemId
    after: str | None = None


@dataclass(frozen=True, slots=True)
class AudioCleared:
    """`input_audio_buffer.cleared`."""


@dataclass(frozen=True, slots=True)
class SpeechStarted:
    """`input_audio_buffer.speech_started`; counts all audio of the session, padding included."""

    item_id: ItemId
    audio_start_ms: Milliseconds


@dataclass(frozen=True, slots=True)
class SpeechStopped:
    """`input_audio_buffer.speech_stopped`."""

    item_id: ItemId
    audio_end_ms: Milliseconds


@dataclass(frozen=True, slots=True)
class IdleTimeout:
    """`input_audio_buffer.timeout_triggered`."""

    item_id: ItemId
    audio_start_ms: Milliseconds
    audio_end_ms: Milliseconds


@dataclass(frozen=True, slots=True)
class ResponseCreated:
    """`response.created`."""

    response: Response


@dataclass(frozen=True, slots=True)
class ResponseDone:
    """`response.done`: the only end of a response, whatever its status."""

    response: Response


@dataclass(frozen=True, slots=True)
class OutputItemAdded:
    """`response.output_item.added`."""

    response_id: ResponseId
    item: Item
    output_index: int = 0


@dataclass(frozen=True, slots=True)
class OutputItemDone:
    """`response.output_item.done`."""

    response_id: ResponseId
    item: Item
    output_index: int = 0


@dataclass(frozen=True, slots=True)
class Place:
    """Where a piece of a response belongs."""

    response_id: ResponseId
    item_id: ItemId
    output_index: int = 0
    content_index: int = 0


@dataclass(frozen=True, slots=True)
class PartAdded:
    """`response.content_part.added`."""

    place: Place
    part: Part


@dataclass(frozen=True, slots=True)
class PartDone:
    """`response.content_part.done`."""

    place: Place
    part: Part


@dataclass(frozen=True, slots=True)
class AudioDelta:
    """`response.output_audio.delta`; `audio` is raw bytes in the session's output format."""

    place: Place
    audio: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class AudioDone:
    """`response.output_audio.done`."""

    place: Place


@dataclass(frozen=True, slots=True)
class AudioTranscriptDelta:
    """`response.output_audio_transcript.delta`."""

    place: Place
    delta: str


@dataclass(frozen=True, slots=True)
class AudioTranscriptDone:
    """`response.output_audio_transcript.done`."""

    place: Place
    transcript: str


@dataclass(frozen=True, slots=True)
class TextDelta:
    """`response.output_text.delta`."""

    place: Place
    delta: str


@dataclass(frozen=True, slots=True)
class TextDone:
    """`response.output_text.done`."""

    place: Place
    text: str


@dataclass(frozen=True, slots=True)
class ArgumentsDelta:
    """`response.function_call_arguments.delta`."""

    place: Place
    call_id: CallId
    delta: str


@dataclass(frozen=True, slots=True)
class ArgumentsDone:
    """`response.function_call_arguments.done`; `name` is empty in the beta dialect."""

    place: Place
    call_id: CallId
    arguments: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class RateLimits:
    """`rate_limits.updated`: name → (limit, remaining, reset seconds)."""

    limits: dict[str, tuple[float, float, float]]


@dataclass(frozen=True, slots=True)
class ErrorReported:
    """`error`: most leave the session open."""

    error: Fault


@dataclass(frozen=True, slots=True)
class Unfamiliar:
    """A message of a type that we do not know or do not use; it is never an error."""

    type: str


ServerMessage = (
    SessionCreated | SessionUpdated | ConversationCreated | ItemAdded | ItemDone | ItemRetrieved
    | ItemDeleted | ItemTruncated | InputTranscribed | InputTranscriptDelta
    | InputTranscriptionFailed | AudioCommitted | AudioCleared | SpeechStarted | SpeechStopped
    | IdleTimeout | ResponseCreated | ResponseDone | OutputItemAdded | OutputItemDone | PartAdded
    | PartDone | AudioDelta | AudioDone | AudioTranscriptDelta | AudioTranscriptDone | TextDelta
    | TextDone | ArgumentsDelta | ArgumentsDone | RateLimits | ErrorReported | Unfamiliar
)  # fmt: skip
