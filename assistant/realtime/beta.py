"""The beta spelling, as what differs from the GA spelling, in both directions.

The beta dialect knows less: what it cannot say is left out, and `unspeakable` names it.
"""

from collections.abc import Mapping
from typing import Any

from assistant.realtime.messages import UNSET, Json, SessionConfig, TurnDetection

_BETA_TYPES = {
    "conversation.item.added": "conversation.item.created",
    "response.output_text.delta": "response.text.delta",
    "response.output_text.done": "response.text.done",
    "response.output_audio.delta": "response.audio.delta",
    "response.output_audio.done": "response.audio.done",
    "response.output_audio_transcript.delta": "response.audio_transcript.delta",
    "response.output_audio_transcript.done": "response.audio_transcript.done",
}
_GA_TYPES = {beta: ga for ga, beta in _BETA_TYPES.items()}
_ABSENT = ("conversation.item.done", "input_audio_buffer.timeout_triggered")

_SESSION_MOVES = {
    "modalities": ("output_modalities",),
    "max_response_output_tokens": ("max_output_tokens",),
    "input_audio_format": ("audio", "input", "format"),
    "input_audio_transcription": ("audio", "input", "transcription"),
    "input_audio_noise_reduction": ("audio", "input", "noise_reduction"),
    "turn_detection": ("audio", "input", "turn_detection"),
    "output_audio_format": ("audio", "output", "format"),
    "voice": ("audio", "output", "voice"),
    "speed": ("audio", "output", "speed"),
}
_GA_ONLY = ("truncation", "tracing", "reasoning", "parallel_tool_calls", "include")
_GA_FORMATS: dict[str, Json] = {
    "pcm16": {"type": "audio/pcm", "rate": 24000},
    "g711_ulaw": {"type": "audio/pcmu"},
    "g711_alaw": {"type": "audio/pcma"},
}
_BETA_FORMATS = {form["type"]: word for word, form in _GA_FORMATS.items()}
_TRANSCRIPTION_KEYS = ("language", "model", "prompt")


def ga_type(type_: str) -> str:
    """Give the GA name of a type in either spelling."""
    return _GA_TYPES.get(type_, type_)


def to_ga(frame: Json) -> Json:
    """Respell a message in GA; what is GA already passes through."""
    respelled = dict(frame)
    for key in ("session", "response"):
        if isinstance(frame.get(key), dict):
            respelled[key] = _nested(frame[key])
    return respelled


def to_beta(frame: Json) -> Json | None:
    """Respell a GA message in beta; None where beta has no such message."""
    type_ = frame["type"]
    if type_ in _ABSENT:
        return None
    respelled = frame | {"type": _BETA_TYPES.get(type_, type_)}
    if "session" in frame:
        respelled["session"] = _beta_session(frame["session"])
    if "response" in frame:
        respelled["response"] = _beta_response(frame["response"], asked=type_ == "response.create")
    if "item" in frame:
        respelled["item"] = _beta_item(frame["item"])
    if type_ == "response.function_call_arguments.done":
        del respelled["name"]
    return respelled


def unspeakable(config: SessionConfig) -> tuple[str, ...]:
    """Name the settings that the beta dialect leaves out."""
    lost = [name for name in _GA_ONLY if getattr(config, name) is not UNSET]
    detection = config.turn_detection
    if isinstance(detection, TurnDetection) and detection.idle_timeout_ms is not None:
        lost.append("turn_detection.idle_timeout_ms")
    if isinstance(config.transcription, dict):
        lost += [f"transcription.{k}" for k in config.transcription if k not in _TRANSCRIPTION_KEYS]
    return tuple(lost)


def _nested(flat: Json) -> Json:
    nested = {key: value for key, value in flat.items() if key not in _SESSION_MOVES}
    for key, path in _SESSION_MOVES.items():
        if key in flat:
            _put(nested, path, _ga_value(key, flat[key]))
    return nested


def _put(tree: Json, path: tuple[str, ...], value: object) -> None:
    *way, key = path
    for step in way:
        branch = tree.get(step)
        # The frame belongs to whoever sent it: its branches are copied, not changed.
        tree[step] = dict(branch) if isinstance(branch, dict) else {}
        tree = tree[step]
    tree[key] = value


def _ga_value(key: str, value: Any) -> Any:
    if key.endswith("audio_format") and isinstance(value, str):
        return _GA_FORMATS.get(value, {"type": value})
    if key == "modalities" and isinstance(value, list):
        return ["audio"] if "audio" in value else value
    return value


def _beta_value(key: str, value: Any) -> Any:
    match key, value:
        case (("input_audio_format" | "output_audio_format"), {"type": form}):
            return _BETA_FORMATS[form]
        case "modalities", ["audio"]:
            return ["text", "audio"]
        case "input_audio_transcription", {}:
            return _only(value, _TRANSCRIPTION_KEYS)
        case "turn_detection", {}:
            return {name: told for name, told in value.items() if name != "idle_timeout_ms"}
        case _:
            return value


def _beta_session(session: Json) -> Json:
    dropped = ("type", "audio", "output_modalities", "max_output_tokens", *_GA_ONLY)
    return {k: v for k, v in session.items() if k not in dropped} | _flat(session)


def _flat(nested: Json) -> Json:
    flat = {}
    for key, path in _SESSION_MOVES.items():
        branch: Any = nested
        for step in path[:-1]:
            branch = branch.get(step, {})
        if path[-1] in branch:
            flat[key] = _beta_value(key, branch[path[-1]])
    return flat


def _beta_response(response: Json, *, asked: bool) -> Json:
    moved = _flat(response)
    respelled = {k: v for k, v in response.items() if k != "output_modalities"} | moved
    # The request and the answer name this limit differently in beta.
    respelled.pop("max_output_tokens" if asked else "max_response_output_tokens", None)
    for key in ("input", "output"):
        if key in response:
            respelled[key] = [_beta_item(item) for item in response[key]]
    if response.get("usage"):
        respelled["usage"] = _beta_usage(response["usage"])
    return respelled


def _beta_usage(usage: Json) -> Json:
    known = ("text_tokens", "audio_tokens", "cached_tokens")
    return usage | {"input_token_details": _only(usage["input_token_details"], known)}


def _beta_item(item: Json) -> Json:
    if item.get("role") != "assistant":
        return item
    content = [part | {"type": part["type"].removeprefix("output_")} for part in item["content"]]
    return item | {"content": content}


def _only(values: Mapping[str, Any], keys: tuple[str, ...]) -> Json:
    return {key: value for key, value in values.items() if key in keys}
