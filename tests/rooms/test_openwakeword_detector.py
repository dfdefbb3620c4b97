"""The wake word detector: stock scores at a fraction of the work, and no surprise at start."""

import importlib
import logging
import platform
import subprocess
import sys
import wave
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from assistant.adapters.openwakeword_detector import OpenWakeWordDetector, load_detector
from assistant.audio.frames import FRAME_BYTES, Reframer
from assistant.wake.gate import Gate, WordPolicy
from assistant.wake.onnx_file import Node
from tests.rooms.embedding_net import altered_net, shipped_models

Samples = npt.NDArray[np.int16]

FRAME = 1280
WARM_UP = 26
"""Frames after which no score depends on how a detector began."""
WORDS = ("hey_jarvis", "alexa", "hey_mycroft")
RATE = 16_000
AGREEMENT = 1e-5


@cache
def speech() -> Samples:
    """The wake word and other sentences, spoken by the project's own voice; or a skip."""
    hibari = pytest.importorskip("hibari", reason="the offline voice is not installed")
    voice = hibari.Hibari("heart", threads=1)
    sentences = ("hey jarvis", "turn on the light in the kitchen", "alexa what time is it")
    pause = np.zeros(RATE)
    spoken = [np.concatenate((at_16k(voice(each, seed=7)), pause)) for each in sentences]
    return as_samples(np.concatenate((pause, *spoken)))


@cache
def one_hey_jarvis() -> Samples:
    """From the start of the phrase to 0.8 s behind its end."""
    return np.trim_zeros(speech())[: int(1.9 * RATE)]


def speech_and_noise() -> Samples:
    return np.concatenate((speech(), noise(3, 3000), speech()))


def at_16k(sound: npt.NDArray[Any]) -> npt.NDArray[np.float64]:
    """24 kHz to 16 kHz, by straight lines."""
    at = np.arange(int(len(sound) * 2 / 3)) * 1.5
    resampled: npt.NDArray[np.float64] = np.interp(at, np.arange(len(sound)), sound)
    return resampled


def as_samples(sound: npt.NDArray[np.float64]) -> Samples:
    return (np.clip(sound, -1, 1) * 32767).astype(np.int16)


def noise(seconds: float, rms: float, seed: int = 5) -> Samples:
    sound = np.random.default_rng(seed).normal(0, rms, int(seconds * RATE))
    return np.clip(sound, -32768, 32767).astype(np.int16)


def frames_of(samples: Samples) -> list[Samples]:
    return [samples[at : at + FRAME] for at in range(0, len(samples) - FRAME + 1, FRAME)]


def scores_of(detector: OpenWakeWordDetector, samples: Samples) -> list[dict[str, float]]:
    return [detector.hear(frame.tobytes()) for frame in frames_of(samples)]


@cache
def stock_scores(sound: bytes) -> list[Mapping[str, float]]:
    """Sound through openwakeword itself, which warns that there is no CUDA."""
    model = importlib.import_module("openwakeword.model")
    paths = [str(shipped_models() / f"{word}_v0.1.onnx") for word in WORDS]
    stock = model.Model(wakeword_model_paths=paths)
    heard = [stock.predict(frame) for frame in frames_of(np.frombuffer(sound, np.int16))]
    return [{word: float(each[f"{word}_v0.1"]) for word in WORDS} for each in heard]


def largest_difference(samples: Samples, folder: Path | None = None) -> float:
    ours = scores_of(load_detector(WORDS, folder), samples)[WARM_UP:]
    theirs = stock_scores(samples.tobytes())[WARM_UP:]
    assert len(ours) == len(theirs) > 10
    # Silence would make any two detectors equal.
    assert max(each["hey_jarvis"] for each in theirs) > 0.9
    return max(abs(a[word] - b[word]) for a, b in zip(ours, theirs, strict=True) for word in WORDS)


@pytest.fixture
def human_speech(shared_data: Path) -> Samples:
    """A second of quiet, a person's "hey jarvis", and two other wake words."""
    parts = [np.zeros(2 * RATE + RATE // 2, np.int16)]
    for name in ("hey_jarvis", "alexa_test", "hey_mycroft_test"):
        with wave.open(str(shared_data / "speech" / "human" / f"{name}.wav")) as file:
            assert file.getframerate() == RATE
            parts.append(np.frombuffer(file.readframes(file.getnframes()), "<i2"))
        parts.append(noise(1.5, 10))
    return np.concatenate(parts)


@pytest.mark.filterwarnings("ignore")
def test_spoken_words_get_the_scores_of_openwakeword() -> None:
    assert largest_difference(speech_and_noise()) <= AGREEMENT


@pytest.mark.filterwarnings("ignore")
def test_a_persons_words_get_the_scores_of_openwakeword(human_speech: Samples) -> None:
    assert largest_difference(human_speech) <= AGREEMENT


@pytest.mark.skipif(platform.machine() != "x86_64", reason="bits agree on x86-64 only")
@pytest.mark.filterwarnings("ignore")
def test_on_x86_64_synthetic_scores_agree_to_the_last_bit() -> None:
    assert largest_difference(speech_and_noise()) == 0


@pytest.mark.skipif(platform.machine() != "x86_64", reason="bits agree on x86-64 only")
@pytest.mark.filterwarnings("ignore")
def test_on_x86_64_a_persons_scores_agree_to_the_last_bit(human_speech: Samples) -> None:
    assert largest_difference(human_speech) == 0


@pytest.mark.filterwarnings("ignore")
def test_the_full_window_gives_the_scores_of_openwakeword_too(tmp_path: Path) -> None:
    (tmp_path / "embedding_model.onnx").write_bytes(net_that_must_keep_its_window())
    assert largest_difference(speech_and_noise(), tmp_path) <= AGREEMENT


def net_that_must_keep_its_window() -> bytes:
    """The shipped net with one step more, which changes nothing but is not known."""

    def with_a_detour(nodes: list[Node]) -> list[Node]:
        first = nodes[0]
        detour = Node("Identity", ("input_1",), ("detour",))
        return [detour, Node("Pad", ("detour", first.inputs[1]), first.outputs), *nodes[1:]]

    return altered_net(with_a_detour)


def test_an_embedding_net_that_does_not_fit_is_run_whole_with_one_warning(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "embedding_model.onnx"
    path.write_bytes(net_that_must_keep_its_window())
    with caplog.at_level(logging.WARNING):
        detector = load_detector(("hey_jarvis",), tmp_path)
    assert not detector.streaming
    assert [str(path) in record.getMessage() for record in caplog.records] == [True]
    assert "Identity" in caplog.text


def test_the_shipped_net_streams_without_a_warning(caplog: pytest.LogCaptureFixture) -> None:
    assert load_detector(("hey_jarvis",), None).streaming
    assert not caplog.records


@pytest.mark.parametrize("offset", [0, 320, 640, 960])
def test_a_spoken_hey_jarvis_wakes_once_at_any_offset(offset: int) -> None:
    quiet = noise(2, 10)
    sound = np.concatenate((quiet[:offset], quiet, one_hey_jarvis(), noise(2, 10, seed=6)))
    assert wakes_in(load_detector(("hey_jarvis",), None), sound) == ["hey_jarvis"]


def test_a_word_spoken_right_after_the_start_wakes() -> None:
    assert wakes_in(load_detector(("hey_jarvis",), None), one_hey_jarvis()) == ["hey_jarvis"]


def test_other_sentences_wake_nobody() -> None:
    others = speech()[len(one_hey_jarvis()) + 2 * RATE :]
    assert wakes_in(load_detector(("hey_mycroft",), None), others) == []


def wakes_in(detector: OpenWakeWordDetector, samples: Samples) -> list[str]:
    gate = Gate({word: WordPolicy() for word in detector.words}, 19)
    hits = [gate.hear(scores) for scores in scores_of(detector, samples)]
    return [hit.word for hit in hits if hit]


@pytest.mark.parametrize("rms", [0, 5, 300, 1500])
def test_nothing_fires_in_noise_after_the_start(rms: float) -> None:
    detector = load_detector(WORDS, None)
    for seed in range(5):
        detector.restart()
        heard = scores_of(detector, noise(3, rms, seed))
        assert max(max(each.values()) for each in heard) < 0.5


def test_a_restart_forgets_what_was_said() -> None:
    detector = load_detector(("hey_jarvis",), None)
    fresh = scores_of(detector, noise(2, 20))
    scores_of(detector, one_hey_jarvis())
    detector.restart()
    assert scores_of(detector, noise(2, 20)) == fresh


def test_without_a_restart_the_past_is_remembered() -> None:
    detector = load_detector(("hey_jarvis",), None)
    fresh = scores_of(detector, noise(1, 20))
    scores_of(detector, one_hey_jarvis()[:RATE])
    assert scores_of(detector, noise(1, 20)) != fresh


def test_two_detectors_start_alike() -> None:
    one, other = (load_detector(("alexa",), None) for _ in range(2))
    assert scores_of(one, noise(1, 100)) == scores_of(other, noise(1, 100))


def test_a_word_scores_the_same_alone_and_in_company() -> None:
    alone = scores_of(load_detector(("hey_jarvis",), None), speech())
    among = scores_of(load_detector(("weather", *WORDS), None), speech())
    assert [each["hey_jarvis"] for each in alone] == [each["hey_jarvis"] for each in among]


@pytest.mark.parametrize("buffer_bytes", [640, 2560, 5120, 1, 777, 4096])
def test_the_size_of_the_microphones_buffers_does_not_matter(buffer_bytes: int) -> None:
    sound = noise(1, 500).tobytes()[: 12 * FRAME_BYTES]
    whole, pieces = (load_detector(("hey_jarvis",), None) for _ in range(2))
    reframer = Reframer()
    buffers = (sound[at : at + buffer_bytes] for at in range(0, len(sound), buffer_bytes))
    heard = [pieces.hear(frame) for buffer in buffers for frame in reframer.feed(buffer)]
    assert heard == scores_of(whole, np.frombuffer(sound, np.int16))


def test_scores_are_named_after_the_words() -> None:
    detector = load_detector(WORDS, None)
    assert detector.words == WORDS
    assert tuple(detector.hear(bytes(FRAME_BYTES))) == WORDS


@pytest.mark.parametrize("size", [0, 640, 2558, 2561, 5120])
def test_a_frame_of_another_size_is_refused(size: int) -> None:
    with pytest.raises(ValueError, match="2560 bytes"):
        load_detector(("hey_jarvis",), None).hear(bytes(size))


HEAVY = """
import sys
from assistant.adapters.openwakeword_detector import load_detector
load_detector(("hey_jarvis",), None).hear(bytes(2560))
roots = {name.partition(".")[0] for name in sys.modules}
print(sorted(roots & {"openwakeword", "scipy", "sklearn", "tqdm", "requests"}))
"""


def test_nothing_heavy_is_imported_in_a_fresh_process() -> None:
    child = subprocess.run(
        [sys.executable, "-c", HEAVY], capture_output=True, text=True, check=True
    )
    assert child.stdout.strip() == "[]"
    assert child.stderr == ""
