"""The files in config/: one documents every key, one is the house of the demo."""

import re
import tomllib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from assistant.home.devices import Attribute, Device, Kind
from assistant.settings.devices import ChannelTable, DeviceTable
from assistant.settings.models import Configuration, Settings
from assistant.settings.reader import read_settings

CONFIG = Path(__file__).resolve().parents[2] / "config"


def keys_of(model: type[BaseModel], prefix: str = "") -> Iterator[str]:
    for name, field in model.model_fields.items():
        inner = field.annotation
        if isinstance(inner, type) and issubclass(inner, BaseModel):
            yield from keys_of(inner, f"{prefix}{name}.")
        elif name != "devices":
            yield f"{prefix}{name}"


def keys_in(table: dict[str, Any], prefix: str = "") -> Iterator[str]:
    for name, value in table.items():
        if isinstance(value, dict):
            yield from keys_in(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}"


def with_the_examples_switched_on(text: str) -> str:
    return re.sub(r"(?m)^#(?=[\w\[])", "", text)


@pytest.fixture
def demo() -> dict[str, Device]:
    return {device.name: device for device in read_settings(CONFIG / "demo.toml", {}).house}


def test_the_documented_file_has_every_key_in_the_order_of_the_models() -> None:
    table = tomllib.loads((CONFIG / "assistant.toml").read_text())
    assert list(keys_in(table)) == list(keys_of(Configuration))


def test_the_documented_file_shows_exactly_the_defaults() -> None:
    assert read_settings(CONFIG / "assistant.toml", {}) == Settings()


def test_the_examples_in_the_documented_file_are_valid_and_show_every_device_key(
    tmp_path: Path,
) -> None:
    text = with_the_examples_switched_on((CONFIG / "assistant.toml").read_text())
    file = tmp_path / "assistant.toml"
    file.write_text(text)
    examples = read_settings(file, {}).house
    assert [device.name for device in examples] == [
        "kitchen light",
        "coffee maker",
        "bedroom fan",
        "well pump",
        "awning",
    ]
    shown = {
        key
        for table in tomllib.loads(text)["devices"]
        for key in (*table, *table.get("channels", {}).get("position", {}))
    }
    assert {*DeviceTable.model_fields, *ChannelTable.model_fields} <= shown


def test_the_demo_is_a_house_of_eighteen_in_three_dialects(demo: dict[str, Device]) -> None:
    assert len(demo) == 18
    assert {device.kind for device in demo.values()} == set(Kind)
    tables = tomllib.loads((CONFIG / "demo.toml").read_text())["devices"]
    assert set(Counter(table.get("dialect", "plain") for table in tables)) == {
        "plain",
        "zigbee2mqtt",
        "tasmota",
        "esphome",
    }
    assert {device.area for device in demo.values()} == {
        "kitchen", "living room", "bedroom", "hallway", "office", "garage",
    }  # fmt: skip


def test_every_demo_device_but_the_sensor_takes_commands_and_all_but_the_scene_tell_their_state(
    demo: dict[str, Device],
) -> None:
    deaf = {
        name
        for name, device in demo.items()
        if not any(channel.command_topic for channel in device.channels.values())
    }
    mute = {
        name
        for name, device in demo.items()
        if not any(channel.state_topic for channel in device.channels.values())
    }
    assert (deaf, mute) == ({"bedroom temperature"}, {"movie night"})


def test_the_demo_has_the_things_that_the_spoken_commands_ask_for(
    demo: dict[str, Device],
) -> None:
    assert Attribute.COLOR in demo["kitchen light"].channels
    assert demo["bedroom curtains"].aliases == ("curtains",)
    assert set(demo["bedroom temperature"].channels) == {Attribute.TEMPERATURE}
    assert demo["garage door"].device_class == "garage"
    assert Attribute.SPEED in demo["bedroom fan"].channels


def test_no_two_demo_attributes_share_a_command(demo: dict[str, Device]) -> None:
    commands = Counter(
        (channel.command_topic, channel.command_key, value)
        for device in demo.values()
        for channel in device.channels.values()
        if channel.command_topic
        for value in (channel.payloads.values() or ("any",))
    )
    assert [command for command, times in commands.items() if times > 1] == []


def test_the_demo_needs_no_sound_card_and_no_account() -> None:
    settings = read_settings(CONFIG / "demo.toml", {})
    assert (settings.backend, settings.audio.driver) == ("local", "wav")
    assert settings.local.server
    assert settings.local.broker
    assert settings.local.house
