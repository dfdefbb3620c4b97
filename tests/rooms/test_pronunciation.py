"""Values are written as they are said."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.local.pronunciation import pronounceable, shortened, spoken_sentences


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("It is 21.5 °C.", "It is 21.5 degrees Celsius."),
        ("21.0°C", "21 degrees Celsius"),
        ("1 °C", "1 degree Celsius"),
        ("-3 °C outside", "minus 3 degrees Celsius outside"),
        ("\u22121 °F", "minus 1 degree Fahrenheit"),
        ("set to 21°", "set to 21 degrees"),
        ("at 40% and 50 %", "at 40 percent and 50 percent"),
        ("1200 W, 3.2 kWh", "1200 watts, 3.2 kilowatt hours"),
        ("12 \u00b5g/m³", "12 micrograms per cubic meter"),
        ("1 \u03bcg/m3", "1 microgram per cubic meter"),
        ("CO2 is 800 ppm", "C O 2 is 800 parts per million"),
        ("1,013.2 hPa", "1,013.2 hectopascals"),
        ("5 min", "5 minutes"),
    ],
)
def test_values_and_units_are_spelled_out(written: str, said: str) -> None:
    assert pronounceable(written) == said


@pytest.mark.parametrize(
    "text",
    [
        "Set a timer for 5 minutes.",
        "It is 7:30 in the morning.",
        "Pages 3-5 of kitchen-2",
        "The 4K television, born in the 1990s",
        "Room B2 and lamp 40Watts",
    ],
)
def test_what_is_no_quantity_stays(text: str) -> None:
    assert pronounceable(text) == text


def test_a_sign_before_a_bare_number_is_minus_and_elsewhere_a_hyphen() -> None:
    assert pronounceable("It is -5 now, in 3-5 days") == "It is minus 5 now, in 3-5 days"


def test_marks_of_writing_are_not_read_out() -> None:
    assert list(spoken_sentences("**Done** - see `log_file`")) == ["Done - see log file"]


def test_sentences_are_told_apart_but_not_inside_numbers() -> None:
    text = "It is 21.5 °C. Is that fine? Good!\nBye"
    assert list(spoken_sentences(text)) == [
        "It is 21.5 degrees Celsius.",
        "Is that fine?",
        "Good!",
        "Bye",
    ]


def test_what_holds_no_word_is_left_out() -> None:
    assert list(spoken_sentences(" ... !? \n - ")) == []
    assert list(spoken_sentences("")) == []


def test_control_characters_and_broken_halves_are_left_out() -> None:
    assert list(spoken_sentences("Hel\x00lo\ud800 \u200bthere.")) == ["Hello there."]


def test_a_novel_is_cut() -> None:
    assert len(pronounceable("word " * 10_000)) <= 2_000


@given(st.text())
def test_every_sentence_can_be_handed_to_a_child_process(text: str) -> None:
    for sentence in spoken_sentences(text):
        assert sentence.encode()
        assert "\n" not in sentence


def test_a_number_that_nobody_counts_is_read_digit_by_digit() -> None:
    assert pronounceable("code " + "7" * 16 + ".") == "code " + " ".join("7" * 16) + "."
    assert pronounceable("7" * 15) == "7" * 15


@given(st.text(), st.integers(1, 40))
def test_a_shortened_text_is_the_beginning_of_the_text(text: str, most: int) -> None:
    short = shortened(text, most)
    assert len(short) <= most
    assert text.startswith(short)
    assert bool(short) == bool(text)


@pytest.mark.parametrize(
    ("most", "short"), [(8, "The lamp"), (7, "The"), (3, "The"), (2, "Th"), (99, "The lamp is on")]
)
def test_a_text_is_cut_behind_a_word_where_it_has_one(most: int, short: str) -> None:
    assert shortened("The lamp is on", most) == short
