"""The local far end's door: a Realtime server on loopback, with real audio in and out."""

import asyncio
import http
import itertools
import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit

from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response
from websockets.protocol import State
from websockets.typing import Subprotocol

from assistant.errors import FarEndFault
from assistant.local.far_session import FarSession
from assistant.local.mind import Mind
from assistant.realtime.codec import decode_client, encode_server
from assistant.realtime.dialect import Dialect
from assistant.realtime.fields import Misspelling
from assistant.realtime.messages import ErrorReported, Fault, ServerMessage

log = logging.getLogger("assistant.local")

LOOPBACK = "127.0.0.1"
PATH = "/v1/realtime"
MOST_SESSIONS = 8
LARGEST_MESSAGE = 16 * 2**20
LARGEST_OUTBOX = 2 * LARGEST_MESSAGE
"""Characters that wait for a client; minutes of speech, or the largest item told twice."""
POLITE_S = 1.0
"""So long a client may take to answer a closing handshake."""
BETA_REFUSED = Fault(
    "invalid_request_error",
    "beta_api_shape_disabled",
    "The Realtime Beta API is no longer supported. Please use /v1/realtime for the GA API.",
)


@dataclass(frozen=True, slots=True)
class RealtimeServer:
    """A running server; `url` is where clients connect."""

    url: str
    server: Server

    @property
    def port(self) -> int:
        """The port on loopback."""
        return int(self.url.rsplit(":", 1)[1].split("/")[0])


@asynccontextmanager
async def serve_realtime(
    mind: Mind, port: int = 0, *, reject_beta: bool = False
) -> AsyncIterator[RealtimeServer]:
    """Serve on loopback until the block ends; port 0 takes a free one. Raises `OSError`."""

    async def welcome(connection: ServerConnection) -> None:
        await _Client(connection, mind, reject_beta=reject_beta).run()

    async with serve(
        welcome,
        LOOPBACK,
        port,
        process_request=_check_path,
        subprotocols=[Subprotocol("realtime")],
        select_subprotocol=_choose_subprotocol,
        compression=None,
        max_size=LARGEST_MESSAGE,
        close_timeout=POLITE_S,
    ) as server:
        bound = server.sockets[0].getsockname()[1]
        yield RealtimeServer(f"ws://{LOOPBACK}:{bound}{PATH}", server)


def _check_path(connection: ServerConnection, request: Request) -> Response | None:
    if urlsplit(request.path).path.rstrip("/") != PATH:
        return connection.respond(http.HTTPStatus.NOT_FOUND, f"the path is {PATH}\n")
    if len(connection.server.connections) >= MOST_SESSIONS:
        return connection.respond(http.HTTPStatus.SERVICE_UNAVAILABLE, "too many sessions\n")
    return None


def _choose_subprotocol(
    _connection: ServerConnection, offered: Sequence[Subprotocol]
) -> Subprotocol | None:
    wanted = Subprotocol("realtime")
    return wanted if wanted in offered else None


class _Client:
    """One connection: reads in order, writes through an outbox, and cleans up behind itself."""

    def __init__(self, connection: ServerConnection, mind: Mind, *, reject_beta: bool) -> None:
        request = connection.request
        assert request is not None
        beta = any("realtime=v1" in told for told in request.headers.get_all("OpenAI-Beta"))
        self._connection = connection
        self._dialect = Dialect.BETA if beta else Dialect.GA
        self._refused = beta and reject_beta
        self._numbers = itertools.count(1)
        self._outbox: asyncio.Queue[str] = asyncio.Queue()
        self._waiting = 0
        self._deaf = False
        model = parse_qs(urlsplit(request.path).query).get("model", ["local"])[0]
        self._session = FarSession(mind, self._send, model)

    async def run(self) -> None:
        """Serve until the client goes."""
        if self._refused:
            await self._refuse()
            return
        self._session.open()
        writer = asyncio.create_task(self._write(), name="far-end-writer")
        try:
            async for text in self._connection:
                self._take(text)
        except ConnectionClosed:
            log.debug("a client of the local far end broke off")
        finally:
            await self._session.close()
            writer.cancel()
            await asyncio.gather(writer, return_exceptions=True)

    async def _refuse(self) -> None:
        refusal = encode_server(ErrorReported(BETA_REFUSED), self._dialect)
        assert refusal is not None
        await self._connection.send(refusal)
        await self._connection.close(4000, "beta_api_shape_disabled")

    def _take(self, text: str | bytes) -> None:
        try:
            message = decode_client(text if isinstance(text, str) else text.decode())
        except Misspelling as slip:
            fault = Fault(
                "invalid_request_error", slip.code, slip.problem, slip.param, slip.event_id
            )
            self._send(ErrorReported(fault))
        except (FarEndFault, UnicodeDecodeError) as slip:
            self._send(ErrorReported(Fault("invalid_request_error", "invalid_json", str(slip))))
        else:
            self._session.take(message)

    def _send(self, message: ServerMessage) -> None:
        text = encode_server(message, self._dialect, f"event_{next(self._numbers)}")
        if text is None or self._deaf:
            return
        self._waiting += len(text)
        if self._waiting <= LARGEST_OUTBOX:
            self._outbox.put_nowait(text)
            return
        self._deaf = True
        log.warning("a client of the local far end does not read: it is dropped")
        # asyncio 3.11 trips over the abort of a transport that is gone.
        if self._connection.state is not State.CLOSED:
            self._connection.transport.abort()

    async def _write(self) -> None:
        with suppress(ConnectionClosed):
            while True:
                text = await self._outbox.get()
                await self._connection.send(text)
                self._waiting -= len(text)
