"""Text from outside on one printable line."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.app.legible import arguments_in_words, legible, shortened


@given(st.text())
def test_legible_text_is_printable_and_of_the_same_length(text: str) -> None:
    assert legible(text).isprintable()
    assert len(legible(text)) == len(text)


def test_words_stay_and_commands_to_the_terminal_become_dots() -> None:
    assert legible("grün 客厅 \x1b[2J\r\n\u202e") == "grün 客厅 ·[2J···"


@given(st.text(), st.integers(0, 40))
def test_shortened_text_fits(text: str, width: int) -> None:
    short = shortened(text, width)
    assert len(short) <= width
    assert text.startswith(short.removesuffix("…"))


def test_what_was_cut_is_shown() -> None:
    assert shortened("kitchen light", 8) == "kitchen…"
    assert shortened("kitchen", 7) == "kitchen"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"target": {"name": "kitchen light"}, "state": "on"}, "kitchen light, state on"),
        ({"target": {"light": "all", "everywhere": True}}, "all everywhere"),
        ({"brightness_pct": 40}, "brightness_pct 40"),
        ({"names": ["a", "b"]}, 'names ["a", "b"]'),
        ({"text": "\x1b[2J"}, "text ·[2J"),
        ({}, ""),
    ],
)
def test_arguments_read_like_words(arguments: dict[str, Any], words: str) -> None:
    assert arguments_in_words(arguments) == words
