"""Speech made and heard at test time, by the house's own voice and ears."""

import wave
from difflib import SequenceMatcher
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from assistant.audio.frames import MICROPHONE_RATE, SPEAKER_RATE
from assistant.audio.resampling import resampled
from assistant.local.hearing import Hearing, load_hearing
from assistant.local.trie import Trie
from assistant.local.voice import HouseVoice

Samples = NDArray[np.int16]


@cache
def _voice() -> HouseVoice:
    return HouseVoice()


@cache
def _ears() -> Hearing:
    return load_hearing()


@cache
def spoken(text: str, rate: int = MICROPHONE_RATE) -> bytes:
    """A sentence as s16le mono at `rate`."""
    return resampled(b"".join(_voice().sentences(text)), SPEAKER_RATE, rate)


def pause(seconds: float, rate: int = MICROPHONE_RATE) -> bytes:
    return bytes(2 * round(seconds * rate))


def heard(pcm: bytes, rate: int = MICROPHONE_RATE) -> str:
    """What the local ears make of s16le mono sound, in lower case."""
    said = _ears().understand(resampled(pcm, rate, MICROPHONE_RATE), Trie([]), 1.0)
    return said.free.lower()


def likeness(one: str, other: str) -> float:
    """0 to 1, blind to case and punctuation."""
    matcher = SequenceMatcher(None, _letters(one), _letters(other), autojunk=False)
    return float(matcher.ratio())


def _letters(text: str) -> str:
    return "".join(letter for letter in text.lower() if letter.isalnum())


def write_wav(path: Path, pcm: bytes, rate: int = MICROPHONE_RATE, channels: int = 1) -> Path:
    """Write a WAV file that has the same sound on all its channels."""
    samples = np.repeat(np.frombuffer(pcm, "<i2"), channels)
    with wave.open(str(path), "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(samples.tobytes())
    return path


def read_channels(path: Path) -> tuple[int, list[Samples]]:
    """Rate and channels of a 16-bit WAV file."""
    with wave.open(str(path)) as file:
        assert file.getsampwidth() == 2
        samples = np.frombuffer(file.readframes(file.getnframes()), "<i2")
        return file.getframerate(), list(samples.reshape(-1, file.getnchannels()).T)
