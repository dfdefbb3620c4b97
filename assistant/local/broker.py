"""A private mosquitto for demo and tests: loopback only, a free port, gone with its parent.

Anonymous only because it listens on loopback and serves no real device. Source: home.md 3.1.
"""

import asyncio
import os
import shutil
import socket
import tempfile
from contextlib import AsyncExitStack, suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from assistant.errors import BrokerUnreachable

_READY_S = 5.0
_POLITE_S = 2.0
_ATTEMPTS = 5
_PORT_IN_USE = 1
_SYSTEM_PATH = "/usr/bin:/bin:/usr/sbin:/usr/local/sbin"
_STDERR_LIMIT = 20

# CONNECT of MQTT 3.1.1: clean session, keepalive 5, client id "ready"; and its acceptance.
_HELLO = bytes.fromhex("1011 0004 4d515454 04 02 0005 0005 7265616479")
_WELCOME = bytes.fromhex("2002 0000")
_GOODBYE = bytes.fromhex("e000")


class PrivateBroker:
    """An async context manager; inside it a broker listens on `port` of 127.0.0.1.

    A fixed `port` lets a broker come back where it was. Raises `BrokerUnreachable`.
    """

    def __init__(self, port: int | None = None, *, nodelay: bool = True) -> None:
        self._fixed_port = port
        self._nodelay = nodelay
        self._process: asyncio.subprocess.Process | None = None
        self._complaints: list[str] = []
        self._stack = AsyncExitStack()
        self.port = port or 0

    @property
    def pid(self) -> int:
        """The process id of the child; 0 if there is none."""
        return self._process.pid if self._process else 0

    async def __aenter__(self) -> Self:
        """Start, and return when the broker has accepted a client."""
        try:
            await self._start(_binary())
        except BaseException:
            await self._stack.aclose()
            raise
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End the child: politely, then for good."""
        await self._stack.aclose()

    async def ended(self) -> int:
        """Wait until the child ends by itself; its exit code."""
        assert self._process is not None
        return await self._process.wait()

    async def kill(self) -> None:
        """End the child at once, as a power cut would."""
        if self._process and self._process.returncode is None:
            self._process.kill()
            await self._process.wait()

    async def _start(self, binary: str) -> None:
        folder = Path(self._stack.enter_context(tempfile.TemporaryDirectory(prefix="assistant-")))
        for _ in range(_ATTEMPTS):
            self.port = self._fixed_port or _free_port()
            if not _is_free(self.port):
                # Asking whoever answers there for readiness would take a stranger for ours.
                raise BrokerUnreachable(f"port {self.port} is in use", "choose another port")
            await self._launch(binary, self._configured(folder))
            if await self._is_ready():
                return
            await self._end()
            if self._fixed_port or self._exit_code() != _PORT_IN_USE:
                break
        raise BrokerUnreachable(
            f"mosquitto does not start on port {self.port}: {' '.join(self._complaints)}",
            "run 'mosquitto -v' by hand to see why",
        )

    def _configured(self, folder: Path) -> Path:
        """Write the configuration; mosquitto started by root would drop to its own user."""
        lines = [
            f"listener {self.port} 127.0.0.1",
            "allow_anonymous true",
            "persistence false",
            f"set_tcp_nodelay {'true' if self._nodelay else 'false'}",
            "log_dest stderr",
            "log_type error",
            "log_type warning",
            *(["user root"] if os.geteuid() == 0 else []),
        ]
        file = folder / "mosquitto.conf"
        file.write_text("\n".join(lines) + "\n", encoding="utf-8")
        return file

    async def _launch(self, binary: str, config: Path) -> None:
        self._process = process = await asyncio.create_subprocess_exec(
            *_ending_with_us(),
            binary,
            "-c",
            str(config),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.PIPE,
            process_group=0,  # Ctrl-C is for us: the broker ends when we say so
        )
        self._complaints.clear()
        reader = asyncio.create_task(self._read(process), name="mosquitto stderr")
        self._stack.push_async_callback(self._finish, process, reader)

    async def _read(self, process: asyncio.subprocess.Process) -> None:
        """Keep reading: a full pipe would stop the broker."""
        assert process.stderr is not None
        async for line in process.stderr:
            self._complaints.append(line.decode("utf-8", "replace").strip())
            del self._complaints[:-_STDERR_LIMIT]

    async def _is_ready(self) -> bool:
        try:
            async with asyncio.timeout(_READY_S):
                while self._exit_code() is None:
                    if await _accepts_a_client(self.port):
                        return True
                    await asyncio.sleep(0.01)
        except TimeoutError:
            pass
        return False

    def _exit_code(self) -> int | None:
        return self._process.returncode if self._process else None

    async def _end(self) -> None:
        if self._process is not None:
            await _end_politely(self._process)

    async def _finish(
        self, process: asyncio.subprocess.Process, reader: "asyncio.Task[None]"
    ) -> None:
        await _end_politely(process)
        await reader


def _binary() -> str:
    """Find mosquitto; Debian puts it where a user's PATH does not look."""
    found = shutil.which("mosquitto") or shutil.which("mosquitto", path=_SYSTEM_PATH)
    if found is None:
        raise BrokerUnreachable("mosquitto is not installed", "sudo apt install mosquitto")
    return found


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


def _ending_with_us() -> tuple[str, ...]:
    """What starts the broker so that it ends with its parent, also when that is killed.

    A program of its own, because code between fork and exec can hang for ever in a process with
    threads. The wish holds as long as the thread that forked lives: the main thread.
    """
    setpriv = shutil.which("setpriv", path=_SYSTEM_PATH)
    return (setpriv, "--pdeathsig", "TERM") if setpriv else ()


async def _accepts_a_client(port: int) -> bool:
    try:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        return False
    try:
        writer.write(_HELLO)
        welcome = await reader.readexactly(len(_WELCOME))
        writer.write(_GOODBYE)
    except (OSError, asyncio.IncompleteReadError):
        return False
    finally:
        writer.close()
        with suppress(OSError):
            await writer.wait_closed()
    return welcome == _WELCOME


async def _end_politely(process: asyncio.subprocess.Process) -> None:
    for farewell in (process.terminate, process.kill):
        if process.returncode is not None:
            return
        with suppress(ProcessLookupError):
            farewell()
        with suppress(TimeoutError):
            async with asyncio.timeout(_POLITE_S):
                await process.wait()
