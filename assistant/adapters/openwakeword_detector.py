"""Scores wake words with the nets of openWakeWord, computing only what is new in each frame."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from assistant.adapters.openwakeword_files import ModelFile, find_models
from assistant.adapters.openwakeword_nets import (
    TAIL_SAMPLES,
    Classifier,
    Embedding,
    Floats,
    Melspectrogram,
    Memory,
    StreamingEmbedding,
    choose_embedding,
)
from assistant.audio.frames import FRAME_BYTES, FRAME_SAMPLES
from assistant.errors import SettingsError
from assistant.wake.streaming_graph import EMBEDDING_SIZE

_WINDOW_FRAMES = 10
"""Frames until an embedding no longer knows what was before the first."""
_PRIMING_FRAMES = 40
_PRIMING_RMS = 50.0
_PRIMING_SEED = 20


@dataclass(frozen=True, slots=True)
class _Past:
    """All that the next score depends on beside the next frame."""

    tail: Floats
    memory: Memory
    features: Floats


class OpenWakeWordDetector:
    """Hears every frame on one thread; it starts as if the room had been quiet for a while."""

    def __init__(
        self, mel: Melspectrogram, embedding: Embedding, classifiers: Mapping[str, Classifier]
    ) -> None:
        self._mel = mel
        self._embedding = embedding
        self._classifiers = dict(classifiers)
        self._past = self._quiet_room = self._blank_past()

    @property
    def words(self) -> tuple[str, ...]:
        """The words that are scored."""
        return tuple(self._classifiers)

    @property
    def streaming(self) -> bool:
        """False if the embedding net had to keep its full window, at three times the cost."""
        return isinstance(self._embedding, StreamingEmbedding)

    def hear(self, frame: bytes) -> dict[str, float]:
        """Score 1,280 samples, s16le mono at 16 kHz: word to 0 to 1.

        Raises `ValueError` for a frame of another size.
        """
        if len(frame) != FRAME_BYTES:
            raise ValueError(f"a frame has {FRAME_BYTES} bytes, not {len(frame)}")
        self._past = self._after(np.frombuffer(frame, "<i2"))
        features = self._past.features
        return {word: each.score(features) for word, each in self._classifiers.items()}

    def restart(self) -> None:
        """Go back to the quiet room, after a real break in the sound."""
        self._past = self._quiet_room

    def prime(self) -> None:
        """Hear quiet noise, once, and begin from there.

        Zeros or loud noise in the memory of the nets can look like a wake word.
        """
        noise = np.random.default_rng(_PRIMING_SEED)
        for _ in range(max(_PRIMING_FRAMES, _WINDOW_FRAMES + self._longest_window())):
            frame = noise.normal(0, _PRIMING_RMS, FRAME_SAMPLES)
            self._past = self._after(frame.astype("<i2"))
        self._quiet_room = self._past

    def _after(self, samples: npt.NDArray[np.int16]) -> _Past:
        past = self._past
        tail = np.concatenate((past.tail[FRAME_SAMPLES:], samples), dtype=np.float32)
        vector, memory = self._embedding.embed(self._mel.rows(tail), past.memory)
        return _Past(tail, memory, np.concatenate((past.features[1:], vector[None])))

    def _blank_past(self) -> _Past:
        features = np.zeros((self._longest_window(), EMBEDDING_SIZE), np.float32)
        return _Past(np.zeros(TAIL_SAMPLES, np.float32), self._embedding.blank(), features)

    def _longest_window(self) -> int:
        return max(each.window for each in self._classifiers.values())


def load_detector(words: tuple[str, ...], folder: Path | None) -> OpenWakeWordDetector:
    """Open the nets for some words, the user's folder first, and prime them.

    Raises `DetectorUnavailable` for the wheel's files, `SettingsError` for the user's and for
    unknown words; every fault of the settings at once.
    """
    files = find_models(words, folder)
    mel, embedding = Melspectrogram(files.melspectrogram), choose_embedding(files.embedding)
    detector = OpenWakeWordDetector(mel, embedding, _open_words(files.words))
    detector.prime()
    return detector


def _open_words(files: Mapping[str, ModelFile]) -> dict[str, Classifier]:
    classifiers: dict[str, Classifier] = {}
    faults: tuple[str, ...] = ()
    remedy = ""
    for word, file in files.items():
        try:
            classifiers[word] = Classifier(file)
        except SettingsError as error:
            faults += error.faults
            remedy = error.remedy
    if faults:
        raise SettingsError(faults, remedy)
    return classifiers
