"""The engine with every port plugged into a double, and time that leaps."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass

from assistant.engine.loop import Engine, Ports, Step
from assistant.ports import Home, Voice
from assistant.session.commands import Chime, Command
from assistant.session.events import MicHeard, WakeWordHeard
from assistant.session.states import Limits
from tests.doubles.obedient_home import ObedientHome
from tests.doubles.recording_speaker import RecordingSpeaker
from tests.doubles.scripted_link import Exchange
from tests.doubles.speaking_voice import SpeakingVoice

LOUD = b"\xff\x3f" * 1280
CHIMES = {chime: chime.value.encode() for chime in Chime}


@dataclass
class Bench:
    """The engine at work, and everything that it is plugged into."""

    engine: Engine
    exchange: Exchange
    speaker: RecordingSpeaker
    steps: list[Step]

    async def hear(self, *frames: bytes) -> None:
        for frame in frames:
            self.engine.post(MicHeard(frame))
        await settled()

    async def wake(self, limits: Limits) -> None:
        """Say the wake word and go on in the same breath, until the conversation begins."""
        await self.hear(LOUD, LOUD)
        self.engine.post(WakeWordHeard("hey_jarvis", 0.9))
        await self.hear(*[LOUD] * limits.decide_frames)

    def is_in(self, state: type) -> bool:
        return isinstance(self.engine.state, state)

    def orders(self, *kinds: type) -> list[Command]:
        given = [order for step in self.steps for order in step.orders]
        return [order for order in given if isinstance(order, kinds)]


async def settled(turns: int = 20) -> None:
    """Let everything that can happen without the clock happen."""
    for _ in range(turns):
        await asyncio.sleep(0)


@asynccontextmanager
async def engine_at_work(
    limits: Limits | None = None,
    home: Home | None = None,
    voice: Voice | None = None,
    exchange: Exchange | None = None,
    expects: Sequence[type[BaseException]] = (),
) -> AsyncIterator[Bench]:
    """Run the engine around a story, and cancel it afterwards. Its own errors come out."""
    speaker, exchange = RecordingSpeaker(), exchange or Exchange()
    steps: list[Step] = []
    ports = Ports(speaker, exchange.make, home or ObedientHome(), voice or SpeakingVoice(), CHIMES)
    engine = Engine(ports, limits or Limits(), (steps.append,))
    speaker.listen(engine.post)
    task = asyncio.create_task(engine.run())
    try:
        yield Bench(engine, exchange, speaker, steps)
        await settled()
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError, *expects):
            await task
