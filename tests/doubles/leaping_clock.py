"""An event loop whose time leaps: when nothing else is left to do, it is later at once.

Sleeps and time limits end in their order without being waited for; work on other threads
holds the clock still until it is done.
"""

import asyncio
import selectors
from collections.abc import Callable, Coroutine
from concurrent.futures import Executor
from typing import Any, TypeVar, TypeVarTuple

Event = list[tuple[selectors.SelectorKey, int]]
T = TypeVar("T")
Ts = TypeVarTuple("Ts")


class _LeapingSelector(selectors.SelectSelector):
    """Never waits for a timer; tells the loop how far it may leap instead."""

    def __init__(self) -> None:
        super().__init__()
        self.leapt = 0.0
        self.working = 0

    def select(self, timeout: float | None = None) -> Event:
        ready = super().select(0)
        if ready or timeout == 0:
            return ready
        if timeout is None or self.working:
            return super().select(0.05)
        self.leapt += timeout
        return []


class LeapingLoop(asyncio.SelectorEventLoop):
    """A real event loop in all but its clock, which starts at 1000 seconds."""

    def __init__(self) -> None:
        self._leaping = _LeapingSelector()
        super().__init__(self._leaping)

    def time(self) -> float:
        return 1000.0 + self._leaping.leapt

    def run_in_executor(
        self, executor: Executor | None, func: Callable[[*Ts], T], *args: *Ts
    ) -> asyncio.Future[T]:
        self._leaping.working += 1
        future = super().run_in_executor(executor, func, *args)
        future.add_done_callback(lambda _: self._worked())
        return future

    def _worked(self) -> None:
        self._leaping.working -= 1


def leap_through(story: Coroutine[Any, Any, None]) -> None:
    """Run a story to its end; a story that can never end is a failure of pytest's timeout."""
    with asyncio.Runner(loop_factory=LeapingLoop) as runner:
        runner.run(story)
