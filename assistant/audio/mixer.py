"""What the loudspeaker gets next: the items one behind the other, chimes over them.

Not thread-safe by itself: whoever shares it between threads holds a lock around each call.
"""

from collections import deque
from dataclasses import dataclass

import numpy as np

from assistant.audio.frames import SAMPLE_BYTES, SPEAKER_RATE, Floats, floats_of, gain_of, pcm_of
from assistant.units import ItemId

_FADE_SAMPLES = SPEAKER_RATE * 5 // 1000


@dataclass(frozen=True, slots=True)
class Block:
    """Sound for the device, and how many samples of which item stand in it, in order."""

    pcm: bytes
    given: tuple[tuple[ItemId, int], ...] = ()


@dataclass(slots=True)
class _Piece:
    item: ItemId
    pcm: bytes
    at: int = 0


class Mixer:
    """A queue of pieces and a set of chimes; every sample is handed out exactly once."""

    def __init__(self, volume_percent: int = 100) -> None:
        self._gain = gain_of(volume_percent)
        self._queue: deque[_Piece] = deque()
        self._odd: dict[ItemId, bytes] = {}
        self._over: list[Floats] = []
        self._sounding: ItemId | None = None

    def queue(self, item: ItemId, pcm: bytes) -> int:
        """Put sound behind what is queued; the number of samples that became complete."""
        pcm = self._odd.pop(item, b"") + pcm
        if len(pcm) % SAMPLE_BYTES:
            self._odd[item] = pcm[-1:]
            pcm = pcm[:-1]
        if pcm:
            self._queue.append(_Piece(item, pcm))
        return len(pcm) // SAMPLE_BYTES

    def mix_in(self, pcm: bytes) -> None:
        """Let a short sound begin with the next block, over everything else."""
        self._over.append(floats_of(pcm))

    def drop(self) -> None:
        """Forget the items; what sounds at the moment fades out in 5 ms, chimes go on."""
        if self._queue and self._queue[0].item == self._sounding:
            pcm, _ = self._from_queue(_FADE_SAMPLES)
            tail = floats_of(pcm) * np.float32(self._gain)
            ramp = np.linspace(1.0, 0.0, tail.size, endpoint=False, dtype=np.float32)
            self._over.append(tail * ramp)
        self._queue.clear()
        self._odd.clear()
        self._sounding = None

    def take(self, samples: int) -> Block:
        """The next samples, always as many as asked for; silence where nothing is queued."""
        pcm, given = self._from_queue(samples)
        if given:
            self._sounding = given[-1][0]
        pcm += bytes(samples * SAMPLE_BYTES - len(pcm))
        if self._over or (given and self._gain != 1.0):
            pcm = self._mixed(pcm, samples)
        return Block(pcm, given)

    def _from_queue(self, samples: int) -> tuple[bytes, tuple[tuple[ItemId, int], ...]]:
        parts: list[bytes] = []
        given: list[tuple[ItemId, int]] = []
        wanted = samples * SAMPLE_BYTES
        while wanted and self._queue:
            piece = self._queue[0]
            part = piece.pcm[piece.at : piece.at + wanted]
            piece.at += len(part)
            wanted -= len(part)
            parts.append(part)
            given.append((piece.item, len(part) // SAMPLE_BYTES))
            if piece.at == len(piece.pcm):
                self._queue.popleft()
        return b"".join(parts), tuple(given)

    def _mixed(self, pcm: bytes, samples: int) -> bytes:
        sound = floats_of(pcm) * np.float32(self._gain)
        for over in self._over:
            sound[: over.size] += over[:samples]
        self._over = [over[samples:] for over in self._over if over.size > samples]
        return pcm_of(sound)
