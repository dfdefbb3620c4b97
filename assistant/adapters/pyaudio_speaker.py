"""A mouth on a sound card: one stream, open all the time, fed with silence between replies."""

import asyncio
import logging
import time

import numpy as np

from assistant.adapters.playback import Playback, Start
from assistant.adapters.pyaudio_devices import CONTINUE, SoundCards, Stream, Wish
from assistant.adapters.pyaudio_losses import Losses
from assistant.adapters.sound_devices import Direction
from assistant.audio.frames import SAMPLE_BYTES, SPEAKER_RATE, samples_in
from assistant.audio.resampling import Resampler
from assistant.errors import HardwareError, SpeakerMissing
from assistant.ports import Post
from assistant.units import Seconds

log = logging.getLogger("assistant.adapters.speaker")

_LOOK_S = 0.1
_FIRST_BLOCK_S = 1.0
_LOST_AFTER_S = 0.5
_LOST_AFTER_BLOCKS = 5
_LONGEST_DELAY_S = 0.5
_FIRST_PAUSE_S = 0.25
_LONGEST_PAUSE_S = 2.0
_STEP = SPEAKER_RATE // 100


class PyAudioSpeaker(Playback):
    """Fits `ports.Speaker`; a device that is lost is opened again when it is back.

    `start` starts the task that watches: a task group's ends what surrounds it at a bug.
    """

    def __init__(
        self,
        post: Post,
        cards: SoundCards,
        names: tuple[str, ...] = (),
        volume_percent: int = 100,
        block_ms: int = 20,
        start: Start = asyncio.create_task,
    ) -> None:
        super().__init__(post, volume_percent)
        self._start = start
        self._cards = cards
        self._wish = Wish(Direction.OUTPUT, names, SPEAKER_RATE, block_ms)
        self._patience = max(_LOST_AFTER_S, _LOST_AFTER_BLOCKS * block_ms / 1000)
        self._watching: asyncio.Task[None] | None = None
        self._losses = Losses(Direction.OUTPUT)
        self._told: set[str] = set()
        self._feed: _Feed | None = None
        self._stream: Stream | None = None

    async def open(self) -> None:
        """Begin to sound. Raises `SpeakerMissing`."""
        if self._watching is None:
            await self._begin()
            self._watching = self._start(self._watch(), name="speaker")

    async def open_or_wait(self) -> None:
        """Begin to sound; where that cannot be, say why once and be mute until it can."""
        if self._watching is None:
            await self._try_to_begin()
            self._watching = self._start(self._watch(), name="speaker")

    async def close(self) -> None:
        """Stop all items and give the device back."""
        watching, self._watching = self._watching, None
        if watching is not None:
            watching.cancel()
            await asyncio.wait({watching})
        await self._end()

    async def _begin(self) -> None:
        """Open a stream, and see it ask for sound: a stalled device opens perfectly."""
        self._feed = feed = _Feed(self, asyncio.get_running_loop(), self._losses)
        self._stream = stream = await self._cards.open(self._wish, feed.callback)
        feed.suit(stream)
        if not await feed.asks_within(_FIRST_BLOCK_S):
            await self._end()
            problem = f"'{stream.device.name}' takes no sound"
            raise SpeakerMissing(problem, "look at its plug; it is tried again")
        self._device_takes_sound(takes=True)

    async def _end(self) -> None:
        """Stop the items and close the stream, if there is one."""
        self._device_takes_sound(takes=False)
        stream, self._stream = self._stream, None
        if stream is not None:
            await self._cards.close(stream)

    async def _watch(self) -> None:
        """Open the device again whenever it does not ask for sound, until cancelled."""
        while True:
            while self._is_asked():
                self._losses.tell(Seconds(time.monotonic()))
                await asyncio.sleep(_LOOK_S)
            if self._stream is not None:
                log.warning("the speaker takes no more sound; it is tried again")
                await self._end()
            await self._reopen()
            log.warning("the speaker is back")
            self._told.clear()

    def _is_asked(self) -> bool:
        if self._stream is None or self._feed is None:
            return False
        return self._feed.silent_for() < self._patience

    async def _reopen(self) -> None:
        pause = _FIRST_PAUSE_S
        while not await self._try_to_begin():
            await asyncio.sleep(pause)
            pause = min(_LONGEST_PAUSE_S, pause * 2)

    async def _try_to_begin(self) -> bool:
        """True if the device sounds; each reason why it does not is told once."""
        try:
            await self._begin()
        except HardwareError as missing:
            reason = str(missing)
            log.log(logging.DEBUG if reason in self._told else logging.WARNING, "mute: %s", reason)
            self._told.add(reason)
            return False
        return True


class _Feed:
    """One stream's callback: takes sound from the playback, in the stream's rate and channels."""

    def __init__(self, playback: Playback, loop: asyncio.AbstractEventLoop, losses: Losses) -> None:
        self._playback = playback
        self._losses = losses
        self._loop = loop
        self._asked = asyncio.Event()
        self._last_asked = time.monotonic()
        self._resampler: Resampler | None = None
        self._rate = SPEAKER_RATE
        self._channels = 0
        self._kept = b""

    def suit(self, stream: Stream) -> None:
        """Learn what the device became; before that it gets silence."""
        if stream.rate != SPEAKER_RATE:
            self._resampler = Resampler(SPEAKER_RATE, stream.rate)
        self._rate = stream.rate
        self._channels = stream.channels

    async def asks_within(self, seconds: float) -> bool:
        """True as soon as the device has asked for sound."""
        try:
            async with asyncio.timeout(seconds):
                await self._asked.wait()
        except TimeoutError:
            return False
        return True

    def silent_for(self) -> float:
        """Seconds since the device asked last."""
        return time.monotonic() - self._last_asked

    def callback(
        self, _data: bytes | None, frames: int, clock: dict[str, float], status: int
    ) -> tuple[bytes, int]:
        """PortAudio's callback: always exactly as many frames as it asks for."""
        self._last_asked = time.monotonic()
        self._losses.xruns += bool(status)
        if not self._channels:
            # Too many bytes are cut by PyAudio, too few would end the stream.
            return bytes(frames * SAMPLE_BYTES * 256), CONTINUE
        delay = clock["output_buffer_dac_time"] - clock["current_time"]
        sounds_at = self._last_asked + min(max(delay, 0.0), _LONGEST_DELAY_S)
        mono = self._next(frames, sounds_at)
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._after_block)
        return self._widened(mono), CONTINUE

    def _after_block(self) -> None:
        self._asked.set()
        if not self._playback.idle:
            self._playback.tell()

    def _next(self, frames: int, sounds_at: float) -> bytes:
        if self._resampler is None:
            return self._playback.fill(frames, Seconds(sounds_at))
        wanted = frames * SAMPLE_BYTES
        while len(self._kept) < wanted:
            at = Seconds(sounds_at + samples_in(self._kept) / self._rate)
            self._kept += self._resampler.feed(self._playback.fill(_STEP, at))
        mono, self._kept = self._kept[:wanted], self._kept[wanted:]
        return mono

    def _widened(self, mono: bytes) -> bytes:
        if self._channels == 1:
            return mono
        return np.repeat(np.frombuffer(mono, dtype="<i2"), self._channels).tobytes()
