"""Turns a stream of scores into single wakes; time is counted in frames of 80 ms."""

from collections.abc import Mapping
from dataclasses import dataclass

NEAR = 0.3
"""From this score on, a stretch without a wake counts as a near miss."""


@dataclass(frozen=True, slots=True)
class WordPolicy:
    """How sure the gate must be of one word: a score, in so many frames in a row."""

    threshold: float = 0.5
    consecutive: int = 2


@dataclass(frozen=True, slots=True)
class Hit:
    """A word was heard, with the score of the frame that decided it."""

    word: str
    score: float


@dataclass(frozen=True, slots=True)
class WordHealth:
    """What happened to one word since the last report."""

    wakes: int = 0
    near_misses: int = 0
    top_score: float = 0.0


class Gate:
    """Lets each spoken word through once: the first word wins, then all are quiet for a while."""

    def __init__(self, policies: Mapping[str, WordPolicy], refractory_frames: int) -> None:
        self._words = {word: _Word(policy) for word, policy in policies.items()}
        self._refractory = refractory_frames
        self._quiet = 0

    def hear(self, scores: Mapping[str, float]) -> Hit | None:
        """Judge the scores of one frame; words without a policy are ignored.

        Of two words that are ready in the same frame, the one named first wins.
        """
        self._quiet = max(0, self._quiet - 1)
        for word, state in self._words.items():
            state.hear(scores.get(word, 0.0))
        ready = [word for word, state in self._words.items() if state.ready]
        if self._quiet or not ready:
            return None
        return self._let_through(ready[0], scores)

    def report(self) -> dict[str, WordHealth]:
        """Wakes, near misses and top scores by word, counted afresh from here on."""
        return {word: state.report() for word, state in self._words.items()}

    def _let_through(self, word: str, scores: Mapping[str, float]) -> Hit:
        self._quiet = self._refractory
        self._words[word].count_a_wake()
        for state in self._words.values():
            state.disarm()
        return Hit(word, scores[word])


class _Word:
    """One word's run of frames above its threshold, and its health figures."""

    def __init__(self, policy: WordPolicy) -> None:
        self._policy = policy
        self._near = min(NEAR, policy.threshold)
        self._run = 0
        self._armed = True
        self._came_near = False
        self._answered = False
        self._wakes = self._near_misses = 0
        self._top_score = 0.0

    @property
    def ready(self) -> bool:
        """True if enough frames in a row were above, and none of them woke us before."""
        return self._armed and self._run >= self._policy.consecutive

    def hear(self, score: float) -> None:
        """Take one frame's score."""
        above = score > self._policy.threshold
        self._run = self._run + 1 if above else 0
        self._armed = self._armed or not above
        self._top_score = max(self._top_score, score)
        if score > self._near:
            self._came_near = True
        else:
            self._end_the_stretch()

    def disarm(self) -> None:
        """Let the present stretch wake nobody any more: a stuck score fires once."""
        self._armed = self._run == 0
        self._answered = self._came_near

    def count_a_wake(self) -> None:
        """Remember that the word went through."""
        self._wakes += 1

    def report(self) -> WordHealth:
        """Hand out the figures and begin anew."""
        figures = WordHealth(self._wakes, self._near_misses, self._top_score)
        self._wakes = self._near_misses = 0
        self._top_score = 0.0
        return figures

    def _end_the_stretch(self) -> None:
        # The tail of a phrase that woke us is no near miss, though it falls through that zone.
        self._near_misses += self._came_near and not self._answered
        self._came_near = self._answered = False
