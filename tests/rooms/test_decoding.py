"""Texts are found from scores alone: a table of scores stands in for the network."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from assistant.local.decoding import END, decode_freely, decode_held
from assistant.local.trie import Trie

PIECES = ("", "", "", " a", "b", "c", "\u00bb", "ab", ".")
A, B, C, QUOTE, AB, STOP = range(3, 9)
Begun = tuple[int, ...]


@dataclass(frozen=True)
class TabledPassage:
    """A speech model that knows by heart which token follows which beginning."""

    table: dict[Begun, dict[int, float]]
    begun: tuple[Begun, ...] = ((),)

    @property
    def logits(self) -> NDArray[np.float32]:
        return np.array([self._row(begun) for begun in self.begun], np.float32)

    def after(self, rows: Sequence[int], tokens: Sequence[int]) -> "TabledPassage":
        pairs = zip(rows, tokens, strict=True)
        return TabledPassage(self.table, tuple((*self.begun[row], token) for row, token in pairs))

    def _row(self, begun: Begun) -> list[float]:
        chances = self.table.get(begun, {END: 1.0})
        return [math.log(chances.get(token, 1e-9)) for token in range(len(PIECES))]


@dataclass(frozen=True)
class RandomPassage:
    """A speech model without sense, the same for one seed."""

    seed: int
    begun: tuple[Begun, ...] = ((),)

    @property
    def logits(self) -> NDArray[np.float32]:
        return np.stack([logits_of(self.seed, begun) for begun in self.begun])

    def after(self, rows: Sequence[int], tokens: Sequence[int]) -> "RandomPassage":
        pairs = zip(rows, tokens, strict=True)
        return RandomPassage(self.seed, tuple((*self.begun[row], token) for row, token in pairs))


def logits_of(seed: int, begun: Begun) -> NDArray[np.float32]:
    return (
        np.random.default_rng([seed, *begun]).normal(scale=3, size=len(PIECES)).astype(np.float32)
    )


def log_chance(seed: int, tokens: Begun) -> float:
    """The log probability of exactly these tokens and the end."""
    total = 0.0
    for length, token in enumerate((*tokens, END)):
        logits = logits_of(seed, tokens[:length]).astype(np.float64)
        total += float(logits[token] - np.log(np.exp(logits).sum()))
    return total


def test_the_free_text_follows_the_likeliest_token() -> None:
    passage = TabledPassage({(): {A: 0.6, B: 0.4}, (A,): {C: 0.9, END: 0.1}})
    free = decode_freely(passage, 9)
    assert free.tokens == (A, C)
    assert free.ended
    assert free.score == pytest.approx(math.log(0.6) + math.log(0.9), abs=1e-4)


def test_a_model_that_never_ends_is_cut_off() -> None:
    passage = TabledPassage({(A,) * n: {A: 1.0} for n in range(9)})
    free = decode_freely(passage, 5)
    assert free.tokens == (A,) * 5
    assert not free.ended


def test_the_held_text_is_a_sentence_though_another_text_is_likelier() -> None:
    passage = TabledPassage({(): {C: 0.9, A: 0.1}, (A,): {C: 0.8, B: 0.2}})
    held = decode_held(passage, Trie(["ab"]), PIECES, 9)
    assert held is not None
    assert held.sentence == "ab"
    assert held.score == pytest.approx(math.log(0.1) + math.log(0.2), abs=1e-4)


def test_a_poor_beginning_may_end_well() -> None:
    passage = TabledPassage(
        {
            (): {A: 0.9, B: 0.1},
            (A,): {B: 0.01, C: 0.99},
            (B,): {B: 1.0},
        }
    )
    held = decode_held(passage, Trie(["ab", "bb"]), PIECES, 9)
    assert held is not None
    assert held.sentence == "bb"


def test_a_sentence_that_goes_on_is_weighed_with_its_end() -> None:
    passage = TabledPassage({(): {A: 1.0}, (A,): {END: 0.3, B: 0.7}})
    held = decode_held(passage, Trie(["a", "ab"]), PIECES, 9)
    assert held is not None
    assert held.sentence == "ab"


def test_a_mark_at_the_end_is_heard_through() -> None:
    passage = TabledPassage({(): {AB: 1.0}, (AB,): {STOP: 1.0}})
    held = decode_held(passage, Trie(["ab"]), PIECES, 9)
    assert held is not None
    assert held.sentence == "ab"
    assert held.score == pytest.approx(0.0, abs=1e-4)


def test_quotes_and_special_tokens_are_never_spelled() -> None:
    passage = TabledPassage({(): {QUOTE: 0.9, 1: 0.05, 0: 0.05}})
    held = decode_held(passage, Trie(["ab"]), PIECES, 9)
    assert held is not None
    assert held.score < -15


def test_no_sentence_in_reach_is_none() -> None:
    assert decode_held(TabledPassage({}), Trie(["zz"]), PIECES, 9) is None
    assert decode_held(TabledPassage({}), Trie(()), PIECES, 9) is None


def test_a_sentence_too_unlikely_to_be_believed_is_given_up() -> None:
    passage = TabledPassage({(): {A: 0.1, C: 0.9}, (A,): {END: 0.2, B: 0.8}})
    likelihood = math.log(0.1) + math.log(0.2)
    assert decode_held(passage, Trie(["a"]), PIECES, 9, likelihood - 0.1) is not None
    assert decode_held(passage, Trie(["a"]), PIECES, 9, likelihood + 0.1) is None
    assert decode_held(passage, Trie(["a"]), PIECES, 9, math.log(0.1) + 0.1) is None


@dataclass(frozen=True)
class CountingPassage(TabledPassage):
    """Says how often it was asked to go on."""

    asked: list[int] = field(default_factory=list)

    def after(self, rows: Sequence[int], tokens: Sequence[int]) -> "CountingPassage":
        self.asked.append(len(rows))
        return CountingPassage(self.table, super().after(rows, tokens).begun, self.asked)


def test_a_hopeless_search_costs_no_further_step() -> None:
    passage = CountingPassage({(): {A: 0.1, C: 0.9}, (A,): {B: 1.0}})
    assert decode_held(passage, Trie(["abbbbb"]), PIECES, 9, math.log(0.1) + 0.1) is None
    assert passage.asked == []


def test_the_search_ends_as_soon_as_nothing_can_be_better() -> None:
    passage = CountingPassage({(): {A: 1.0}, (A,): {END: 0.9, B: 0.1}})
    assert decode_held(passage, Trie(["a", "abbbbb"]), PIECES, 9) is not None
    assert len(passage.asked) == 1


def test_the_search_ends_where_the_sound_allows_no_more() -> None:
    passage = TabledPassage({(A,) * n: {A: 1.0} for n in range(9)})
    assert decode_held(passage, Trie(["a a a a a a a"]), PIECES, 3) is None


SPELLINGS = {
    "a": [(A,), (A, STOP)],
    "ab": [(A, B), (AB,), (A, B, STOP), (AB, STOP)],
    "c": [(C,), (C, STOP)],
}


@given(st.integers(0, 2**32))
def test_in_a_small_home_no_better_sentence_is_overlooked(seed: int) -> None:
    held = decode_held(RandomPassage(seed), Trie(["a", "c"]), PIECES, 9)
    ways = {tokens: log_chance(seed, tokens) for s in ("a", "c") for tokens in SPELLINGS[s]}
    assert held is not None
    assert held.score == pytest.approx(max(ways.values()), abs=1e-3)


@given(st.integers(0, 2**32))
def test_a_score_is_the_chance_of_a_way_to_spell_the_sentence(seed: int) -> None:
    held = decode_held(RandomPassage(seed), Trie(SPELLINGS), PIECES, 9)
    assert held is not None
    chances = [log_chance(seed, tokens) for tokens in SPELLINGS[held.sentence]]
    assert any(held.score == pytest.approx(chance, abs=1e-3) for chance in chances)


@given(st.integers(0, 2**32))
def test_a_free_score_is_the_chance_of_its_tokens(seed: int) -> None:
    free = decode_freely(RandomPassage(seed), 40)
    if free.ended:
        assert free.score == pytest.approx(log_chance(seed, free.tokens), abs=1e-3)
