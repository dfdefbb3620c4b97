"""A microphone that is a file, or a story told while it runs: real time, without a sound card."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from pathlib import Path

import numpy as np

from assistant.audio.frames import (
    FRAME_MS,
    FRAME_SAMPLES,
    MICROPHONE_RATE,
    SILENCE,
    Floats,
    Reframer,
    floats_of,
    pcm_of,
)
from assistant.audio.resampling import Resampler
from assistant.audio.wav import read_wav
from assistant.errors import MicrophoneMissing
from assistant.units import Milliseconds

_FRAME_S = FRAME_MS / 1000
_REMEDY = "give microphone_wav a WAV file of 8 to 48 kHz"


class WavMicrophone:
    """Fits `ports.Microphone`: a file first, then silence into which `say` speaks.

    With `ends` the source ends after the file, as a recording does. `noise_dbfs` lies under
    everything. `pace` 1 is real time, 10 is ten times as fast.
    """

    def __init__(
        self,
        file: Path | None = None,
        *,
        channel: int = 0,
        ends: bool = False,
        noise_dbfs: float | None = None,
        pace: float = 1.0,
    ) -> None:
        self._file = file
        self._channel = channel
        self._ends = ends
        self._noise = _noise(noise_dbfs)
        self._frame_s = _FRAME_S / pace
        self._spoken: deque[bytes] = deque()

    def say(self, pcm: bytes) -> None:
        """Speak s16le mono at 16 kHz into the microphone, behind what is being said already."""
        reframer = Reframer()
        self._spoken += reframer.feed(pcm)
        self._spoken += reframer.flush()

    @property
    def pending(self) -> Milliseconds:
        """How much of what was said has yet to be heard."""
        return Milliseconds(len(self._spoken) * FRAME_MS)

    async def frames(self) -> AsyncIterator[bytes]:
        """Yield frames on a monotonic schedule: late ones follow in a burst, none is lost."""
        loop = asyncio.get_running_loop()
        if self._file is not None:
            self.say(_sound_of(self._file, self._channel))
        due = loop.time()
        number = 0
        while self._spoken or not self._ends:
            due += self._frame_s
            await asyncio.sleep(due - loop.time())
            yield self._with_noise(self._spoken.popleft() if self._spoken else SILENCE, number)
            number += 1

    def _with_noise(self, frame: bytes, number: int) -> bytes:
        if self._noise is None:
            return frame
        start = number * FRAME_SAMPLES % (self._noise.size - FRAME_SAMPLES)
        return pcm_of(floats_of(frame) + self._noise[start : start + FRAME_SAMPLES])


def _noise(level_dbfs: float | None) -> Floats | None:
    """Ten seconds of the same white hiss at every start, so that stories repeat."""
    if level_dbfs is None:
        return None
    generator = np.random.default_rng(20)
    hiss = generator.standard_normal(10 * MICROPHONE_RATE, dtype=np.float32)
    return np.asarray(hiss * np.float32(10 ** (level_dbfs / 20)), dtype=np.float32)


def _sound_of(file: Path, channel: int) -> bytes:
    """A WAV file's channel at 16 kHz. Raises `MicrophoneMissing` naming the file."""
    try:
        sound = read_wav(file.read_bytes())
        resampler = Resampler(sound.rate, MICROPHONE_RATE, sound.channels, channel)
    except OSError as error:
        problem = f"the microphone's file {file} cannot be read: {error.strerror}"
        raise MicrophoneMissing(problem, _REMEDY) from error
    except ValueError as error:
        raise MicrophoneMissing(f"the microphone's file {file}: {error}", _REMEDY) from error
    return resampler.feed(sound.pcm) + resampler.finish()
