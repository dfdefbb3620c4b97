"""A link without a wire: both ends speak the protocol's text to each other, in memory."""

import asyncio
from dataclasses import replace

from assistant.audio.resampling import Resampler
from assistant.local.far_session import FarSession
from assistant.local.mind import Mind
from assistant.ports import Post
from assistant.realtime.codec import decode_client, decode_server, encode_client, encode_server
from assistant.realtime.dialect import Dialect
from assistant.realtime.messages import (
    AppendAudio,
    ClientMessage,
    ServerMessage,
    SessionConfig,
    SessionUpdated,
    UpdateSession,
)
from assistant.session.commands import FarEndCommand, SendAudio
from assistant.session.events import LinkOpened
from assistant.session.translation import events_of, messages_of


class PairedLink:
    """Fits `ports.Link`: a far end of its own behind two codecs, and a record of what was said."""

    def __init__(self, mind: Mind, config: SessionConfig, post: Post, dialect: Dialect) -> None:
        self.said: list[ClientMessage] = []
        self.heard: list[ServerMessage] = []
        self.far = FarSession(mind, self._receive, "a model in the next room")
        self._config = config
        self._post = post
        self._dialect = dialect
        self._resampler = Resampler(16_000, 24_000)
        self._over = asyncio.Event()

    async def run(self) -> None:
        self.far.open()
        self._say(UpdateSession(self._config))
        await self._over.wait()
        await self.far.close()

    def send(self, command: FarEndCommand) -> None:
        if isinstance(command, SendAudio):
            self._say(AppendAudio(self._resampler.feed(command.pcm)))
            return
        for message in messages_of(command):
            self.said.append(message)
            self._say(message)

    async def close(self) -> None:
        self._over.set()

    def _say(self, message: ClientMessage) -> None:
        named = replace(message, event_id=f"{type(message).__name__}-{len(self.said)}")
        self.far.take(decode_client(encode_client(named, self._dialect)))

    def _receive(self, message: ServerMessage) -> None:
        frame = encode_server(message, self._dialect)
        if frame is None or self._over.is_set():
            return
        decoded = decode_server(frame)
        self.heard.append(decoded)
        if isinstance(decoded, SessionUpdated):
            self._post(LinkOpened())
        for event in events_of(decoded):
            self._post(event)
