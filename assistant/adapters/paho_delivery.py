"""Carries a change to one device, and waits for the device's own word on it.

`done` needs a live report of the device that matches; a broker's receipt proves nothing.
Source: home.md section 9.
"""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

from assistant.adapters.paho_connection import FAILURES_FROM, NO_SUBSCRIBERS
from assistant.adapters.paho_supervisor import Patience, Supervisor
from assistant.errors import BrokerUnreachable
from assistant.home.changes import Change
from assistant.home.devices import Attribute, Kind
from assistant.home.expectations import (
    concerns,
    is_fulfilled,
    is_observable,
    is_under_way,
    leaves_open,
)
from assistant.home.guard import objection_to
from assistant.home.outcomes import Outcome, State, Status
from assistant.home.statebook import Heard, StateBook
from assistant.home.topics import commands_of, query_of

_SLOW_KINDS = frozenset({Kind.COVER, Kind.LOCK, Kind.VACUUM})


class Listeners:
    """Who waits for news of which device."""

    def __init__(self) -> None:
        self._queues: dict[str, list[asyncio.Queue[Heard]]] = {}

    def tell(self, heard: Heard) -> None:
        """Hand news to all who wait for that device."""
        for queue in self._queues.get(heard.device_id, ()):
            queue.put_nowait(heard)

    @contextmanager
    def listening_to(self, device_id: str) -> Iterator["asyncio.Queue[Heard]"]:
        """A queue of news, from now to the end of the block."""
        queue: asyncio.Queue[Heard] = asyncio.Queue()
        self._queues.setdefault(device_id, []).append(queue)
        try:
            yield queue
        finally:
            self._queues[device_id].remove(queue)


class Courier:
    """Delivers changes over the supervisor's present connection."""

    def __init__(
        self, supervisor: Supervisor, book: StateBook, listeners: Listeners, patience: Patience
    ) -> None:
        self._supervisor = supervisor
        self._book = book
        self._listeners = listeners
        self._patience = patience

    async def deliver(self, change: Change) -> Outcome:
        """Publish, and wait, bounded in time, for what the device says."""
        device = change.device
        if self._book.is_absent(device):
            return Outcome(device.name, Status.UNAVAILABLE)
        # Armed before the command leaves: an instant answer is not missed.
        with self._listeners.listening_to(device.id) as news:
            before = self._book.state_of(device)
            refused = await self._send(change)
            if refused is not None:
                return refused
            if not is_observable(device, change.values):
                return Outcome(device.name, Status.SENT_UNCONFIRMED)
            watch = _Watch(change, before, news)
            return await self._observe(change, watch)

    async def _send(self, change: Change) -> Outcome | None:
        """The outcome if the command did not get through; None if it did."""
        name = change.device.name
        for publication in commands_of(change.device, change.values):
            if objection := objection_to(publication, self._supervisor.address.own_tree):
                return Outcome(name, Status.DENIED, message=objection)
            try:
                code = await self._supervisor.publish(publication)
            except BrokerUnreachable:
                return Outcome(name, Status.OFFLINE)
            except TimeoutError:
                return Outcome(name, Status.TIMEOUT)
            if code == NO_SUBSCRIBERS:
                return Outcome(name, Status.NO_LISTENER)
            if code >= FAILURES_FROM:
                return Outcome(name, Status.DENIED_BY_BROKER)
        return None

    async def _observe(self, change: Change, watch: "_Watch") -> Outcome:
        patience = self._patience
        slow = change.device.kind in _SLOW_KINDS
        limit = patience.movement if slow else patience.reply
        await watch.until_decided(patience.echo if watch.matched_before else limit)
        if watch.is_under_way:
            # A bolt is worth waiting for; a blind takes longer than anyone wants to listen.
            is_lock = change.device.kind is Kind.LOCK
            await watch.until_decided(patience.movement if is_lock else patience.settle)
        if watch.heard_nothing and not watch.matched_before and await self._ask(change):
            await watch.until_decided(patience.query)
        return watch.outcome()

    async def _ask(self, change: Change) -> bool:
        """Ask a gateway to read the device; False where that is impossible."""
        query = query_of(change.device, change.values)
        if query is None:
            return False
        try:
            await self._supervisor.publish(query)
        except (BrokerUnreachable, TimeoutError):
            return False
        return True


class _Watch:
    """What a device has said since its command left."""

    def __init__(self, change: Change, before: State, news: "asyncio.Queue[Heard]") -> None:
        self._change = change
        self._before = before
        self._news = news
        self._now: dict[Attribute, str | float] = {}
        self._failure = ""
        self.matched_before = is_fulfilled(change.device, change.values, before)

    @property
    def heard_nothing(self) -> bool:
        """True if the device has said nothing that bears on the wish."""
        return not self._now and not self._failure

    @property
    def is_under_way(self) -> bool:
        """True if the device moves towards the wish, without having reached it."""
        moving = is_under_way(self._change.device, self._change.values, self._before, self._now)
        return bool(self._now) and moving and not self._is_done()

    async def until_decided(self, limit: float) -> None:
        """Listen until the wish has come true, the device failed, it moves, or time is up."""
        was_under_way = self.is_under_way
        try:
            async with asyncio.timeout(limit):
                while not (self._is_done() or self._failure):
                    self._take(await self._news.get())
                    if self.is_under_way and not was_under_way:
                        return
        except TimeoutError:
            return

    def outcome(self) -> Outcome:
        """What can be said about the device without claiming too much."""
        known = {**self._before, **self._now}
        told = {name: known[name] for name in concerns(self._change.values) if name in known}
        return Outcome(self._change.device.name, self._status(), told, self._failure)

    def _status(self) -> Status:
        if self._is_done():
            return Status.DONE
        if self._failure:
            return Status.DEVICE_FAILED
        if self.heard_nothing:
            return Status.ALREADY if self.matched_before else Status.TIMEOUT
        if self.is_under_way:
            return Status.IN_PROGRESS
        is_open = leaves_open(self._change.values, self._now)
        return Status.SENT_UNCONFIRMED if is_open else Status.MISMATCH

    def _is_done(self) -> bool:
        return is_fulfilled(self._change.device, self._change.values, self._now)

    def _take(self, heard: Heard) -> None:
        if heard.failure:
            self._failure = heard.failure
        elif not heard.stored:
            # What the broker had stored was true before the command: it proves nothing.
            relevant = concerns(self._change.values)
            fresh = {name: word for name, word in heard.readings.items() if name in relevant}
            self._now.update(fresh)
