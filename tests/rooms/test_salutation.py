"""The wake word in front of a command."""

import pytest

from assistant.local.salutation import Salutation
from assistant.local.utterance import Utterance

JARVIS = Salutation(["hey_jarvis"])


def heard(free: str, grammar: str | None = None, seconds: float = 1.0) -> Utterance:
    return Utterance(free=free, grammar=grammar, seconds=seconds)


@pytest.mark.parametrize(
    "said",
    ["Hey Jarvis, turn on the light", "hey, jarvis. turn on the light", "Jarvis turn on the light"],
)
def test_the_address_is_left_out(said: str) -> None:
    assert JARVIS.without(heard(said)).free == "turn on the light"


def test_a_name_that_only_begins_alike_stays() -> None:
    assert JARVIS.without(heard("jarvisville is nice")).free == "jarvisville is nice"


def test_an_address_in_the_middle_stays() -> None:
    assert JARVIS.without(heard("call jarvis")).free == "call jarvis"


def test_every_sentence_may_be_addressed() -> None:
    sentences = set(JARVIS.sentences(["stop"]))
    assert sentences == {"stop", "hey jarvis stop", "jarvis stop", "hey jarvis", "jarvis"}


def test_words_left_out_still_count_as_speech() -> None:
    # Four words in 3.5 s are speech; two words in 3.5 s would look like noise.
    whole = heard("hey jarvis never mind", "hey jarvis never mind", seconds=3.5)
    assert whole.believes_grammar
    assert JARVIS.without(whole).believes_grammar
    assert not heard("never mind", "never mind", seconds=3.5).believes_grammar


def test_the_bare_address_is_all_that_was_said() -> None:
    assert JARVIS.is_all(heard("Hey Jarvis.", "hey jarvis"))
    assert not JARVIS.is_all(heard("Hey Jarvis, stop.", "hey jarvis stop"))
    assert not JARVIS.is_all(heard("", None))


def test_without_wake_words_nothing_is_an_address() -> None:
    assert Salutation([]).without(heard("hey jarvis stop")).free == "hey jarvis stop"
    assert not Salutation([]).is_all(heard("hey"))
