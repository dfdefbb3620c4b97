"""The house speaks: early, the same each time, and with another mouth if it must."""

import asyncio
import logging
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from assistant.audio.frames import floats_of
from assistant.audio.resampling import resampled
from assistant.local.hearing import Hearing, load_hearing
from assistant.local.trie import Trie
from assistant.local.voice import SAMPLE_RATE, HouseVoice, open_espeak
from tests.rooms.spoken_sound import house_voice, silence

if TYPE_CHECKING:
    from assistant.ports import Voice

SENTENCE = "The kitchen light is on."


@pytest.fixture(scope="module")
def hearing() -> Hearing:
    return load_hearing()


@pytest.fixture
def without_hibari(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "hibari", None)


@pytest.fixture
def fresh() -> Iterator[HouseVoice]:
    voice = HouseVoice()
    yield voice
    voice.close()


def heard(hearing: Hearing, pcm: bytes) -> str:
    ears = silence(0.3) + resampled(pcm, SAMPLE_RATE, 16_000) + silence(0.3)
    return hearing.understand(ears, Trie(()), 1.0).free


def seconds(pcm: bytes) -> float:
    return len(pcm) / 2 / SAMPLE_RATE


def test_it_fits_the_port() -> None:
    voice: Voice = house_voice()
    pcm = asyncio.run(voice.speak(SENTENCE))
    assert 1.0 < seconds(pcm) < 4.0
    assert 0.02 < float(np.abs(floats_of(pcm)).max()) <= 1.0


def test_speaking_is_all_sentences_in_a_row() -> None:
    voice = house_voice()
    text = "The light is on. The door is locked."
    parts = list(voice.sentences(text))
    assert len(parts) == 2
    assert asyncio.run(voice.speak(text)) == b"".join(parts)


def test_the_first_sentence_does_not_wait_for_the_last() -> None:
    voice = house_voice()
    told: list[float] = []
    for part in voice.sentences("Good evening. " + "And so it goes on and on. " * 3):
        told.append(seconds(part))
        break
    assert told[0] < 2.5


def test_it_says_the_same_each_time() -> None:
    voice = HouseVoice()
    assert b"".join(voice.sentences(SENTENCE)) == b"".join(house_voice().sentences(SENTENCE))
    voice.close()


def test_a_phrase_said_before_comes_from_memory() -> None:
    voice = house_voice()
    first = next(voice.sentences(SENTENCE))
    assert next(voice.sentences(SENTENCE)) is first


def test_what_cannot_be_said_is_silence() -> None:
    assert list(house_voice().sentences("")) == []
    assert list(house_voice().sentences("日本語")) == []


def test_a_warm_voice_of_our_own_has_no_problem(fresh: HouseVoice) -> None:
    fresh.warm()
    assert fresh.problem == ""


def test_it_does_not_speak_on_the_event_loop() -> None:
    voice = house_voice()

    async def story() -> list[str]:
        speaking = asyncio.create_task(voice.speak("Something new to say."))
        names: list[str] = []
        while not speaking.done():
            names += [thread.name for thread in threading.enumerate()]
            await asyncio.sleep(0.001)
        return names

    assert any(name.startswith("voice") for name in asyncio.run(story()))


def test_many_may_ask_at_once() -> None:
    voice = house_voice()
    texts = [f"This is number {n}." for n in range(6)]

    async def story() -> list[bytes]:
        return await asyncio.gather(*map(voice.speak, texts))

    assert asyncio.run(story()) == [b"".join(voice.sentences(text)) for text in texts]


def test_closing_twice_is_safe(fresh: HouseVoice) -> None:
    fresh.close()
    fresh.close()


def test_importing_the_voice_costs_nothing() -> None:
    code = (
        "import sys; from assistant.local.voice import HouseVoice; HouseVoice();"
        "sys.exit(bool({'hibari', 'onnxruntime'} & sys.modules.keys()))"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (SENTENCE, "kitchen light is on"),
        ("It is 21.5 °C in the bedroom.", r"(21\.5|twenty.one point five) degrees celsius in the"),
        ("The lamp is at 40%.", "(40|forty) ?(%|percent)"),
        ("Shall I unlock the back door?", "unlock the back door"),
    ],
)
def test_what_the_house_says_can_be_understood(hearing: Hearing, text: str, words: str) -> None:
    understood = heard(hearing, b"".join(house_voice().sentences(text))).lower()
    assert re.search(words, understood), understood


@pytest.mark.usefixtures("without_hibari")
def test_without_hibari_a_child_speaks_and_the_problem_is_told(
    fresh: HouseVoice, hearing: Hearing, caplog: pytest.LogCaptureFixture
) -> None:
    try:
        open_espeak()
    except Exception as error:  # noqa: BLE001  # whatever keeps it from speaking
        pytest.skip(str(error))
    with caplog.at_level(logging.WARNING):
        pcm = b"".join(fresh.sentences("- The kitchen light is on."))
    assert "kitchen light" in heard(hearing, pcm).lower()
    assert "pip install hibari-tts==0.2.1" in fresh.problem
    assert fresh.problem in caplog.text


@pytest.mark.usefixtures("without_hibari")
def test_without_any_voice_it_is_silent_and_tells_both_remedies(
    fresh: HouseVoice, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "")
    fresh.warm()
    assert asyncio.run(fresh.speak(SENTENCE)) == b""
    assert "pip install hibari-tts==0.2.1" in fresh.problem
    assert "apt install espeak-ng" in fresh.problem


@pytest.mark.usefixtures("without_hibari")
def test_a_child_that_fails_is_silence_and_a_warning(
    fresh: HouseVoice,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    child = tmp_path / "espeak-ng"
    child.write_text("#!/bin/sh\nexit 3\n")
    child.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    with caplog.at_level(logging.WARNING):
        assert list(fresh.sentences(SENTENCE)) == []
    assert "did not speak" in caplog.text


def test_a_voice_that_does_not_load_is_no_voice(
    fresh: HouseVoice, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "hibari").mkdir()
    (tmp_path / "hibari" / "__init__.py").write_text("raise RuntimeError('broken wheel')\n")
    for name in [name for name in sys.modules if name.split(".")[0] == "hibari"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setenv("PATH", "")
    fresh.warm()
    assert "broken wheel" in fresh.problem
