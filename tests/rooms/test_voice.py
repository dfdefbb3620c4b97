"""The house speaks: early, the same each time, and with another mouth if it must."""

import asyncio
import logging
import os
import re
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from assistant.audio.frames import floats_of
from assistant.audio.resampling import resampled
from assistant.local.hearing import Hearing, load_hearing
from assistant.local.trie import Trie
from assistant.local.voice import LONGEST_ANNOUNCEMENT, SAMPLE_RATE, HouseVoice, open_espeak
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


A_DELICATE_VOICE = """
import time
asked = []
class Net:
    def run(self, outputs, inputs, options):
        ends = time.monotonic() + inputs["takes"]
        while time.monotonic() < ends:
            if options.terminate: raise RuntimeError("Exiting due to terminate flag")
            time.sleep(0.01)
class Hibari:
    def __init__(self, **_how): self.sess = Net()
    def __call__(self, sentence, *, seed):
        asked.append(sentence)
        self.sess.run(None, {"takes": 10 * ("slow" in sentence)})
        if "secret" in sentence: raise IndexError(sentence)
        return [0.5] * 240
"""


@pytest.fixture
def delicate(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A voice in hibari's place (a guest) that fails at a secret, and is slow where told so."""
    (tmp_path / "hibari").mkdir()
    (tmp_path / "hibari" / "__init__.py").write_text(A_DELICATE_VOICE)
    for name in [name for name in sys.modules if name.split(".")[0] == "hibari"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.syspath_prepend(tmp_path)
    return tmp_path


@pytest.mark.usefixtures("delicate")
def test_a_sentence_that_the_voice_chokes_on_is_silence_and_a_warning_without_its_words(
    fresh: HouseVoice, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        assert asyncio.run(fresh.speak("The secret is 7.")) == b""
    (record,) = (record for record in caplog.records if record.levelno >= logging.WARNING)
    assert record.getMessage() == "voice: a sentence of 16 letters failed: IndexError"
    assert "secret" not in caplog.text


@pytest.mark.usefixtures("delicate")
def test_the_sentences_around_it_are_said(fresh: HouseVoice) -> None:
    assert len(asyncio.run(fresh.speak("One. The secret. Two."))) == 2 * 480


def test_a_long_number_is_said(fresh: HouseVoice) -> None:
    pcm = asyncio.run(fresh.speak("Timer " + "4" * 60 + " is over."))
    assert 10 < seconds(pcm) < 60


@pytest.mark.usefixtures("delicate")
def test_an_announcement_is_bounded(fresh: HouseVoice, caplog: pytest.LogCaptureFixture) -> None:
    asyncio.run(fresh.speak("word " * 1000))
    (said,) = sys.modules["hibari"].asked[1:]
    assert said == ("word " * 60).strip()
    assert len(said) <= LONGEST_ANNOUNCEMENT
    assert "a text of 5000 letters is cut" in caplog.text


@pytest.mark.usefixtures("delicate")
def test_closing_does_not_wait_but_breaks_the_sentence_off(
    fresh: HouseVoice, caplog: pytest.LogCaptureFixture
) -> None:
    async def story() -> None:
        speaking = asyncio.create_task(fresh.speak("It is slow. It is never begun."))
        while "It is slow." not in getattr(sys.modules.get("hibari"), "asked", ()):  # noqa: ASYNC110  # another thread does it
            await asyncio.sleep(0.01)
        began = time.monotonic()
        fresh.close()
        assert time.monotonic() - began < 0.1
        assert await speaking == b""
        assert time.monotonic() - began < 5

    with caplog.at_level(logging.WARNING):
        asyncio.run(story())
    assert caplog.text == ""
    assert asyncio.run(fresh.speak("Too late.")) == b""
    assert sys.modules["hibari"].asked[1:] == ["It is slow."]


def test_the_process_does_not_wait_at_its_end_for_a_sentence(delicate: Path) -> None:
    code = (
        "import asyncio, sys, time\n"
        "from assistant.local.voice import HouseVoice\n"
        "voice = HouseVoice()\n"
        "async def story():\n"
        "    speaking = asyncio.create_task(voice.speak('It is slow.'))\n"
        "    while 'It is slow.' not in getattr(sys.modules.get('hibari'), 'asked', ()):\n"
        "        await asyncio.sleep(0.01)\n"
        "    speaking.cancel()\n"
        "asyncio.run(story())\n"
        "voice.close()\n"
        "print(time.monotonic(), flush=True)\n"
    )
    environment = dict(os.environ, PYTHONPATH=f"{delicate}:{Path(__file__).parents[2]}")
    child = subprocess.run(
        [sys.executable, "-c", code], check=True, env=environment, capture_output=True, text=True
    )
    assert child.stderr == ""
    assert time.monotonic() - float(child.stdout) < 5


def test_the_real_voice_is_broken_off_as_well() -> None:
    pytest.importorskip("hibari")
    voice = HouseVoice()
    voice.warm()

    async def story() -> None:
        speaking = asyncio.create_task(voice.speak("word " * 60))
        await asyncio.sleep(0.1)
        voice.close()
        assert await speaking == b""

    asyncio.run(story())


@pytest.mark.usefixtures("without_hibari")
def test_a_child_that_never_ends_is_ended_by_closing(
    fresh: HouseVoice, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    child, begun = tmp_path / "espeak-ng", tmp_path / "begun"
    child.write_text(f"#!/bin/sh\n: > {begun}\nexec /bin/sleep 60\n")
    child.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))

    async def story() -> None:
        speaking = asyncio.create_task(fresh.speak(SENTENCE))
        while not begun.exists():  # noqa: ASYNC110  # another process does it
            await asyncio.sleep(0.01)
        fresh.close()
        async with asyncio.timeout(10):
            assert await speaking == b""

    asyncio.run(story())


@pytest.mark.usefixtures("without_hibari")
def test_a_child_that_failed_once_is_asked_again(
    fresh: HouseVoice, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    child = tmp_path / "espeak-ng"
    child.write_text("#!/bin/sh\nexit 3\n")
    child.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert list(fresh.sentences(SENTENCE)) == []
    child.write_text("#!/bin/sh\n/usr/bin/head -c 4454 /dev/zero\n")
    assert len(list(fresh.sentences(SENTENCE))) == 1
