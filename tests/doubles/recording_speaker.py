"""A loudspeaker that plays nothing and remembers everything, in its order."""

from assistant.ports import Post
from assistant.session.events import Event, SpeakerFinished, SpeakerStarted, SpeakerStopped
from assistant.units import ItemId, Milliseconds

BYTES_PER_MS = 48


def _nobody_listens(_event: Event) -> None: ...


class RecordingSpeaker:
    """Fits `ports.Speaker`: every item sounds as soon as it is complete, or is cut by `stop`."""

    def __init__(self, post: Post | None = None) -> None:
        self.deeds: list[str] = []
        self.open_items: dict[ItemId, int] = {}
        self._post: Post = post or _nobody_listens

    def listen(self, post: Post) -> None:
        """Breaks the circle: the engine needs the speaker, which posts to the engine."""
        self._post = post

    async def open(self) -> None:
        self.deeds.append("open")

    async def close(self) -> None:
        self.deeds.append("close")

    def play(self, item: ItemId, pcm: bytes) -> None:
        self.deeds.append(f"play {item}")
        if item not in self.open_items:
            self._post(SpeakerStarted(item))
        self.open_items[item] = self.open_items.get(item, 0) + len(pcm)

    def finish(self, item: ItemId) -> None:
        self.deeds.append(f"finish {item}")
        length = self.open_items.pop(item, 0)
        self._post(SpeakerFinished(item, Milliseconds(length // BYTES_PER_MS)))

    def stop(self) -> None:
        self.deeds.append("stop")
        for item, length in self.open_items.items():
            self._post(SpeakerStopped(item, Milliseconds(length // BYTES_PER_MS // 2)))
        self.open_items.clear()

    def chime(self, pcm: bytes) -> None:
        self.deeds.append(f"chime {pcm.decode()}")
