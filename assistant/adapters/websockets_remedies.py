"""Why a realtime connection cannot be had or held, in plain words with a remedy.

Refused means: never again with these settings. Dropped means: the next wake word tries again.
Sources: the error codes of the Realtime API, RFC 6455 section 7.4 (close codes).
"""

import socket
import ssl

from websockets.exceptions import (
    ConnectionClosed,
    InvalidHandshake,
    InvalidProxy,
    InvalidStatus,
    InvalidURI,
    ProxyError,
)

from assistant.errors import LinkDropped, LinkError, LinkRefused
from assistant.realtime.messages import Fault

_KEY = "Check OPENAI_API_KEY and realtime.auth_header."
_BILL = "Look at the billing page of the account, then restart the assistant."
_PLACE = "Check realtime.url and realtime.model."
_NETWORK = "Check the network connection and realtime.url."
_LATER = "Try again in a while."

_RETIRED = ("The service no longer speaks the beta dialect.", 'Set realtime.dialect = "ga".')
_REFUSING_CODES = {
    "beta_api_shape_disabled": _RETIRED,
    "invalid_api_key": ("The service does not accept the key.", _KEY),
    "model_not_found": ("The service does not have this model.", _PLACE),
    "account_deactivated": ("The account at the service is closed.", _BILL),
    "insufficient_quota": ("The account at the service has no credit left.", _BILL),
    "credit_balance_exhausted": ("The account at the service has no credit left.", _BILL),
    "billing_hard_limit_reached": ("The account has reached its spending limit.", _BILL),
}
_DROPPING_CODES = {
    "session_expired": ("The conversation has reached the service's time limit.", ""),
    "session_limit_reached": ("The server is busy with another client.", _LATER),
}
_REFUSING_STATUSES = {
    401: ("The service does not accept the key.", _KEY),
    403: ("The service does not permit this access.", _KEY),
    404: ("There is no such service or model at this address.", _PLACE),
}
_CLOSES = {
    1000: ("The service has ended the conversation.", ""),
    1001: ("The service has ended the session.", ""),
    1009: ("A message was too large for the connection.", ""),
    1012: ("The service restarts.", _LATER),
    1013: ("The service is overloaded.", _LATER),
}
# What we say before we leave: unanswered pings (1011), an endless message (1009).
_OUR_CLOSES = {
    1011: "The service no longer answers.",
    1009: _CLOSES[1009][0],
    1002: "What answers there is no realtime service.",
}
# OpenSSL's words for a certificate that is not valid yet, or no longer.
_OUT_OF_DATE = (9, 10)


def remedy_of_fault(fault: Fault) -> LinkError | None:
    """What an `error` means for the link; None where the session goes on."""
    if fault.code in _REFUSING_CODES:
        return LinkRefused(*_REFUSING_CODES[fault.code])
    if fault.code in _DROPPING_CODES:
        return LinkDropped(*_DROPPING_CODES[fault.code])
    if fault.type == "server_error":
        return LinkDropped("The service has an internal problem.", _LATER)
    return None


def remedy_of_refused_settings(fault: Fault) -> LinkError:
    """What it means that `session.update` was refused."""
    place = fault.param or fault.code or fault.type
    problem = f"The service does not accept the settings ({place}): {fault.message}"
    return LinkRefused(problem, "Correct the named setting under [realtime].")


def remedy_of_close(closed: ConnectionClosed) -> LinkError:
    """What the end of an open connection means."""
    if closed.rcvd is None:
        ours = closed.sent.code if closed.sent else 0
        return LinkDropped(_OUR_CLOSES.get(ours, "The connection broke off."), _NETWORK)
    code = closed.rcvd.code
    if code == 4000:
        return LinkRefused(*_RETIRED)
    if code == 1008:
        return LinkRefused("The service has turned us away (1008).", _KEY)
    problem, remedy = _CLOSES.get(code, (f"The service broke off ({code}).", _LATER))
    return LinkDropped(problem, remedy)


def remedy_of_status(status: int, body: str = "") -> LinkError:
    """What an HTTP answer to the handshake means; `body` may name a code."""
    named = next((words for code, words in _REFUSING_CODES.items() if f'"{code}"' in body), None)
    words = named or _REFUSING_STATUSES.get(status)
    if words is not None:
        return LinkRefused(*words)
    if status == 429:
        return LinkDropped("The service has had too many requests from us.", _LATER)
    if status == 408 or status >= 500:
        return LinkDropped(f"The service is out of order (HTTP {status}).", _LATER)
    return LinkRefused(f"The service does not speak to us (HTTP {status}).", _PLACE)


def remedy_of_failure(failure: Exception) -> LinkError:
    """What it means that no connection came about."""
    match failure:
        case InvalidStatus(response=answer):
            return remedy_of_status(
                answer.status_code, (answer.body or b"").decode(errors="replace")
            )
        case InvalidURI():
            return LinkRefused("The address of the service is no address.", "Check realtime.url.")
        case InvalidProxy() | ProxyError() | ImportError():
            return LinkDropped("The proxy cannot be used.", "Check the proxy variables.")
        case InvalidHandshake() | EOFError():
            return LinkDropped("What answers there is no realtime service.", _PLACE)
        case ssl.SSLCertVerificationError():
            return _remedy_of_certificate(failure)
        case _:
            return _remedy_of_network(failure)


def _remedy_of_certificate(failure: ssl.SSLCertVerificationError) -> LinkError:
    problem = f"The certificate of the service is not trusted ({failure.verify_message})."
    if failure.verify_code in _OUT_OF_DATE:
        # A Pi has no clock of its own: until the network sets it, every certificate looks wrong.
        return LinkDropped(problem, "Check the date and time of this machine.")
    return LinkRefused(
        problem, "Check realtime.url, or name your own authority in realtime.ca_file."
    )


def _remedy_of_network(failure: Exception) -> LinkError:
    match failure:
        case TimeoutError():
            problem = "The service did not answer in time."
        case ssl.SSLError():
            problem = "There is no encrypted service at this address."
        case socket.gaierror():
            problem = "The name of the service cannot be resolved."
        case ConnectionRefusedError():
            problem = "Nothing listens at the address of the service."
        case _:
            problem = "The service cannot be reached."
    return LinkDropped(problem, _NETWORK)
