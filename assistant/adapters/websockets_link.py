"""The link to a realtime far end over a WebSocket.

A link lives once: it connects, agrees on the settings, and then carries two independent
streams until either ends. The first failure wins and becomes the one `LinkLost`.
"""

import asyncio
import itertools
import logging
from collections.abc import Callable, Coroutine
from contextlib import suppress
from dataclasses import replace
from typing import Any

from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed

from assistant.adapters.websockets_remedies import (
    remedy_of_close,
    remedy_of_failure,
    remedy_of_fault,
    remedy_of_refused_settings,
)
from assistant.adapters.websockets_socket import LinkTarget, hang_up, open_socket
from assistant.audio.resampling import Resampler
from assistant.errors import LinkDropped, LinkError, LinkRefused
from assistant.ports import Post
from assistant.realtime.beta import unspeakable
from assistant.realtime.codec import decode_server, encode_client
from assistant.realtime.dialect import Dialect
from assistant.realtime.messages import (
    UNSET,
    AppendAudio,
    AudioDelta,
    AudioFormat,
    ClientMessage,
    ErrorReported,
    Fault,
    ResponseDone,
    ServerMessage,
    SessionConfig,
    SessionCreated,
    SessionUpdated,
    UpdateSession,
)
from assistant.session.commands import FarEndCommand, SendAudio
from assistant.session.events import Event, LinkLost, LinkOpened
from assistant.session.translation import events_of, messages_of
from assistant.units import ItemId

__all__ = ["LinkTarget", "Observer", "WebsocketsLink", "log_messages"]

Observer = Callable[[str, ClientMessage | ServerMessage], None]
"""Sees each message go (">") and come ("<"); their words hold no sound and no key."""

_MIC_RATE = 16_000
_WIRE_RATE = 24_000
_CLOSE_PATIENCE_S = 1.0
_SPARABLE = ("transcription", "noise_reduction", "reasoning")
_HARMLESS = ("response_cancel_not_active", "input_audio_buffer_commit_empty")

_log = logging.getLogger(__name__)


class _HungUp(Exception):  # noqa: N818 - a signal between our own tasks, not an error
    """We closed the link ourselves."""


def log_messages(sigil: str, message: ClientMessage | ServerMessage) -> None:
    """Write the kind of a message into the log at debug level, never what was said."""
    _log.debug("link: %s %s", sigil, type(message).__name__)


class WebsocketsLink:
    """One conversation with a far end; fits `ports.Link`."""

    def __init__(
        self,
        target: LinkTarget,
        config: SessionConfig,
        post: Post,
        on_message: Observer = log_messages,
    ) -> None:
        self._target = target
        self._config = config
        self._post = post
        self._on_message = on_message
        self._outbox: asyncio.Queue[ClientMessage] = asyncio.Queue(target.outbox_size)
        self._resampler = Resampler(_MIC_RATE, _WIRE_RATE)
        self._numbers = itertools.count(1)
        self._half_samples = {ItemId(""): b""}
        self._end: Exception | None = None
        self._ending = asyncio.Event()
        self._running = False
        self._over = asyncio.Event()

    async def run(self) -> None:
        """Connect, configure, and carry the conversation until `close` or the link's end.

        Posts `LinkOpened` at most once, and exactly one `LinkLost` unless closed by us.
        """
        self._running = True
        try:
            await _first_failure(ending=self._until_told_to_end(), talking=self._talk())
        except _HungUp:
            _log.debug("link: closed by us")
        except LinkError as error:
            self._tell_the_loss(error)
        finally:
            self._over.set()

    def send(self, command: FarEndCommand) -> None:
        """Put a command into the bounded outbox; a full one ends the link."""
        if self._end is not None or self._over.is_set():
            return
        if isinstance(command, SendAudio):
            self._put(AppendAudio(self._resampler.feed(command.pcm)))
        else:
            for message in messages_of(command):
                self._put(message)

    async def close(self) -> None:
        """End the connection within a second; nothing is posted afterwards. Safe to call twice."""
        self._end_with(_HungUp(), instead=True)
        if self._running:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._over.wait(), _CLOSE_PATIENCE_S)

    def _put(self, message: ClientMessage) -> None:
        try:
            self._outbox.put_nowait(self._numbered(message))
        except asyncio.QueueFull:
            problem = "The network is too slow for the microphone."
            self._end_with(LinkDropped(problem, "Check the network connection."))

    def _numbered(self, message: ClientMessage) -> ClientMessage:
        # The name in the id attributes a complaint to our message without any memory.
        return replace(message, event_id=f"{type(message).__name__}-{next(self._numbers)}")

    def _end_with(self, end: Exception, *, instead: bool = False) -> None:
        if self._end is None or instead:
            self._end = end
        self._ending.set()

    async def _until_told_to_end(self) -> None:
        await self._ending.wait()
        assert self._end is not None
        raise self._end

    def _tell(self, event: Event) -> None:
        # A burst of messages may outrun the end that has been decided already.
        if self._end is None:
            self._post(event)

    def _tell_the_loss(self, error: LinkError) -> None:
        if isinstance(self._end, _HungUp):
            return
        retryable = not isinstance(error, LinkRefused)
        _log.log(logging.INFO if retryable else logging.ERROR, "link: lost: %s", error)
        self._post(LinkLost(error.problem, error.remedy, retryable))

    # ------------------------------------------------------------ opening

    async def _talk(self) -> None:
        _refuse_foreign_sound(self._config)
        deadline = asyncio.get_running_loop().time() + self._target.open_timeout
        try:
            async with asyncio.timeout_at(deadline):
                socket = await open_socket(self._target)
        except TimeoutError as late:
            raise remedy_of_failure(late) from late
        try:
            await self._open(socket, deadline)
            self._tell(LinkOpened())
            await _first_failure(hearing=self._hear(socket), speaking=self._speak(socket))
        except ConnectionClosed as closed:
            raise remedy_of_close(closed) from closed
        finally:
            await hang_up(socket)

    async def _open(self, socket: ClientConnection, deadline: float) -> None:
        try:
            async with asyncio.timeout_at(deadline):
                await self._agree(socket)
        except TimeoutError as late:
            raise remedy_of_failure(late) from late

    async def _agree(self, socket: ClientConnection) -> None:
        """Say nothing before we are greeted, then settle the configuration."""
        self._name_what_is_lost()
        while not isinstance(await self._next(socket), SessionCreated):
            pass
        config = self._config
        while (fault := await self._refusal_of(config, socket)) is not None:
            config = _without_the_refused(config, fault)
            _log.warning("link: the far end refuses %s: it does without", fault.param)

    async def _refusal_of(self, config: SessionConfig, socket: ClientConnection) -> Fault | None:
        update = self._numbered(UpdateSession(config))
        await self._say(update, socket)
        while True:
            match await self._next(socket):
                case SessionUpdated():
                    return None
                # Some servers do not say which event they mean; there is only this one.
                case ErrorReported(fault) if fault.event_id in {"", update.event_id}:
                    return fault

    def _name_what_is_lost(self) -> None:
        if self._target.dialect is Dialect.BETA:
            for name in unspeakable(self._config):
                _log.info("link: the beta dialect has no %s", name)

    # ------------------------------------------------------------ two streams

    async def _hear(self, socket: ClientConnection) -> None:
        while True:
            message = self._in_whole_samples(await self._next(socket))
            for event in events_of(message):
                self._tell(event)
            _heed_a_fatal_end(message)

    async def _speak(self, socket: ClientConnection) -> None:
        # A closed socket ends the hearing as well, and that end knows the reason.
        with suppress(ConnectionClosed):
            while True:
                await self._say(await self._outbox.get(), socket)

    async def _say(self, message: ClientMessage, socket: ClientConnection) -> None:
        self._on_message(">", message)
        await socket.send(encode_client(message, self._target.dialect))

    async def _next(self, socket: ClientConnection) -> ServerMessage:
        message = decode_server(await socket.recv())
        self._on_message("<", message)
        if isinstance(message, ErrorReported):
            _heed(message.error)
        return message

    def _in_whole_samples(self, message: ServerMessage) -> ServerMessage:
        """Keep half a sample for the next delta: some servers cut their sound anywhere."""
        if not isinstance(message, AudioDelta):
            return message
        item = message.place.item_id
        pcm = self._half_samples.get(item, b"") + message.audio
        whole = len(pcm) // 2 * 2
        self._half_samples = {item: pcm[whole:]}
        return replace(message, audio=pcm[:whole])


async def _first_failure(**ways: Coroutine[Any, Any, None]) -> None:
    """Go all ways until one fails, leave none behind, and raise that failure."""
    tasks = [asyncio.create_task(way, name=f"link: {name}") for name, way in ways.items()]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_EXCEPTION)
        failed = [task for task in tasks if task.done() and task.exception() is not None]
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    failed[0].result()


def _heed(fault: Fault) -> None:
    end = remedy_of_fault(fault)
    if end is not None:
        raise end
    level = logging.DEBUG if fault.code in _HARMLESS else logging.WARNING
    _log.log(level, "link: the far end complains: %s", fault)


def _heed_a_fatal_end(message: ServerMessage) -> None:
    if isinstance(message, ResponseDone) and message.response.error is not None:
        end = remedy_of_fault(message.response.error)
        if isinstance(end, LinkRefused):
            raise end


def _without_the_refused(config: SessionConfig, fault: Fault) -> SessionConfig:
    """Leave out a setting that can be spared, once. Raises `LinkRefused` for any other."""
    for name in _SPARABLE:
        if name in fault.param and getattr(config, name) is not UNSET:
            return replace(config, **{name: UNSET})
    raise remedy_of_refused_settings(fault)


def _refuse_foreign_sound(config: SessionConfig) -> None:
    if {config.input_format, config.output_format} - {UNSET, AudioFormat.PCM}:
        raise LinkRefused("This link carries 24 kHz PCM only.", "Ask for audio/pcm.")
