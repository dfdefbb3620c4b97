"""How numbers and names sound, as plain English words."""

import re
import unicodedata
from collections.abc import Sequence

_ONES = (
    *("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"),
    *("ten", "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen"),
    *("eighteen", "nineteen"),
)
_TENS = ("", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_NOT_SPOKEN = re.compile(r"[^a-z0-9'. ]+|(?<!\d)\.|\.(?!\d)")


def in_words(number: int) -> str:
    """A whole number from 0 to 999 in words, without hyphens."""
    if number < 20:
        return _ONES[number]
    if number < 100:
        tens, ones = divmod(number, 10)
        return _TENS[tens] + (f" {_ONES[ones]}" if ones else "")
    hundreds, rest = divmod(number, 100)
    return f"{_ONES[hundreds]} hundred" + (f" {in_words(rest)}" if rest else "")


def number_in_words(value: float) -> str:
    """A number from -999 to 999 as it is spoken, with at most one decimal."""
    sign = "minus " if round(value, 1) < 0 else ""
    whole, _, tenth = f"{abs(value):.1f}".partition(".")
    if int(whole) > 999:
        return f"{value:g}"
    fraction = f" point {_ONES[int(tenth)]}" if tenth != "0" else ""
    return f"{sign}{in_words(int(whole))}{fraction}"


def plainly(text: str) -> str:
    """Text as the grammar spells it: lower case, no accents, no punctuation, single spaces.

    A point between digits stays.
    """
    decomposed = unicodedata.normalize("NFKD", text.replace("\u2019", "'").replace("%", " percent"))
    letters = "".join(char for char in decomposed if not unicodedata.combining(char)).lower()
    return " ".join(_NOT_SPOKEN.sub(" ", letters).split())


def listed(things: Sequence[str], last: str = "and") -> str:
    """Words in a row: "a, b and c"."""
    if len(things) < 2:
        return "".join(things)
    return f"{', '.join(things[:-1])} {last} {things[-1]}"
