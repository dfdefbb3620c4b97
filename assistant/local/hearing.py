"""The local ears: what was said in one turn of the user, with the evidence for it."""

from pathlib import Path

from assistant.audio.frames import SAMPLE_BYTES, Floats, floats_of, samples_in
from assistant.local.decoding import FreeText, HeldText, Passage, decode_freely, decode_held
from assistant.local.moonshine import SAMPLE_RATE, Moonshine, load_moonshine
from assistant.local.trie import Trie
from assistant.local.utterance import DELTA_LIMIT, Utterance

LONGEST_SECONDS = 30
"""Longer turns are cut: the network was not trained on them, and its work grows with the square."""
_TOKENS_PER_SECOND = 6.5


class Hearing:
    """Turns the sound of a turn into text, freely and held by the home's sentences."""

    def __init__(self, net: Moonshine) -> None:
        self._net = net

    def understand(self, pcm_16k: bytes, trie: Trie, speech_seconds: float) -> Utterance:
        """Hear one turn (s16le mono, 16 kHz), `speech_seconds` of which are speech.

        It computes for a tenth of a second and more: call it off the event loop, on one thread.
        """
        samples = _samples(pcm_16k)
        most_tokens = int(_TOKENS_PER_SECOND * len(samples) / SAMPLE_RATE) + 4
        passage = self._net.begin(samples)
        free = decode_freely(passage, most_tokens)
        held = self._held(passage, free, trie, most_tokens)
        return Utterance(
            free=self._net.vocabulary.text(free.tokens),
            grammar=held.sentence if held else None,
            free_score=free.score,
            grammar_score=held.score if held else 0.0,
            seconds=speech_seconds,
        )

    def _held(
        self, passage: Passage, free: FreeText, trie: Trie, most_tokens: int
    ) -> HeldText | None:
        """The best sentence of the trie; no search where the free text is one already.

        Both readings then agree letter by letter, which is the best evidence there is; on 480
        synthetic utterances the search changed nothing and doubled the time.
        """
        pieces = self._net.vocabulary.pieces
        sentence = trie.read(pieces[token] for token in free.tokens) if free.ended else None
        if sentence is not None:
            return HeldText(sentence, free.score)
        # Nobody would believe a sentence further from the free text than this.
        worst = free.score - DELTA_LIMIT
        return decode_held(passage, trie, pieces, most_tokens, worst)


def load_hearing(model_dir: Path | None = None) -> Hearing:
    """Load the ears. Raises `SpeechUnavailable` naming what to install.

    `model_dir` names a folder with another Moonshine model (three files); it is not proven.
    """
    return Hearing(load_moonshine(model_dir))


def _samples(pcm: bytes) -> Floats:
    count = min(samples_in(pcm), LONGEST_SECONDS * SAMPLE_RATE)
    return floats_of(pcm[: count * SAMPLE_BYTES])
