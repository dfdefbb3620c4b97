"""The sockets of the engine: what it needs from the world, and nothing about who provides it."""

from collections.abc import AsyncIterator, Callable, Mapping
from typing import Protocol

from assistant.home.requests import FunctionRequest
from assistant.realtime.messages import Tool
from assistant.session.commands import FarEndCommand
from assistant.session.events import Event
from assistant.units import ItemId

Post = Callable[[Event], None]
"""Hands an event to the engine; call it on the event loop's thread only."""


class Microphone(Protocol):
    """Ears: sound as it comes, in real time."""

    def frames(self) -> AsyncIterator[bytes]:
        """Yield 80 ms frames (1,280 samples, s16le mono, 16 kHz) until the source ends.

        Raises `MicrophoneMissing` when no sound can be had; calling it again reopens.
        """
        ...


class WakeDetector(Protocol):
    """Scores for each wake word; every frame must be heard, in every state."""

    def hear(self, frame: bytes) -> Mapping[str, float]:
        """Score one 80 ms frame, word → 0 to 1. It computes: call it off the event loop."""
        ...

    def restart(self) -> None:
        """Forget the past, after a real break in the sound."""
        ...


class Speaker(Protocol):
    """A mouth that knows what was really heard.

    It posts `SpeakerStarted`, then `SpeakerFinished` or `SpeakerStopped` for every item.
    All sound is s16le mono at 24 kHz. No method waits.
    """

    async def open(self) -> None:
        """Begin to sound (silence first). Raises `SpeakerMissing`."""
        ...

    async def close(self) -> None:
        """Fall silent and give the device back; safe to call twice."""
        ...

    def play(self, item: ItemId, pcm: bytes) -> None:
        """Queue sound of an item behind what is queued already."""
        ...

    def finish(self, item: ItemId) -> None:
        """The item is complete; `SpeakerFinished` follows its last sample."""
        ...

    def stop(self) -> None:
        """Drop the sound of all items and post `SpeakerStopped` for each; chimes sound on."""
        ...

    def chime(self, pcm: bytes) -> None:
        """Mix a short sound in at once, over whatever plays."""
        ...


class Link(Protocol):
    """One realtime conversation; used once."""

    async def run(self) -> None:
        """Connect, configure, and carry the conversation until `close` or the link's end.

        Posts `LinkOpened` at most once, and exactly one `LinkLost` unless closed by us.
        """
        ...

    def send(self, command: FarEndCommand) -> None:
        """Put a command into the bounded outbox; a full one ends the link."""
        ...

    async def close(self) -> None:
        """End the connection; nothing is posted afterwards. Safe to call twice."""
        ...


class Home(Protocol):
    """The devices, behind the functions that the model may call."""

    def tools(self) -> tuple[Tool, ...]:
        """The functions that the present devices need."""
        ...

    def context(self) -> str:
        """What the instructions tell the model about the home; no states."""
        ...

    async def call(self, request: FunctionRequest) -> str:
        """Run one call to its end, bounded in time; the answer is JSON for the model."""
        ...


class Voice(Protocol):
    """The house's own voice, for what the far end cannot say."""

    async def speak(self, text: str) -> bytes:
        """Turn a sentence into s16le mono at 24 kHz; empty where no voice is installed."""
        ...


LinkMaker = Callable[[Post], Link]
"""Makes a fresh link that posts to the given place."""
