"""Every message of the protocol, as hypothesis strategies: what either end can really say."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assistant.realtime import messages as told
from assistant.realtime.messages import Item, ItemKind, Part, Role
from assistant.units import CallId, ItemId, Milliseconds, ResponseId

Strategy = st.SearchStrategy[Any]
Messages = dict[type, Strategy]
Test = Callable[..., None]

WORDS = st.text(max_size=12)
NAMES = st.text(min_size=1, max_size=8)
COUNTS = st.integers(0, 10**6)
NUMBERS = st.floats(0, 1000, allow_nan=False)
SOUND = st.binary(max_size=64)
ITEM_IDS = NAMES.map(ItemId)
CALL_IDS = NAMES.map(CallId)
RESPONSE_IDS = NAMES.map(ResponseId)
INSTANTS = COUNTS.map(Milliseconds)
AFTER = st.none() | NAMES
STATUSES = st.sampled_from(["completed", "incomplete", "in_progress"])
SCHEMAS = st.fixed_dictionaries({"type": st.just("object"), "title": WORDS})
MODALITIES = st.sampled_from([("audio",), ("text",)])
TOOLS = st.lists(st.builds(told.Tool, NAMES, WORDS, SCHEMAS), max_size=2).map(tuple)
TOOL_CHOICES = st.sampled_from(["auto", "none", "required"])
LIMITS = st.integers(1, 4096) | st.just("inf")
METADATA = st.none() | st.dictionaries(NAMES, WORDS, max_size=2)

_TEXT = st.builds(Part, st.just("text"), WORDS)
_PART = st.builds(Part, st.sampled_from(["text", "audio"]), WORDS)


def _contents(part: Strategy) -> Strategy:
    return st.lists(part, max_size=2).map(tuple)


def items(ids: Strategy, statuses: Strategy, replies: Strategy) -> Strategy:
    """Items of every kind that we speak; `replies` are the parts of an assistant's message."""
    head = {"id": ids, "status": statuses}
    return st.one_of(
        st.builds(Item, role=st.just(Role.SYSTEM), content=_contents(_TEXT), **head),
        st.builds(Item, role=st.just(Role.USER), content=_contents(_PART), **head),
        st.builds(Item, role=st.just(Role.ASSISTANT), content=_contents(replies), **head),
        st.builds(
            Item,
            kind=st.just(ItemKind.CALL),
            call_id=CALL_IDS,
            name=NAMES,
            arguments=WORDS,
            **head,
        ),
        st.builds(Item, kind=st.just(ItemKind.OUTPUT), call_id=CALL_IDS, output=WORDS, **head),
    )


ITEMS = items(ITEM_IDS, STATUSES, _PART)
# A client cannot write the assistant's sound.
NEW_ITEMS = items(st.just(ItemId("")) | ITEM_IDS, st.just("completed"), _TEXT)

_FLAGS = st.none() | st.booleans()
_SERVER_VAD = st.builds(
    told.TurnDetection,
    st.just("server_vad"),
    threshold=st.none() | NUMBERS,
    prefix_padding_ms=st.none() | COUNTS,
    silence_duration_ms=st.none() | COUNTS,
    create_response=_FLAGS,
    interrupt_response=_FLAGS,
)
_SEMANTIC_VAD = st.builds(
    told.TurnDetection,
    st.just("semantic_vad"),
    eagerness=st.sampled_from([None, "low", "medium", "high", "auto"]),
    create_response=_FLAGS,
    interrupt_response=_FLAGS,
)


def _set_or_not(values: Strategy) -> Strategy:
    return st.just(told.UNSET) | values


_SHARED: dict[str, Strategy] = {
    "instructions": _set_or_not(WORDS),
    "output_modalities": _set_or_not(MODALITIES),
    "tools": _set_or_not(TOOLS),
    "tool_choice": _set_or_not(TOOL_CHOICES),
    "max_output_tokens": _set_or_not(LIMITS),
    "input_format": _set_or_not(st.sampled_from(told.AudioFormat)),
    "output_format": _set_or_not(st.sampled_from(told.AudioFormat)),
    "transcription": _set_or_not(
        st.none() | st.fixed_dictionaries({"model": NAMES}, optional={"language": NAMES})
    ),
    "noise_reduction": _set_or_not(st.sampled_from([None, "near_field", "far_field"])),
    "turn_detection": _set_or_not(st.none() | _SERVER_VAD | _SEMANTIC_VAD),
    "voice": _set_or_not(NAMES),
    "speed": _set_or_not(NUMBERS),
}
_RETENTION = {
    "type": "retention_ratio",
    "retention_ratio": 0.8,
    "token_limits": {"post_instructions": 8000},
}
_GA_ONLY: dict[str, Strategy] = {
    "truncation": _set_or_not(st.sampled_from(["auto", "disabled", _RETENTION])),
    "tracing": _set_or_not(st.sampled_from([None, "auto", {"workflow_name": "home"}])),
    "reasoning": _set_or_not(st.sampled_from([None, {"effort": "low"}])),
    "parallel_tool_calls": _set_or_not(st.booleans()),
    "include": _set_or_not(
        st.sampled_from([None, (), ("item.input_audio_transcription.logprobs",)])
    ),
}
GA_CONFIGS = st.builds(told.SessionConfig, **_SHARED, **_GA_ONLY)
BETA_CONFIGS = st.builds(told.SessionConfig, temperature=_set_or_not(NUMBERS), **_SHARED)

_TOKENS_OUT = st.builds(told.TokenCount, total=COUNTS, text=COUNTS, audio=COUNTS)
_TOKENS_CACHED = st.builds(told.TokenCount, COUNTS, COUNTS, COUNTS, COUNTS)
_TOKENS_IN = st.builds(told.TokenCount, *[COUNTS] * 6)
_FAULTS = st.builds(told.Fault, NAMES, WORDS, WORDS, WORDS, WORDS)
_FAILURES = st.builds(told.Fault, NAMES, WORDS, WORDS, WORDS)
_CAUSES = st.builds(told.Fault, NAMES, WORDS, WORDS)
_REASONS = st.sampled_from(
    ["", "turn_detected", "client_cancelled", "max_output_tokens", "content_filter"]
)
_ENDS = [status for status in told.ReplyStatus if status is not told.ReplyStatus.IN_PROGRESS]


def responses(tokens_in: Strategy) -> Strategy:
    """Responses that run, and responses that ended in every way."""
    common = {
        "id": RESPONSE_IDS,
        "output": st.lists(ITEMS, max_size=2).map(tuple),
        "metadata": METADATA,
        "conversation_id": st.none() | NAMES,
        "usage": st.none() | st.builds(told.Usage, tokens_in, _TOKENS_OUT),
    }
    return st.builds(told.Response, **common) | st.builds(
        told.Response,
        status=st.sampled_from(_ENDS),
        reason=_REASONS,
        error=st.none() | _CAUSES,
        **common,
    )


OPTIONS = st.builds(
    told.ResponseOptions,
    instructions=st.none() | WORDS,
    output_modalities=st.none() | MODALITIES,
    out_of_band=st.booleans(),
    metadata=METADATA,
    input=st.none() | st.lists(NEW_ITEMS, max_size=2).map(tuple),
    tool_choice=st.none() | TOOL_CHOICES,
    tools=st.none() | TOOLS,
    max_output_tokens=st.none() | LIMITS,
)


def _client_messages(configs: Strategy) -> Messages:
    """Everything that a client can say."""
    return {
        told.UpdateSession: st.builds(told.UpdateSession, configs, WORDS),
        told.AppendAudio: st.builds(told.AppendAudio, SOUND, WORDS),
        told.CommitAudio: st.builds(told.CommitAudio, WORDS),
        told.ClearAudio: st.builds(told.ClearAudio, WORDS),
        told.CreateItem: st.builds(told.CreateItem, NEW_ITEMS, AFTER, WORDS),
        told.TruncateItem: st.builds(told.TruncateItem, ITEM_IDS, INSTANTS, COUNTS, WORDS),
        told.DeleteItem: st.builds(told.DeleteItem, ITEM_IDS, WORDS),
        told.RetrieveItem: st.builds(told.RetrieveItem, ITEM_IDS, WORDS),
        told.CreateResponse: st.builds(told.CreateResponse, OPTIONS, WORDS),
        told.CancelResponse: st.builds(told.CancelResponse, st.none() | RESPONSE_IDS, WORDS),
        told.ClearOutput: st.builds(told.ClearOutput, WORDS),
    }


_PLACES = st.builds(told.Place, RESPONSE_IDS, ITEM_IDS, COUNTS, COUNTS)
_CALL_PLACES = st.builds(told.Place, RESPONSE_IDS, ITEM_IDS, COUNTS)
_DURATIONS = st.fixed_dictionaries({"type": st.just("duration"), "seconds": NUMBERS})
_RATE_LIMITS = st.dictionaries(
    st.sampled_from(["requests", "tokens"]),
    st.tuples(COUNTS.map(float), COUNTS.map(float), NUMBERS),
)


def _session_messages(configs: Strategy) -> Messages:
    sessions = st.builds(
        told.SessionInfo, NAMES, st.just("gpt-realtime"), st.none() | COUNTS, configs
    )
    return {
        told.SessionCreated: st.builds(told.SessionCreated, sessions),
        told.SessionUpdated: st.builds(told.SessionUpdated, sessions),
    }


_ITEM_MESSAGES: Messages = {
    told.ConversationCreated: st.builds(told.ConversationCreated, NAMES),
    told.ItemAdded: st.builds(told.ItemAdded, ITEMS, AFTER),
    told.ItemRetrieved: st.builds(told.ItemRetrieved, ITEMS),
    told.ItemDeleted: st.builds(told.ItemDeleted, ITEM_IDS),
    told.ItemTruncated: st.builds(told.ItemTruncated, ITEM_IDS, INSTANTS, COUNTS),
    told.InputTranscribed: st.builds(told.InputTranscribed, ITEM_IDS, WORDS, COUNTS, _DURATIONS),
    told.InputTranscriptDelta: st.builds(told.InputTranscriptDelta, ITEM_IDS, WORDS, COUNTS),
    told.InputTranscriptionFailed: st.builds(
        told.InputTranscriptionFailed, ITEM_IDS, _FAILURES, COUNTS
    ),
}
_BUFFER_MESSAGES: Messages = {
    told.AudioCommitted: st.builds(told.AudioCommitted, ITEM_IDS, AFTER),
    told.AudioCleared: st.builds(told.AudioCleared),
    told.SpeechStarted: st.builds(told.SpeechStarted, ITEM_IDS, INSTANTS),
    told.SpeechStopped: st.builds(told.SpeechStopped, ITEM_IDS, INSTANTS),
    told.RateLimits: st.builds(told.RateLimits, _RATE_LIMITS),
    told.ErrorReported: st.builds(told.ErrorReported, _FAULTS),
}


def _response_messages(tokens_in: Strategy, call_names: Strategy) -> Messages:
    return {
        told.ResponseCreated: st.builds(told.ResponseCreated, responses(tokens_in)),
        told.ResponseDone: st.builds(told.ResponseDone, responses(tokens_in)),
        told.OutputItemAdded: st.builds(told.OutputItemAdded, RESPONSE_IDS, ITEMS, COUNTS),
        told.OutputItemDone: st.builds(told.OutputItemDone, RESPONSE_IDS, ITEMS, COUNTS),
        told.PartAdded: st.builds(told.PartAdded, _PLACES, _PART),
        told.PartDone: st.builds(told.PartDone, _PLACES, _PART),
        told.AudioDelta: st.builds(told.AudioDelta, _PLACES, SOUND),
        told.AudioDone: st.builds(told.AudioDone, _PLACES),
        told.AudioTranscriptDelta: st.builds(told.AudioTranscriptDelta, _PLACES, WORDS),
        told.AudioTranscriptDone: st.builds(told.AudioTranscriptDone, _PLACES, WORDS),
        told.TextDelta: st.builds(told.TextDelta, _PLACES, WORDS),
        told.TextDone: st.builds(told.TextDone, _PLACES, WORDS),
        told.ArgumentsDelta: st.builds(told.ArgumentsDelta, _CALL_PLACES, CALL_IDS, WORDS),
        told.ArgumentsDone: st.builds(
            told.ArgumentsDone, _CALL_PLACES, CALL_IDS, WORDS, call_names
        ),
    }


GA_ONLY_SERVER_MESSAGES: Messages = {
    told.ItemDone: st.builds(told.ItemDone, ITEMS, AFTER),
    told.IdleTimeout: st.builds(told.IdleTimeout, ITEM_IDS, INSTANTS, INSTANTS),
}
GA_SERVER_MESSAGES: Messages = {
    **_session_messages(GA_CONFIGS),
    **_ITEM_MESSAGES,
    **_BUFFER_MESSAGES,
    **_response_messages(_TOKENS_IN, NAMES),
    **GA_ONLY_SERVER_MESSAGES,
}
BETA_SERVER_MESSAGES: Messages = {
    **_session_messages(BETA_CONFIGS),
    **_ITEM_MESSAGES,
    **_BUFFER_MESSAGES,
    **_response_messages(_TOKENS_CACHED, st.just("")),
}
GA_CLIENT_MESSAGES = _client_messages(GA_CONFIGS)
BETA_CLIENT_MESSAGES = _client_messages(BETA_CONFIGS)


def of_each(messages: Messages, examples: int = 15) -> Callable[[Test], Test]:
    """Run a test of `kind` and `data` on examples of each kind of message."""

    def decorated(test: Test) -> Test:
        patient = settings(
            max_examples=examples, deadline=None, suppress_health_check=list(HealthCheck)
        )
        kinds = pytest.mark.parametrize("kind", list(messages), ids=lambda kind: kind.__name__)
        told_of_each: Test = kinds(patient(given(data=st.data())(test)))
        return told_of_each

    return decorated
