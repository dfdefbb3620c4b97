"""The local far end as a child process, so that its hard thinking never holds up our ears."""

import asyncio
import logging
import os
import socket
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import Sequence
from types import TracebackType
from typing import Self

from assistant.errors import SpeechUnavailable

log = logging.getLogger("assistant.local")

READY_S = 90.0
FIRST_PAUSE_S = 1.0
LONGEST_PAUSE_S = 30.0
POLITE_S = 2.0
READY_MARK = b"ready"


class FarEndProcess:
    """An async context manager: inside it a far end listens on `url`, and comes back if it dies.

    `arguments` follow `python -m assistant serve`. Raises `SpeechUnavailable`.
    """

    def __init__(self, arguments: Sequence[str] = ()) -> None:
        self._arguments = tuple(arguments)
        self._process: Process | None = None
        self._keeper: asyncio.Task[None] | None = None
        self.port = 0

    @property
    def url(self) -> str:
        """Where clients connect."""
        return f"ws://127.0.0.1:{self.port}/v1/realtime"

    @property
    def pid(self) -> int:
        """The process id of the child; 0 if there is none."""
        return self._process.pid if self._process else 0

    async def __aenter__(self) -> Self:
        """Start, and return when the far end has loaded its models and listens."""
        self.port = _free_port()
        try:
            await self._start()
        except BaseException:
            await self._drop()
            raise
        self._keeper = asyncio.create_task(self._keep(), name="far-end-keeper")
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End the child: politely, then for good."""
        if self._keeper is not None:
            self._keeper.cancel()
            await asyncio.gather(self._keeper, return_exceptions=True)
        await self._drop()

    async def _drop(self) -> None:
        if self._process is not None:
            await _end(self._process)

    async def _start(self) -> None:
        self._process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "assistant", "serve", "--port", str(self.port),
            "--with-parent", str(os.getpid()), *self._arguments,
            stdin=DEVNULL, stdout=PIPE,
        )  # fmt: skip
        assert self._process.stdout is not None
        try:
            async with asyncio.timeout(READY_S):
                line = await self._process.stdout.readline()
        except TimeoutError:
            line = b""
        if READY_MARK not in line:
            await self._drop()
            raise SpeechUnavailable(
                "The offline far end does not start", "Run 'assistant serve' by hand to see why."
            )

    async def _keep(self) -> None:
        pause = FIRST_PAUSE_S
        while True:
            assert self._process is not None
            code = await self._process.wait()
            log.warning("the offline far end ended (%s): starting it again", code)
            await asyncio.sleep(pause)
            try:
                await self._start()
            except (SpeechUnavailable, OSError):
                pause = min(LONGEST_PAUSE_S, pause * 2)
            else:
                log.warning("the offline far end is back")
                pause = FIRST_PAUSE_S


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


async def _end(process: Process) -> None:
    if process.returncode is not None:
        return
    process.terminate()
    try:
        async with asyncio.timeout(POLITE_S):
            await process.wait()
    except TimeoutError:
        process.kill()
        await process.wait()
