"""Responses, their options and their cost, between JSON and data, in the GA spelling."""

from typing import Any

from assistant.realtime.fields import Fields
from assistant.realtime.items import read_item, write_item, write_new_item
from assistant.realtime.messages import (
    Fault,
    Item,
    Json,
    ReplyStatus,
    Response,
    ResponseOptions,
    TokenCount,
    Usage,
)
from assistant.realtime.session_fields import read_limit, read_tools, write_tools
from assistant.units import ResponseId

_OPTION_KEYS = (
    "instructions",
    "output_modalities",
    "audio",
    "tools",
    "tool_choice",
    "max_output_tokens",
    "conversation",
    "input",
    "metadata",
    "reasoning",
    "parallel_tool_calls",
    "prompt",
    "temperature",
)


def read_response(fields: Fields) -> Response:
    """Read a response; a status nobody knows is a failure of that name."""
    details = fields.inner("status_details")
    word = fields.text("status", ReplyStatus.IN_PROGRESS.value)
    known = word in tuple(ReplyStatus)
    return Response(
        id=ResponseId(fields.text("id")),
        status=ReplyStatus(word) if known else ReplyStatus.FAILED,
        reason=details.text("reason", "") if known else word,
        error=read_fault(details.inner("error")) if details.json("error") else None,
        output=tuple(read_item(item) for item in fields.inners("output")),
        usage=_read_usage(fields.inner("usage")) if fields.json("usage") else None,
        metadata=fields.json("metadata"),
        conversation_id=fields.text("conversation_id", "") or None,
    )


def write_response(response: Response) -> Json:
    """Write a response as `response.created` and `response.done` carry it."""
    return {
        "id": response.id,
        "object": "realtime.response",
        "status": response.status.value,
        "status_details": _write_details(response),
        "output": [write_item(item) for item in response.output],
        "conversation_id": response.conversation_id,
        "metadata": response.metadata,
        "usage": None if response.usage is None else _write_usage(response.usage),
    }


def read_fault(fields: Fields) -> Fault:
    """Read an `error` object; everything in it may be missing."""
    return Fault(
        type=fields.text("type", ""),
        code=fields.text("code", ""),
        message=fields.text("message", ""),
        param=fields.text("param", ""),
        event_id=fields.text("event_id", ""),
    )


def write_fault(fault: Fault) -> Json:
    """Write an `error` object; what is empty is null."""
    return {
        "type": fault.type,
        "code": fault.code or None,
        "message": fault.message,
        "param": fault.param or None,
    }


def read_options(fields: Fields) -> ResponseOptions:
    """Read the optional fields of `response.create`. Raises `Misspelling`."""
    fields.only(*_OPTION_KEYS)
    return ResponseOptions(
        instructions=_present(fields, "instructions", fields.text),
        output_modalities=_present(fields, "output_modalities", fields.texts),
        out_of_band=fields.text("conversation", "auto") == "none",
        metadata=fields.json("metadata"),
        input=_present(fields, "input", lambda key: _read_input(fields, key)),
        tool_choice=fields.word_or_json("tool_choice"),
        tools=_present(fields, "tools", lambda key: read_tools(fields, key)),
        max_output_tokens=read_limit(fields, "max_output_tokens"),
    )


def write_options(options: ResponseOptions) -> Json:
    """Write what is set, and nothing else."""
    told = {
        "instructions": options.instructions,
        "output_modalities": _listed(options.output_modalities),
        "conversation": "none" if options.out_of_band else None,
        "metadata": options.metadata,
        "input": None if options.input is None else [write_new_item(i) for i in options.input],
        "tool_choice": options.tool_choice,
        "tools": None if options.tools is None else write_tools(options.tools),
        "max_output_tokens": options.max_output_tokens,
    }
    return {key: value for key, value in told.items() if value is not None}


def _present(fields: Fields, key: str, read: Any) -> Any:
    return None if fields.values.get(key) is None else read(key)


def _listed(words: tuple[str, ...] | None) -> list[str] | None:
    return None if words is None else list(words)


def _read_input(fields: Fields, key: str) -> tuple[Item, ...]:
    return tuple(read_item(item) for item in fields.inners(key))


def _write_details(response: Response) -> Json | None:
    if response.status is ReplyStatus.IN_PROGRESS:
        return None
    details: Json = {"type": response.status.value}
    if response.reason:
        details["reason"] = response.reason
    if response.error is not None:
        fault = write_fault(response.error)
        details["error"] = {key: fault[key] for key in ("type", "code", "message")}
    return details


def _read_usage(fields: Fields) -> Usage:
    return Usage(
        _read_count(fields, "input_tokens", "input_token_details"),
        _read_count(fields, "output_tokens", "output_token_details"),
    )


def _read_count(fields: Fields, total: str, details: str) -> TokenCount:
    parts = fields.inner(details)
    cached = parts.inner("cached_tokens_details")
    return TokenCount(
        total=fields.whole(total, 0),
        text=parts.whole("text_tokens", 0),
        audio=parts.whole("audio_tokens", 0),
        cached=parts.whole("cached_tokens", 0),
        cached_text=cached.whole("text_tokens", 0),
        cached_audio=cached.whole("audio_tokens", 0),
    )


def _write_usage(usage: Usage) -> Json:
    spent, made = usage.input, usage.output
    return {
        "total_tokens": spent.total + made.total,
        "input_tokens": spent.total,
        "output_tokens": made.total,
        "input_token_details": {
            "text_tokens": spent.text,
            "audio_tokens": spent.audio,
            "image_tokens": 0,
            "cached_tokens": spent.cached,
            "cached_tokens_details": {
                "text_tokens": spent.cached_text,
                "audio_tokens": spent.cached_audio,
                "image_tokens": 0,
            },
        },
        "output_token_details": {"text_tokens": made.text, "audio_tokens": made.audio},
    }
