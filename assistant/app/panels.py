"""The panels of the live view: each draws a part of a sight into a given number of lines."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from operator import itemgetter
from textwrap import wrap
from typing import Any

from rich.panel import Panel
from rich.text import Text

from assistant.app.legible import legible
from assistant.app.sight import Call, Line, Message, Score, Sight
from assistant.home.outcomes import Status

PHASE_STYLES = {
    "asleep": "black on bright_black",
    "connecting": "black on yellow",
    "listening": "black on cyan",
    "hearing": "black on bright_blue",
    "thinking": "black on magenta",
    "speaking": "black on green",
}
LEGS = {
    "wake_to_link_ready": ("wake word to link", "link"),
    "speech_end_to_call": ("speech to call", "call"),
    "call_to_confirmed": ("call to proof", "proof"),
    "call_to_answered": ("call to no proof", "no proof"),
    "confirmed_to_first_audio": ("proof to sound", "sound"),
    "answered_to_first_audio": ("answer to sound", "sound"),
    "speech_end_to_first_audio": ("speech to sound", "in all"),
}
"""The ways of `Turn.latencies`, long for a panel and short for a line."""
UNITS = {
    "brightness": " %",
    "position": " %",
    "speed": " %",
    "humidity": " %",
    "color_temp": " K",
    "temperature": " °C",
    "target_temperature": " °C",
}
TELLING = ("power", "move", "lock", "mode", "action")
"""What is told first of a device."""
FULL, EMPTY, PEAK, MARK = "█", "░", "▒", "│"
WORTH_SHOWING = 2
"""So many values tell how a device is; the rest is shown when it changes."""


def framed(title: str, lines: Sequence[Text], rows: int) -> Panel:
    """The last lines that fit into a frame of `rows`, the frame included."""
    shown = list(lines)[-max(0, rows - 2) :] if rows > 2 else []
    body = Text("\n", no_wrap=True, overflow="ellipsis").join(shown)
    return Panel(body, title=title, title_align="left", border_style="bright_black", height=rows)


def headline(sight: Sight) -> Text:
    """The state of the session and the scene that is played."""
    style = PHASE_STYLES.get(sight.phase, "reverse")
    text = _line()
    text.append(f" {sight.phase:^10} ", f"bold {style}")
    text.append(f"  {sight.scene}" if sight.scene else "  conversing", "bold")
    return text.append(f"  {sight.seconds} s", "bright_black")


def wake_bar(score: Score, cells: int) -> Text:
    """The wake score as a bar; ▒ is the highest of the last seconds, │ the threshold."""
    text = _line().append("wake  ", "bright_black")
    for style, run in groupby(_cells(score, max(1, cells)), key=itemgetter(1)):
        text.append("".join(sign for sign, _ in run), style)
    return text.append(f" {score.now:.2f}", "bold").append(f"  {score.word}")


def _cells(score: Score, cells: int) -> Iterator[tuple[str, str]]:
    """Signs and styles of the bar; what lies over the threshold is green."""
    mark = min(cells - 1, round(score.threshold * cells))
    now, peak = (
        "green" if value > score.threshold else "yellow" for value in (score.now, score.peak)
    )
    for cell in range(cells):
        at = (cell + 0.5) / cells
        if at < score.now:
            yield FULL, now
        elif cell == mark:
            yield MARK, "bold"
        elif at < score.peak:
            yield PEAK, peak
        else:
            yield EMPTY, "bright_black"


def conversation(talk: Iterable[Line], width: int) -> list[Text]:
    """What was said, folded to the width; the newest comes last."""
    return [folded for line in talk for folded in _spoken(line, width)]


def function_calls(calls: Iterable[Call]) -> list[Text]:
    """Calls with the truth about them: green came true, red did not, yellow waits."""
    return [_call(call) for call in calls]


def mqtt_traffic(traffic: Iterable[Message]) -> list[Text]:
    """Messages, `>` sent and `<` received."""
    return [_message(message) for message in traffic]


def house_states(before: Mapping[str, Any], house: Mapping[str, Any], rows: int) -> list[Text]:
    """A line for each device; where they do not all fit, the changed ones come first."""
    changed = {name for name in house if before and _changes(before.get(name, {}), house[name])}
    names = [name for name in house if house[name]]
    if len(names) > rows:
        names = sorted(names, key=lambda name: name not in changed)[: max(0, rows)]
    return [_device(name, before.get(name, {}), house[name], name in changed) for name in names]


def latencies(legs: Mapping[str, float]) -> list[Text]:
    """Milliseconds of the last turn, one leg a line."""
    return [_leg(_name(leg, 0), ms) for leg, ms in legs.items()]


def latencies_in_a_line(legs: Mapping[str, float]) -> Text:
    """The same on one line."""
    text = _line().append("the last turn in ms:  ", "bright_black")
    for leg, ms in legs.items():
        text.append(f"{_name(leg, 1)} ", "bright_black").append(f"{ms:.0f}  ", "bold")
    return text


def _name(leg: str, length: int) -> str:
    return LEGS.get(leg, (leg, leg))[length]


def _line(words: str = "", style: str = "") -> Text:
    # The style belongs to the words alone, not to what is appended.
    return Text(no_wrap=True, overflow="ellipsis").append(words, style)


def _spoken(line: Line, width: int) -> list[Text]:
    """A line of the conversation, folded; the rest stands under its first words."""
    start = f"{line.who}: " if line.who else "  "
    style = {"you": "bold cyan", "assistant": "bold green"}.get(line.who, "")
    folded = wrap(f"{start}{line.text}", max(width, len(start) + 1), subsequent_indent="  ")
    texts = [_line(words, "" if line.who else "bright_black") for words in folded]
    for first in texts[:1]:
        first.stylize(style, 0, len(start))
    return texts


def _call(call: Call) -> Text:
    mark, style = _truth(call)
    status = f"{call.status}  " if call.status else ""
    return _line(f"{mark} ", f"bold {style}").append(status, style).append(call.words)


def _truth(call: Call) -> tuple[str, str]:
    """A sign and a colour, so that neither is needed for itself."""
    if call.came_true:
        return "+", "green"
    if not call.status:
        return "…", "yellow"
    return ("?", "yellow") if call.status == Status.NEEDS_CONFIRMATION else ("!", "red")


def _message(message: Message) -> Text:
    mark, style = ("> ", "blue") if message.sent else ("< ", "yellow")
    line = _line(mark, f"bold {style}").append(message.topic, style)
    return line.append(f"  {message.payload}", "bright_black")


def _leg(name: str, ms: float) -> Text:
    return _line(f"{name:<20}", "bright_black").append(f"{ms:7.0f} ms", "bold")


def _device(
    name: str, before: Mapping[str, Any], now: Mapping[str, Any], has_changed: bool
) -> Text:
    line = _line(f"{legible(name)}  ", "bold" if has_changed else "")
    if not has_changed:
        keys = sorted(now, key=lambda key: key not in TELLING)[:WORTH_SHOWING]
        values = [_value(key, now[key]) for key in keys]
        return line.append(", ".join(values), "bright_black")
    for key in _changes(before, now):
        line.append(_value(key, before.get(key, "?")), "bright_black")
        line.append(" → ", "bright_black").append(f"{_value(key, now[key])}  ", "bold green")
    return line


def _changes(before: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    return [key for key, value in now.items() if before.get(key) != value]


def _value(key: str, value: Any) -> str:
    return legible(f"{value}{UNITS.get(key, '')}")
