"""Text for people's screens: columns that line up, and strangers' words made harmless."""

import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from itertools import zip_longest

from assistant.app.legible import legible, shortened

_GAP = "  "


def printable(text: str, most: int = 64) -> str:
    """A text from outside on one line, harmless, and no longer than so many characters."""
    return shortened(legible(text), most)


def lined_up(rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """Lines whose columns begin below each other, as wide as their widest cell."""
    rows = tuple(rows)
    widths = [max(map(width_of, column)) for column in zip_longest(*rows, fillvalue="")]
    for row in rows:
        cells = (padded(cell, width) for cell, width in zip(row, widths, strict=False))
        yield _GAP.join(cells).rstrip()


def padded(text: str, width: int) -> str:
    """A text with blanks up to a width in screen columns."""
    return text + " " * (width - width_of(text))


def width_of(text: str) -> int:
    """How many columns of a screen a text takes: two for wide letters, none for accents."""
    return sum(map(_columns, text))


def _columns(letter: str) -> int:
    if unicodedata.combining(letter):
        return 0
    return 2 if unicodedata.east_asian_width(letter) in {"W", "F"} else 1
