"""The MQTT link with brokers that are old, strict, or not there at all."""

import asyncio
import json
import os
import shutil
import socket
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, asynccontextmanager, contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from paho.mqtt import publish
from paho.mqtt.enums import MQTTProtocolVersion

from assistant.adapters.paho_connection import BrokerAddress, PahoConnection, Received
from assistant.adapters.paho_home import HouseRules, PahoHome
from assistant.errors import BrokerUnreachable
from assistant.home.requests import FunctionRequest
from assistant.local.broker import PrivateBroker
from assistant.local.house import House
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


# ------------------------------------------------------------------ what we tell the broker of us


async def packets_sent(protocol: MQTTProtocolVersion, *, announces: bool = True) -> bytes:
    """The packet with which a connection begins."""
    packets: asyncio.Queue[bytes] = asyncio.Queue()

    async def hang_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        packets.put_nowait(await reader.read(500))
        writer.close()

    server = await asyncio.start_server(hang_up, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        address = BrokerAddress(port=port, announces=announces)
        with pytest.raises(BrokerUnreachable):
            await PahoConnection(address, lambda _: None, protocol).open(())
        return await packets.get()


LARGEST = bytes([0x27]) + (1 << 20).to_bytes(4, "big")
"""MQTT 5, 3.1.2.11.4."""
WILL_DELAY = bytes([0x18, 0, 0, 0, 5])
"""MQTT 5, 3.1.3.2.2."""
SESSION_EXPIRY = bytes([0x11, 0, 0, 0, 5])
"""MQTT 5, 3.1.2.11.2: the will comes no later than the session ends."""


def test_mqtt_5_carries_the_largest_packet_and_the_delay_of_the_will() -> None:
    packet = asyncio.run(packets_sent(MQTTProtocolVersion.MQTTv5))
    for told in (LARGEST, WILL_DELAY, SESSION_EXPIRY, b"offline"):
        assert told in packet


def test_the_old_way_knows_neither() -> None:
    packet = asyncio.run(packets_sent(MQTTProtocolVersion.MQTTv311))
    assert LARGEST not in packet
    assert WILL_DELAY not in packet
    assert b"offline" in packet


def test_a_visitor_leaves_no_will() -> None:
    packet = asyncio.run(packets_sent(MQTTProtocolVersion.MQTTv5, announces=False))
    assert b"availability" not in packet
    assert LARGEST in packet


@needs_mosquitto
def test_a_stored_message_beyond_all_reason_does_not_end_the_connection() -> None:
    async def story() -> None:
        async with PrivateBroker() as broker, House((COFFEE_MAKER,), broker.port):
            bomb = ("stat/coffee/POWER", b"x" * (1 << 21))
            await asyncio.to_thread(publish.single, *bomb, qos=1, retain=True, port=broker.port)
            async with visiting(BrokerAddress(port=broker.port)) as home:
                assert await switched_on(home) == "done"
                assert home.is_connected

    asyncio.run(story())


@needs_mosquitto
def test_a_visitor_leaves_nothing_stored() -> None:
    async def story() -> list[str]:
        async with PrivateBroker() as broker:
            visitor = BrokerAddress(port=broker.port, client_id="me-doctor", announces=False)
            async with visiting(visitor) as home:
                assert home.is_connected
            async with visiting(BrokerAddress(port=broker.port, client_id="me")):
                pass
            return await stored_below(broker.port, "assistant/#")

    assert asyncio.run(story()) == ["assistant/me/availability"]


async def stored_below(port: int, topic: str) -> list[str]:
    heard: list[Received] = []
    connection = PahoConnection(BrokerAddress(port=port, announces=False), heard.append)
    await connection.open((topic,))
    await connection.close()
    return [message.topic for message in heard if message.stored]


def test_a_broker_that_drops_packets_does_not_hold_up_the_end() -> None:
    """A listener whose queue is full answers no more than a firewall does."""

    async def story(port: int) -> None:
        home = PahoHome(BrokerAddress(port=port, connect_timeout_s=60), (COFFEE_MAKER,), RULES)
        starting = asyncio.create_task(home.start())
        await asyncio.sleep(0.2)
        starting.cancel()
        await home.close()

    with deaf_listener() as port:
        begun = time.monotonic()
        asyncio.run(story(port))
        assert time.monotonic() - begun < 20


@contextmanager
def deaf_listener() -> Iterator[int]:
    with ExitStack() as stack:
        listener = stack.enter_context(socket.socket())
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        port: int = listener.getsockname()[1]
        for _ in range(8):
            filling = stack.enter_context(socket.socket())
            filling.setblocking(False)
            filling.connect_ex(("127.0.0.1", port))
        yield port
