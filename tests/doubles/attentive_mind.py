"""The local far end's mind with ears and a voice that need no model: what it hears is written."""

from collections import deque
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from functools import cache

from assistant.audio.frames import Floats
from assistant.local.end_pointing import EndPointer
from assistant.local.intents import Understanding, load_english
from assistant.local.mind import Mind
from assistant.local.salutation import Salutation
from assistant.local.trie import Trie
from assistant.local.utterance import Utterance
from assistant.realtime.messages import TurnDetection
from tests.doubles.house_of_eighteen import HOUSE_OF_EIGHTEEN

SECONDS_PER_WORD = 0.4
"""However long the test keeps up its noise, the user speaks at this pace."""
MS_PER_WORD = 300
BYTES_PER_MS = 48


class LoudnessNet:
    """Fits `SpeechNet`: what is loud is speech."""

    def probability(self, frame: Floats) -> float:
        return float(abs(frame).max() > 0.1)

    def forget(self) -> None: ...


class WrittenListener:
    """Fits `Listener`: each turn is heard as the next sentence in the script, clearly."""

    def __init__(self) -> None:
        self.script: deque[str] = deque()

    def understand(self, pcm_16k: bytes, trie: Trie, speech_seconds: float) -> Utterance:
        text = self.script.popleft()
        grammar = text if _understanding().is_sentence(text) else None
        seconds = min(speech_seconds, SECONDS_PER_WORD * len(text.split()))
        return Utterance(text, grammar, -1.0, -1.0, seconds=seconds)


class WordByWordTalker:
    """Fits `Talker`: every word lasts 300 ms."""

    def sentences(self, text: str) -> Iterator[bytes]:
        for _ in text.split():
            yield bytes(MS_PER_WORD * BYTES_PER_MS)


def attentive_mind(listener: WrittenListener, executor: ThreadPoolExecutor) -> Mind:
    """A mind for the house of eighteen; it is half past two."""
    return Mind(
        listener=listener,
        talker=WordByWordTalker(),
        reader=_understanding(),
        trie=Trie(()),
        salutation=Salutation(("hey_jarvis",)),
        make_end_pointer=_end_pointer,
        executor=executor,
        clock=lambda: datetime(2026, 11, 24, 14, 30, tzinfo=UTC),
    )


def _end_pointer(rules: TurnDetection) -> EndPointer:
    return EndPointer(
        rules.threshold or 0.5,
        rules.prefix_padding_ms or 0,
        rules.silence_duration_ms or 500,
        LoudnessNet(),
    )


@cache
def _understanding() -> Understanding:
    return Understanding(load_english(), HOUSE_OF_EIGHTEEN)
