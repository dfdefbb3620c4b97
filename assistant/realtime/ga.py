"""The GA spelling of every message, in the order of the API reference."""

from typing import Any

from assistant.realtime import messages as told
from assistant.realtime.fields import Fields
from assistant.realtime.messages import ClientMessage, Json, ServerMessage, Unfamiliar
from assistant.realtime.responses import (
    read_fault,
    read_options,
    read_response,
    write_fault,
    write_options,
    write_response,
)
from assistant.realtime.session_fields import read_session, write_config, write_session
from assistant.realtime.spelling import (
    CALL_PLACE,
    ITEM,
    NEW_ITEM,
    PART,
    PLACE,
    Attribute,
    Spelling,
    inner,
    json_object,
    optional,
    sound,
    text,
    whole,
)

_EVENT_ID = optional("event_id")
_AFTER = optional("after", "previous_item_id")
_SESSION = inner("session", read_session, write_session)
_CONFIG = Attribute(
    "config",
    lambda fields: read_session(fields.needed("session")).config,
    lambda config: {"session": write_config(config)},
)
_OPTIONS = Attribute(
    "options",
    lambda fields: read_options(fields.inner("response")),
    lambda options: {"response": told_options} if (told_options := write_options(options)) else {},
)
_RESPONSE = inner("response", read_response, write_response)
_ITEM_ID = text("item_id")
_RESPONSE_ID = text("response_id")
_CALL_ID = text("call_id")
_CONTENT = whole("content_index", 0)
_OUTPUT = whole("output_index", 0)


def _write_error(fault: told.Fault) -> Json:
    return write_fault(fault) | {"event_id": fault.event_id or None}


def _read_limits(fields: Fields) -> dict[str, tuple[float, float, float]]:
    return {
        limit.text("name", ""): (
            limit.number("limit") or 0.0,
            limit.number("remaining") or 0.0,
            limit.number("reset_seconds") or 0.0,
        )
        for limit in fields.inners("rate_limits")
    }


def _write_limits(limits: dict[str, tuple[float, float, float]]) -> Json:
    rows = [
        {"name": name, "limit": int(limit), "remaining": int(left), "reset_seconds": reset}
        for name, (limit, left, reset) in limits.items()
    ]
    return {"rate_limits": rows}


def _read_conversation(fields: Fields) -> str:
    return fields.inner("conversation").text("id", "")


def _write_conversation(name: str) -> Json:
    return {"conversation": {"id": name, "object": "realtime.conversation"}}


_ERROR = inner("error", read_fault, _write_error)
_FAILURE = inner("error", read_fault, write_fault)
_CONVERSATION = Attribute("conversation_id", _read_conversation, _write_conversation)

_CLIENT = (
    Spelling("session.update", told.UpdateSession, (_EVENT_ID, _CONFIG)),
    Spelling("input_audio_buffer.append", told.AppendAudio, (_EVENT_ID, sound("audio", "audio"))),
    Spelling("input_audio_buffer.commit", told.CommitAudio, (_EVENT_ID,)),
    Spelling("input_audio_buffer.clear", told.ClearAudio, (_EVENT_ID,)),
    Spelling("conversation.item.create", told.CreateItem, (_EVENT_ID, _AFTER, NEW_ITEM)),
    Spelling(
        "conversation.item.truncate",
        told.TruncateItem,
        (_EVENT_ID, _ITEM_ID, _CONTENT, whole("audio_end_ms")),
    ),
    Spelling("conversation.item.delete", told.DeleteItem, (_EVENT_ID, _ITEM_ID)),
    Spelling("conversation.item.retrieve", told.RetrieveItem, (_EVENT_ID, _ITEM_ID)),
    Spelling("response.create", told.CreateResponse, (_EVENT_ID, _OPTIONS)),
    Spelling("response.cancel", told.CancelResponse, (_EVENT_ID, optional("response_id"))),
    Spelling("output_audio_buffer.clear", told.ClearOutput, (_EVENT_ID,)),
)

_TRANSCRIPTION = "conversation.item.input_audio_transcription"
_SERVER = (
    Spelling("session.created", told.SessionCreated, (_SESSION,)),
    Spelling("session.updated", told.SessionUpdated, (_SESSION,)),
    Spelling("conversation.created", told.ConversationCreated, (_CONVERSATION,)),
    Spelling("conversation.item.added", told.ItemAdded, (_AFTER, ITEM)),
    Spelling("conversation.item.done", told.ItemDone, (_AFTER, ITEM)),
    Spelling("conversation.item.retrieved", told.ItemRetrieved, (ITEM,)),
    Spelling("conversation.item.deleted", told.ItemDeleted, (_ITEM_ID,)),
    Spelling(
        "conversation.item.truncated",
        told.ItemTruncated,
        (_ITEM_ID, _CONTENT, whole("audio_end_ms", 0)),
    ),
    Spelling(
        f"{_TRANSCRIPTION}.completed",
        told.InputTranscribed,
        (_ITEM_ID, _CONTENT, text("transcript", ""), json_object("usage")),
    ),
    Spelling(
        f"{_TRANSCRIPTION}.delta",
        told.InputTranscriptDelta,
        (_ITEM_ID, _CONTENT, text("delta", "")),
    ),
    Spelling(
        f"{_TRANSCRIPTION}.failed",
        told.InputTranscriptionFailed,
        (_ITEM_ID, _CONTENT, _FAILURE),
    ),
    Spelling("input_audio_buffer.committed", told.AudioCommitted, (_ITEM_ID, _AFTER)),
    Spelling("input_audio_buffer.cleared", told.AudioCleared, ()),
    Spelling(
        "input_audio_buffer.speech_started",
        told.SpeechStarted,
        (_ITEM_ID, whole("audio_start_ms", 0)),
    ),
    Spelling(
        "input_audio_buffer.speech_stopped",
        told.SpeechStopped,
        (_ITEM_ID, whole("audio_end_ms", 0)),
    ),
    Spelling(
        "input_audio_buffer.timeout_triggered",
        told.IdleTimeout,
        (_ITEM_ID, whole("audio_start_ms", 0), whole("audio_end_ms", 0)),
    ),
    Spelling("response.created", told.ResponseCreated, (_RESPONSE,)),
    Spelling("response.done", told.ResponseDone, (_RESPONSE,)),
    Spelling("response.output_item.added", told.OutputItemAdded, (_RESPONSE_ID, _OUTPUT, ITEM)),
    Spelling("response.output_item.done", told.OutputItemDone, (_RESPONSE_ID, _OUTPUT, ITEM)),
    Spelling("response.content_part.added", told.PartAdded, (PLACE, PART)),
    Spelling("response.content_part.done", told.PartDone, (PLACE, PART)),
    Spelling("response.output_audio.delta", told.AudioDelta, (PLACE, sound("audio", "delta"))),
    Spelling("response.output_audio.done", told.AudioDone, (PLACE,)),
    Spelling(
        "response.output_audio_transcript.delta",
        told.AudioTranscriptDelta,
        (PLACE, text("delta", "")),
    ),
    Spelling(
        "response.output_audio_transcript.done",
        told.AudioTranscriptDone,
        (PLACE, text("transcript", "")),
    ),
    Spelling("response.output_text.delta", told.TextDelta, (PLACE, text("delta", ""))),
    Spelling("response.output_text.done", told.TextDone, (PLACE, text("text", ""))),
    Spelling(
        "response.function_call_arguments.delta",
        told.ArgumentsDelta,
        (CALL_PLACE, _CALL_ID, text("delta", "")),
    ),
    Spelling(
        "response.function_call_arguments.done",
        told.ArgumentsDone,
        (CALL_PLACE, _CALL_ID, text("arguments", ""), text("name", "")),
    ),
    Spelling(
        "rate_limits.updated",
        told.RateLimits,
        (Attribute("limits", _read_limits, _write_limits),),
    ),
    Spelling("error", told.ErrorReported, (_ERROR,)),
)

_CLIENT_BY_TYPE = {spelling.type: spelling for spelling in _CLIENT}
_SERVER_BY_TYPE = {spelling.type: spelling for spelling in _SERVER}
_BY_MESSAGE = {spelling.message: spelling for spelling in (*_CLIENT, *_SERVER)}


def read_server(type_: str, fields: Fields) -> ServerMessage:
    """Read what a server says; an unknown type is `Unfamiliar`. Raises `Misspelling`."""
    spelling = _SERVER_BY_TYPE.get(type_)
    message: ServerMessage = Unfamiliar(type_) if spelling is None else spelling.read(fields)
    return message


def read_client(type_: str, fields: Fields) -> ClientMessage | None:
    """Read what a client says; None for an unknown type. Raises `Misspelling`."""
    spelling = _CLIENT_BY_TYPE.get(type_)
    message: ClientMessage | None = None if spelling is None else spelling.read(fields)
    return message


def write(message: ClientMessage | ServerMessage) -> Json:
    """Write any message; fields that only the beta dialect has are among them."""
    if isinstance(message, Unfamiliar):
        return {"type": message.type}
    spelling: Any = _BY_MESSAGE[type(message)]
    frame: Json = spelling.write(message)
    return frame
