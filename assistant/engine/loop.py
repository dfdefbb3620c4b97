"""The event loop around the pure session: one queue in, orders out.

The deadline is looked at before the next event is taken, for a full queue would otherwise
hold it off for ever. Nothing here is awaited on behalf of the session: its orders only
fill bounded outboxes or start named errands.
"""

import asyncio
import logging
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass
from typing import Any

from assistant.engine.errands import announce, run_call
from assistant.ports import Home, Link, LinkMaker, Speaker, Voice
from assistant.session.commands import (
    Announce,
    CallHome,
    Chime,
    CloseLink,
    Command,
    FinishPlaying,
    OpenLink,
    Play,
    PlayChime,
    StopSpeaker,
)
from assistant.session.events import DeadlinePassed, Event
from assistant.session.machine import step
from assistant.session.states import Asleep, Limits, State, deadline_of
from assistant.units import Seconds

log = logging.getLogger("assistant.engine")


@dataclass(frozen=True, slots=True)
class Step:
    """One turn of the wheel, as an observer sees it."""

    at: Seconds
    event: Event
    before: State
    after: State
    orders: tuple[Command, ...]


Observer = Callable[[Step], None]


@dataclass(frozen=True, slots=True)
class Ports:
    """Everything that the engine is plugged into."""

    speaker: Speaker
    make_link: LinkMaker
    home: Home
    voice: Voice
    chimes: Mapping[Chime, bytes]


class Engine:
    """Runs one session after another until cancelled. It posts and orders, and decides nothing."""

    def __init__(self, ports: Ports, limits: Limits, observers: tuple[Observer, ...] = ()) -> None:
        self._ports = ports
        self._limits = limits
        self._observers = observers
        self._queue: asyncio.Queue[tuple[int, Event]] = asyncio.Queue()
        self._state: State = Asleep()
        self._link: Link | None = None
        self._link_number = 0
        self._errands = asyncio.TaskGroup()
        self._voice_lock = asyncio.Lock()
        self._announcements = 0

    @property
    def state(self) -> State:
        """The state after the last step."""
        return self._state

    def post(self, event: Event) -> None:
        """Queue an event; on the event loop's thread only."""
        self._queue.put_nowait((0, event))

    async def run(self) -> None:
        """Take events until cancelled; an error in an errand ends everything, for it is a bug."""
        async with self._errands:
            try:
                while True:
                    await self._take_next()
            finally:
                if (link := self._part_from_link()) is not None:
                    await link.close()

    async def _take_next(self) -> None:
        deadline = deadline_of(self._state)
        now = asyncio.get_running_loop().time()
        if deadline is not None and deadline <= now:
            self._advance(DeadlinePassed())
            return
        try:
            async with asyncio.timeout_at(deadline):
                number, event = await self._queue.get()
        except TimeoutError:
            return
        if number in (0, self._link_number):
            self._advance(event)

    def _advance(self, event: Event) -> None:
        now = Seconds(asyncio.get_running_loop().time())
        before = self._state
        self._state, orders = step(before, event, now, self._limits)
        for order in orders:
            self._carry_out(order)
        turn = Step(now, event, before, self._state, orders)
        for observe in self._observers:
            observe(turn)

    def _carry_out(self, order: Command) -> None:
        match order:
            case OpenLink():
                self._open_link()
            case CloseLink():
                self._close_link()
            case CallHome(request):
                call = run_call(self._ports.home, request, self.post, self._limits.call)
                self._start(call, f"call-{request.call_id}")
            case Announce(text):
                self._start(self._announce(text), "announce")
            case Play() | FinishPlaying() | StopSpeaker() | PlayChime():
                self._sound(order)
            case _ if self._link is not None:
                self._link.send(order)
            case _:
                log.debug("no link for %s", type(order).__name__)

    def _sound(self, order: Play | FinishPlaying | StopSpeaker | PlayChime) -> None:
        speaker = self._ports.speaker
        match order:
            case Play(item, pcm):
                speaker.play(item, pcm)
            case FinishPlaying(item):
                speaker.finish(item)
            case StopSpeaker():
                speaker.stop()
            case PlayChime(chime):
                speaker.chime(self._ports.chimes.get(chime, b""))

    def _open_link(self) -> None:
        self._link_number += 1
        number = self._link_number
        link = self._ports.make_link(lambda event: self._queue.put_nowait((number, event)))
        self._link = link
        self._start(link.run(), f"link-{number}")

    def _close_link(self) -> None:
        if (link := self._part_from_link()) is not None:
            self._start(link.close(), f"close-link-{self._link_number - 1}")

    def _part_from_link(self) -> Link | None:
        """From here on its events are an older link's; at once, for the next may be opened soon."""
        link, self._link = self._link, None
        self._link_number += 1
        return link

    async def _announce(self, text: str) -> None:
        async with self._voice_lock:
            self._announcements += 1
            name = f"announcement-{self._announcements}"
            await announce(self._ports.voice, self._ports.speaker, text, name)

    def _start(self, errand: Coroutine[Any, Any, None], name: str) -> None:
        self._errands.create_task(errand, name=name)
