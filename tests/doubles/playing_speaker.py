"""A loudspeaker that takes as long as real sound does, by the event loop's clock."""

import asyncio
from dataclasses import dataclass

from assistant.ports import Post
from assistant.session.events import Event, SpeakerFinished, SpeakerStarted, SpeakerStopped
from assistant.units import ItemId, Milliseconds

STEP_MS = 20
BYTES_PER_MS = 48


@dataclass
class _Item:
    queued_ms: int = 0
    played_ms: int = 0
    complete: bool = False


class PlayingSpeaker:
    """Fits `ports.Speaker`: one item after the other, in steps of 20 ms."""

    def __init__(self) -> None:
        self.heard: dict[ItemId, int] = {}
        self._items: dict[ItemId, _Item] = {}
        self._post: Post = _nobody_listens
        self._playing: asyncio.Task[None] | None = None

    def listen(self, post: Post) -> None:
        """Breaks the circle: the engine needs the speaker, which posts to the engine."""
        self._post = post

    async def open(self) -> None:
        self._playing = asyncio.create_task(self._play_on())

    async def close(self) -> None:
        if self._playing is not None:
            self._playing.cancel()
            await asyncio.gather(self._playing, return_exceptions=True)

    def play(self, item: ItemId, pcm: bytes) -> None:
        queued = self._items.setdefault(item, _Item())
        queued.queued_ms += len(pcm) // BYTES_PER_MS

    def finish(self, item: ItemId) -> None:
        self._items.setdefault(item, _Item()).complete = True

    def stop(self) -> None:
        items, self._items = self._items, {}
        for item, sound in items.items():
            self._post(SpeakerStopped(item, Milliseconds(sound.played_ms)))

    def chime(self, pcm: bytes) -> None:
        """Chimes last no time here."""

    @property
    def sounds(self) -> bool:
        return bool(self._items)

    async def _play_on(self) -> None:
        while True:
            await asyncio.sleep(STEP_MS / 1000)
            if self._items:
                self._step(*next(iter(self._items.items())))

    def _step(self, item: ItemId, sound: _Item) -> None:
        if not sound.played_ms and sound.queued_ms:
            self._post(SpeakerStarted(item))
        sound.played_ms = min(sound.queued_ms, sound.played_ms + STEP_MS)
        self.heard[item] = sound.played_ms
        if sound.complete and sound.played_ms == sound.queued_ms:
            del self._items[item]
            self._post(SpeakerFinished(item, Milliseconds(sound.played_ms)))


def _nobody_listens(_event: Event) -> None: ...
