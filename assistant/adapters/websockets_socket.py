"""The WebSocket beneath a link: opened with verified TLS, closed within a bound."""

import asyncio
import ipaddress
import logging
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException

from assistant.adapters.websockets_remedies import remedy_of_failure
from assistant.errors import LinkRefused
from assistant.realtime.dialect import Dialect

_MAX_MESSAGE = 16 * 2**20
_PING_S = 20
_CLOSE_PATIENCE_S = 0.5

# At debug level the library writes headers and sound into the log: the key, and the room.
_quiet_log = logging.getLogger("assistant.websockets")
_quiet_log.setLevel(logging.INFO)


@dataclass(frozen=True, slots=True)
class LinkTarget:
    """Where a link goes; `headers` carry the key and never appear in a log."""

    url: str
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    dialect: Dialect = Dialect.GA
    ca_file: str = ""
    """Trusted in place of the system's authorities; empty trusts those."""
    open_timeout: float = 10.0
    """Seconds from the first packet to the accepted settings."""
    outbox_size: int = 250
    """Messages that may wait for a slow network: 20 s of the microphone."""


class _Connect(connect):
    """A redirect would carry the key to wherever it points: it is an answer like any other."""

    def process_redirect(self, exc: Exception) -> Exception | str:
        return exc


async def open_socket(target: LinkTarget) -> ClientConnection:
    """Connect; unbounded in time. Raises `LinkRefused` or `LinkDropped`."""
    context = await _tls(target)
    try:
        return await _Connect(
            target.url,
            additional_headers=_headers(target),
            ssl=context,
            proxy=None if _is_loopback(target.url) else True,
            compression=None,
            max_size=_MAX_MESSAGE,
            ping_interval=_PING_S,
            ping_timeout=_PING_S,
            open_timeout=None,
            close_timeout=_CLOSE_PATIENCE_S,
            logger=_quiet_log,
        )
    except (OSError, WebSocketException, EOFError, ImportError) as failure:
        raise remedy_of_failure(failure) from failure


async def hang_up(socket: ClientConnection) -> None:
    """Close politely, and after half a second in any case."""
    try:
        async with asyncio.timeout(_CLOSE_PATIENCE_S):
            await socket.close()
    except TimeoutError:
        _quiet_log.info("link: the far end does not answer our farewell")
    finally:
        socket.transport.abort()
        await socket.wait_closed()


def _headers(target: LinkTarget) -> dict[str, str]:
    beta = {"OpenAI-Beta": "realtime=v1"} if target.dialect is Dialect.BETA else {}
    return {**target.headers, **beta}


async def _tls(target: LinkTarget) -> ssl.SSLContext | None:
    if urlsplit(target.url).scheme != "wss":
        return None
    try:
        # Reading the authorities takes tens of milliseconds on a Pi: not on the sound's thread.
        return await asyncio.to_thread(ssl.create_default_context, cafile=target.ca_file or None)
    except (OSError, ssl.SSLError) as failure:
        problem = f"The authority's file {target.ca_file} cannot be read."
        raise LinkRefused(problem, "Correct realtime.ca_file.") from failure


def _is_loopback(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
