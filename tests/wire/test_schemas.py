"""Every frame that we or the local far end can send, against the types of the `openai` package.

What the package refuses although real services send it, or real clients rely on it, is
taken out by `_forgive`, and nothing else is.
"""

import json
from typing import Any, get_args

import pytest
from hypothesis import strategies as st

from assistant.realtime import messages as told
from assistant.realtime.codec import encode_client, encode_server
from assistant.realtime.dialect import Dialect
from tests.doubles.spoken_messages import (
    BETA_CLIENT_MESSAGES,
    BETA_SERVER_MESSAGES,
    GA_CLIENT_MESSAGES,
    GA_SERVER_MESSAGES,
    of_each,
)

pytest.importorskip("openai", reason="the openai package is the schema oracle of these tests")

from openai.types.beta.realtime import RealtimeClientEvent as BetaClientEvent
from openai.types.beta.realtime import RealtimeServerEvent as BetaServerEvent
from openai.types.realtime import RealtimeClientEvent, RealtimeServerEvent
from openai.types.realtime.realtime_session_create_response import RealtimeSessionCreateResponse
from pydantic import BaseModel, ValidationError, create_model

Models = dict[str, type[BaseModel]]


def _table(union: Any) -> Models:
    members = get_args(get_args(union)[0])
    return {get_args(model.model_fields["type"].annotation)[0]: model for model in members}


def _ga_server_models() -> Models:
    models = _table(RealtimeServerEvent)
    # The union of the package knows no `id`, `object` and `expires_at` of a session.
    for name in ("session.created", "session.updated"):
        fields: Any = {"session": (RealtimeSessionCreateResponse, ...)}
        models[name] = create_model(name.replace(".", "_"), __base__=models[name], **fields)
    return models


GA_CLIENT, GA_SERVER = _table(RealtimeClientEvent), _ga_server_models()
BETA_CLIENT, BETA_SERVER = _table(BetaClientEvent), _table(BetaServerEvent)


def _check(models: Models, frame: str | None) -> None:
    assert frame is not None
    kind = json.loads(frame)["type"]
    models[kind].model_validate_json(frame, strict=True, extra="forbid")


def _forgive(frame: str | None, *forgotten: str) -> str:
    """Take out the keys of a session that real services send and the package forgot."""
    assert frame is not None
    values = json.loads(frame)
    for key in forgotten:
        values.get("session", {}).pop(key, None)
    return json.dumps(values)


@of_each(GA_CLIENT_MESSAGES)
def test_every_frame_of_our_client_is_valid_ga(kind: type, data: st.DataObject) -> None:
    message = data.draw(GA_CLIENT_MESSAGES[kind])
    _check(GA_CLIENT, encode_client(message, Dialect.GA))


@of_each(GA_SERVER_MESSAGES)
def test_every_frame_of_a_server_is_valid_ga(kind: type, data: st.DataObject) -> None:
    message = data.draw(GA_SERVER_MESSAGES[kind])
    frame = _forgive(encode_server(message, Dialect.GA), "parallel_tool_calls")
    _check(GA_SERVER, frame)


@of_each(BETA_CLIENT_MESSAGES)
def test_every_frame_of_our_client_is_valid_beta(kind: type, data: st.DataObject) -> None:
    message = data.draw(BETA_CLIENT_MESSAGES[kind])
    _check(BETA_CLIENT, encode_client(message, Dialect.BETA))


@of_each(BETA_SERVER_MESSAGES)
def test_every_frame_of_a_server_is_valid_beta(kind: type, data: st.DataObject) -> None:
    message = data.draw(BETA_SERVER_MESSAGES[kind])
    frame = _forgive(encode_server(message, Dialect.BETA), "object", "expires_at")
    _check(BETA_SERVER, frame)


@of_each(GA_CLIENT_MESSAGES)
def test_ga_settings_leave_no_trace_in_beta(kind: type, data: st.DataObject) -> None:
    message = data.draw(GA_CLIENT_MESSAGES[kind])
    _check(BETA_CLIENT, encode_client(message, Dialect.BETA))


@of_each(BETA_CLIENT_MESSAGES)
def test_beta_settings_leave_no_trace_in_ga(kind: type, data: st.DataObject) -> None:
    message = data.draw(BETA_CLIENT_MESSAGES[kind])
    _check(GA_CLIENT, encode_client(message, Dialect.GA))


def test_the_oracle_refuses_the_other_dialect() -> None:
    update = told.UpdateSession(told.SessionConfig(voice="marin"))
    with pytest.raises(ValidationError):
        _check(GA_CLIENT, encode_client(update, Dialect.BETA))
    with pytest.raises(ValidationError):
        _check(BETA_CLIENT, encode_client(update, Dialect.GA))


def test_we_spell_every_type_that_we_name() -> None:
    """The types that stay `Unfamiliar` are those of telephony, WebRTC and MCP."""
    unfamiliar = {"mcp", "output_audio_buffer", "dtmf", "segment", "conversation.item.created"}
    ours = [m for m in GA_SERVER if not any(word in m for word in unfamiliar)]
    assert len(ours) == len(get_args(told.ServerMessage)) - 1
    assert len(GA_CLIENT) == len(get_args(told.ClientMessage))
