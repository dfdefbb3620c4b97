"""A simulated device reads commands and spells states as a real one would."""

import json
from pathlib import Path
from typing import Any

import pytest

from assistant.home.devices import Attribute, Channel, Device, Kind
from assistant.home.topics import NUMBERS, commands_of, readings_of
from assistant.local.simulated_device import Pace, SimulatedDevice, Step
from assistant.settings.reader import read_settings
from tests.doubles.house_of_eighteen import HOUSE_OF_EIGHTEEN
from tests.doubles.small_house import (
    ALARM,
    BACK_DOOR,
    BLINDS,
    COFFEE_MAKER,
    DEVICES,
    FAN,
    GARAGE_DOOR,
    KITCHEN_LIGHT,
    MUSIC,
    THERMOSTAT,
)

A = Attribute
ROOT = Path(__file__).resolve().parents[2]
PACE = Pace(latency=0.1, travel=10.0, bolt=1.0)


def told(device: Device, topic: str, payload: str) -> dict[Attribute, Any]:
    return SimulatedDevice(device, PACE).wishes_in(topic, payload)


def steps(device: Device, **wishes: Any) -> list[Step]:
    simulated = SimulatedDevice(device, PACE)
    return list(simulated.steps_for({Attribute(name): value for name, value in wishes.items()}))


def after(device: Device, **wishes: Any) -> dict[Attribute, Any]:
    simulated = SimulatedDevice(device, PACE)
    values = {Attribute(name): value for name, value in wishes.items()}
    for step in list(simulated.steps_for(values)):
        simulated.values.update(step.values)
    return simulated.values


def test_commands_are_read_in_the_devices_own_words() -> None:
    payload = '{"state":"ON","brightness":127,"color":{"r":255,"g":0,"b":16},"color_temp":250}'
    assert told(KITCHEN_LIGHT, "zigbee2mqtt/Kitchen/set", payload) == {
        A.POWER: "on",
        A.BRIGHTNESS: 50.0,
        A.COLOR: "#ff0010",
        A.COLOR_TEMP: 4000,
    }
    assert told(COFFEE_MAKER, "cmnd/coffee/POWER", "OFF") == {A.POWER: "off"}
    assert told(FAN, "cmnd/fan/FanSpeed", "3") == {A.SPEED: 100.0}
    assert told(FAN, "cmnd/fan/FanSpeed", "2") == {A.POWER: "on", A.SPEED: 66.7}


@pytest.mark.parametrize(
    ("topic", "payload"),
    [("zigbee2mqtt/Kitchen/set", "{"), ("zigbee2mqtt/Kitchen/set", "[1]"), ("x", "ON"),
     ("zigbee2mqtt/Kitchen/set", '{"state":"MAYBE","brightness":"much","color":"blue"}')],
)  # fmt: skip
def test_what_it_does_not_understand_it_ignores(topic: str, payload: str) -> None:
    assert told(KITCHEN_LIGHT, topic, payload) == {}


def test_a_cover_takes_its_time() -> None:
    way = steps(BLINDS, move="open")
    assert way[0].values == {A.MOVE: "opening", A.POSITION: 0}
    assert way[-1].values == {A.MOVE: "open", A.POSITION: 100.0}
    assert sum(step.pause for step in way) == pytest.approx(10.1)
    positions = [float(step.values[A.POSITION]) for step in way]
    assert positions == sorted(positions)


def test_a_cover_goes_to_a_place_or_stops() -> None:
    assert after(BLINDS, position=40.0) == {A.MOVE: "open", A.POSITION: 40.0}
    assert after(BLINDS, move="close") == {A.MOVE: "closed", A.POSITION: 0.0}
    assert steps(BLINDS, move="stop") == [Step(0.1, {A.MOVE: "stopped"})]


def test_a_bolt_moves_before_it_rests() -> None:
    assert [step.values for step in steps(BACK_DOOR, lock="unlock")] == [
        {A.LOCK: "unlocking"},
        {A.LOCK: "unlocked"},
    ]


def test_actions_lead_to_states() -> None:
    assert after(ALARM, action="arm_home") == {A.ACTION: "armed_home"}
    assert len(steps(ALARM, action="arm_home")) == 2
    assert after(MUSIC, action="pause") == {A.ACTION: "paused"}
    assert steps(MUSIC, action="sing") == [Step(0.1, {})]
    assert steps(THERMOSTAT) == []


def test_a_lamp_that_is_dimmed_goes_on_and_a_fan_that_is_off_stands() -> None:
    assert after(KITCHEN_LIGHT, brightness=30.0)[A.POWER] == "on"
    assert after(FAN, power="on") == {A.POWER: "on", A.SPEED: 50.0}
    assert after(FAN, speed=0.0) == {A.POWER: "off", A.SPEED: 0.0}
    assert after(FAN, power="off") == {A.POWER: "off", A.SPEED: 0.0}
    assert after(COFFEE_MAKER, power="off") == {A.POWER: "off"}


def test_a_contrary_device_does_something_else() -> None:
    def contrary(device: Device, **wishes: Any) -> dict[Attribute, Any]:
        values = {Attribute(name): value for name, value in wishes.items()}
        return SimulatedDevice(device, PACE).contrary_to(values)

    assert contrary(COFFEE_MAKER, power="on") == {A.POWER: "off"}
    assert contrary(COFFEE_MAKER, power="off") == {A.POWER: "on"}
    assert contrary(BACK_DOOR, lock="lock") == {A.LOCK: "jammed"}
    assert contrary(MUSIC, action="pause") == {A.ACTION: "playing"}
    assert contrary(THERMOSTAT, target_temperature=21.0) == {A.TARGET_TEMPERATURE: 5}
    assert contrary(THERMOSTAT, target_temperature=7.0) == {A.TARGET_TEMPERATURE: 30}


def test_states_are_spelled_in_the_devices_own_words() -> None:
    lamp = SimulatedDevice(KITCHEN_LIGHT, PACE)
    lamp.values |= {A.COLOR: "#ff0000", A.BRIGHTNESS: 50.0}
    ((topic, payload),) = lamp.reports()
    assert topic == "zigbee2mqtt/Kitchen"
    assert json.loads(payload) == {
        "state": "OFF",
        "brightness": 127,
        "color": {"x": 0.6401, "y": 0.33},
        "color_temp": 370,
    }
    assert dict(SimulatedDevice(BACK_DOOR, PACE).reports()) == {"door/lock/state": "LOCKED"}


def test_a_gateway_says_open_from_the_first_moment() -> None:
    door = SimulatedDevice(GARAGE_DOOR, PACE)
    door.values |= {A.MOVE: "opening", A.POSITION: 10.0}
    ((_, payload),) = door.reports()
    assert json.loads(payload) == {"state": "OPEN", "position": 10}


def test_a_shutter_without_words_says_only_its_position() -> None:
    ways = Channel("s/set", "s", state_key="p", states={"100": "open", "0": "closed"})
    shutter = Device(
        "s", "s", Kind.COVER, {A.MOVE: ways, A.POSITION: Channel("s/set", "s", None, "p")}
    )
    simulated = SimulatedDevice(shutter, PACE)
    simulated.values |= {A.MOVE: "opening", A.POSITION: 40.0}
    assert dict(simulated.reports()) == {"s": '{"p": 40}'}


def test_a_colour_outside_an_object_is_repeated() -> None:
    lamp = Device("l", "l", Kind.LIGHT, {A.COLOR: Channel("l/set", "l")})
    assert dict(SimulatedDevice(lamp, PACE).reports()) == {"l": "#ffffff"}
    assert told(lamp, "l/set", "#102030") == {A.COLOR: "#102030"}
    assert told(lamp, "l/set", "blue") == {}


def demo_devices() -> tuple[Device, ...]:
    return read_settings(ROOT / "config" / "demo.toml", {}).house


@pytest.mark.parametrize(
    "device", [*DEVICES, *HOUSE_OF_EIGHTEEN, *demo_devices()], ids=lambda device: device.name
)
def test_both_sides_understand_each_other(device: Device) -> None:
    """What the home sends arrives, and what is reported comes back as it was spelled."""
    simulated = SimulatedDevice(device, PACE)
    for attribute, channel in device.channels.items():
        words: list[Any] = list(channel.payloads)
        if attribute in NUMBERS:
            words = [channel.maximum]
        for wish in words if channel.command_topic and attribute is not A.COLOR else []:
            (publication,) = commands_of(device, {attribute: wish})
            understood = simulated.wishes_in(publication.topic, publication.payload)
            near = wish if isinstance(wish, str) else pytest.approx(wish, rel=0.01)
            assert understood[attribute] == near
    told_back: dict[Attribute, Any] = {}
    for topic, payload in simulated.reports():
        told_back |= readings_of(device, topic, payload.encode())
    observable = {name for name, channel in device.channels.items() if channel.state_topic}
    assert set(told_back) >= observable & set(simulated.values)
    for attribute in set(told_back) - {A.COLOR, A.VALUE}:
        value = simulated.values[attribute]
        near = value if isinstance(value, str) else pytest.approx(value, rel=0.01)
        assert told_back[attribute] == near
