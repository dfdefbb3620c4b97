"""The live view of the demo: everything that happens, on one screen of any size."""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from rich.console import Console, ConsoleDimensions, Group, RenderableType
from rich.live import Live
from rich.table import Table

from assistant.app.demo import Stage
from assistant.app.panels import (
    conversation,
    framed,
    function_calls,
    headline,
    house_states,
    latencies,
    latencies_in_a_line,
    mqtt_traffic,
    wake_bar,
)
from assistant.app.sight import Onlooker, Sight

PAUSE_S = 0.1
"""Between two pictures; where nothing changes, nothing is drawn."""
SHARE = 0.2
"""Of the time, at most, goes into drawing, on however slow a machine."""
HEAD_ROWS = 2
LATENCY_ROWS = 5
FRAME = 4
"""Columns that a panel needs for itself."""
NARROW, LOW = 60, 12
WIDE, TALL = 100, 30


def terminal() -> Console | None:
    """The terminal on stdout, if it is one that can be drawn on."""
    console = Console()
    return console if sys.stdout.isatty() and not console.is_dumb_terminal else None


@asynccontextmanager
async def shown_live(stage: Stage, console: Console) -> AsyncIterator[None]:
    """Draw the stage until the block ends; the last picture stays on the terminal."""
    onlooker, over = Onlooker(), asyncio.Event()
    stage.chronicle.add_listener(onlooker)
    with Live(console=console, auto_refresh=False, vertical_overflow="crop") as live:
        drawing = asyncio.create_task(_keep_drawing(live, stage, onlooker, over), name="view")
        try:
            yield
        finally:
            over.set()
            await drawing


async def _keep_drawing(live: Live, stage: Stage, onlooker: Onlooker, over: asyncio.Event) -> None:
    loop = asyncio.get_running_loop()
    drawn, cost, is_last = None, 0.0, False
    while not is_last:
        with suppress(TimeoutError):
            await asyncio.wait_for(over.wait(), max(PAUSE_S, cost / SHARE))
        is_last = over.is_set()
        begun = loop.time()
        seen = onlooker.sight(stage, begun - stage.started_at), live.console.size
        if seen != drawn:
            # Drawn elsewhere: sound and messages must not wait for it.
            await asyncio.to_thread(_draw, live, *seen)
            drawn, cost = seen, loop.time() - begun


def _draw(live: Live, sight: Sight, size: ConsoleDimensions) -> None:
    # The line of the cursor stays free, or the terminal would scroll.
    live.update(screen_of(sight, size.width, size.height - 1), refresh=True)


def screen_of(sight: Sight, width: int, height: int) -> RenderableType:
    """The view in so many columns and rows; what does not fit is left out."""
    if width < NARROW or height < LOW:
        return _small(sight, width, height)
    if width >= WIDE and height >= TALL:
        return _large(sight, width, height)
    return _usual(sight, width, height)


def _small(sight: Sight, width: int, height: int) -> RenderableType:
    """The headline, and the end of the conversation without a frame."""
    lines = conversation(sight.talk, width)
    return Group(headline(sight), *lines[max(0, len(lines) - height + 1) :])


def _usual(sight: Sight, width: int, height: int) -> RenderableType:
    """Conversation and calls beside the house; traffic and the last turn's times below."""
    below = 5 if height >= 20 else 4
    body = height - HEAD_ROWS - below - 1
    left = width * 3 // 5
    calls = min(5, body // 2)
    return Group(
        *_head(sight, width),
        _beside(
            [_talk(sight, left, body - calls), _calls(sight, calls)],
            [_house(sight, body)],
            left,
        ),
        _traffic(sight, below),
        latencies_in_a_line(sight.latencies),
    )


def _large(sight: Sight, width: int, height: int) -> RenderableType:
    """Everything in two columns, every panel with its frame."""
    body = height - HEAD_ROWS
    calls, traffic = body // 5, body // 3
    times = LATENCY_ROWS + 2
    left = width * 3 // 5
    return Group(
        *_head(sight, width),
        _beside(
            [
                _talk(sight, left, body - calls - traffic),
                _calls(sight, calls),
                _traffic(sight, traffic),
            ],
            [
                _house(sight, body - times),
                framed("the last turn", latencies(sight.latencies), times),
            ],
            left,
        ),
    )


def _head(sight: Sight, width: int) -> tuple[RenderableType, ...]:
    return headline(sight), wake_bar(sight.score, min(40, width - 35))


def _beside(left: list[RenderableType], right: list[RenderableType], width: int) -> RenderableType:
    grid = Table.grid(expand=True)
    grid.add_column(width=width)
    grid.add_column(ratio=1)
    grid.add_row(Group(*left), Group(*right))
    return grid


def _talk(sight: Sight, width: int, rows: int) -> RenderableType:
    return framed("conversation", conversation(sight.talk, width - FRAME), rows)


def _calls(sight: Sight, rows: int) -> RenderableType:
    return framed("function calls", function_calls(sight.calls), rows)


def _traffic(sight: Sight, rows: int) -> RenderableType:
    return framed("MQTT", mqtt_traffic(sight.traffic), rows)


def _house(sight: Sight, rows: int) -> RenderableType:
    return framed("the house", house_states(sight.before, sight.house, rows - 2), rows)
