"""The speech network: proven files, a true vocabulary, and caches that follow their texts."""

import logging
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from assistant.audio.frames import Floats, floats_of
from assistant.errors import SpeechUnavailable
from assistant.local.decoding import END, decode_freely
from assistant.local.models import open_model
from assistant.local.moonshine import FILES, Heard, Moonshine, load_moonshine, read_vocabulary
from tests.rooms.installed_copy import copy_of_package, same_files
from tests.rooms.spoken_sound import said

BYTES = [bytes([value]) for value in range(256)]
SPECIAL = [b"<unk>", b"<s>", b"</s>"]


@pytest.fixture(scope="module")
def net() -> Moonshine:
    return load_moonshine()


def written(entries: list[bytes]) -> bytes:
    """A tokenizer.bin of these entries."""
    return b"".join(written_size(len(entry)) + entry for entry in entries)


def written_size(size: int) -> bytes:
    return bytes([size]) if size < 128 else bytes([size % 128 + 128, size // 128])


def nearest(logits: Floats, passages: Sequence[Heard]) -> int:
    """Which passage has these scores; the networks are quantised by batch, so nearly will do."""
    gaps = [float(np.abs(logits - passage.logits[0]).mean()) for passage in passages]
    near, next_best = sorted(gaps)[:2]
    assert near < next_best / 3, gaps
    return gaps.index(near)


def test_entries_stand_in_the_order_of_their_ids() -> None:
    vocabulary = read_vocabulary(written([*SPECIAL, *BYTES, b"\xe2\x96\x81turn", b"", b"x" * 300]))
    assert vocabulary.pieces[259:] == (" turn", "", "x" * 300)
    assert vocabulary.pieces[:3] == ("", "", "")


def test_bytes_are_joined_before_they_are_decoded() -> None:
    vocabulary = read_vocabulary(written([*SPECIAL, *BYTES]))
    tokens = [3 + byte for byte in "café".encode()]
    assert vocabulary.text(tokens) == "café"
    assert vocabulary.text(tokens[:-1]) == "caf\ufffd"


@pytest.mark.parametrize("cut", [1, 2, 128, 700])
def test_a_vocabulary_cut_short_is_refused(cut: int) -> None:
    with pytest.raises(SpeechUnavailable, match="cut short"):
        read_vocabulary(written([*SPECIAL, *BYTES, b"x" * 200])[:-cut])


def test_a_vocabulary_too_small_to_spell_is_refused() -> None:
    with pytest.raises(SpeechUnavailable, match="cut short"):
        read_vocabulary(written([*SPECIAL, b"a"]))


def test_the_package_is_read_but_never_imported() -> None:
    code = (
        "import sys; from assistant.local.hearing import load_hearing; load_hearing();"
        "sys.exit(bool({'moonshine_voice', 'sounddevice'} & sys.modules.keys()))"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_a_missing_package_is_named_with_its_pin(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "moonshine_voice", None)
    with pytest.raises(SpeechUnavailable) as caught:
        load_moonshine()
    assert "moonshine_voice is not installed" in caught.value.problem
    assert "moonshine-voice==0.1.0" in caught.value.remedy


@pytest.mark.parametrize("file", [file.path for file in FILES])
def test_an_altered_file_is_refused(
    file: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy_of_package("moonshine_voice", tmp_path, altered=file)
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(SpeechUnavailable, match=r"sha256.*moonshine-voice==0\.1\.0") as caught:
        load_moonshine()
    assert file in caught.value.problem


def test_a_release_without_the_models_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "moonshine_voice").mkdir()
    (tmp_path / "moonshine_voice" / "__init__.py").touch()
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(SpeechUnavailable, match="is missing"):
        load_moonshine()


def test_a_folder_of_ones_own_serves_and_is_called_unverified(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    same_files(FILES, tmp_path)
    with caplog.at_level(logging.WARNING):
        load_moonshine(tmp_path)
    assert f"unverified model: {tmp_path}" in caplog.text


def test_a_folder_without_the_files_names_the_one_it_lacks(tmp_path: Path) -> None:
    with pytest.raises(SpeechUnavailable, match=r"encoder_model\.ort is missing"):
        load_moonshine(tmp_path)


def test_files_that_are_no_networks_are_refused(tmp_path: Path) -> None:
    same_files(FILES[1:], tmp_path)
    (tmp_path / "encoder_model.onnx").write_bytes(b"no network")
    with pytest.raises(SpeechUnavailable, match=r"encoder_model\.onnx is no usable model"):
        load_moonshine(tmp_path)


def test_networks_in_each_others_place_are_refused(tmp_path: Path) -> None:
    same_files(FILES, tmp_path)
    encoder, decoder = tmp_path / "encoder_model.ort", tmp_path / "decoder_model_merged.ort"
    real = encoder.readlink()
    encoder.unlink()
    encoder.symlink_to(decoder.readlink())
    decoder.unlink()
    decoder.symlink_to(real)
    with pytest.raises(SpeechUnavailable, match="no Moonshine"):
        load_moonshine(tmp_path)


def test_a_runtime_that_does_not_load_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    with pytest.raises(SpeechUnavailable, match="onnxruntime does not load"):
        open_model(tmp_path / "any.onnx")


def test_the_vocabulary_must_belong_to_the_network(tmp_path: Path) -> None:
    same_files(FILES[:2], tmp_path)
    (tmp_path / "tokenizer.bin").write_bytes(written([*SPECIAL, *BYTES]))
    with pytest.raises(SpeechUnavailable, match="does not belong"):
        load_moonshine(tmp_path)


def test_speech_becomes_text(net: Moonshine) -> None:
    free = decode_freely(net.begin(floats_of(said("turn on the kitchen light"))), 30)
    assert free.ended
    assert net.vocabulary.text(free.tokens).lower().strip(".") == "turn on the kitchen light"


@pytest.mark.parametrize("samples", [0, 1, 800, 1000, 3199])
def test_sound_too_short_for_the_network_is_filled_up(net: Moonshine, samples: int) -> None:
    assert net.begin(np.zeros(samples, np.float32)).logits.shape == (1, len(net.vocabulary.pieces))


def test_each_row_of_several_texts_is_scored_as_if_alone(net: Moonshine) -> None:
    start = net.begin(floats_of(said("turn on the kitchen light")))
    ways = np.argsort(start.logits[0])[-3:].tolist()
    together = start.after([0, 0, 0], ways)
    for row, way in enumerate(ways):
        assert nearest(together.logits[row], [start.after([0], [other]) for other in ways]) == row
        alone = start.after([0], [way])
        assert together.logits[row].argmax() == alone.logits[0].argmax()


def test_a_text_keeps_its_own_past_when_rows_change_places(net: Moonshine) -> None:
    start = net.begin(floats_of(said("turn on the kitchen light")))
    one, other, third = np.argsort(start.logits[0])[-3:].tolist()
    swapped = start.after([0, 0, 0], [one, other, third]).after([2, 0], [third, third])
    alone = [start.after([0], [first]).after([0], [third]) for first in (one, other, third)]
    assert nearest(swapped.logits[0], alone) == 2
    assert nearest(swapped.logits[1], alone) == 0


def test_a_passage_may_be_continued_twice(net: Moonshine) -> None:
    start = net.begin(floats_of(said("turn on the kitchen light")))
    first = start.after([0], [END]).logits
    start.after([0], [5])
    np.testing.assert_array_equal(start.after([0], [END]).logits, first)
