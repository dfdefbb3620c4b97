"""A loudspeaker that is a file: it plays in real time, and keeps what a listener would hear."""

import asyncio
from dataclasses import dataclass
from pathlib import Path

from assistant.adapters.playback import Playback, Start
from assistant.adapters.wav_tape import NoTape, Tape, WavTape
from assistant.audio.frames import SAMPLE_BYTES, SPEAKER_RATE, samples_in
from assistant.ports import Post
from assistant.units import Seconds


@dataclass(frozen=True, slots=True)
class Block:
    """A piece of the tape: where it begins, in samples since `open`, and its sound."""

    begins: int
    pcm: bytes


class WavSpeaker(Playback):
    """Fits `ports.Speaker`; the tape runs from `open` to `close`, silence included.

    Blocks that hold any sound are also kept in `heard`, up to ten minutes of them. `start` starts
    the task that turns it: a task group's ends what surrounds it at a bug.
    """

    def __init__(
        self,
        post: Post,
        tape: Path | None = None,
        volume_percent: int = 100,
        block_ms: int = 20,
        start: Start = asyncio.create_task,
    ) -> None:
        super().__init__(post, volume_percent)
        self._start = start
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
            tape = WavTape(self._tape) if self._tape else NoTape()
            self._turning = self._start(self._turn(tape), name="wav-speaker")
            # Once around, for whoever has opened it may play at once.
            await asyncio.sleep(0)

    async def close(self) -> None:
        """End the tape; what had not sounded is stopped."""
        turning, self._turning = self._turning, None
        if turning is not None:
            turning.cancel()
            await asyncio.wait({turning})

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

    async def _turn(self, tape: Tape) -> None:
        loop = asyncio.get_running_loop()
        try:
            self._device_takes_sound(takes=True)
            began = loop.time()
            while True:
                due = Seconds(began + self.length / SPEAKER_RATE)
                await asyncio.sleep(due - loop.time())
                self._record(self.fill(self._block, due), tape)
                self.tell()
        finally:
            self._device_takes_sound(takes=False)
            tape.close()

    def _record(self, pcm: bytes, tape: Tape) -> None:
        tape.write(pcm)
        if any(pcm):
            self.heard = self.heard[-self._most_kept :]
            self.heard.append(Block(self.length, pcm))
        self.length += self._block
