"""Every frame that we or the local far end can send, against the types of the `openai` package.

What the package refuses although real services send it, or real clients rely on it, is
taken out by `forgive`, and nothing else is.
"""

from typing import get_args

import pytest
from hypothesis import strategies as st
from pydantic import ValidationError

from assistant.realtime import messages as told
from assistant.realtime.codec import encode_client, encode_server
from assistant.realtime.dialect import Dialect
from tests.doubles.realtime_oracle import (
    BETA_CLIENT,
    BETA_SERVER,
    FORGOTTEN_BY_BETA,
    FORGOTTEN_BY_GA,
    GA_CLIENT,
    GA_SERVER,
    check,
    forgive,
)
from tests.doubles.spoken_messages import (
    BETA_CLIENT_MESSAGES,
    BETA_SERVER_MESSAGES,
    GA_CLIENT_MESSAGES,
    GA_SERVER_MESSAGES,
    of_each,
)


@of_each(GA_CLIENT_MESSAGES)
def test_every_frame_of_our_client_is_valid_ga(kind: type, data: st.DataObject) -> None:
    message = data.draw(GA_CLIENT_MESSAGES[kind])
    check(GA_CLIENT, encode_client(message, Dialect.GA))


@of_each(GA_SERVER_MESSAGES)
def test_every_frame_of_a_server_is_valid_ga(kind: type, data: st.DataObject) -> None:
    message = data.draw(GA_SERVER_MESSAGES[kind])
    frame = forgive(encode_server(message, Dialect.GA), *FORGOTTEN_BY_GA)
    check(GA_SERVER, frame)


@of_each(BETA_CLIENT_MESSAGES)
def test_every_frame_of_our_client_is_valid_beta(kind: type, data: st.DataObject) -> None:
    message = data.draw(BETA_CLIENT_MESSAGES[kind])
    check(BETA_CLIENT, encode_client(message, Dialect.BETA))


@of_each(BETA_SERVER_MESSAGES)
def test_every_frame_of_a_server_is_valid_beta(kind: type, data: st.DataObject) -> None:
    message = data.draw(BETA_SERVER_MESSAGES[kind])
    frame = forgive(encode_server(message, Dialect.BETA), *FORGOTTEN_BY_BETA)
    check(BETA_SERVER, frame)


@of_each(GA_CLIENT_MESSAGES)
def test_ga_settings_leave_no_trace_in_beta(kind: type, data: st.DataObject) -> None:
    message = data.draw(GA_CLIENT_MESSAGES[kind])
    check(BETA_CLIENT, encode_client(message, Dialect.BETA))


@of_each(BETA_CLIENT_MESSAGES)
def test_beta_settings_leave_no_trace_in_ga(kind: type, data: st.DataObject) -> None:
    message = data.draw(BETA_CLIENT_MESSAGES[kind])
    check(GA_CLIENT, encode_client(message, Dialect.GA))


def test_the_oracle_refuses_the_other_dialect() -> None:
    update = told.UpdateSession(told.SessionConfig(voice="marin"))
    with pytest.raises(ValidationError):
        check(GA_CLIENT, encode_client(update, Dialect.BETA))
    with pytest.raises(ValidationError):
        check(BETA_CLIENT, encode_client(update, Dialect.GA))


def test_we_spell_every_type_that_we_name() -> None:
    """The types that stay `Unfamiliar` are those of telephony, WebRTC and MCP."""
    unfamiliar = {"mcp", "output_audio_buffer", "dtmf", "segment", "conversation.item.created"}
    ours = [m for m in GA_SERVER if not any(word in m for word in unfamiliar)]
    assert len(ours) == len(get_args(told.ServerMessage)) - 1
    assert len(GA_CLIENT) == len(get_args(told.ClientMessage))
