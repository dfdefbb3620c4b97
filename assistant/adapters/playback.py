"""What every loudspeaker has in common: a mixer, a ledger, and the events that follow."""

import asyncio
import logging
import threading
import time
from collections.abc import Coroutine
from typing import Any, Protocol

from assistant.audio.frames import SPEAKER_RATE
from assistant.audio.heard import Finished, Ledger, Report, Started, Stopped
from assistant.audio.mixer import Mixer
from assistant.ports import Post
from assistant.session.events import SpeakerFinished, SpeakerStarted, SpeakerStopped
from assistant.units import ItemId, Seconds

log = logging.getLogger("assistant.adapters.playback")


class Start(Protocol):
    """Starts a task beside the others: `asyncio.create_task`, or a task group's."""

    def __call__(self, work: Coroutine[Any, Any, None], /, *, name: str) -> asyncio.Task[None]:
        """Start it under its name."""
        ...


class Playback:
    """The half of a `Speaker` that is not the device.

    `play`, `finish`, `stop`, `chime` and `tell` belong to the event loop's thread, `fill` to
    whichever thread feeds the device. While no device takes sound, items end at once, unheard.
    """

    def __init__(self, post: Post, volume_percent: int = 100) -> None:
        self._post = post
        self._lock = threading.Lock()
        self._mixer = Mixer(volume_percent)
        self._ledger = Ledger(SPEAKER_RATE)
        self._sounds = False
        self._flooded = False

    def play(self, item: ItemId, pcm: bytes) -> None:
        """Queue sound of an item; what is too much, or comes after its end, is dropped."""
        with self._lock:
            # Whoever begins anew is warned of anew.
            self._flooded = self._flooded and not self._ledger.idle
            if self._ledger.welcomes(item):
                self._receive(item, pcm)
        self._give_up_if_silent()

    def finish(self, item: ItemId) -> None:
        """The item is complete."""
        with self._lock:
            self._ledger.complete(item)
        self._give_up_if_silent()

    def stop(self) -> None:
        """Drop all items, and tell how much of each was heard."""
        with self._lock:
            self._mixer.drop()
            reports = self._ledger.stop(_now())
        self._announce(reports)

    def chime(self, pcm: bytes) -> None:
        """Mix a short sound in with the next block."""
        if self._sounds:
            with self._lock:
                self._mixer.mix_in(pcm)

    def fill(self, samples: int, sounds_at: Seconds) -> bytes:
        """The next samples for the device, the first of which sounds at that instant."""
        with self._lock:
            block = self._mixer.take(samples)
            passed = 0
            for item, count in block.given:
                at = Seconds(sounds_at + passed / SPEAKER_RATE)
                self._ledger.give(item, count, at)
                passed += count
        return block.pcm

    def tell(self) -> None:
        """Post what began and what finished; to be called often while items are open."""
        with self._lock:
            reports = self._ledger.reports(_now())
        self._announce(reports)

    @property
    def idle(self) -> bool:
        """True while no item is open, so that `tell` has nothing to say."""
        return self._ledger.idle

    def _receive(self, item: ItemId, pcm: bytes) -> None:
        if self._mixer.has_room_for(item, pcm):
            self._ledger.receive(item, self._mixer.queue(item, pcm))
            return
        # Cut, not thinned: what is heard of an item is always its beginning.
        self._ledger.cut(item)
        if not self._flooded:
            self._flooded = True
            log.warning("the far end sends more than anybody will hear: the rest is dropped")

    def _device_takes_sound(self, takes: bool) -> None:
        """The device began or ceased to take sound; what it can no longer play is stopped."""
        self._sounds = takes
        self._give_up_if_silent()

    def _give_up_if_silent(self) -> None:
        if not self._sounds:
            self.stop()

    def _announce(self, reports: list[Report]) -> None:
        for report in reports:
            match report:
                case Started(item):
                    self._post(SpeakerStarted(item))
                case Finished(item, heard):
                    self._post(SpeakerFinished(item, heard))
                case Stopped(item, heard):
                    self._post(SpeakerStopped(item, heard))


def _now() -> Seconds:
    return Seconds(time.monotonic())
