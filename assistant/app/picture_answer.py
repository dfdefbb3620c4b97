"""The lower half of the picture: from the user's last word to the first sound of the reply."""

from collections.abc import Iterator, Sequence
from math import ceil
from typing import Any

from assistant.app.legible import arguments_in_words, shortened
from assistant.app.picture_style import (
    BLUE,
    GREEN,
    GREY,
    INK,
    ORANGE,
    PALE,
    RED,
    bar,
    drawable,
    phase,
    prepare,
)
from assistant.app.timeline import Message, Span, Timeline, Window
from assistant.home.outcomes import SUCCESSES

LANES = ("state", "function call", "MQTT sent", "MQTT received", "reply")
STATE, CALL, SENT, RECEIVED, REPLY = (len(LANES) - 0.5 - lane for lane in range(len(LANES)))
LEGS = (
    ("speech_stopped", "called", "understood"),
    ("called", "answered", "confirmed"),
    ("answered", "first_audio", "worded and spoken"),
    ("speech_stopped", "first_audio", "answered"),
)
"""Ways between two marks of a turn; the last one is for turns without a call."""
STEPS_S = (0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0)
MOST_TICKS = 12
LONGEST_LABEL = 84


def draw_answer(axes: Any, timeline: Timeline) -> None:
    """Draw the lanes, and under them how long each part of the way took."""
    window = timeline.answer
    prepare(axes, window, "")
    _draw_lanes(axes)
    for span in timeline.phases:
        phase(axes, window, span, STATE, 0.6)
    _draw_calls(axes, timeline)
    _draw_messages(axes, window, [message for message in timeline.messages if message.sent])
    _draw_messages(axes, window, [message for message in timeline.messages if not message.sent])
    _draw_reply(axes, timeline)
    _draw_legs(axes, timeline)
    _draw_clock(axes, timeline)


def _draw_lanes(axes: Any) -> None:
    axes.set_ylim(-1.05, len(LANES) + 0.1)
    rows = (STATE, CALL, SENT, RECEIVED, REPLY)
    axes.set_yticks(rows, LANES, size=12)
    axes.tick_params(axis="y", labelcolor=INK)
    axes.hlines(rows, 0, 1, transform=axes.get_yaxis_transform(), color=PALE, lw=1, zorder=0)


def _draw_calls(axes: Any, timeline: Timeline) -> None:
    for span in timeline.calls:
        bar(axes, timeline.answer, span, CALL, (_truth(span), 0.6))
    if timeline.calls:
        first = timeline.calls[0]
        words = f"{first.name}  {arguments_in_words(first.arguments)}"
        words = f"{_label(words, timeline.calls)}: {drawable(first.outcome) or 'no answer'}"
        _beside(axes, timeline.answer, (first.begins, CALL), words, _truth(first))


def _truth(call: Span) -> str:
    return GREEN if call.outcome in SUCCESSES else RED


def _draw_messages(axes: Any, window: Window, messages: Sequence[Message]) -> None:
    shown = [message for message in messages if window.holds(message.at)]
    if not shown:
        return
    row, colour = (SENT, BLUE) if shown[0].sent else (RECEIVED, ORANGE)
    axes.vlines([message.at for message in shown], row - 0.32, row + 0.32, color=colour, lw=3)
    words = _label(f"{shown[0].topic}  {shown[0].payload}", shown)
    _beside(axes, window, (shown[0].at, row), words, INK)


def _draw_reply(axes: Any, timeline: Timeline) -> None:
    times, window = timeline.turn.times, timeline.answer
    if "first_audio" not in times:
        return
    begins = times["first_audio"]
    span = Span("reply", begins, times.get("reply_ended", window.ends))
    bar(axes, window, span, REPLY, (GREEN, 0.6))
    words = shortened(f"“{drawable(timeline.turn.reply)}”", LONGEST_LABEL)
    _beside(axes, window, (begins, REPLY), words, INK)


def _label(words: str, things: Sequence[object]) -> str:
    """What the first of the things is, and how many follow."""
    more = f"  and {len(things) - 1} more" if len(things) > 1 else ""
    return shortened(drawable(words), LONGEST_LABEL) + more


def _beside(axes: Any, window: Window, place: tuple[float, float], words: str, colour: str) -> None:
    """Write on the side of the place that has more room."""
    at, row = place
    is_late = at - window.begins > window.length / 2
    gap = window.length * (-0.006 if is_late else 0.03)
    axes.text(
        at + gap, row, words, ha="right" if is_late else "left", va="center_baseline",
        size=12, color=colour, bbox={"facecolor": "white", "edgecolor": "none", "pad": 1.5},
    )  # fmt: skip


def _draw_legs(axes: Any, timeline: Timeline) -> None:
    times = timeline.turn.times
    legs = [leg for leg in LEGS if leg[0] in times and leg[1] in times]
    # The last leg is the sum of the others.
    for number, (start, end, name) in enumerate(legs[: max(1, len(legs) - 1)]):
        _arrow(axes, (times[start], times[end]), name, -0.38 - 0.32 * (number % 2))
    for mark in {mark for leg in legs for mark in leg[:2]}:
        axes.axvline(times[mark], color=GREY, linewidth=0.9, linestyle=":", zorder=0)


def _arrow(axes: Any, ends: tuple[float, float], name: str, row: float) -> None:
    begin, end = ends
    style = {"arrowstyle": "<->", "color": INK, "shrinkA": 0, "shrinkB": 0}
    axes.annotate("", (begin, -0.12), (end, -0.12), arrowprops=style)
    words = f"{name} {1000 * (end - begin):.0f} ms"
    axes.text(
        (begin + end) / 2, row, words, ha="center", va="center_baseline", size=12, color=INK,
        bbox={"facecolor": "white", "edgecolor": "none", "pad": 1},
    )  # fmt: skip


def _draw_clock(axes: Any, timeline: Timeline) -> None:
    """Milliseconds since the end of speech, at round numbers."""
    window = timeline.answer
    zero = timeline.turn.times.get("speech_stopped", window.begins)
    ticks = list(_round_instants(window, zero))
    axes.tick_params(axis="x", bottom=True, labelbottom=True)
    axes.set_xticks(ticks, [f"{1000 * (at - zero):.0f} ms" for at in ticks])


def _round_instants(window: Window, zero: float) -> Iterator[float]:
    step = next((step for step in STEPS_S if window.length / step <= MOST_TICKS), STEPS_S[-1])
    number = ceil((window.begins - zero) / step)
    while zero + number * step <= window.ends:
        yield zero + number * step
        number += 1
