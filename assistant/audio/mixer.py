"""What the loudspeaker gets next: the items one behind the other, chimes over them.

Not thread-safe by itself: whoever shares it between threads holds a lock around each call.
"""

from collections import Counter, deque
from dataclasses import dataclass

import numpy as np

from assistant.audio.frames import (
    SAMPLE_BYTES,
    SPEAKER_RATE,
    Floats,
    floats_of,
    gain_of,
    pcm_of,
    samples_in,
)
from assistant.units import ItemId

MOST_OF_AN_ITEM = 5 * 60 * SPEAKER_RATE
"""How many samples of one item may wait to be heard."""
MOST_IN_ALL = 2 * MOST_OF_AN_ITEM
_MOST_PIECES = 4096
_PIECE_BYTES = SPEAKER_RATE * SAMPLE_BYTES
_FADE_SAMPLES = SPEAKER_RATE * 5 // 1000


@dataclass(frozen=True, slots=True)
class Block:
    """Sound for the device, and how many samples of which item stand in it, in order."""

    pcm: bytes
    given: tuple[tuple[ItemId, int], ...] = ()


@dataclass(slots=True)
class _Piece:
    item: ItemId
    pcm: bytearray
    at: int = 0


class Mixer:
    """A queue of pieces and a set of chimes; every sample is handed out exactly once.

    What waits is bounded, for a hasty far end need never stop: ask `has_room_for` first.
    """

    def __init__(
        self,
        volume_percent: int = 100,
        most_of_an_item: int = MOST_OF_AN_ITEM,
        most_in_all: int = MOST_IN_ALL,
    ) -> None:
        self._gain = gain_of(volume_percent)
        self._most_of_an_item = most_of_an_item
        self._most_in_all = most_in_all
        self._queue: deque[_Piece] = deque()
        self._waiting: Counter[ItemId] = Counter()
        self._odd: dict[ItemId, bytes] = {}
        self._over: list[Floats] = []
        self._sounding: ItemId | None = None

    def has_room_for(self, item: ItemId, pcm: bytes) -> bool:
        """True if so much more sound of an item may be queued."""
        more = samples_in(pcm)
        return (
            self._waiting[item] + more <= self._most_of_an_item
            and self._waiting.total() + more <= self._most_in_all
            and len(self._queue) < _MOST_PIECES
        )

    def queue(self, item: ItemId, pcm: bytes) -> int:
        """Put sound behind what is queued; the number of samples that became complete."""
        pcm = self._odd.pop(item, b"") + pcm
        if len(pcm) % SAMPLE_BYTES:
            self._odd[item] = pcm[-1:]
            pcm = pcm[:-1]
        if pcm:
            self._append(item, pcm)
        return samples_in(pcm)

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
        self._waiting.clear()
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

    def _append(self, item: ItemId, pcm: bytes) -> None:
        """Join small pieces of an item, each of which would cost more than its sound."""
        last = self._queue[-1] if self._queue else None
        if last is not None and last.item == item and len(last.pcm) < _PIECE_BYTES:
            last.pcm += pcm
        else:
            self._queue.append(_Piece(item, bytearray(pcm)))
        self._waiting[item] += samples_in(pcm)

    def _from_queue(self, samples: int) -> tuple[bytes, tuple[tuple[ItemId, int], ...]]:
        parts: list[bytearray] = []
        given: list[tuple[ItemId, int]] = []
        wanted = samples * SAMPLE_BYTES
        while wanted and self._queue:
            piece = self._queue[0]
            part = piece.pcm[piece.at : piece.at + wanted]
            piece.at += len(part)
            wanted -= len(part)
            parts.append(part)
            given.append((piece.item, samples_in(part)))
            self._take_off(*given[-1])
            if piece.at == len(piece.pcm):
                self._queue.popleft()
        return b"".join(parts), tuple(given)

    def _take_off(self, item: ItemId, samples: int) -> None:
        self._waiting[item] -= samples
        if not self._waiting[item]:
            del self._waiting[item]

    def _mixed(self, pcm: bytes, samples: int) -> bytes:
        sound = floats_of(pcm) * np.float32(self._gain)
        for over in self._over:
            sound[: over.size] += over[:samples]
        self._over = [over[samples:] for over in self._over if over.size > samples]
        return pcm_of(sound)
