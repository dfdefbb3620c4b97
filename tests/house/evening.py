"""The demo's house in this process, with somebody in it who speaks when the test wants."""

import asyncio
import contextlib
import os
import signal
import socket
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from assistant.app.chronicle import Turn
from assistant.app.demo import DemoOptions, Stage, staged
from assistant.app.story import WAKE, Scene
from assistant.app.storyteller import Storyteller
from assistant.session.states import Asleep
from assistant.settings.reader import read_settings
from tests.house.children import ROOT
from tests.house.speech import heard, spoken

PATIENCE_S = 60.0


@dataclass
class Evening:
    """The running house, and its inhabitant."""

    stage: Stage
    teller: Storyteller
    running: "asyncio.Task[None]"

    async def says(self, line: str, *, wake: bool = False) -> Turn:
        """Say a line and wait for the end of its answer; what became of it."""
        scene = Scene(line, line, bool, wake=wake)
        await self.teller.tell((scene,))
        result = self.teller.results[-1]
        assert not result.problem, f"{line}: {result.problem}"
        assert result.turn
        return result.turn

    async def calls_out(self, line: str = "") -> None:
        """Say the wake word, and wait for nothing."""
        sound = await asyncio.to_thread(spoken, f"{WAKE} {line}")
        self.teller.microphone.say(sound)

    async def until(self, happened: Callable[[], Any]) -> None:
        """Wait for something; what has not happened by then fails."""
        async with asyncio.timeout(PATIENCE_S):
            while not happened():
                assert not self.running.done(), self.running
                await asyncio.sleep(0.05)

    @property
    def sleeps(self) -> bool:
        return isinstance(self.stage.appliance.engine.state, Asleep)

    @property
    def announcements(self) -> list[str]:
        return self.stage.chronicle.announcements

    def commands_to(self, device: str) -> int:
        """How many commands have arrived at a device of the simulated house."""
        house = self.stage.appliance.house
        assert house
        return sum(command.device_id == device for command in house.commands)

    def loudspeaker(self, since: int) -> str:
        """What the loudspeaker has said behind a place on its tape, as a listener hears it."""
        speaker = self.stage.speaker
        assert speaker
        return heard(speaker.listen(since, speaker.length - since), 24_000)


@contextlib.asynccontextmanager
async def evening(folder: Path) -> AsyncIterator[Evening]:
    """The whole house, ready to listen; taken down in any case."""
    config = ROOT / "config" / "demo.toml"
    async with staged(read_settings(config, {}), DemoOptions(folder, config)) as stage:
        assert stage.source
        voice = stage.appliance.voice
        teller = Storyteller(stage.appliance, stage.chronicle, voice, stage.source)
        running = asyncio.create_task(stage.appliance.run(), name="appliance")
        try:
            yield Evening(stage, teller, running)
            assert not running.done(), running
        finally:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)


def kill(pid: int) -> None:
    assert pid > 1
    os.kill(pid, signal.SIGKILL)


@contextlib.asynccontextmanager
async def occupied(port: int) -> AsyncIterator[None]:
    """A stranger has the port, and hangs up on everybody who calls."""

    async def hang_up(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()

    async with await asyncio.start_server(hang_up, "127.0.0.1", port):
        yield


def listens(port: int) -> bool:
    with socket.socket() as caller:
        return caller.connect_ex(("127.0.0.1", port)) == 0
