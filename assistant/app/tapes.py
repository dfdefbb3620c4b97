"""The conversation as sound: left what the microphone heard, right what the speaker played."""

import asyncio
import wave
from collections.abc import AsyncIterator
from pathlib import Path

import numpy as np

from assistant.adapters.wav_speaker import WavSpeaker
from assistant.audio.frames import FRAME_MS, MICROPHONE_RATE, SAMPLE_BYTES, SPEAKER_RATE
from assistant.audio.resampling import resampled
from assistant.ports import Microphone


class TapedMicrophone:
    """Fits `ports.Microphone`: passes frames on, and keeps them from the first one on."""

    def __init__(self, microphone: Microphone) -> None:
        self._microphone = microphone
        self._tape = bytearray()
        self.started_at = 0.0

    async def frames(self) -> AsyncIterator[bytes]:
        """Yield the microphone's frames."""
        async for frame in self._microphone.frames():
            if not self._tape:
                self.started_at = asyncio.get_running_loop().time() - FRAME_MS / 1000
            self._tape += frame
            yield frame

    @property
    def pcm(self) -> bytes:
        """Everything heard: s16le mono at 16 kHz."""
        return bytes(self._tape)


def write_conversation(
    path: Path, microphone: TapedMicrophone, speaker: WavSpeaker | None, speaker_started: float
) -> None:
    """Write a stereo WAV at 24 kHz; both sides stand on the same clock."""
    heard = np.frombuffer(resampled(microphone.pcm, MICROPHONE_RATE, SPEAKER_RATE), "<i2")
    begins = round((microphone.started_at - speaker_started) * SPEAKER_RATE)
    played = _played(speaker, begins, len(heard))
    stereo = np.stack([heard, played[: len(heard)]], axis=1)
    with wave.open(str(path), "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(SAMPLE_BYTES)
        file.setframerate(SPEAKER_RATE)
        file.writeframes(stereo.astype("<i2").tobytes())


def _played(speaker: WavSpeaker | None, begins: int, samples: int) -> np.ndarray:
    if speaker is None:
        return np.zeros(samples, "<i2")
    return np.frombuffer(speaker.listen(begins, samples), "<i2")
