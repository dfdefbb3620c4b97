"""The house's own voice: hibari, else espeak-ng as a child process, else silence."""

import asyncio
import logging
import os
import shutil
import subprocess
import threading
from collections.abc import Iterator
from concurrent.futures import Future as Promise
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Protocol

import numpy as np

from assistant.audio.frames import pcm_of
from assistant.audio.resampling import resampled
from assistant.errors import SpeechUnavailable
from assistant.local.models import BreakableNet
from assistant.local.pronunciation import shortened, spoken_sentences

SAMPLE_RATE = 24_000
LONGEST_ANNOUNCEMENT = 300
"""In letters: some twenty seconds, and a second of work."""
_SEED = 1
_REMEMBERED_SENTENCES = 64
_CHILD_SECONDS = 20
_ESPEAK_RATE = 22_050
_WAV_HEADER = 44


class Throat(Protocol):
    """Says one sentence at a time, in whichever thread asks."""

    def __call__(self, sentence: str) -> bytes:
        """Say it: s16le mono of 24 kHz. Raises whatever its library raises."""
        ...

    def hush(self) -> None:
        """Break off the sentence being made, and make no more."""
        ...


_log = logging.getLogger(__name__)


class HouseVoice:
    """Speaks sentences (a `ports.Voice`); what it needs is loaded at the first word.

    It can be used from several threads; one sentence is made at a time, and one said before comes
    from memory. What no voice can say is silence and a warning without its words.
    """

    def __init__(self) -> None:
        self._throat: Throat | None = None
        self._problem = ""
        self._turn = threading.Lock()
        self._closed = False
        self._remembered = lru_cache(_REMEMBERED_SENTENCES)(self._pronounce)

    @property
    def problem(self) -> str:
        """Why the voice is not the best one, with the remedy; empty if it is. Known once warm."""
        return self._problem

    def warm(self) -> None:
        """Load the voice and its text rules; blocking, a second or so. Never raises."""
        for _ in self.sentences("Ready."):
            pass

    def sentences(self, text: str) -> Iterator[bytes]:
        """Yield s16le mono of 24 kHz, sentence by sentence as it is made; blocking."""
        for sentence in spoken_sentences(text):
            pcm = self._said(sentence)
            if pcm:
                yield pcm

    async def speak(self, text: str) -> bytes:
        """Turn an announcement into s16le mono at 24 kHz; empty where no voice is installed.

        What is longer than `LONGEST_ANNOUNCEMENT` is cut behind a word.
        """
        short = shortened(text, LONGEST_ANNOUNCEMENT)
        if short != text:
            _log.warning("voice: a text of %d letters is cut to %d", len(text), len(short))
        spoken: Promise[bytes] = Promise()
        spoken.set_running_or_notify_cancel()

        def speak() -> None:
            try:
                spoken.set_result(b"".join(self.sentences(short)))
            except Exception as bug:  # noqa: BLE001  # it is raised where the speech was asked for
                spoken.set_exception(bug)

        # No daemon: onnxruntime aborts a process that ends in the middle of a sentence. `close`
        # breaks the sentence off, so that nothing waits for this thread either.
        threading.Thread(target=speak, name="voice").start()
        return await asyncio.wrap_future(spoken)

    def close(self) -> None:
        """Break off what is being said; returns at once, and is safe to call twice."""
        self._closed = True
        if self._throat is not None:
            self._throat.hush()

    def _said(self, sentence: str) -> bytes:
        """One sentence as sound; what no voice can say is silence and a warning."""
        try:
            with self._turn:
                return b"" if self._closed else self._remembered(sentence)
        except Exception as error:  # noqa: BLE001  # a voice fails in its own ways; none may end us
            if not self._closed:
                _log.warning(
                    "voice: a sentence of %d letters failed: %s", len(sentence), _told(error)
                )
        return b""

    def _pronounce(self, sentence: str) -> bytes:
        if self._throat is None:
            self._throat, self._problem = find_throat()
            if self._problem:
                _log.warning("voice: %s", self._problem)
        # It may have been closed while the voice was loading.
        return b"" if self._closed else self._throat(sentence)


def _told(error: Exception) -> str:
    """Of a stranger only the type: its words may hold the private sentence."""
    return str(error) if isinstance(error, SpeechUnavailable) else type(error).__name__


def find_throat() -> tuple[Throat, str]:
    """The best voice at hand, and what is wrong if it is not the one we want."""
    problems: list[str] = []
    for open_throat in (open_hibari, open_espeak):
        try:
            return open_throat(), "; ".join(problems)
        except SpeechUnavailable as error:
            problems.append(str(error))
    return _Silence(), "; ".join(problems)


def open_hibari() -> Throat:
    """Load hibari's voice `heart`, the only one in the package. Raises `SpeechUnavailable`."""
    remedy = "run: pip install hibari-tts==0.2.1"
    found = find_spec("hibari")
    if found is None or not found.submodule_search_locations:
        raise SpeechUnavailable("the voice hibari is not installed", remedy)
    # Named, so that the library never looks for a file to download.
    model = Path(found.submodule_search_locations[0], "assets", "hibari.onnx")
    os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")
    try:
        throat = _Hibari(model)
        throat("Ready.")
    except Exception as error:  # it fails in its own ways and in onnxruntime's
        raise SpeechUnavailable(f"the voice hibari does not load: {error}", remedy) from error
    return throat


class _Hibari:
    def __init__(self, model: Path) -> None:
        from hibari import Hibari

        self._voice = Hibari(voice="heart", model=str(model), threads=1)
        self._net = BreakableNet(self._voice.sess)
        self._voice.sess = self._net

    def __call__(self, sentence: str) -> bytes:
        return pcm_of(np.asarray(self._voice(sentence, seed=_SEED), np.float32))

    def hush(self) -> None:
        self._net.break_off()


def open_espeak() -> Throat:
    """Find espeak-ng; as a child process, for its licence and ours. Raises `SpeechUnavailable`."""
    program = shutil.which("espeak-ng")
    if program is None:
        raise SpeechUnavailable("espeak-ng is not installed", "run: sudo apt install espeak-ng")
    return _Espeak(program)


class _Espeak:
    def __init__(self, program: str) -> None:
        self._program = program
        self._child: subprocess.Popen[bytes] | None = None

    def __call__(self, sentence: str) -> bytes:
        try:
            wav = self._asked(sentence)
        except OSError as error:
            raise _did_not_speak(str(error.strerror)) from error
        except subprocess.TimeoutExpired as error:
            raise _did_not_speak(f"it took more than {_CHILD_SECONDS} s") from error
        # The lengths in the header of a piped wav are wrong: the sound is all that follows it.
        return resampled(wav[_WAV_HEADER:], _ESPEAK_RATE, SAMPLE_RATE)

    def hush(self) -> None:
        if self._child is not None:
            self._child.kill()

    def _asked(self, sentence: str) -> bytes:
        command = [self._program, "-v", "en-us", "--stdin", "--stdout"]
        pipe = subprocess.PIPE
        with subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe) as self._child:
            try:
                wav, _ = self._child.communicate(sentence.encode(), _CHILD_SECONDS)
            except subprocess.TimeoutExpired:
                self._child.kill()
                raise
        if self._child.returncode:
            raise _did_not_speak(f"exit code {self._child.returncode}")
        return wav


def _did_not_speak(problem: str) -> SpeechUnavailable:
    """Raised, so that this silence is not remembered as what the sentence sounds like."""
    remedy = "run: sudo apt install --reinstall espeak-ng"
    return SpeechUnavailable(f"espeak-ng did not speak: {problem}", remedy)


class _Silence:
    def __call__(self, sentence: str) -> bytes:
        del sentence
        return b""

    def hush(self) -> None:
        """It is silent already."""
