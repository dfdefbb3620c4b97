"""The picture of a turn: all of it above, and under a magnifying glass the way to the answer."""

from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.patches import ConnectionPatch

from assistant.app.demo import Stage
from assistant.app.legible import shortened
from assistant.app.picture_answer import draw_answer
from assistant.app.picture_style import (
    BLUE,
    FONT,
    GREEN,
    GREY,
    INK,
    ORANGE,
    RED,
    drawable,
    phase,
    prepare,
)
from assistant.app.timeline import Sound, Timeline, Window, timeline_of

INCHES = (16.0, 10.0)
DOTS_PER_INCH = 100
COLUMNS = 1600
"""A waveform is drawn as so many vertical lines."""
LOW_SCORE = 0.1
LONGEST_QUOTE = 64


def draw_timeline(path: Path, stage: Stage) -> Path:
    """Draw the stage's most telling turn as a PNG of 1600 x 1000 pixels, whole or not at all.

    Raises `ValueError` with a sentence where nothing has been said.
    """
    timeline = timeline_of(stage)
    # Text from outside may hold a dollar sign, which is no formula.
    with mpl.rc_context({"font.family": FONT, "font.size": 12, "text.parse_math": False}):
        figure = _figure_of(timeline)
        unfinished = path.with_name(f".{path.name}.part")
        figure.savefig(unfinished, format="png", dpi=DOTS_PER_INCH)
    return unfinished.replace(path)


def _figure_of(timeline: Timeline) -> Figure:
    figure = Figure(figsize=INCHES, facecolor="white")
    FigureCanvasAgg(figure)
    _write_title(figure, timeline)
    heights = (2.2, 2.2, 1.6, 0.7)
    upper = figure.add_gridspec(
        4, 1, height_ratios=heights, left=0.105, right=0.985, top=0.87, bottom=0.44, hspace=0.12
    )
    microphone, speaker, wake, states = (figure.add_subplot(upper[row]) for row in range(4))
    _draw_sound(microphone, timeline, timeline.heard, BLUE, "microphone")
    _draw_sound(speaker, timeline, timeline.played, GREEN, "loudspeaker")
    _draw_speech(microphone, timeline)
    _draw_scores(wake, timeline)
    _draw_phases(states, timeline)
    glass = figure.add_axes((0.105, 0.05, 0.88, 0.305))
    draw_answer(glass, timeline)
    if timeline.answer != timeline.whole:
        _join(figure, states, glass, timeline.answer)
    return figure


def _write_title(figure: Figure, timeline: Timeline) -> None:
    turn = timeline.turn
    said, reply = _quoted(turn.transcript, "transcript"), _quoted(turn.reply, "reply")
    figure.text(0.018, 0.945, said, size=21, weight="bold", color=INK)
    figure.text(0.018, 0.905, reply, size=16, weight="bold", color=GREEN)
    first = turn.latencies().get("speech_end_to_first_audio")
    if first is not None:
        words = f"{first:.0f} ms from “speech stopped” to the first sound"
        figure.text(0.985, 0.905, words, size=13, color=INK, ha="right")


def _quoted(text: str, name: str) -> str:
    return f"“{shortened(drawable(text), LONGEST_QUOTE)}”" if text else f"(no {name})"


def _draw_sound(axes: Any, timeline: Timeline, sound: Sound, colour: str, name: str) -> None:
    prepare(axes, timeline.whole, name)
    low, high = _envelope(sound)
    times = np.linspace(timeline.whole.begins, timeline.whole.ends, len(low))
    axes.fill_between(times, low, high, color=colour, linewidth=0.4)
    loudest = max(0.05, float(np.abs(sound.samples).max(initial=0.0)) * 1.1)
    axes.set_ylim(-loudest, loudest)
    axes.set_yticks([])


def _envelope(sound: Sound) -> tuple[Any, Any]:
    """Lowest and highest sample of each column."""
    width = max(1, len(sound.samples) // COLUMNS)
    whole = len(sound.samples) // width * width
    columns = sound.samples[:whole].reshape(-1, width)
    return columns.min(axis=1), columns.max(axis=1)


def _draw_speech(axes: Any, timeline: Timeline) -> None:
    """Where the far end hears speech begin and end: later than the sound does."""
    times, top = timeline.turn.times, axes.get_ylim()[1]
    for mark in ("speech_started", "speech_stopped"):
        if mark in times:
            axes.axvline(times[mark], color=GREY, linewidth=0.9, linestyle=":")
            axes.text(
                times[mark], top, f" {mark.replace('_', ' ')}", va="bottom", size=11, color=GREY
            )


def _draw_scores(axes: Any, timeline: Timeline) -> None:
    prepare(axes, timeline.whole, "wake score")
    times = [at for at, _ in timeline.scores]
    values = [score for _, score in timeline.scores]
    axes.fill_between(times, values, step="post", color=ORANGE, alpha=0.45, linewidth=0)
    axes.step(times, values, where="post", color=ORANGE, linewidth=1.8)
    axes.axhline(timeline.threshold, color=RED, linewidth=1.2, linestyle="--")
    axes.set_ylim(0, 1.12)
    axes.set_yticks([0, timeline.threshold, 1], ["0", f"{timeline.threshold:g}", "1"], size=10)
    if "wake" in timeline.turn.times:
        _label_wake(axes, timeline)


def _label_wake(axes: Any, timeline: Timeline) -> None:
    turn = timeline.turn
    axes.axvline(turn.times["wake"], color=INK, linewidth=1.4)
    words = f"“{drawable(turn.wake_word.replace('_', ' '))}” heard with {turn.wake_score:.2f}"
    ready = turn.latencies().get("wake_to_link_ready")
    if ready is not None:
        words += f", link ready {ready:.0f} ms later"
    high = [at for at, score in timeline.scores if score > LOW_SCORE]
    behind = max([turn.times["wake"], *high]) + 0.025 * timeline.whole.length
    axes.text(behind, 0.62, words, size=12, color=INK, va="bottom")


def _draw_phases(axes: Any, timeline: Timeline) -> None:
    prepare(axes, timeline.whole, "state")
    for span in timeline.phases:
        phase(axes, timeline.whole, span, 0, 1)
    axes.set_ylim(-0.5, 0.5)
    axes.set_yticks([])
    axes.tick_params(labelbottom=True, bottom=True)
    axes.xaxis.set_major_formatter(lambda at, _: f"{at:g} s")
    for label in axes.get_xticklabels():
        label.set_bbox({"facecolor": "white", "edgecolor": "none", "pad": 1})


def _join(figure: Figure, above: Any, below: Any, window: Window) -> None:
    """Lines from the magnified stretch to the magnifying glass."""
    above.axvspan(window.begins, window.ends, facecolor="none", edgecolor=INK, linewidth=1.5)
    for at, corner in ((window.begins, 0.0), (window.ends, 1.0)):
        ends = ((at, -0.5), (corner, 1.0), above.transData, below.transAxes)
        figure.add_artist(ConnectionPatch(*ends, color=GREY, linewidth=1, zorder=-1))
