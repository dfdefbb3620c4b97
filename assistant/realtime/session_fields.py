"""The session's configuration, between JSON and `SessionConfig`, in the GA spelling."""

from collections.abc import Callable
from typing import Any, Literal

from assistant.realtime.fields import Fields, Misspelling
from assistant.realtime.messages import (
    UNSET,
    AudioFormat,
    Json,
    SessionConfig,
    SessionInfo,
    Tool,
    TurnDetection,
)

Read = Callable[[Fields, str], Any]

_VAD_KINDS: dict[str, Literal["server_vad", "semantic_vad"]] = {
    "server_vad": "server_vad",
    "semantic_vad": "semantic_vad",
}
_SERVER_VAD = (
    "threshold",
    "prefix_padding_ms",
    "silence_duration_ms",
    "create_response",
    "interrupt_response",
    "idle_timeout_ms",
)
_SEMANTIC_VAD = ("eagerness", "create_response", "interrupt_response")


def read_session(fields: Fields) -> SessionInfo:
    """Read a session as a server tells it, or as a client asks for it. Raises `Misspelling`."""
    fields.only(*_SESSION_KEYS)
    if fields.strict and fields.text("type", "realtime") != "realtime":
        problem = "Only sessions of type 'realtime' are served here."
        raise Misspelling("invalid_value", f"{fields.path}.type", problem)
    return SessionInfo(
        id=fields.text("id", ""),
        model=fields.text("model", ""),
        expires_at=fields.count("expires_at"),
        config=_read_config(fields),
    )


def write_config(config: SessionConfig) -> Json:
    """Write what is set, and nothing else."""
    session: Json = {"type": "realtime"}
    for attribute, (path, _, write) in _PLACES.items():
        value = getattr(config, attribute)
        if value is not UNSET:
            _put(session, path, None if value is None else write(value))
    return session


def write_session(info: SessionInfo) -> Json:
    """Write a session as a server tells it."""
    named = {"id": info.id, "object": "realtime.session", "expires_at": info.expires_at}
    model = {"model": info.model} if info.model else {}
    return named | model | write_config(info.config)


def read_tools(fields: Fields, key: str) -> tuple[Tool, ...]:
    """Read the functions of a list of tools; tools of other types are passed over."""
    tools = (tool for tool in fields.inners(key) if tool.text("type", "function") == "function")
    return tuple(_read_tool(tool) for tool in tools)


def write_tools(tools: tuple[Tool, ...]) -> list[Json]:
    """Write a list of functions."""
    return [
        {
            "type": "function",
            "name": tool.name,
            "description": tool.description,
            "parameters": tool.parameters,
        }
        for tool in tools
    ]


def read_limit(fields: Fields, key: str) -> int | str | None:
    """Read a number of tokens, or the word "inf"; None where there is neither."""
    if isinstance(fields.values.get(key), str):
        return fields.choice(key, ("inf",))
    return fields.count(key)


def _read_tool(fields: Fields) -> Tool:
    fields.only("type", "name", "description", "parameters")
    return Tool(
        fields.asked_text("name"),
        fields.text("description", ""),
        fields.json("parameters") or {},
    )


def _read_config(session: Fields) -> SessionConfig:
    audio = _opened(session, "audio", "input", "output")
    _opened(audio, "input", "format", "noise_reduction", "transcription", "turn_detection")
    _opened(audio, "output", "format", "voice", "speed")
    values = {
        attribute: _read_place(session, path, read)
        for attribute, (path, read, _) in _PLACES.items()
    }
    return SessionConfig(**values)


def _opened(fields: Fields, key: str, *known: str) -> Fields:
    inner = fields.inner(key)
    inner.only(*known)
    return inner


def _read_place(session: Fields, path: tuple[str, ...], read: Read) -> Any:
    *way, key = path
    fields = session
    for step in way:
        fields = fields.inner(step)
    return read(fields, key) if fields.has(key) else UNSET


def _put(session: Json, path: tuple[str, ...], value: object) -> None:
    *way, key = path
    for step in way:
        session = session.setdefault(step, {})
    session[key] = value


def _plain(read: Read) -> Read:
    """Let null say nothing."""

    def plainly(fields: Fields, key: str) -> object:
        value = None if fields.values[key] is None else read(fields, key)
        return UNSET if value is None else value

    return plainly


def _nullable(read: Read) -> Read:
    """Let null switch the thing off."""

    def nullably(fields: Fields, key: str) -> object:
        return None if fields.values[key] is None else _plain(read)(fields, key)

    return nullably


def _read_format(fields: Fields, key: str) -> AudioFormat | None:
    form = fields.inner(key)
    form.only("type", "rate")
    word = form.choice("type", tuple(AudioFormat))
    return None if word is None else AudioFormat(word)


def _write_format(form: AudioFormat) -> Json:
    rate = {"rate": 24000} if form is AudioFormat.PCM else {}
    return {"type": form.value} | rate


def _read_noise_reduction(fields: Fields, key: str) -> str | None:
    reduction = fields.inner(key)
    reduction.only("type", "strength")
    return reduction.choice("type", ("near_field", "far_field"))


def _read_turn_detection(fields: Fields, key: str) -> TurnDetection | None:
    detection = fields.inner(key)
    detection.only("type", "eagerness", *_SERVER_VAD)
    kind = _VAD_KINDS.get(detection.choice("type", tuple(_VAD_KINDS)) or "")
    if kind is None:
        return None
    return TurnDetection(
        kind,
        threshold=detection.number("threshold"),
        prefix_padding_ms=detection.count("prefix_padding_ms"),
        silence_duration_ms=detection.count("silence_duration_ms"),
        eagerness=detection.choice("eagerness", ("low", "medium", "high", "auto")),
        create_response=detection.flag("create_response"),
        interrupt_response=detection.flag("interrupt_response"),
        idle_timeout_ms=detection.count("idle_timeout_ms"),
    )


def _write_turn_detection(detection: TurnDetection) -> Json:
    keys = _SERVER_VAD if detection.kind == "server_vad" else _SEMANTIC_VAD
    told = {key: getattr(detection, key) for key in keys}
    return {"type": detection.kind} | {key: v for key, v in told.items() if v is not None}


def _read_voice(fields: Fields, key: str) -> str | None:
    voice = fields.word_or_json(key)
    return voice if isinstance(voice, str) else fields.inner(key).text("id")


def _as_it_is(value: Any) -> Any:
    return value


_TEXT: Read = Fields.text
_WORD_OR_JSON: Read = Fields.word_or_json

# Attribute of `SessionConfig` → place in the session, how to read it, how to write it.
_PLACES: dict[str, tuple[tuple[str, ...], Read, Callable[[Any], Any]]] = {
    "instructions": (("instructions",), _plain(_TEXT), _as_it_is),
    "output_modalities": (("output_modalities",), _plain(Fields.texts), list),
    "tools": (("tools",), _plain(read_tools), write_tools),
    "tool_choice": (("tool_choice",), _plain(_WORD_OR_JSON), _as_it_is),
    "max_output_tokens": (("max_output_tokens",), _plain(read_limit), _as_it_is),
    "input_format": (("audio", "input", "format"), _plain(_read_format), _write_format),
    "output_format": (("audio", "output", "format"), _plain(_read_format), _write_format),
    "transcription": (("audio", "input", "transcription"), _nullable(Fields.json), _as_it_is),
    "noise_reduction": (
        ("audio", "input", "noise_reduction"),
        _nullable(_read_noise_reduction),
        lambda kind: {"type": kind},
    ),
    "turn_detection": (
        ("audio", "input", "turn_detection"),
        _nullable(_read_turn_detection),
        _write_turn_detection,
    ),
    "voice": (("audio", "output", "voice"), _plain(_read_voice), _as_it_is),
    "speed": (("audio", "output", "speed"), _plain(Fields.number), _as_it_is),
    "truncation": (("truncation",), _plain(_WORD_OR_JSON), _as_it_is),
    "tracing": (("tracing",), _nullable(_WORD_OR_JSON), _as_it_is),
    "temperature": (("temperature",), _plain(Fields.number), _as_it_is),
    "reasoning": (("reasoning",), _nullable(Fields.json), _as_it_is),
    "parallel_tool_calls": (("parallel_tool_calls",), _plain(Fields.flag), _as_it_is),
    "include": (("include",), _nullable(Fields.texts), list),
}

_SESSION_KEYS = (
    *{path[0]: None for path, _, _ in _PLACES.values()},
    "type",
    "id",
    "object",
    "model",
    "expires_at",
    "prompt",
)
