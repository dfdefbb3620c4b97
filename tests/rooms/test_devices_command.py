"""`assistant devices`, with a real broker and simulated devices."""

import asyncio
import json
import os
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from assistant.adapters.paho_connection import BrokerAddress, PahoConnection
from assistant.adapters.paho_home import PahoHome
from assistant.adapters.paho_visit import protocol_spoken_at
from assistant.app.cli import run_command
from assistant.app.table import lined_up, printable
from assistant.errors import BrokerUnreachable
from assistant.home.topics import Publication
from assistant.local.broker import PrivateBroker
from assistant.local.house import Fault, House
from assistant.settings.reader import read_settings
from tests.contracts.household import needs_mosquitto

DEMO = Path(__file__).resolve().parents[2] / "config" / "demo.toml"
THREE = """
[[devices]]
name = "desk lamp"
kind = "light"
area = "office"
dialect = "tasmota"
topic = "desk"

[[devices]]
name = "coffee maker"
kind = "switch"
aliases = ["coffee"]
dialect = "tasmota"
topic = "coffee"
risk = "never"
exposed = false

[[devices]]
name = "attic"
kind = "sensor"
state_topic = "attic/value"
unit = " lx\\u001b[2J"
"""
Command = Callable[..., Awaitable[int]]


@asynccontextmanager
async def three_devices(folder: Path) -> AsyncIterator[tuple[Command, PrivateBroker, House]]:
    """A broker with the first two devices, and the command about all three."""
    file = folder / "assistant.toml"
    async with PrivateBroker() as broker:
        file.write_text(f"[mqtt]\nport = {broker.port}\n{THREE}")
        devices = read_settings(file, {}).house[:2]

        async def command(*options: str) -> int:
            words = ["devices", "--config", str(file), "--wait", "0.3", *options]
            return await asyncio.to_thread(run_command, words)

        async with House(devices, broker.port) as house:
            yield command, broker, house


async def publish(broker: PrivateBroker, topic: str, payload: str) -> None:
    address = BrokerAddress(port=broker.port, client_id="test")
    connection = PahoConnection(address, lambda _: None)
    await connection.open(())
    await connection.publish(Publication(topic, payload, retain=True), 5)
    await connection.close()


@needs_mosquitto
def test_the_house_of_the_demo_is_listed_without_any_broker_of_ours(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert run_command(["devices", "--config", str(DEMO)]) == 0
    headings, *rows = capsys.readouterr().out.splitlines()
    assert headings.split() == ["NAME", "KIND", "AREA", "PRESENCE", "STATE", "RISK"]
    assert len(rows) == 18
    column = headings.index("STATE")
    states = {row[: headings.index("KIND")].strip(): row[column:] for row in rows}
    assert states["kitchen light"].startswith("power off, brightness 60%, color #ffffff")
    assert states["bedroom temperature"].startswith("temperature 20.5 °C")
    assert states["front door"].split() == ["lock", "locked", "confirm"]
    assert states["movie night"].startswith("-")


@needs_mosquitto
def test_who_is_gone_and_who_is_silent_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async def story() -> int:
        async with three_devices(tmp_path) as (command, _, house):
            house.set_fault("coffee_maker", Fault.OFFLINE)
            await asyncio.sleep(0.1)
            return await command()

    assert asyncio.run(story()) == 0
    _, desk, coffee, attic, _, summary = capsys.readouterr().out.splitlines()
    assert desk.split()[:5] == ["desk", "lamp", "light", "office", "online"]
    assert "offline" in coffee
    assert coffee.endswith("never, hidden")
    assert attic.split() == ["attic", "sensor", "-", "unknown", "-", "read", "only"]
    assert summary == "1 of 3 told no state: attic"


@needs_mosquitto
def test_a_program_gets_one_object_for_each_device(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async def story() -> int:
        async with three_devices(tmp_path) as (command, broker, _):
            await publish(broker, "attic/value", "17.5")
            return await command("--json")

    assert asyncio.run(story()) == 0
    desk, coffee, attic = map(json.loads, capsys.readouterr().out.splitlines())
    assert (desk["id"], desk["presence"], desk["state"]["power"]) == ("desk_lamp", "online", "off")
    assert (coffee["risk"], coffee["exposed"], coffee["aliases"]) == ("never", False, ["coffee"])
    assert attic["state"] == {"value": 17.5}


@needs_mosquitto
@pytest.mark.parametrize("payload", ["17.5", "17.5 \033[2J\u202e gone\nalarm off"])
def test_neither_a_device_nor_its_unit_can_write_on_the_terminal(
    payload: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async def story() -> int:
        async with three_devices(tmp_path) as (command, broker, _):
            await publish(broker, "attic/value", payload)
            return await command()

    assert asyncio.run(story()) == 0
    out = capsys.readouterr().out
    assert "value 17.5" in out
    assert all(line.isprintable() for line in out.splitlines())
    assert len(out.splitlines()) == 4


@needs_mosquitto
def test_the_visitor_does_not_send_the_daemon_away(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async def story() -> bool:
        async with three_devices(tmp_path) as (command, broker, _):
            daemon = PahoHome(BrokerAddress(port=broker.port), ())
            await daemon.start()
            assert await command() == 0
            stays = daemon.is_connected
            await daemon.close()
            return stays

    assert asyncio.run(story())
    assert "the broker is lost" not in caplog.text  # whoever is sent away warns of it


def test_a_broker_that_is_away_is_one_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "assistant.toml"
    file.write_text(f"[mqtt]\nport = 9\n{THREE}")
    assert run_command(["devices", "--config", str(file)]) == 1
    out, told = capsys.readouterr()
    assert out == ""
    assert told.count("\n") == 1
    assert "127.0.0.1:9" in told
    assert "check host and port under [mqtt]" in told


@pytest.mark.parametrize("options", [[], ["--json"]])
def test_without_devices_it_says_how_to_add_them(
    options: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "assistant.toml"
    file.write_text("")
    assert run_command(["devices", "--config", str(file), *options]) == 0
    out, told = capsys.readouterr()
    assert "add [[devices]] tables" in (told if options else out)
    assert not (options and out)


# ------------------------------------------------------------------ the visit to a broker


@needs_mosquitto
def test_a_modern_broker_speaks_mqtt_5() -> None:
    async def story() -> str:
        async with PrivateBroker() as broker:
            return await protocol_spoken_at(BrokerAddress(port=broker.port))

    assert asyncio.run(story()) == "MQTT 5"


async def _old_broker(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Refuses MQTT 5 as its specification demands, accepts 3.1.1, and confirms one message."""
    connect = await reader.read(200)
    level = connect[connect.index(b"MQTT") + 4]
    writer.write(bytes.fromhex("2003 00 84 00" if level == 5 else "2002 0000"))
    if level == 4:
        publish = await reader.read(200)
        topic_length = publish[3]
        writer.write(bytes([0x40, 2]) + publish[4 + topic_length : 6 + topic_length])
        await reader.read(200)
    await writer.drain()
    writer.close()


def test_an_old_broker_speaks_mqtt_3() -> None:
    async def story() -> str:
        server = await asyncio.start_server(_old_broker, "127.0.0.1", 0)
        async with server:
            port = server.sockets[0].getsockname()[1]
            return await protocol_spoken_at(BrokerAddress(port=port))

    assert asyncio.run(story()) == "MQTT 3.1.1"


@asynccontextmanager
async def strict_broker(folder: Path) -> AsyncIterator[int]:
    """A mosquitto that lets nobody in without a name it knows."""
    async with PrivateBroker() as spare:
        port = spare.port
    config = folder / "mosquitto.conf"
    lines = [f"listener {port} 127.0.0.1", "allow_anonymous false"]
    config.write_text("\n".join([*lines, *(["user root"] if os.geteuid() == 0 else [])]) + "\n")
    binary = shutil.which("mosquitto") or "/usr/sbin/mosquitto"
    process = await asyncio.create_subprocess_exec(
        binary, "-c", str(config), stderr=asyncio.subprocess.DEVNULL
    )
    try:
        await _listens(port)
        yield port
    finally:
        process.terminate()
        await process.wait()


async def _listens(port: int) -> None:
    async with asyncio.timeout(10):
        while True:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
            except OSError:
                await asyncio.sleep(0.02)
            else:
                writer.close()
                return


@needs_mosquitto
def test_a_broker_that_refuses_us_names_the_password(tmp_path: Path) -> None:
    async def story() -> None:
        async with strict_broker(tmp_path) as port:
            await protocol_spoken_at(BrokerAddress(port=port, username="me", password="wrong"))

    with pytest.raises(BrokerUnreachable, match="Not authorized") as caught:
        asyncio.run(story())
    assert "ASSISTANT_MQTT_PASSWORD" in caught.value.remedy


# ------------------------------------------------------------------ the table


def test_columns_begin_below_each_other_also_after_wide_letters() -> None:
    rows = lined_up([("name", "kind"), ("灯", "light"), ("e\u0301clair", "-")])
    assert list(rows) == ["name    kind", "灯      light", "e\u0301clair  -"]


def test_a_long_text_is_cut_and_shows_it() -> None:
    assert printable("x" * 65) == "x" * 63 + "…"
    assert printable("x" * 64) == "x" * 64


def test_no_row_is_no_line() -> None:
    assert list(lined_up([])) == []
