"""Colours by word, by number, and as lamps report them."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.home.colours import (
    NAMED,
    distance,
    hex_of_report,
    hex_of_rgb,
    hex_of_word,
    hex_of_xy,
    rgb_of,
)


@pytest.mark.parametrize(
    ("word", "colour"),
    [("Red", "#ff0000"), ("#f80", "#ff8800"), ("#FF8000", "#ff8000"), ("ff8000", "#ff8000"),
     ("aqua marine", "#7fffd4"), ("loud", None), ("#12", None)],
)  # fmt: skip
def test_words_and_codes_are_read(word: str, colour: str | None) -> None:
    assert hex_of_word(word) == colour


@pytest.mark.parametrize(
    ("report", "colour"),
    [
        ("#FF0000", "#ff0000"),
        ("255,128,0", "#ff8000"),
        ("1,2", None),
        ("1,x,2", None),
        ({"hex": "#00ff00"}, "#00ff00"),
        ({"r": 255, "g": 128.4, "b": -3}, "#ff8000"),
        ({"hue": 0, "saturation": 100}, "#ff0000"),
        ({"h": 120, "s": 100, "junk": "x"}, "#00ff00"),
        ({"h": 120}, None),
        ({"x": 0.7006, "y": 0.2993}, "#ff0000"),
        ({"x": 1e300, "y": 0.2}, None),
        ([1, 2, 3], None),
        (None, None),
    ],
)
def test_reports_of_lamps_are_read(report: Any, colour: str | None) -> None:
    assert hex_of_report(report) == colour


def test_likeness_does_not_depend_on_brightness() -> None:
    assert distance("#800000", "#ff0000") == 0
    assert distance("#ff0000", "#00ff00") == 255
    assert distance("#000000", "#ffffff") == 255


@pytest.mark.parametrize("name", ["red", "blue", "white", "orange"])
def test_every_named_colour_is_a_colour(name: str) -> None:
    assert hex_of_rgb(*rgb_of(NAMED[name])) == NAMED[name]


@given(st.floats(0, 1), st.floats(0, 1))
def test_every_chromaticity_is_some_colour(x: float, y: float) -> None:
    assert hex_of_word(hex_of_xy(x, y)) is not None
