"""The far end as a child: back on its port when it dies, gone when its parent does, polite."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from websockets.asyncio.client import connect

from assistant.errors import SpeechUnavailable
from assistant.local.broker_keeper import BrokerKeeper
from assistant.local.far_end_process import FarEndProcess
from tests.contracts.household import needs_mosquitto

pytest.importorskip("hassil", reason="the local far end is not installed")

ROOT = Path(__file__).resolve().parents[2]
DEMO = ("--config", str(ROOT / "config" / "demo.toml"))
PATIENCE_S = 90.0
PROMPT_S = 5.0
"""A third of a second on an idle machine; a guest that is waited for would take ten."""


def is_alive(pid: int) -> bool:
    stat = Path(f"/proc/{pid}/stat")
    return stat.exists() and stat.read_text().rpartition(")")[2].split()[0] != "Z"


async def until(is_so: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while not is_so():  # noqa: ASYNC110 - other processes set no events of ours
            await asyncio.sleep(0.02)


async def greeting(url: str) -> str:
    async with connect(url) as socket_:
        return str(await socket_.recv())


async def accepts(port: int) -> bool:
    try:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        return False
    writer.close()
    return True


async def until_accepting(port: int) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while not await accepts(port):  # noqa: ASYNC110 - as above
            await asyncio.sleep(0.02)


@contextmanager
def running(*command: str) -> Iterator[subprocess.Popen[str]]:
    """A process of ours with its first line still to read; it does not outlive the block."""
    with subprocess.Popen(
        [sys.executable, *command], stdout=subprocess.PIPE, text=True, cwd=ROOT
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def first_line(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline()


def test_a_killed_far_end_comes_back_on_its_port_and_ends_with_its_block() -> None:
    async def story() -> int:
        async with FarEndProcess(DEMO) as far_end:
            port, first = far_end.port, far_end.pid
            assert "session.created" in await greeting(far_end.url)
            os.kill(first, signal.SIGKILL)
            await until(lambda: far_end.pid not in {0, first})
            second = far_end.pid
            assert far_end.port == port
            await until_accepting(port)
            assert "session.created" in await greeting(far_end.url)
            assert not is_alive(first)
            return second

    assert not is_alive(asyncio.run(story()))


def test_a_far_end_that_cannot_start_says_how_to_find_out(tmp_path: Path) -> None:
    async def story() -> FarEndProcess:
        far_end = FarEndProcess(("--config", str(tmp_path / "missing.toml")))
        with pytest.raises(SpeechUnavailable, match="assistant serve"):
            await far_end.__aenter__()
        return far_end

    assert not is_alive(asyncio.run(story()).pid)


def test_a_start_that_is_broken_off_leaves_no_child() -> None:
    async def story() -> int:
        far_end = FarEndProcess(DEMO)
        start = asyncio.create_task(far_end.__aenter__())
        await until(lambda: far_end.pid != 0)
        start.cancel()
        with pytest.raises(asyncio.CancelledError):
            await start
        return far_end.pid

    assert not is_alive(asyncio.run(story()))


@needs_mosquitto
def test_no_child_outlives_a_killed_parent() -> None:
    program = (
        "import asyncio, sys\n"
        "from assistant.local.broker_keeper import BrokerKeeper\n"
        "from assistant.local.far_end_process import FarEndProcess\n"
        "async def main():\n"
        "    async with BrokerKeeper() as broker, FarEndProcess(sys.argv[1:]) as far_end:\n"
        "        print(broker.pid, far_end.pid, flush=True)\n"
        "        await asyncio.sleep(600)\n"
        "asyncio.run(main())\n"
    )
    with running("-c", program, *DEMO) as parent:
        children = [int(pid) for pid in first_line(parent).split()]
        assert len(children) == 2
        assert all(map(is_alive, children))
        os.kill(parent.pid, signal.SIGKILL)
    asyncio.run(until(lambda: not any(map(is_alive, children))))


@needs_mosquitto
def test_a_killed_broker_comes_back_on_its_port_and_ends_with_its_block() -> None:
    async def story() -> tuple[int, int]:
        async with BrokerKeeper() as broker:
            port, first = broker.port, broker.pid
            assert await accepts(port)
            os.kill(first, signal.SIGKILL)
            await until(lambda: broker.pid not in {0, first})
            await until_accepting(port)
            assert broker.port == port
            return first, broker.pid

    assert not any(map(is_alive, asyncio.run(story())))


@needs_mosquitto
def test_a_broker_whose_port_was_taken_comes_back_when_it_is_free() -> None:
    async def story() -> None:
        async with BrokerKeeper() as broker:
            first = broker.pid
            os.kill(first, signal.SIGKILL)
            await until(lambda: not is_alive(first))
            with socket.socket() as thief:
                thief.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                thief.bind(("127.0.0.1", broker.port))
                thief.listen()
                await until(lambda: broker.pid == 0)
                await asyncio.sleep(1.5)
                assert broker.pid == 0
            await until(lambda: broker.pid != 0)
            assert await accepts(broker.port)

    asyncio.run(story())


class TestServe:
    def test_its_help_tells_its_options(self) -> None:
        told = subprocess.run(
            [sys.executable, "-m", "assistant", "serve", "--help"],
            capture_output=True, text=True, check=True, cwd=ROOT,
        ).stdout  # fmt: skip
        assert {"--port", "--reject-beta", "--with-parent", "--config"} <= set(
            told.replace(",", " ").split()
        )

    def test_it_says_where_it_listens_and_ends_at_once_when_told(self) -> None:
        with running("-m", "assistant", "serve", *DEMO) as process:
            word, _, url = first_line(process).strip().partition(" ")
            assert word == "ready"
            assert url.startswith("ws://127.0.0.1:")

            async def story() -> float:
                async with connect(url) as client:
                    assert "session.created" in str(await client.recv())
                    began = time.monotonic()
                    process.send_signal(signal.SIGTERM)
                    await client.wait_closed()
                    assert client.close_code == 1001
                    await until(lambda: process.poll() is not None)
                    return time.monotonic() - began

            assert asyncio.run(story()) < PROMPT_S
            assert process.returncode == 0

    def test_a_guest_that_does_not_answer_the_farewell_holds_nothing_up(self) -> None:
        with running("-m", "assistant", "serve", *DEMO) as process:
            url = first_line(process).split()[1]

            async def story() -> float:
                mute = await connect(url)
                await mute.recv()
                mute.transport.pause_reading()
                began = time.monotonic()
                process.send_signal(signal.SIGTERM)
                await until(lambda: process.poll() is not None)
                mute.transport.abort()
                return time.monotonic() - began

            assert asyncio.run(story()) < PROMPT_S
            assert process.returncode == 0

    def test_it_ends_while_it_still_loads(self) -> None:
        with running("-m", "assistant", "serve", *DEMO) as process:
            handles_sigterm = 1 << (signal.SIGTERM - 1)

            def caught() -> int:
                status = Path(f"/proc/{process.pid}/status").read_text()
                return int(status.partition("SigCgt:")[2].split()[0], 16)

            asyncio.run(until(lambda: bool(caught() & handles_sigterm)))
            process.send_signal(signal.SIGTERM)
            assert process.wait(PATIENCE_S) == 0
            assert not first_line(process)
