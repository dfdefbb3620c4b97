"""A loudspeaker that is a file: it plays in real time, and keeps what a listener would hear."""

import asyncio
import wave
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from assistant.adapters.playback import Playback
from assistant.audio.frames import SAMPLE_BYTES, SPEAKER_RATE, samples_in
from assistant.errors import SpeakerMissing
from assistant.ports import Post
from assistant.units import Seconds


@dataclass(frozen=True, slots=True)
class Block:
    """A piece of the tape: where it begins, in samples since `open`, and its sound."""

    begins: int
    pcm: bytes


class WavSpeaker(Playback):
    """Fits `ports.Speaker`; the tape runs from `open` to `close`, silence included.

    Blocks that hold any sound are also kept in `heard`, up to ten minutes of them.
    """

    def __init__(
        self, post: Post, tape: Path | None = None, volume_percent: int = 100, block_ms: int = 20
    ) -> None:
        super().__init__(post, volume_percent)
        self._tape = tape
        self._block = SPEAKER_RATE * block_ms // 1000
        self._most_kept = 600_000 // block_ms
        self._turning: asyncio.Task[None] | None = None
        self.heard: list[Block] = []
        self.length = 0

    async def open(self) -> None:
        """Begin the tape. Raises `SpeakerMissing` where it cannot be written."""
        if self._turning is None:
            self.heard, self.length = [], 0
            opened = asyncio.get_running_loop().create_future()
            self._turning = asyncio.create_task(self._turn(opened), name="wav-speaker")
            await opened

    async def close(self) -> None:
        """End the tape; what had not sounded is stopped."""
        turning, self._turning = self._turning, None
        if turning is not None:
            turning.cancel()
            with suppress(asyncio.CancelledError):
                await turning

    def listen(self, begin: int, samples: int) -> bytes:
        """The tape between two places, in samples since `open`; silence where none was kept."""
        sound = bytearray(samples * SAMPLE_BYTES)
        for block in self.heard:
            start = max(begin, block.begins)
            stop = min(begin + samples, block.begins + samples_in(block.pcm))
            if start < stop:
                there = slice(*(SAMPLE_BYTES * (at - block.begins) for at in (start, stop)))
                here = slice(*(SAMPLE_BYTES * (at - begin) for at in (start, stop)))
                sound[here] = block.pcm[there]
        return bytes(sound)

    async def _turn(self, opened: "asyncio.Future[None]") -> None:
        loop = asyncio.get_running_loop()
        try:
            with _written(self._tape) as tape:
                self._device_takes_sound(takes=True)
                opened.set_result(None)
                began = loop.time()
                while True:
                    due = Seconds(began + self.length / SPEAKER_RATE)
                    await asyncio.sleep(due - loop.time())
                    self._record(self.fill(self._block, due), tape)
                    self.tell()
        except SpeakerMissing as missing:
            opened.set_exception(missing)
        finally:
            self._device_takes_sound(takes=False)

    def _record(self, pcm: bytes, tape: wave.Wave_write | None) -> None:
        if tape is not None:
            tape.writeframesraw(pcm)
        if any(pcm):
            self.heard = self.heard[-self._most_kept :]
            self.heard.append(Block(self.length, pcm))
        self.length += self._block


@contextmanager
def _written(path: Path | None) -> Iterator[wave.Wave_write | None]:
    """The open tape, or None where none is wanted."""
    if path is None:
        yield None
        return
    try:
        file = path.open("wb")
    except OSError as error:
        raise SpeakerMissing(
            f"the tape {path} cannot be written: {error.strerror}", "choose another speaker_wav"
        ) from error
    with file, wave.open(file, "wb") as tape:
        tape.setnchannels(1)
        tape.setsampwidth(SAMPLE_BYTES)
        tape.setframerate(SPEAKER_RATE)
        yield tape
