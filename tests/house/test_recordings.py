"""`assistant demo --wav` on recordings of many kinds, each in a house of its own."""

import json
import os
import signal
import struct
import time
import wave
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.house.children import assistant
from tests.house.expected import Turn, did_nothing, did_what_it_says
from tests.house.speech import pause, read_channels, spoken, write_wav

AT_A_TIME = 4
EMPTY = b"fmt " + struct.pack("<IHHIIHH", 16, 1, 1, 16_000, 32_000, 2, 16) + b"data\0\0\0\0"
LAMP = "turn on the kitchen light"


@dataclass(frozen=True)
class Case:
    """What a recording holds, and the options that go with it."""

    make: Callable[[int], bytes]
    rate: int = 16_000
    channels: int = 1
    options: tuple[str, ...] = ()


@dataclass(frozen=True)
class Outcome:
    code: int
    summary: dict[str, Any]
    stderr: str

    @property
    def turns(self) -> list[Turn]:
        turns: list[Turn] = self.summary["turns"]
        return turns


def saying(text: str) -> Callable[[int], bytes]:
    return lambda rate: pause(0.6, rate) + spoken(text, rate) + pause(0.4, rate)


def with_a_pause(rate: int) -> bytes:
    return saying("hey jarvis")(rate) + pause(1.0, rate) + saying(LAMP)(rate)


def without_our_wake_word(rate: int) -> bytes:
    return saying(LAMP)(rate) + saying(f"alexa {LAMP}")(rate)


KINDS = {
    "8 kHz mono": (8_000, 1, LAMP),
    "16 kHz stereo": (16_000, 2, "lock the front door"),
    "22.05 kHz mono": (22_050, 1, "turn on the coffee maker"),
    "44.1 kHz stereo": (44_100, 2, "set the living room lamp to forty percent"),
}
CASES = {
    kind: Case(saying(f"hey jarvis {sentence}"), rate, channels)
    for kind, (rate, channels, sentence) in KINDS.items()
} | {
    "48 kHz, a pause": Case(with_a_pause, rate=48_000),
    "alexa": Case(saying(f"alexa {LAMP}"), options=("--wake-word", "alexa")),
    "no wake word": Case(without_our_wake_word),
    "no command": Case(saying("hey jarvis the quick brown fox jumps over the lazy dog")),
}
Playing = dict[str, Future[Outcome]]


def play(name: str, folder: Path) -> Outcome:
    case = CASES[name]
    output = folder / name
    output.mkdir()
    file = write_wav(output / "said.wav", case.make(case.rate), case.rate, case.channels)
    return demo(file, output, *case.options)


def demo(file: Path, output: Path, *options: str) -> Outcome:
    with assistant("demo", "--wav", file, "--json", "--output", output, *options) as child:
        code = child.ended()
        summary = json.loads(child.lines[-1]) if child.lines else {}
        return Outcome(code, summary, child.stderr)


@pytest.fixture(scope="module")
def playing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Playing]:
    """All recordings, a few at a time: most of a demo is waiting for sound to pass."""
    folder = tmp_path_factory.mktemp("recordings")
    with ThreadPoolExecutor(AT_A_TIME) as pool:
        yield {name: pool.submit(play, name, folder) for name in CASES}


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_a_recording_of_any_usual_kind_is_obeyed(playing: Playing, kind: str) -> None:
    outcome = playing[kind].result()
    assert outcome.code == 0, outcome.stderr
    assert did_what_it_says(KINDS[kind][2], outcome.turns), outcome.turns
    assert outcome.stderr == ""


@pytest.mark.slow
def test_another_wake_word_wakes_where_it_is_asked_for(playing: Playing) -> None:
    outcome = playing["alexa"].result()
    assert outcome.turns[0]["wake_word"] == "alexa"
    assert did_what_it_says(LAMP, outcome.turns)


@pytest.mark.slow
def test_a_pause_after_the_wake_word_brings_the_chime_and_then_the_command(
    playing: Playing,
) -> None:
    outcome = playing["48 kHz, a pause"].result()
    assert did_what_it_says(LAMP, outcome.turns)
    assert "jarvis" not in outcome.turns[-1]["transcript"].lower()


@pytest.mark.slow
def test_without_its_wake_word_nothing_happens(playing: Playing) -> None:
    outcome = playing["no wake word"].result()
    assert (outcome.code, outcome.summary["wakes"], outcome.turns) == (0, 0, [])
    assert outcome.stderr == ""
    assert outcome.summary["states"]["kitchen light"]["power"] == "off"


@pytest.mark.slow
def test_a_sentence_that_is_no_command_is_answered_and_does_nothing(playing: Playing) -> None:
    outcome = playing["no command"].result()
    assert outcome.summary["wakes"] == 1
    assert outcome.turns[0]["reply"] != ""
    assert did_nothing(outcome.turns)


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (None, "cannot be read: No such file"),
        (b"this is no sound", "is not a WAV file"),
        (b"RIFF$\0\0\0WAVE" + EMPTY, "no sound"),
    ],
    ids=["missing", "garbage", "empty"],
)
def test_a_recording_that_cannot_be_heard_ends_in_one_sentence(
    tmp_path: Path, content: bytes | None, complaint: str
) -> None:
    file = tmp_path / "said.wav"
    if content is not None:
        file.write_bytes(content)
    outcome = demo(file, tmp_path / "out")
    assert outcome.code == 78
    assert complaint in outcome.stderr
    assert "--wav" in outcome.stderr
    assert str(file) in outcome.stderr
    assert len(outcome.stderr.splitlines()) == 1


@pytest.mark.slow
def test_ctrl_c_ends_a_demo_quietly_and_keeps_what_was_recorded(tmp_path: Path) -> None:
    file = write_wav(tmp_path / "said.wav", pause(30.0))
    with assistant("demo", "--wav", file, "--json", "--output", tmp_path) as child:
        child.entry("ready")
        time.sleep(1.0)
        os.killpg(child.pid, signal.SIGINT)
        code = child.ended(15)
        assert child.family() == {}
    assert (code, child.stderr) == (1, "")
    assert 0.3 < len(read_channels(tmp_path / "conversation.wav")[1][0]) / 24_000 < 20


@pytest.mark.slow
def test_a_recorded_voice_behind_a_human_wake_word_is_obeyed(
    shared_data: Path, tmp_path: Path
) -> None:
    speech, number = shared_data / "speech", 11
    sentence = (speech / "commands.txt").read_text().splitlines()[number]
    voice = min((speech / "commands").iterdir())
    parts = (speech / "human" / "hey_jarvis.wav", voice / f"{number:02d}.wav")
    sound = b"".join(map(_sound_of, parts))
    outcome = demo(write_wav(tmp_path / "said.wav", sound), tmp_path)
    assert did_what_it_says(sentence, outcome.turns), outcome.turns


def _sound_of(file: Path) -> bytes:
    with wave.open(str(file)) as source:
        assert source.getframerate() == 16_000
        return bytes(source.readframes(source.getnframes()))
