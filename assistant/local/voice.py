"""The house's own voice: hibari, else espeak-ng as a child process, else silence."""

import asyncio
import logging
import os
import shutil
import subprocess
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from assistant.audio.frames import pcm_of
from assistant.audio.resampling import resampled
from assistant.errors import SpeechUnavailable
from assistant.local.pronunciation import spoken_sentences

SAMPLE_RATE = 24_000
_SEED = 1
_REMEMBERED_SENTENCES = 64
_CHILD_SECONDS = 20
_ESPEAK_RATE = 22_050
_WAV_HEADER = 44

Throat = Callable[[str], bytes]
"""Says one sentence: s16le mono of 24 kHz."""

_log = logging.getLogger(__name__)


class HouseVoice:
    """Speaks sentences (a `ports.Voice`); what it needs is loaded at the first word.

    It can be used from several threads; one sentence is made at a time, and one said before comes
    from memory.
    """

    def __init__(self) -> None:
        self._throat: Throat | None = None
        self._problem = ""
        self._turn = threading.Lock()
        self._executor = ThreadPoolExecutor(1, thread_name_prefix="voice")
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
            with self._turn:
                pcm = self._remembered(sentence)
            if pcm:
                yield pcm

    async def speak(self, text: str) -> bytes:
        """Turn a text into s16le mono at 24 kHz; empty where no voice is installed."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._executor, lambda: b"".join(self.sentences(text)))

    def close(self) -> None:
        """End the voice's thread behind the sentence being made; safe to call twice."""
        self._executor.shutdown(wait=True, cancel_futures=True)

    def _pronounce(self, sentence: str) -> bytes:
        if self._throat is None:
            self._throat, self._problem = find_throat()
            if self._problem:
                _log.warning("voice: %s", self._problem)
        return self._throat(sentence)


def find_throat() -> tuple[Throat, str]:
    """The best voice at hand, and what is wrong if it is not the one we want."""
    problems: list[str] = []
    for open_throat in (open_hibari, open_espeak):
        try:
            return open_throat(), "; ".join(problems)
        except SpeechUnavailable as error:
            problems.append(str(error))
    return _silence, "; ".join(problems)


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
        from hibari import Hibari

        voice = Hibari(voice="heart", model=str(model), threads=1)
        voice("Ready.", seed=_SEED)
    except Exception as error:  # it fails in its own ways and in onnxruntime's
        raise SpeechUnavailable(f"the voice hibari does not load: {error}", remedy) from error
    return lambda sentence: pcm_of(np.asarray(voice(sentence, seed=_SEED), np.float32))


def open_espeak() -> Throat:
    """Find espeak-ng; as a child process, for its licence and ours. Raises `SpeechUnavailable`."""
    program = shutil.which("espeak-ng")
    if program is None:
        raise SpeechUnavailable("espeak-ng is not installed", "run: sudo apt install espeak-ng")
    return lambda sentence: _say_by_child(program, sentence)


def _say_by_child(program: str, sentence: str) -> bytes:
    try:
        wav = subprocess.run(
            [program, "-v", "en-us", "--stdin", "--stdout"],
            input=sentence.encode(),
            capture_output=True,
            timeout=_CHILD_SECONDS,
            check=True,
        ).stdout
    except (OSError, subprocess.SubprocessError) as error:
        _log.warning("voice: espeak-ng did not speak: %s", error)
        return b""
    # The lengths in the header of a piped wav are wrong: the sound is all that follows it.
    return resampled(wav[_WAV_HEADER:], _ESPEAK_RATE, SAMPLE_RATE)


def _silence(_sentence: str) -> bytes:
    return b""
