"""The trie lets pass what begins one of its sentences, and nothing else."""

import re

from hypothesis import given
from hypothesis import strategies as st

from assistant.local.trie import Place, Trie, spelling

HOME = (
    "turn on the kitchen light",
    "turn on the kitchen lights",
    "turn off the fan",
    "arm the alarm",
    "set the lamp to 40%",
    "set the lamp to 21.5 percent",
    "wake me at 7:30",
    "what's the Wi-Fi password",
)
WORDS = st.sampled_from(["on", "off", "the", "lamp", "lamps", "a", "it's", "kitchen", "40", "4"])
SENTENCES = st.lists(WORDS, min_size=1, max_size=4).map(" ".join)


def walked(trie: Trie, *pieces: str) -> Place | None:
    place: Place | None = trie.root
    for piece in pieces:
        place = trie.walk(place, piece) if place else None
    return place


def heard(*pieces: str) -> str | None:
    return Trie(HOME).read(pieces)


def test_a_sentence_is_read_from_any_pieces() -> None:
    assert heard(" Turn", " on", " the", " kit", "chen", " light") == "turn on the kitchen light"


def test_case_and_a_leading_space_are_free() -> None:
    assert heard("TURN OFF", " The Fan") == "turn off the fan"
    assert heard(" ", " turn off the fan") == "turn off the fan"


def test_a_beginning_is_legal_but_no_sentence() -> None:
    trie = Trie(HOME)
    place = walked(trie, "turn on the kit")
    assert place is not None
    assert trie.sentence(place) is None


def test_what_no_sentence_begins_with_is_illegal() -> None:
    assert walked(Trie(HOME), "turn on the garage") is None
    assert walked(Trie(HOME), "turn on the kitchen lightss") is None
    assert walked(Trie(HOME), "zebra") is None


def test_a_longer_sentence_does_not_hide_the_shorter() -> None:
    assert heard("turn on the kitchen light") == "turn on the kitchen light"
    assert heard("turn on the kitchen light", "s") == "turn on the kitchen lights"


def test_marks_consume_nothing_at_the_end_of_a_word() -> None:
    assert heard("Turn off, the", " fan", ".") == "turn off the fan"


def test_marks_inside_words_are_illegal() -> None:
    assert walked(Trie(HOME), "a", ".") is None
    assert walked(Trie(HOME), "a.r.m") is None
    assert walked(Trie(HOME), "arm", ".", "the") is None


def test_a_mark_after_a_word_that_could_go_on_closes_it() -> None:
    assert walked(Trie(HOME), "turn on the kitchen light", ".", "s") is None


def test_marks_do_not_pile_up_nor_begin_a_sentence() -> None:
    assert walked(Trie(HOME), "turn off the fan", ".", ".") is None
    assert walked(Trie(HOME), ".") is None
    assert walked(Trie(HOME), "turn ", ",") is None


def test_percent_is_spelled_out_and_a_hyphen_is_a_space() -> None:
    assert heard("Set the lamp to 40%.") == "set the lamp to 40%"
    assert heard("set the lamp to 40", " percent") == "set the lamp to 40%"
    assert heard("what's the wi", "-", "fi password?") == "what's the Wi-Fi password"


def test_a_mark_within_a_number_belongs_to_it() -> None:
    assert heard("set the lamp to 21", ".", "5", "%") == "set the lamp to 21.5 percent"
    assert heard("Wake me at 7:30.") == "wake me at 7:30"
    assert walked(Trie(HOME), "wake me at 7", ".", "30") is None
    assert walked(Trie(HOME), "set the lamp to 215") is None


def test_a_curly_apostrophe_is_an_apostrophe() -> None:
    assert heard("what\u2019s the wi-fi password") == "what's the Wi-Fi password"


def test_quotes_symbols_and_nothing_are_illegal() -> None:
    trie = Trie(HOME)
    for piece in ('"', "\u201cturn", "<<ST_1>>", "\ufffd", "(", "", "turn $"):
        assert walked(trie, piece) is None


def test_a_sentence_comes_back_as_it_was_given() -> None:
    assert Trie(["Open Mr. O'Neil's  Café-Door!"]).read(["open mr o'neil's café door"]) == (
        "Open Mr. O'Neil's  Café-Door!"
    )


def test_the_first_of_two_that_sound_alike_stays() -> None:
    trie = Trie(["Wi-Fi on", "wi fi on", "", "..."])
    assert len(trie) == 1
    assert trie.read(["wi-fi on"]) == "Wi-Fi on"


def test_an_empty_trie_lets_nothing_pass() -> None:
    assert walked(Trie(()), "a") is None
    assert Trie(()).read([]) is None


@given(st.lists(SENTENCES, min_size=1, max_size=8), st.data())
def test_every_sentence_is_read_however_it_is_cut(
    sentences: list[str], data: st.DataObject
) -> None:
    sentence = data.draw(st.sampled_from(sentences))
    cuts = sorted(data.draw(st.sets(st.integers(1, len(sentence)))))
    pieces = [sentence[a:b] for a, b in zip([0, *cuts], [*cuts, len(sentence)], strict=True)]
    assert Trie(sentences).read(piece for piece in pieces if piece) == sentence


@given(st.lists(SENTENCES, max_size=8), SENTENCES, st.integers(1, 12))
def test_a_text_is_legal_exactly_if_a_sentence_begins_so(
    sentences: list[str], other: str, length: int
) -> None:
    text = other[:length]
    place = walked(Trie(sentences), text)
    assert (place is not None) == any(sentence.startswith(text) for sentence in sentences)
    assert (Trie(sentences).read([text]) is not None) == (text in sentences)


@given(st.text())
def test_a_spelling_is_spelled_like_itself(text: str) -> None:
    spelled = spelling(text)
    assert spelling(spelled) == spelled
    assert not re.search(r"\s\s|^\s|\s$", spelled)


def test_forty_thousand_sentences_are_ready_in_time() -> None:
    trie = Trie(f"set lamp {lamp} to {n} percent" for lamp in range(400) for n in range(101))
    assert len(trie) == 40_400
    assert trie.read(["Set lamp 399 to 100%."]) == "set lamp 399 to 100 percent"
