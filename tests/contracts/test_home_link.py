"""The MQTT link with brokers that are old, strict, or not there at all."""

import asyncio
import json
import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from assistant.adapters.paho_connection import BrokerAddress
from assistant.adapters.paho_home import HouseRules, PahoHome
from assistant.home.requests import FunctionRequest
from assistant.local.broker import PrivateBroker
from assistant.units import CallId
from tests.contracts.household import GENEROUS, PATIENCE, needs_mosquitto
from tests.doubles.small_house import COFFEE_MAKER

RULES = HouseRules(patience=PATIENCE, limits=GENEROUS)
MQTT_5, MQTT_311 = 5, 4


@asynccontextmanager
async def visiting(address: BrokerAddress, rules: HouseRules = RULES) -> AsyncIterator[PahoHome]:
    home = PahoHome(address, (COFFEE_MAKER,), rules)
    await home.start()
    try:
        yield home
    finally:
        await home.close()


async def switched_on(home: PahoHome) -> str:
    arguments = '{"target":{"name":"coffee maker"},"state":"on"}'
    answer = await home.call(FunctionRequest(CallId("one"), "home_turn", arguments))
    return str(json.loads(answer)["status"])


async def levels_offered(answer: bytes, rules: HouseRules = RULES) -> list[int]:
    """The protocol levels of four attempts at a broker that answers so and hangs up."""
    levels: asyncio.Queue[int] = asyncio.Queue()

    async def hang_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connect = await reader.read(200)
        writer.write(answer)
        await writer.drain()
        writer.close()
        # The level follows the length byte and the name "MQTT".
        levels.put_nowait(connect[connect.index(b"MQTT") + 4])

    server = await asyncio.start_server(hang_up, "127.0.0.1", 0)
    async with server, visiting(BrokerAddress(port=server.sockets[0].getsockname()[1]), rules):
        async with asyncio.timeout(20):
            return [await levels.get() for _ in range(4)]


def test_a_broker_that_twice_hangs_up_without_a_word_is_spoken_to_in_the_old_way() -> None:
    assert asyncio.run(levels_offered(b"")) == [MQTT_5, MQTT_5, MQTT_311, MQTT_311]


def test_a_broker_that_refuses_mqtt_5_is_spoken_to_in_the_old_way_at_once() -> None:
    refusal = bytes.fromhex("2003 00 84 00")
    assert asyncio.run(levels_offered(refusal)) == [MQTT_5, MQTT_311, MQTT_311, MQTT_311]


def test_after_a_while_a_broker_is_offered_mqtt_5_again() -> None:
    refusal = bytes.fromhex("2003 00 84 00")
    at_once = HouseRules(patience=replace(PATIENCE, modern_again=0.0))
    assert asyncio.run(levels_offered(refusal, at_once)) == [MQTT_5] * 4


@needs_mosquitto
def test_a_command_that_the_broker_forbids_is_denied_by_it(tmp_path: Path) -> None:
    async def story() -> None:
        async with PrivateBroker() as spare:
            port = spare.port
        binary = shutil.which("mosquitto") or "/usr/sbin/mosquitto"
        process = await asyncio.create_subprocess_exec(
            binary, "-c", str(written(tmp_path, port)), stderr=asyncio.subprocess.DEVNULL
        )
        try:
            async with visiting(BrokerAddress(port=port)) as home, asyncio.timeout(10):
                while not home.is_connected:  # noqa: ASYNC110 - the home has no event for it
                    await asyncio.sleep(0.02)
                assert await switched_on(home) == "denied_by_broker"
        finally:
            process.terminate()
            await process.wait()

    asyncio.run(story())


def written(folder: Path, port: int) -> Path:
    folder.chmod(0o755)
    rights, config = folder / "acl", folder / "mosquitto.conf"
    rights.write_text("topic read stat/#\ntopic write assistant/#\n")
    lines = [f"listener {port} 127.0.0.1", "allow_anonymous true", f"acl_file {rights}"]
    config.write_text("\n".join([*lines, *(["user root"] if os.geteuid() == 0 else [])]) + "\n")
    return config


def test_an_unusable_certificate_is_named_and_nothing_is_sent_in_the_clear(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def story() -> None:
        address = BrokerAddress(tls=True, ca_file="/nowhere/ca.pem")
        async with visiting(address) as home:
            assert await switched_on(home) == "offline"

    asyncio.run(story())
    assert "the CA file cannot be used" in caplog.text
    assert "encryption is never skipped" in caplog.text
