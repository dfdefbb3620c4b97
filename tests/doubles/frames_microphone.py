"""Microphones that hear what a test says."""

import asyncio
from collections.abc import AsyncIterator, Sequence

from assistant.errors import MicrophoneMissing

FRAME_SECONDS = 0.08


class FramesMicrophone:
    """Fits `ports.Microphone`: each opening hears its own frames; the last one ends the source."""

    def __init__(self, *openings: Sequence[bytes] | MicrophoneMissing) -> None:
        self._openings = list(openings)
        self.opened = 0

    async def frames(self) -> AsyncIterator[bytes]:
        self.opened += 1
        heard = self._openings.pop(0)
        if isinstance(heard, MicrophoneMissing):
            raise heard
        for frame in heard:
            await asyncio.sleep(FRAME_SECONDS)
            yield frame
        if self._openings:
            raise MicrophoneMissing("The microphone was pulled out.", "Plug it in again.")
