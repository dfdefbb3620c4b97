"""What was speech, and what only sounded."""

import pytest

from assistant.local.audibility import audible, is_speech
from assistant.local.utterance import Utterance


@pytest.mark.parametrize("free", ["", "You", "you.", "♪♪", "...", " "])
def test_noise_has_no_words_and_no_sentence(free: str) -> None:
    noise = Utterance(free, "thank you", -0.1, -3.0, seconds=0.5)
    assert noise.believes_grammar
    heard = audible(noise)
    assert (heard.free, heard.grammar, heard.seconds) == ("", None, 0.5)
    assert not is_speech(noise)
    assert not is_speech(heard)


@pytest.mark.parametrize("free", ["Thank you.", "Banana", "You there?", "Yes."])
def test_spoken_words_stay(free: str) -> None:
    spoken = Utterance(free, "thank you", -0.5, -0.5, seconds=0.5)
    assert audible(spoken) is spoken
    assert is_speech(spoken)


def test_what_the_network_did_not_believe_itself_was_no_speech() -> None:
    assert not is_speech(Utterance("2-3-3-3-3", None, -19.0, 0.0, seconds=1.0))
    assert is_speech(Utterance("2-3-3-3-3", None, -17.0, 0.0, seconds=1.0))


def test_what_was_typed_is_meant() -> None:
    typed = Utterance("you", "you", typed=True)
    assert audible(typed) is typed
    assert is_speech(typed)
