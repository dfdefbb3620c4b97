"""Listens to what one device says after its command has left, and judges it."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from assistant.home.changes import Change
from assistant.home.expectations import concerns, is_fulfilled, is_under_way, leaves_open
from assistant.home.late_news import is_stuck, late_failure, silence
from assistant.home.outcomes import Outcome, State, Status
from assistant.home.statebook import Heard

if TYPE_CHECKING:
    from assistant.home.devices import Attribute

News = asyncio.Queue[Heard]


class Listeners:
    """Who waits for news of which device."""

    def __init__(self) -> None:
        self._queues: dict[str, list[News]] = {}

    def tell(self, heard: Heard) -> None:
        """Hand news to all who wait for that device."""
        for queue in self._queues.get(heard.device_id, ()):
            queue.put_nowait(heard)

    @contextmanager
    def listening_to(self, device_id: str) -> Iterator[News]:
        """A queue of news, from now to the end of the block."""
        queue: News = asyncio.Queue()
        self.join(device_id, queue)
        try:
            yield queue
        finally:
            self.leave(device_id, queue)

    def join(self, device_id: str, queue: News) -> None:
        """Put news of a device into this queue too, until `leave`."""
        self._queues.setdefault(device_id, []).append(queue)

    def leave(self, device_id: str, queue: News) -> None:
        """End what one `join` began."""
        self._queues[device_id].remove(queue)


class Watch:
    """What a device has said since its command left; `rests` if it was so already, for sure."""

    def __init__(self, change: Change, before: State, news: News, *, rests: bool) -> None:
        self.change = change
        self.news = news
        self.rests = rests
        self._before = before
        self._now: dict[Attribute, str | float] = {}
        self._failure = ""

    @property
    def heard_nothing(self) -> bool:
        """True if the device has said nothing that bears on the wish."""
        return not self._now and not self._failure

    @property
    def is_under_way(self) -> bool:
        """True if the device moves towards the wish, without having reached it."""
        moving = is_under_way(self.change.device, self.change.values, self._before, self._now)
        return bool(self._now) and moving and not self._is_done()

    async def until_decided(self, limit: float) -> None:
        """Listen until the wish has come true, the device failed, it moves, or time is up."""
        was_under_way = self.is_under_way
        try:
            async with asyncio.timeout(limit):
                while not self._is_over():
                    self._take(await self.news.get())
                    if self.is_under_way and not was_under_way:
                        return
        except TimeoutError:
            return

    async def until_arrived(self, limit: float, rest: float) -> None:
        """Listen to a device under way until it has arrived, failed, or rested for `rest`."""
        try:
            async with asyncio.timeout(limit):
                while not self._is_over():
                    stuck = is_stuck(self.change, self._now)
                    async with asyncio.timeout(rest if stuck else None):
                        self._take(await self.news.get())
        except TimeoutError:
            return

    def outcome(self) -> Outcome:
        """What can be said about the device without claiming too much."""
        known = {**self._before, **self._now}
        told = {name: known[name] for name in concerns(self.change.values) if name in known}
        status = self._status()
        message = silence(told) if status is Status.TIMEOUT else self._failure
        return Outcome(self.change.device.name, status, told, message)

    def late_news(self) -> str:
        """A sentence about a device that did not arrive; empty if it did."""
        return "" if self._is_done() else late_failure(self.change, self._now, self._failure)

    def _status(self) -> Status:
        if self._is_done():
            return Status.DONE
        if self._failure:
            return Status.DEVICE_FAILED
        if self.heard_nothing:
            return Status.ALREADY if self.rests else Status.TIMEOUT
        if self.is_under_way:
            return Status.IN_PROGRESS
        is_open = leaves_open(self.change.values, self._now)
        return Status.SENT_UNCONFIRMED if is_open else Status.MISMATCH

    def _is_over(self) -> bool:
        return self._is_done() or bool(self._failure)

    def _is_done(self) -> bool:
        return is_fulfilled(self.change.device, self.change.values, self._now)

    def _take(self, heard: Heard) -> None:
        if heard.failure:
            self._failure = heard.failure
        elif not heard.stored:
            # What the broker had stored was true before the command: it proves nothing.
            relevant = concerns(self.change.values)
            fresh = {name: word for name, word in heard.readings.items() if name in relevant}
            self._now.update(fresh)
