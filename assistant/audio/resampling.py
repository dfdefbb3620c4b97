"""Streaming change of rate, and the choice of one channel, with a constant delay.

libsamplerate's `sinc_fastest` holds back 1.2 ms and keeps aliases below -90 dB.
"""

import numpy as np
import samplerate

from assistant.audio.frames import SAMPLE_BYTES, Floats, floats_of, pcm_of

LOWEST_RATE = 8_000
HIGHEST_RATE = 48_000
_PUSH = 480


class Resampler:
    """From one rate to another, s16le in and out, one channel of several.

    Rates from 8 to 48 kHz; buffers of any size, incomplete samples are kept for the next.
    Raises `ValueError` for rates or channels that cannot be.
    """

    def __init__(self, source: int, target: int, channels: int = 1, channel: int = 0) -> None:
        for rate in (source, target):
            if not LOWEST_RATE <= rate <= HIGHEST_RATE:
                raise ValueError(f"{rate} Hz is not between {LOWEST_RATE} and {HIGHEST_RATE} Hz")
        if not 0 <= channel < channels:
            raise ValueError(f"there is no channel {channel} among {channels}")
        self._ratio = target / source
        self._picked = slice(channel, None, channels)
        self._step = channels * SAMPLE_BYTES
        self._kept = b""
        self._owed = 0.0
        self._converter = (
            None if source == target else samplerate.Resampler("sinc_fastest", channels=1)
        )

    def feed(self, pcm: bytes) -> bytes:
        """Convert what came; a little is held back for the next call."""
        mono = self._mono(pcm)
        if self._converter is None or not mono:
            return mono
        return self._convert(floats_of(mono), last=False)

    def finish(self) -> bytes:
        """What was held back; the stream ends here, as long as it came in."""
        self._kept = b""
        if self._converter is None:
            return b""
        owed = max(0, round(self._owed))
        # Its own end of input comes up to a millisecond short; silence pushes the rest out.
        rest = self._convert(np.zeros(_PUSH, dtype=np.float32), last=True)
        return rest[: owed * SAMPLE_BYTES]

    def _mono(self, pcm: bytes) -> bytes:
        pcm = self._kept + pcm
        whole = len(pcm) // self._step * self._step
        self._kept = pcm[whole:]
        return np.frombuffer(pcm[:whole], dtype="<i2")[self._picked].tobytes()

    def _convert(self, sound: Floats, *, last: bool) -> bytes:
        assert self._converter is not None
        converted: Floats = self._converter.process(sound, self._ratio, last)
        self._owed += sound.size * self._ratio - converted.size
        return pcm_of(converted)


def resampled(pcm: bytes, source: int, target: int) -> bytes:
    """A whole sound at another rate."""
    resampler = Resampler(source, target)
    return resampler.feed(pcm) + resampler.finish()
