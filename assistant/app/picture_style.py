"""What the parts of the picture share: colours, the one font, axes without furniture."""

from typing import Any

from matplotlib.font_manager import findfont, get_font

from assistant.app.legible import STAND_IN, legible
from assistant.app.timeline import Span, Window

FONT = "DejaVu Sans"

# Okabe and Ito's palette: colours that the colour-blind tell apart.
INK, GREY, PALE = "#1a1a1a", "#6b6b6b", "#e6e6e6"
ORANGE, GREEN, BLUE, RED = "#e69f00", "#009e73", "#0072b2", "#d55e00"
PHASE_COLOURS = {
    "asleep": PALE,
    "connecting": ORANGE,
    "listening": "#cfe8f7",
    "hearing": "#56b4e9",
    "thinking": "#cc79a7",
    "speaking": "#3fb894",
}
LETTER_SHARES = ((11.0, 0.0066), (8.5, 0.0050))
"""Sizes of letters, and their width as a share of the axes."""


def prepare(axes: Any, window: Window, name: str) -> None:
    """Axes over a window: no frame, no ticks, their name on the left."""
    axes.set_xlim(window.begins, window.ends)
    for side in ("top", "right", "left", "bottom"):
        axes.spines[side].set_visible(False)
    axes.tick_params(left=False, bottom=False, labelbottom=False, labelcolor=GREY)
    axes.set_ylabel(name, rotation=0, ha="right", va="center", size=12, color=INK, labelpad=12)


def bar(axes: Any, window: Window, span: Span, row: float, look: tuple[str, float]) -> None:
    """A span as a bar of a colour and a height, cut to the window."""
    colour, height = look
    begins, ends = max(span.begins, window.begins), min(span.ends, window.ends)
    if begins < ends:
        axes.barh(
            row, ends - begins, left=begins, height=height, color=colour, edgecolor="white"
        )  # fmt: skip


def phase(axes: Any, window: Window, span: Span, row: float, height: float) -> None:
    """A state of the session, with its name where there is room."""
    bar(axes, window, span, row, (PHASE_COLOURS.get(span.name, PALE), height))
    begins, ends = max(span.begins, window.begins), min(span.ends, window.ends)
    share = (ends - begins) / window.length
    size = next((size for size, each in LETTER_SHARES if share > each * len(span.name)), None)
    if size is not None:
        middle = (begins + ends) / 2
        axes.text(middle, row, span.name, ha="center", va="center_baseline", size=size, color=INK)


def drawable(text: str) -> str:
    """The text with dots for signs that the one font lacks: the library would warn of each."""
    known = get_font(findfont(FONT)).get_charmap()
    return "".join(sign if ord(sign) in known else STAND_IN for sign in legible(text))
