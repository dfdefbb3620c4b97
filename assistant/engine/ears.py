"""From the microphone to events: every frame is heard, in every state."""

import asyncio
import logging
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor

from assistant.errors import HardwareError
from assistant.ports import Microphone, Post, WakeDetector
from assistant.session.events import MicHeard, WakeWordHeard
from assistant.wake.gate import Gate

log = logging.getLogger("assistant.ears")

FIRST_PAUSE = 0.25
LONGEST_PAUSE = 2.0

ScoreObserver = Callable[[Mapping[str, float]], None]


class Ears:
    """Listens for ever: a lost microphone is opened again with growing pauses."""

    def __init__(
        self,
        microphone: Microphone,
        detector: WakeDetector,
        gate: Gate,
        post: Post,
        on_scores: ScoreObserver = lambda _scores: None,
    ) -> None:
        self._microphone = microphone
        self._detector = detector
        self._gate = gate
        self._post = post
        self._on_scores = on_scores
        self._pause = FIRST_PAUSE

    async def run(self) -> None:
        """Post every frame and every wake word; returns when the source of sound ends."""
        with ThreadPoolExecutor(max_workers=1, thread_name_prefix="wake") as executor:
            while True:
                try:
                    await self._listen(executor)
                except HardwareError as trouble:
                    await self._wait(trouble)
                else:
                    return

    async def _listen(self, executor: ThreadPoolExecutor) -> None:
        loop = asyncio.get_running_loop()
        async for frame in self._microphone.frames():
            self._recover()
            self._post(MicHeard(frame))
            scores = await loop.run_in_executor(executor, self._detector.hear, frame)
            self._on_scores(scores)
            hit = self._gate.hear(scores)
            if hit is not None:
                self._post(WakeWordHeard(hit.word, hit.score))

    def _recover(self) -> None:
        if self._pause > FIRST_PAUSE:
            log.warning("the microphone is back")
            self._detector.restart()
            self._pause = FIRST_PAUSE

    async def _wait(self, trouble: HardwareError) -> None:
        level = logging.WARNING if self._pause == FIRST_PAUSE else logging.DEBUG
        log.log(level, "deaf: %s", trouble)
        await asyncio.sleep(self._pause)
        self._pause = min(LONGEST_PAUSE, self._pause * 2)
