"""`assistant say`: real sentences in the house's own voice, into files and onto a sound card."""

import io
import json
import os
import shutil
import stat
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from assistant.app.cli import run_command
from assistant.app.say import MOST_LETTERS, write_sound
from assistant.audio.frames import samples_in
from assistant.audio.level import level_dbfs
from assistant.audio.wav import read_wav
from assistant.errors import AssistantError
from tests.contracts.test_sound_cards import Room, RoomAudio, RoomStream

needs_a_voice = pytest.mark.skipif(
    find_spec("hibari") is None and shutil.which("espeak-ng") is None,
    reason="no voice is installed",
)
SECOND = bytes(2 * 24_000)


def config(folder: Path, text: str = "") -> list[str]:
    file = folder / "assistant.toml"
    file.write_text(text)
    return ["--config", str(file)]


@pytest.fixture
def no_voice(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("assistant.local.voice.find_spec", lambda _: None)
    monkeypatch.setenv("PATH", "/nowhere")


@needs_a_voice
def test_a_sentence_becomes_a_wav_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "morning.wav"
    assert run_command(["say", "Good morning.", "--wav", str(file), *config(tmp_path)]) == 0
    sound = read_wav(file.read_bytes())
    assert (sound.rate, sound.channels) == (24_000, 1)
    assert 0.4 < samples_in(sound.pcm) / sound.rate < 4
    assert level_dbfs(sound.pcm) > -50
    assert capsys.readouterr().out.startswith(f"{file}: ")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["assistant.toml", "morning.wav"]


@needs_a_voice
def test_standard_input_is_said_and_its_length_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"Hello there.\n")))
    file = tmp_path / "hello.wav"
    assert run_command(["say", "-", "--wav", str(file), "--json", *config(tmp_path)]) == 0
    told = json.loads(capsys.readouterr().out)
    seconds = samples_in(read_wav(file.read_bytes()).pcm) / 24_000
    assert told == {"seconds": round(seconds, 3), "rate": 24_000, "wav": str(file)}


@needs_a_voice
def test_it_is_played_on_the_speaker_to_the_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    room = Room()
    monkeypatch.setitem(sys.modules, "pyaudio", room)
    assert run_command(["say", "Yes.", "--json", *config(tmp_path)]) == 0
    seconds = json.loads(capsys.readouterr().out)["seconds"]
    (stream,) = room.streams
    assert not stream.running
    frame_bytes = 2 * stream.how["channels"]
    assert len(stream.played) >= 0.9 * seconds * stream.how["rate"] * frame_bytes
    assert level_dbfs(bytes(stream.played)) > -50


@needs_a_voice
def test_a_speaker_that_is_lost_is_told_of(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    class Dying(RoomAudio):
        def open(self, **how: object) -> RoomStream:
            stream = super().open(**how)
            how_often = iter(range(20))
            callback = stream.how["stream_callback"]

            def until_the_plug_is_pulled(*given: object) -> object:
                stream.running = next(how_often, None) is not None
                return callback(*given)

            stream.how["stream_callback"] = until_the_plug_is_pulled
            return stream

    room = Room()
    monkeypatch.setattr(room, "PyAudio", lambda: Dying(room))
    monkeypatch.setitem(sys.modules, "pyaudio", room)
    text = "This is a long sentence, and nobody will ever hear the end of it."
    assert run_command(["say", text, *config(tmp_path)]) == 75
    assert "the speaker was lost after" in capsys.readouterr().err


@needs_a_voice
def test_a_tape_takes_the_place_of_the_speaker(tmp_path: Path) -> None:
    tape = tmp_path / "tape.wav"
    settings = f'[audio]\ndriver = "wav"\nspeaker_wav = "{tape}"\n'
    assert run_command(["say", "Yes.", *config(tmp_path, settings)]) == 0
    assert level_dbfs(read_wav(tape.read_bytes()).pcm) > -50


@needs_a_voice
def test_a_speaker_that_is_nowhere_is_admitted(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_command(["say", "Yes.", *config(tmp_path, '[audio]\ndriver = "wav"\n')]) == 0
    assert "nobody heard it" in capsys.readouterr().err


@pytest.mark.usefixtures("no_voice")
def test_without_a_voice_both_remedies_are_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "mute.wav"
    assert run_command(["say", "Hello.", "--wav", str(file), *config(tmp_path)]) == 75
    told = capsys.readouterr().err
    assert "pip install hibari-tts" in told
    assert "sudo apt install espeak-ng" in told
    assert not file.exists()


@pytest.mark.usefixtures("no_voice")
@pytest.mark.parametrize("text", ["", "...", "?!"])
def test_a_text_without_a_word_is_refused_before_a_voice_is_sought(
    text: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_command(["say", text, *config(tmp_path)]) == 1
    assert "there is no word to say" in capsys.readouterr().err


@pytest.mark.usefixtures("no_voice")
def test_a_text_that_would_be_cut_is_refused_instead(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    endless = io.TextIOWrapper(io.BytesIO(b"word " * MOST_LETTERS))
    monkeypatch.setattr(sys, "stdin", endless)
    assert run_command(["say", "-", *config(tmp_path)]) == 1
    assert "the text is too long" in capsys.readouterr().err


def test_a_file_is_replaced_whole_and_behind_its_link(tmp_path: Path) -> None:
    real, link = tmp_path / "real.wav", tmp_path / "link.wav"
    real.write_bytes(b"old")
    link.symlink_to(real)
    write_sound(link, SECOND)
    assert link.is_symlink()
    assert read_wav(real.read_bytes()).pcm == SECOND


def test_the_file_has_the_rights_of_any_new_file(tmp_path: Path) -> None:
    before = os.umask(0o022)
    try:
        write_sound(tmp_path / "new.wav", SECOND)
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "new.wav").stat().st_mode) == 0o644


def test_a_write_that_fails_leaves_the_old_file_and_no_scrap(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(path: Path, content: bytes) -> int:
        with path.open("wb") as file:
            file.write(content[:100])
        raise OSError(28, "No space left on device")

    file = tmp_path / "kept.wav"
    file.write_bytes(b"old")
    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(AssistantError, match="No space left on device"):
        write_sound(file, SECOND)
    monkeypatch.undo()
    assert file.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [file]


def test_a_folder_in_the_way_is_named(tmp_path: Path) -> None:
    with pytest.raises(AssistantError, match="cannot be written") as caught:
        write_sound(tmp_path, SECOND)
    assert caught.value.remedy == "choose another file"
    assert tmp_path.is_dir()


def test_a_pipe_is_written_to_and_not_replaced(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe.wav"  # never a device of the machine: a failing test would replace it
    os.mkfifo(pipe)
    reading = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    try:
        write_sound(pipe, SECOND[:4800])
        assert pipe.is_fifo()
        assert read_wav(os.read(reading, 65536)).pcm == SECOND[:4800]
    finally:
        os.close(reading)
