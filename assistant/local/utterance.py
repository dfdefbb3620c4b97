"""What the local ears made of one turn of the user, with the evidence for it."""

from dataclasses import dataclass

DELTA_LIMIT = 12.0
PROTECTED_DELTA_LIMIT = 3.0
WORDS_PER_SECOND = 1.0
MEAN_LIMIT = -3.0


@dataclass(frozen=True, slots=True)
class Utterance:
    """Free text and grammar text of the same sound; scores are natural-log sums.

    The limits were chosen on synthetic speech (20 wrong topics x 3 voices, 10 voices x 25
    commands at four noise levels).
    """

    free: str
    grammar: str | None = None
    free_score: float = 0.0
    grammar_score: float = 0.0
    seconds: float = 0.0
    """Length of the speech, without the silence that ended it; 0 for typed text."""
    typed: bool = False
    """Typed text needs no acoustic evidence."""
    left_out: int = 0
    """Words of the grammar's sentence that were heard and left out: the wake word."""

    @property
    def delta(self) -> float:
        """How much worse the best sentence of the grammar is than the best free text."""
        return self.free_score - self.grammar_score

    @property
    def believes_grammar(self) -> bool:
        """True if the grammar's sentence is what was said, well enough for harmless actions."""
        return self.grammar is not None and (self.typed or self._passes(DELTA_LIMIT))

    @property
    def believes_grammar_firmly(self) -> bool:
        """True if the evidence also serves actions that can do harm."""
        return self.grammar is not None and (self.typed or self._passes(PROTECTED_DELTA_LIMIT))

    def _passes(self, limit: float) -> bool:
        words = len((self.grammar or "").split()) + self.left_out
        spoken_fast_enough = words >= WORDS_PER_SECOND * self.seconds
        likely_enough = self.grammar_score / (words + 1) > MEAN_LIMIT
        return self.delta < limit and spoken_fast_enough and likely_enough
