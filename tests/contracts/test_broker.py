"""The private broker: there when asked, gone with its parent, silent about nothing."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from assistant.errors import BrokerUnreachable
from assistant.local.broker import PrivateBroker
from tests.contracts.household import needs_mosquitto

ROOT = Path(__file__).resolve().parents[2]


def is_alive(pid: int) -> bool:
    stat = Path(f"/proc/{pid}/stat")
    return stat.exists() and stat.read_text().rpartition(")")[2].split()[0] != "Z"


def until_dead(pid: int) -> bool:
    end = time.monotonic() + 10
    while is_alive(pid) and time.monotonic() < end:
        time.sleep(0.02)
    return not is_alive(pid)


@needs_mosquitto
def test_it_ends_with_its_block() -> None:
    async def story() -> int:
        async with PrivateBroker() as broker:
            _, writer = await asyncio.open_connection("127.0.0.1", broker.port)
            writer.close()
            await writer.wait_closed()
            assert is_alive(broker.pid)
            assert broker.port != 1883
            return broker.pid

    assert until_dead(asyncio.run(story()))


@needs_mosquitto
def test_a_port_in_use_is_named() -> None:
    async def story() -> None:
        async with PrivateBroker() as broker:
            with pytest.raises(BrokerUnreachable, match=f"port {broker.port} is in use"):
                await PrivateBroker(broker.port).__aenter__()

    asyncio.run(story())


@needs_mosquitto
def test_it_returns_on_the_same_port() -> None:
    async def story() -> None:
        async with PrivateBroker() as first:
            await first.kill()
            async with PrivateBroker(first.port) as second:
                assert second.port == first.port
                assert second.pid != first.pid

    asyncio.run(story())


def test_without_mosquitto_the_remedy_is_one_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.which", lambda *_, **__: None)
    with pytest.raises(BrokerUnreachable) as caught:
        asyncio.run(PrivateBroker().__aenter__())
    assert str(caught.value) == "mosquitto is not installed - sudo apt install mosquitto"


@needs_mosquitto
def test_it_does_not_outlive_a_killed_parent() -> None:
    program = (
        "import asyncio\n"
        "from assistant.local.broker import PrivateBroker\n"
        "async def main():\n"
        "    async with PrivateBroker() as broker:\n"
        "        print(broker.pid, flush=True)\n"
        "        await asyncio.sleep(60)\n"
        "asyncio.run(main())\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program], stdout=subprocess.PIPE, text=True, cwd=ROOT
    ) as parent:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        assert is_alive(pid)
        os.kill(parent.pid, signal.SIGKILL)
    assert until_dead(pid)
