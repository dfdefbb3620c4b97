"""From the scores of a speech model to text: freely, or held by the home's sentences (pure)."""

import heapq
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from assistant.local.trie import Place, Trie

END = 2
"""The token that ends a text."""
BEAMS = 4
CANDIDATES = 60


class Passage(Protocol):
    """A stretch of sound and the texts begun for it, one a row."""

    @property
    def logits(self) -> NDArray[np.float32]:
        """Scores of the next token, shape (rows, vocabulary)."""
        ...

    def after(self, rows: Sequence[int], tokens: Sequence[int]) -> "Passage":
        """The passage whose row `i` is the old row `rows[i]` with `tokens[i]` behind it."""
        ...


@dataclass(frozen=True, slots=True)
class FreeText:
    """The tokens of the greedy decoding, and their log probability with that of the end."""

    tokens: tuple[int, ...]
    score: float
    ended: bool
    """False if it was cut off."""


@dataclass(frozen=True, slots=True)
class HeldText:
    """A sentence of the trie, and its log probability with that of the end."""

    sentence: str
    score: float


class _Beam(NamedTuple):
    score: float
    place: Place
    row: int
    token: int


def decode_freely(passage: Passage, most_tokens: int) -> FreeText:
    """Follow the likeliest token until the text ends; on noise `most_tokens` is the only end."""
    tokens: list[int] = []
    score = 0.0
    for _ in range(most_tokens):
        token = int(np.argmax(passage.logits[0]))
        score += float(passage.logits[0, token]) - _norm(passage.logits[0])
        if token == END:
            return FreeText(tuple(tokens), score, ended=True)
        tokens.append(token)
        passage = passage.after([0], [token])
    return FreeText(tuple(tokens), score, ended=False)


def decode_held(
    passage: Passage,
    trie: Trie,
    pieces: Sequence[str],
    most_tokens: int,
    worst: float = -math.inf,
) -> HeldText | None:
    """Find the likeliest sentence of the trie by beam search; None where none is in reach.

    Texts that score below `worst` are given up, so that talk about other things ends early.
    """
    beams = [_Beam(0.0, trie.root, 0, END)]
    best: HeldText | None = None
    for _ in range(most_tokens):
        norms = [_norm(row) for row in passage.logits]
        for ended in _ended(beams, passage, norms, trie):
            if ended.score >= max(worst, best.score if best else worst):
                best = ended
        beams = _continued(beams, passage, norms, (trie, pieces))
        beams = [beam for beam in beams if beam.score >= worst]
        if not beams or (best is not None and best.score >= beams[0].score):
            break
        passage = passage.after([beam.row for beam in beams], [beam.token for beam in beams])
    return best


def _ended(
    beams: Sequence[_Beam], passage: Passage, norms: Sequence[float], trie: Trie
) -> Iterator[HeldText]:
    for row, beam in enumerate(beams):
        sentence = trie.sentence(beam.place)
        if sentence is not None:
            yield HeldText(sentence, beam.score + float(passage.logits[row, END]) - norms[row])


def _continued(
    beams: Sequence[_Beam],
    passage: Passage,
    norms: Sequence[float],
    language: tuple[Trie, Sequence[str]],
) -> list[_Beam]:
    """The best legal continuations of all beams, best first."""
    trie, pieces = language
    legal: list[_Beam] = []
    for row, beam in enumerate(beams):
        logits = passage.logits[row]
        for token in _likeliest(logits):
            place = trie.walk(beam.place, pieces[token])
            if place is not None:
                score = beam.score + float(logits[token]) - norms[row]
                legal.append(_Beam(score, place, row, token))
    return heapq.nlargest(BEAMS, legal, key=lambda beam: beam.score)


def _likeliest(logits: NDArray[np.float32]) -> list[int]:
    count = min(CANDIDATES, len(logits))
    chosen: list[int] = np.argpartition(logits, -count)[-count:].tolist()
    return chosen


def _norm(logits: NDArray[np.float32]) -> float:
    """Log of the sum of exponentials, summed in double precision."""
    peak = logits.max()
    return float(peak) + float(np.log(np.exp(logits - peak).sum(dtype=np.float64)))
