"""What was speech, and what only sounded: doors, music, fans. Pure."""

from dataclasses import replace

from assistant.local.spoken import plainly
from assistant.local.utterance import MEAN_LIMIT, Utterance

EMPTY_WORDS = frozenset({"", "you"})
"""What the speech network makes of noise: it wrote "You" on ten of thirteen noises."""


def audible(utterance: Utterance) -> Utterance:
    """The same utterance, or one without any words if they came from noise.

    The grammar's best sentence for noise is "thank you": without this a door was answered.
    """
    if utterance.typed or not _is_empty(utterance):
        return utterance
    return replace(utterance, free="", grammar=None)


def is_speech(utterance: Utterance) -> bool:
    """True if somebody spoke, were it a single word that means nothing to us."""
    words = len(plainly(utterance.free).split())
    likely_enough = utterance.free_score / (words + 1) > MEAN_LIMIT
    return utterance.typed or (not _is_empty(utterance) and likely_enough)


def _is_empty(utterance: Utterance) -> bool:
    letters = "".join(letter for letter in plainly(utterance.free) if letter.isalnum())
    return letters in EMPTY_WORDS
