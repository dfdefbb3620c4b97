"""The sizes of sound, and how samples become frames. All sound is s16le mono."""

import numpy as np
import numpy.typing as npt

from assistant.units import Milliseconds

MICROPHONE_RATE = 16_000
SPEAKER_RATE = 24_000
SAMPLE_BYTES = 2
FRAME_MS = Milliseconds(80)
FRAME_SAMPLES = 1280
FRAME_BYTES = FRAME_SAMPLES * SAMPLE_BYTES
SILENCE = bytes(FRAME_BYTES)
"""One frame in which nothing sounds."""

_FULL_SCALE = 32768.0
_LOUDEST = 32767.0

Floats = npt.NDArray[np.float32]


def samples_in(pcm: bytes | bytearray) -> int:
    """How many whole samples a piece of sound holds."""
    return len(pcm) // SAMPLE_BYTES


def duration_ms(samples: float, rate: int) -> Milliseconds:
    """The whole milliseconds that so many samples last, rounded down."""
    # Numbers such as 23.999999999 samples come from clocks; they must not cost a millisecond.
    return Milliseconds(int(samples * 1000 / rate + 1e-6))


def silence(duration: Milliseconds, rate: int) -> bytes:
    """So much sound in which nothing sounds."""
    return bytes(duration * rate // 1000 * SAMPLE_BYTES)


def floats_of(pcm: bytes) -> Floats:
    """Samples as numbers from -1 to 1."""
    return np.frombuffer(pcm, dtype="<i2").astype(np.float32) / np.float32(_FULL_SCALE)


def pcm_of(floats: npt.NDArray[np.floating]) -> bytes:
    """Numbers from -1 to 1 as samples; what is louder is clipped, never wrapped."""
    scaled = np.rint(np.asarray(floats, dtype=np.float64) * _FULL_SCALE)
    return np.clip(scaled, -_FULL_SCALE, _LOUDEST).astype("<i2").tobytes()


def gain_of(percent: int) -> float:
    """The factor for a volume, so that 50 sounds half as loud as 100 (10 dB softer)."""
    return float((min(max(percent, 0), 100) / 100) ** (5 / 3))


class Reframer:
    """Joins buffers of any size, odd numbers of bytes included, to frames of 80 ms."""

    def __init__(self, frame_bytes: int = FRAME_BYTES) -> None:
        self._frame_bytes = frame_bytes
        self._kept = bytearray()

    def feed(self, pcm: bytes) -> list[bytes]:
        """The frames that became complete."""
        self._kept += pcm
        whole = len(self._kept) // self._frame_bytes * self._frame_bytes
        done = bytes(self._kept[:whole])
        del self._kept[:whole]
        return [done[at : at + self._frame_bytes] for at in range(0, whole, self._frame_bytes)]

    def flush(self) -> list[bytes]:
        """What is left as one frame, filled up with silence; nothing if nothing is left."""
        if not self._kept:
            return []
        return self.feed(bytes(self._frame_bytes - len(self._kept)))
