"""The user's own wake words, and what is said when a file is absent, altered or unfit."""

import logging
import os
import shutil
import struct
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from assistant.adapters.openwakeword_detector import load_detector
from assistant.adapters.openwakeword_files import LARGEST_FILE
from assistant.errors import AssistantError, DetectorUnavailable, SettingsError
from assistant.wake.onnx_file import (
    Node,
    input_field,
    int64_tensor,
    output_field,
    tensor_field,
    write_model,
)
from assistant.wake.protobuf import blob_field, int_field
from tests.rooms.embedding_net import altered_net, every, numbers_of, shipped_models

FRAME = bytes(range(256)) * 10
ELSEWHERE = int64_tensor("w", [1]) + int_field(14, 1)


def a_word_net(shape: tuple[int, ...], *fields: bytes, inputs: tuple[str, ...] = ("x",)) -> bytes:
    """A net that scores with the largest value it sees."""
    node = Node("ReduceMax", (inputs[0],), ("y",)).encoded()
    given = [input_field(name, shape) for name in inputs]
    return write_model(13, [node, *given, output_field("y", (1,) * len(shape)), *fields])


def shipped(name: str) -> bytes:
    return (shipped_models() / name).read_bytes()


def faults_of(word: str, folder: Path | None) -> SettingsError:
    with pytest.raises(SettingsError) as caught:
        load_detector((word,), folder)
    return caught.value


def test_a_file_in_the_folder_is_a_word(tmp_path: Path) -> None:
    (tmp_path / "computer.onnx").write_bytes(shipped("hey_jarvis_v0.1.onnx"))
    detector = load_detector(("computer", "hey_jarvis"), tmp_path)
    scores = detector.hear(FRAME)
    assert scores["computer"] == scores["hey_jarvis"]


def test_a_version_belongs_to_the_name_of_the_users_word(tmp_path: Path) -> None:
    (tmp_path / "computer_v2.onnx").write_bytes(shipped("alexa_v0.1.onnx"))
    assert load_detector(("computer_v2",), tmp_path).words == ("computer_v2",)


def test_the_users_file_goes_before_the_wheels(tmp_path: Path) -> None:
    (tmp_path / "hey_jarvis.onnx").write_bytes(a_word_net((1, 3, 96)))
    assert load_detector(("hey_jarvis",), tmp_path).hear(FRAME)["hey_jarvis"] > 1


@pytest.mark.parametrize("window", [1, 64])
def test_short_and_long_windows_are_accepted(window: int, tmp_path: Path) -> None:
    (tmp_path / "mine.onnx").write_bytes(a_word_net((1, window, 96)))
    assert load_detector(("mine",), tmp_path).hear(FRAME).keys() == {"mine"}


UNFIT: dict[str, tuple[Callable[[], bytes], str]] = {
    "a window of 65": (lambda: a_word_net((1, 65, 96)), "reads"),
    "no window": (lambda: a_word_net((1, 0, 96)), "reads|cannot"),
    "a batch of two": (lambda: a_word_net((2, 16, 96)), "reads"),
    "other features": (lambda: a_word_net((1, 16, 95)), "reads"),
    "four dimensions": (lambda: a_word_net((1, 16, 96, 1)), "reads"),
    "two inputs": (lambda: a_word_net((1, 16, 96), inputs=("x", "z")), "2 inputs"),
    "a mel net": (lambda: shipped("melspectrogram.onnx"), "reads"),
    "seven scores": (lambda: shipped("timer_v0.1.onnx"), "7 scores"),
    "two outputs": (
        lambda: a_word_net(
            (1, 16, 96), Node("Relu", ("y",), ("z",)).encoded(), output_field("z", (1, 1, 1))
        ),
        "several outputs",
    ),
    "weights elsewhere": (
        lambda: a_word_net((1, 16, 96), tensor_field(ELSEWHERE)),
        "weights in other files",
    ),
    "no bytes": (lambda: b"", "cannot be opened"),
    "a text": (lambda: b"<!DOCTYPE html><title>404</title>", "no ONNX file"),
    "half a file": (lambda: shipped("alexa_v0.1.onnx")[:400_000], "no ONNX file"),
    "an unknown operator": (
        lambda: a_word_net((1, 16, 96), Node("Sorcery", ("x",), ("s",)).encoded()),
        "cannot be opened",
    ),
}


@pytest.mark.parametrize("case", UNFIT)
def test_an_unfit_file_is_a_fault_of_the_settings_that_names_it(case: str, tmp_path: Path) -> None:
    make, reason = UNFIT[case]
    path = tmp_path / "mine.onnx"
    path.write_bytes(make())
    with pytest.raises(SettingsError, match=reason) as caught:
        load_detector(("mine",), tmp_path)
    (fault,) = caught.value.faults
    assert fault.startswith(f"{path}: ")
    assert "openWakeWord's training" in caught.value.remedy


def test_every_unfit_file_is_told_at_once(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / f"{name}.onnx").write_bytes(b"no net")
    with pytest.raises(SettingsError) as caught:
        load_detector(("one", "hey_jarvis", "two"), tmp_path)
    assert ["one.onnx" in fault for fault in caught.value.faults] == [True, False]
    assert len(caught.value.faults) == 2


def test_a_file_too_large_is_refused_before_it_is_opened(tmp_path: Path) -> None:
    with (tmp_path / "mine.onnx").open("wb") as file:
        file.truncate(LARGEST_FILE + 1)
    assert "larger than" in faults_of("mine", tmp_path).faults[0]


def test_what_cannot_be_read_is_named(tmp_path: Path) -> None:
    (tmp_path / "mine.onnx").mkdir()
    assert "cannot be read" in faults_of("mine", tmp_path).faults[0]


def test_a_tflite_file_is_refused_with_the_way_out(tmp_path: Path) -> None:
    (tmp_path / "mine.tflite").write_bytes(b"TFL3")
    error = faults_of("mine", tmp_path)
    assert error.faults == (f"{tmp_path / 'mine.tflite'}: use the .onnx file of the same training",)


def test_an_unknown_word_is_answered_with_the_known_ones(tmp_path: Path) -> None:
    (tmp_path / "computer.onnx").write_bytes(a_word_net((1, 16, 96)))
    with pytest.raises(SettingsError) as caught:
        load_detector(("hey_jarvi", "hal", "alexa"), tmp_path)
    assert caught.value.faults == (
        "the wake word 'hey_jarvi' is unknown",
        "the wake word 'hal' is unknown",
    )
    known = "alexa, computer, hey_jarvis, hey_marvin, hey_mycroft, weather"
    assert caught.value.remedy == f"Known words: {known}."


@pytest.mark.parametrize(
    "word", ["", "timer", "embedding_model", "melspectrogram", "silero_vad", "../mine", "*", "/"]
)
def test_what_is_no_word_is_unknown(word: str, tmp_path: Path) -> None:
    (tmp_path.parent / "mine.onnx").write_bytes(a_word_net((1, 16, 96)))
    assert faults_of(word, tmp_path).faults == (f"the wake word {word!r} is unknown",)


def test_at_least_one_word_is_needed() -> None:
    with pytest.raises(SettingsError, match="no wake word") as caught:
        load_detector((), None)
    assert "hey_jarvis" in caught.value.remedy


def test_a_folder_that_is_missing_is_named(tmp_path: Path) -> None:
    missing = tmp_path / "words"
    assert str(missing) in faults_of("hey_jarvis", missing).faults[0]


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("melspectrogram", a_word_net((1, 1760)), "not 8 rows"),
        ("melspectrogram", a_word_net((1, 16, 96)), "cannot be run"),
        ("embedding_model", a_word_net((1, 76, 32, 1)), "1 values of one window"),
        ("embedding_model", a_word_net((1, 75, 32, 1)), "cannot be run"),
        ("embedding_model", b"", "cannot be opened"),
    ],
)
def test_an_unfit_feature_net_of_the_user_is_named(
    name: str, content: bytes, reason: str, tmp_path: Path
) -> None:
    path = tmp_path / f"{name}.onnx"
    path.write_bytes(content)
    with pytest.raises(SettingsError, match=reason) as caught:
        load_detector(("hey_jarvis",), tmp_path)
    assert str(path) in caught.value.faults[0]


def not_a_number_anywhere(nodes: list[Node]) -> list[Node]:
    alpha = blob_field(1, "alpha") + b"\x15" + struct.pack("<f", float("nan")) + int_field(20, 1)
    return every("LeakyRelu", alpha=alpha)(nodes)


def named_like_a_cache(nodes: list[Node]) -> list[Node]:
    at = numbers_of("BatchNormalization")[0]
    nodes[at] = replace(nodes[at], outputs=("cache_0",))
    nodes[at + 1] = replace(nodes[at + 1], inputs=("cache_0",))
    return nodes


@pytest.mark.parametrize(
    ("edit", "reason"),
    [(not_a_number_anywhere, "differs by nan"), (named_like_a_cache, "does not open")],
)
def test_an_embedding_net_that_is_not_proven_equal_keeps_its_window(
    edit: Callable[[list[Node]], list[Node]],
    reason: str,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    (tmp_path / "embedding_model.onnx").write_bytes(altered_net(edit))
    with caplog.at_level(logging.WARNING):
        detector = load_detector(("hey_jarvis",), tmp_path)
    assert not detector.streaming
    assert reason in caplog.text


@pytest.fixture
def other_wheel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An installed openwakeword whose files a test may take away; returns their folder."""
    models = tmp_path / "site" / "openwakeword" / "resources" / "models"
    shutil.copytree(shipped_models(), models)
    (tmp_path / "site" / "openwakeword" / "__init__.py").write_text("raise SystemExit('imported')")
    monkeypatch.delitem(sys.modules, "openwakeword", raising=False)
    monkeypatch.syspath_prepend(tmp_path / "site")
    return models


def unavailable(words: tuple[str, ...] = ("hey_jarvis",)) -> AssistantError:
    with pytest.raises(DetectorUnavailable) as caught:
        load_detector(words, None)
    assert 'pip install "openwakeword>=0.4.0,<0.5"' in caught.value.remedy
    return caught.value


def test_the_wheel_is_looked_into_and_never_run(other_wheel: Path) -> None:
    assert load_detector(("hey_jarvis",), None).streaming
    assert "openwakeword" not in sys.modules


def test_a_wheel_without_models_names_the_one_that_has_them(other_wheel: Path) -> None:
    shutil.rmtree(other_wheel)
    assert "melspectrogram.onnx is not installed" in unavailable().problem


def test_without_any_wheel_the_remedy_is_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "openwakeword", None)
    assert "not installed" in unavailable().problem


@pytest.mark.parametrize("name", ["melspectrogram", "embedding_model", "hey_jarvis_v0.1"])
def test_a_damaged_file_of_the_wheel_is_named(name: str, other_wheel: Path) -> None:
    path = other_wheel / f"{name}.onnx"
    os.truncate(path, 5000)
    assert str(path) in unavailable().problem
