"""Ears on a sound card: PortAudio's thread only hands over, this side does the arithmetic."""

import asyncio
import time
from collections import deque
from collections.abc import AsyncIterator

from assistant.adapters.pyaudio_devices import CONTINUE, SoundCards, Stream, Wish
from assistant.adapters.pyaudio_losses import Losses
from assistant.adapters.sound_devices import Direction
from assistant.audio.frames import MICROPHONE_RATE, Reframer
from assistant.audio.resampling import Resampler
from assistant.errors import MicrophoneMissing
from assistant.units import Seconds

_FIRST_BLOCK_S = 1.0
_LOST_AFTER_S = 0.5
_LOST_AFTER_BLOCKS = 5
_MOST_WAITING_S = 2.0


class PyAudioMicrophone:
    """Fits `ports.Microphone`; `losses` counts what was dropped on the way."""

    def __init__(
        self,
        cards: SoundCards,
        names: tuple[str, ...] = (),
        channel: int = 0,
        block_ms: int = 20,
    ) -> None:
        self._cards = cards
        self._wish = Wish(Direction.INPUT, names, MICROPHONE_RATE, block_ms, channel)
        self.losses = Losses(Direction.INPUT)

    async def frames(self) -> AsyncIterator[bytes]:
        """Yield 80 ms frames until the device is lost, which raises `MicrophoneMissing`."""
        inbox = _Inbox(asyncio.get_running_loop(), self._wish.block_ms, self.losses)
        stream = await self._cards.open(self._wish, inbox.hear)
        try:
            async for frame in self._listen(stream, inbox):
                yield frame
        finally:
            await self._cards.close(stream)

    async def _listen(self, stream: Stream, inbox: "_Inbox") -> AsyncIterator[bytes]:
        resampler = Resampler(stream.rate, MICROPHONE_RATE, stream.channels, self._wish.channel)
        reframer = Reframer()
        patience = _FIRST_BLOCK_S
        while True:
            block = await inbox.next(patience, stream.device.name)
            self.losses.tell(Seconds(time.monotonic()))
            patience = max(_LOST_AFTER_S, _LOST_AFTER_BLOCKS * self._wish.block_ms / 1000)
            for frame in reframer.feed(resampler.feed(block)):
                yield frame


class _Inbox:
    """Where PortAudio's thread leaves blocks; when nobody takes them the oldest go first."""

    def __init__(self, loop: asyncio.AbstractEventLoop, block_ms: int, losses: Losses) -> None:
        self._loop = loop
        self._losses = losses
        self._blocks: deque[bytes] = deque(maxlen=round(_MOST_WAITING_S * 1000 / block_ms))
        self._arrival = asyncio.Event()

    def hear(
        self, data: bytes | None, _frames: int, _time: dict[str, float], status: int
    ) -> tuple[None, int]:
        """PortAudio's callback."""
        # An exception here would end the stream and surface in another thread.
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._arrive, data or b"", status)
        return None, CONTINUE

    async def next(self, patience: float, name: str) -> bytes:
        """The oldest block. Raises `MicrophoneMissing` when none comes for so many seconds."""
        if not self._blocks:
            self._arrival.clear()
            try:
                async with asyncio.timeout(patience):
                    await self._arrival.wait()
            except TimeoutError:
                problem = f"'{name}' has sent no sound for {patience:g} s"
                raise MicrophoneMissing(problem, "look at its plug; it is tried again") from None
        return self._blocks.popleft()

    def _arrive(self, block: bytes, status: int) -> None:
        if len(self._blocks) == self._blocks.maxlen:
            self._losses.lost_blocks += 1
        self._losses.xruns += bool(status)
        self._blocks.append(block)
        self._arrival.set()
