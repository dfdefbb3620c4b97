"""What all sessions of the local far end share: ears, understanding, voice, and one thread."""

import asyncio
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from assistant.local.input_audio import MakeEndPointer, Sound
from assistant.local.reading import Reader
from assistant.local.salutation import Salutation
from assistant.local.trie import Trie
from assistant.local.utterance import Utterance


class Listener(Protocol):
    """Whoever turns the sound of a turn into text."""

    def understand(self, pcm_16k: bytes, trie: Trie, speech_seconds: float) -> Utterance:
        """Hear one turn; it computes, call it off the event loop."""
        ...


class Talker(Protocol):
    """Whoever turns text into sound."""

    def sentences(self, text: str) -> Iterator[bytes]:
        """Yield s16le mono 24 kHz, a sentence at a time; it computes."""
        ...


@dataclass(frozen=True, slots=True)
class Mind:
    """Loaded parts; `deaf_because` says what is missing where no listener could be loaded."""

    listener: Listener | None
    talker: Talker
    reader: Reader
    trie: Trie
    salutation: Salutation
    make_end_pointer: MakeEndPointer
    executor: ThreadPoolExecutor
    clock: Callable[[], datetime]
    deaf_because: str = ""

    async def understand(self, sound: Sound) -> Utterance:
        """Hear one turn on the one computing thread. Needs a listener."""
        assert self.listener is not None
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(
            self.executor, self.listener.understand, sound.pcm, self.trie, sound.speech_seconds
        )

    async def next_sentence(self, sentences: Iterator[bytes]) -> bytes | None:
        """Compute the next sentence's sound on the one computing thread; None at the end."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self.executor, lambda: next(sentences, None))
