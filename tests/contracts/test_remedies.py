"""Failures of a connection that no test server can bring about, in plain words."""

import socket
import ssl

import pytest
from websockets.exceptions import ConnectionClosedError, InvalidProxy, InvalidURI
from websockets.frames import Close

from assistant.adapters.websockets_remedies import (
    remedy_of_close,
    remedy_of_failure,
    remedy_of_fault,
    remedy_of_status,
)
from assistant.errors import LinkDropped, LinkError, LinkRefused
from assistant.realtime.messages import Fault


def _certificate_failure(code: int) -> ssl.SSLCertVerificationError:
    failure = ssl.SSLCertVerificationError(1, "certificate verify failed")
    failure.verify_code, failure.verify_message = code, "certificate is not yet valid"
    return failure


@pytest.mark.parametrize(
    ("failure", "kind", "word"),
    [
        (TimeoutError(), LinkDropped, "in time"),
        (ssl.SSLError(1, "wrong version number"), LinkDropped, "encrypted"),
        (socket.gaierror(-2, "unknown"), LinkDropped, "name"),
        (ConnectionRefusedError(), LinkDropped, "listens"),
        (OSError(101, "unreachable"), LinkDropped, "reached"),
        (InvalidURI("x", "bad"), LinkRefused, "address"),
        (InvalidProxy("x", "bad"), LinkDropped, "proxy"),
        (ImportError("python-socks"), LinkDropped, "proxy"),
        (EOFError(), LinkDropped, "no realtime service"),
        (_certificate_failure(18), LinkRefused, "certificate"),
    ],
)
def test_every_failure_to_connect_has_a_reason_and_a_remedy(
    failure: Exception, kind: type[LinkError], word: str
) -> None:
    error = remedy_of_failure(failure)
    assert type(error) is kind
    assert word in error.problem
    assert error.remedy


@pytest.mark.parametrize("code", [9, 10])
def test_a_certificate_out_of_date_may_be_the_fault_of_our_clock(code: int) -> None:
    error = remedy_of_failure(_certificate_failure(code))
    assert isinstance(error, LinkDropped)
    assert "date and time" in error.remedy


@pytest.mark.parametrize(
    ("code", "word"),
    [(1011, "no longer answers"), (1009, "too large"), (1002, "no realtime"), (1000, "broke off")],
)
def test_an_end_without_a_farewell_is_told_by_what_we_said(code: int, word: str) -> None:
    error = remedy_of_close(ConnectionClosedError(None, Close(code, "")))
    assert isinstance(error, LinkDropped)
    assert word in error.problem
    nothing_said = remedy_of_close(ConnectionClosedError(None, None))
    assert "broke off" in nothing_said.problem


@pytest.mark.parametrize("status", [408, 500, 502, 599])
def test_a_service_out_of_order_is_tried_again(status: int) -> None:
    assert isinstance(remedy_of_status(status), LinkDropped)


@pytest.mark.parametrize(
    "code", ["conversation_already_has_active_response", "unknown_parameter", "brand_new", ""]
)
def test_an_error_that_leaves_the_session_open_is_no_end(code: str) -> None:
    assert remedy_of_fault(Fault("invalid_request_error", code)) is None
