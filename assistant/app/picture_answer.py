"""The lower half of the picture: from the user's last word to the first sound of the reply."""

from collections.abc import Iterator, Sequence
from itertools import pairwise
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
STEPS_S = (0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0)
MOST_TICKS = 12
LETTER_SHARE = 0.0066
"""The width of a letter as a share of the axes."""


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
    axes.set_ylim(-1.15, len(LANES) + 0.1)
    rows = (STATE, CALL, SENT, RECEIVED, REPLY)
    axes.set_yticks(rows, LANES, size=12)
    axes.tick_params(axis="y", labelcolor=INK)
    axes.hlines(rows, 0, 1, transform=axes.get_yaxis_transform(), color=PALE, lw=1, zorder=0)


def _draw_calls(axes: Any, timeline: Timeline) -> None:
    calls, window = timeline.calls, timeline.answer
    for span in calls:
        bar(axes, window, span, CALL, (_truth(span), 0.6))
    if calls:
        first = calls[0]
        outcome = drawable(first.outcome) or "no answer"
        words = f"{first.name}  {arguments_in_words(first.arguments)}: {outcome}"
        last = max(span.ends for span in calls)
        room = _widest_gap(window, (first.begins, last))
        # Between the two stands the bar itself.
        colour = "white" if room == Window(first.begins, last) else _truth(first)
        _write(axes, room, words + _and_more(calls), CALL, colour)


def _truth(call: Span) -> str:
    return GREEN if call.outcome in SUCCESSES else RED


def _draw_messages(axes: Any, window: Window, messages: Sequence[Message]) -> None:
    shown = [message for message in messages if window.holds(message.at)]
    if not shown:
        return
    row, colour = (SENT, BLUE) if shown[0].sent else (RECEIVED, ORANGE)
    instants = [message.at for message in shown]
    axes.vlines(instants, row - 0.32, row + 0.32, color=colour, lw=3)
    words = f"{shown[0].topic}  {shown[0].payload}"
    _write(axes, _widest_gap(window, instants), words + _and_more(shown), row, INK)


def _draw_reply(axes: Any, timeline: Timeline) -> None:
    times, window = timeline.turn.times, timeline.answer
    if "first_audio" in times:
        begins = times["first_audio"]
        span = Span("reply", begins, times.get("reply_ended", window.ends))
        bar(axes, window, span, REPLY, (GREEN, 0.6))
        room = _widest_gap(window, (begins, span.ends))
        colour = "white" if room.begins == begins else INK
        _write(axes, room, f"“{timeline.turn.reply}”", REPLY, colour)


def _and_more(things: Sequence[object]) -> str:
    return f"  and {len(things) - 1} more" if len(things) > 1 else ""


def _widest_gap(window: Window, instants: Sequence[float]) -> Window:
    """The longest stretch of the window between two of the instants, or its edges."""
    inside = sorted(min(max(at, window.begins), window.ends) for at in instants)
    edges = pairwise([window.begins, *inside, window.ends])
    return max((Window(*ends) for ends in edges), key=lambda gap: gap.length)


def _write(axes: Any, room: Window, words: str, row: float, colour: str) -> None:
    """Write into a gap of a lane, close to the thing that the words are about."""
    begins, ends = axes.get_xlim()
    is_before = room.begins == begins
    letters = round(room.length / (ends - begins) / LETTER_SHARE) - 2
    gap = 0.006 * (ends - begins)
    axes.text(
        room.ends - gap if is_before else room.begins + gap, row,
        shortened(drawable(words), letters), ha="right" if is_before else "left",
        va="center_baseline", size=12, color=colour,
        bbox={"facecolor": "none" if colour == "white" else "white", "edgecolor": "none", "pad": 1},
    )  # fmt: skip


def _draw_legs(axes: Any, timeline: Timeline) -> None:
    times = timeline.turn.times
    legs = [leg for leg in _legs(timeline) if leg[0] in times and leg[1] in times]
    for number, (start, end, name) in enumerate(legs):
        _arrow(axes, (times[start], times[end]), name, -0.4 - 0.4 * (number % 2))
    for mark in {mark for leg in legs for mark in leg[:2]}:
        axes.axvline(times[mark], color=GREY, linewidth=0.9, linestyle=":", zorder=0)


def _legs(timeline: Timeline) -> tuple[tuple[str, str, str], ...]:
    """The parts of the way: from which mark to which, and what took the time."""
    if not timeline.calls:
        return (("speech_stopped", "first_audio", "understood, worded and spoken"),)
    proven = timeline.turn.is_confirmed
    return (
        ("speech_stopped", "called", "understood"),
        ("called", "answered", "confirmed" if proven else "not confirmed"),
        ("answered", "first_audio", "worded and spoken"),
    )


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
