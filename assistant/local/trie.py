"""Every sentence the home understands, and what may be spelled next (pure).

A trie without nodes: the sentences stand sorted in one table, and a place in the trie is the run
of sentences that share what was spelled so far. Fifty thousand sentences are ready after one sort,
they take no more memory than their text, and a whole token is walked by one bisection instead of
letter by letter.
"""

import re
from bisect import bisect_left
from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

_BEYOND = "\U0010ffff"
_MARKS = ".,?!;:"
_PLAIN = re.compile(r"[a-z']+(?: [a-z']+)*")
_LOOSE_MARK = re.compile(rf"(?<!\d)[{_MARKS}]|[{_MARKS}](?!\d)")
_RUN = re.compile(rf"[{_MARKS}]|[^{_MARKS}]+")
_RESPELLED = str.maketrans({"%": " percent", "-": " ", "_": " ", "\u2019": "'"})


class Place(NamedTuple):
    """A place in the trie: what was spelled, and the sentences `[low, high)` that begin so."""

    spelled: str
    low: int
    high: int
    mark: str = ""
    """A punctuation mark just heard; it closes the word."""


class Trie:
    """The sentences, each as it was given; they are spelled without case and punctuation."""

    def __init__(self, sentences: Iterable[str]) -> None:
        said: dict[str, str] = {}
        for sentence in sentences:
            said.setdefault(spelling(sentence), sentence)
        said.pop("", None)
        self._spelled = sorted(said)
        self._said = [said[spelled] for spelled in self._spelled]

    def __len__(self) -> int:
        return len(self._said)

    @property
    def root(self) -> Place:
        """Where nothing is spelled yet."""
        return Place("", 0, len(self._spelled))

    def walk(self, place: Place, piece: str) -> Place | None:
        """Spell one piece of text from a place on; None where no sentence goes that way."""
        runs = _runs(piece)
        here: Place | None = place if runs else None
        for run in runs:
            here = here and self._follow(here, run)
        return here

    def sentence(self, place: Place) -> str | None:
        """The sentence that is complete at this place, as it was given."""
        return self._said[place.low] if self._ends(place) else None

    def read(self, pieces: Iterable[str]) -> str | None:
        """The sentence that these pieces spell from end to end, if it is one of ours."""
        here: Place | None = self.root
        for piece in pieces:
            here = here and self.walk(here, piece)
        return here and self.sentence(here)

    def _follow(self, place: Place, run: str) -> Place | None:
        return self._close_word(place, run) if run in _MARKS else self._spell(place, run)

    def _spell(self, place: Place, run: str) -> Place | None:
        if place.mark and not run.startswith(" "):
            run = place.mark + run  # 21.5 and 7:30 are one word
        if not place.spelled or place.spelled.endswith(" "):
            run = run.lstrip(" ")
        spelled = place.spelled + run
        low = bisect_left(self._spelled, spelled, place.low, place.high)
        if low == place.high or not self._spelled[low].startswith(spelled):
            return None
        return Place(spelled, low, bisect_left(self._spelled, spelled + _BEYOND, low, place.high))

    def _close_word(self, place: Place, mark: str) -> Place | None:
        """A mark consumes nothing and stands only where a word may end.

        Inside words it would let the model spell its way through noise ("A.R.M. the alarm").
        """
        if place.mark or not place.spelled or place.spelled.endswith(" "):
            return None
        ends_word = self._ends(place) or self._spell(place, " ") or self._spell(place, mark)
        return place._replace(mark=mark) if ends_word else None

    def _ends(self, place: Place) -> bool:
        return place.low < place.high and self._spelled[place.low] == place.spelled


def spelling(sentence: str) -> str:
    """How a sentence is spelled in the trie: lower case, single spaces, marks in numbers only."""
    if _PLAIN.fullmatch(sentence):
        return sentence
    text = _LOOSE_MARK.sub("", sentence.lower().translate(_RESPELLED))
    return " ".join("".join(filter(_is_spelled_or_mark, text)).split())


@lru_cache(maxsize=1 << 16)
def _runs(piece: str) -> list[str]:
    """The letters and the marks of a piece, in order; what no sentence holds leads nowhere."""
    return _RUN.findall(piece.lower().translate(_RESPELLED))


def _is_spelled_or_mark(letter: str) -> bool:
    return letter.isalnum() or letter in "' " or letter in _MARKS
