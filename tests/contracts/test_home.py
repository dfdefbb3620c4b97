"""The home against a real mosquitto and simulated devices: every outcome, each for its reason."""

import asyncio
import json
import logging
import os
import shutil
import signal
from collections.abc import Callable, Coroutine
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from paho.mqtt import publish, subscribe

from assistant.adapters.paho_connection import BrokerAddress, Received
from assistant.adapters.paho_home import Direction, HouseRules, PahoHome
from assistant.home.devices import Attribute, Channel, Device, Kind, Risk
from assistant.home.policy import PolicyLimits
from assistant.home.requests import FunctionRequest, UserTurn
from assistant.local.broker import PrivateBroker
from assistant.local.house import Fault, House
from assistant.ports import Home  # noqa: TC001 - the annotation is the test
from assistant.units import CallId
from tests.contracts.household import (
    GENEROUS,
    PACE,
    PATIENCE,
    Household,
    answered,
    household,
    needs_mosquitto,
)
from tests.doubles.small_house import BACK_DOOR, DESK_LAMP, DEVICES, KITCHEN_LIGHT

pytestmark = needs_mosquitto
Story = Callable[[Household], Coroutine[Any, Any, None]]


def tell(story: Story, rules: HouseRules | None = None) -> None:
    async def play() -> None:
        async with household(rules=rules) as here:
            await story(here)

    asyncio.run(play())


async def until(condition: Callable[[], bool], within: float = 10.0) -> None:
    async with asyncio.timeout(within):
        while not condition():  # noqa: ASYNC110 - the house has no event for every state
            await asyncio.sleep(0.01)


def test_it_fits_the_port() -> None:
    async def story(here: Household) -> None:
        home: Home = here.home  # mypy checks the fit
        names = {tool.name for tool in home.tools()}
        assert {"home_turn", "home_get_state", "home_confirm", "home_security"} <= names
        assert '"kitchen light"' in home.context()

    tell(story)


# ------------------------------------------------------------------ when things go well


def test_done_means_that_the_device_said_so() -> None:
    async def story(here: Household) -> None:
        answer = await here.turn("kitchen light")
        assert answer["ok"] is True
        assert answer["status"] == "done"
        assert answer["devices"] == [{"name": "kitchen light", "state": {"power": "on"}}]
        assert here.house.states()["kitchen_light"][Attribute.POWER] == "on"

    tell(story)


def test_a_lamp_already_on_that_repeats_its_state_is_done() -> None:
    async def story(here: Household) -> None:
        await here.turn("kitchen light")
        assert (await here.turn("kitchen light"))["status"] == "done"

    tell(story)


def test_a_lamp_already_on_that_stays_quiet_is_already() -> None:
    async def story(here: Household) -> None:
        await here.turn("coffee maker")
        here.house.set_fault("coffee_maker", Fault.SILENT)
        answer = await here.turn("coffee maker")
        assert (answer["ok"], answer["status"]) == (True, "already")
        assert len(here.house.commands) == 2, "the command is sent nevertheless"

    tell(story)


@pytest.mark.parametrize(
    ("device_id", "name", "function", "action", "state"),
    [
        ("back_door", "back door", "home_security", "lock", "locked"),
        ("blinds", "living room blinds", "home_set_cover", "close", "closed"),
        ("alarm", "alarm", "home_security", "arm_away", "armed away"),
    ],
)
def test_silence_never_vouches_for_a_lock_a_cover_or_an_alarm(
    device_id: str, name: str, function: str, action: str, state: str
) -> None:
    async def story(here: Household) -> None:
        if device_id == "alarm":
            here.house.set_by_hand("alarm", {Attribute.ACTION: "armed_away"})
        word = state.replace(" ", "_")
        await until(lambda: word in here.home.states()[device_id].values())
        assert (await here.ask(function, target={"name": name}, action=action))["status"] == "done"
        await asyncio.sleep(0.1)  # its other topics still tell of the first command
        here.house.set_fault(device_id, Fault.SILENT)
        answer = await here.ask(function, target={"name": name}, action=action)
        assert (answer["ok"], answer["status"]) == (False, "timeout")
        assert answer["message"].endswith(f"It last reported {state}.")

    tell(story)


def test_silence_does_not_vouch_for_what_only_the_broker_remembers() -> None:
    async def story(here: Household) -> None:
        here.house.set_fault("coffee_maker", Fault.SILENT)
        here.home._hear(Received("stat/coffee/POWER", b"ON", stored=True))
        answer = await here.turn("coffee maker")
        assert (answer["ok"], answer["status"]) == (False, "timeout")
        assert answer["message"].endswith("It last reported on.")

    tell(story)


def test_silence_does_not_vouch_for_a_state_from_before_a_loss() -> None:
    async def story(here: Household) -> None:
        await here.turn("coffee maker")
        await here.home._supervisor._give_up(here.home._supervisor._connection)  # type: ignore[arg-type] # it is up
        await until(lambda: here.home.is_connected)
        here.house.set_fault("coffee_maker", Fault.SILENT)
        assert (await here.turn("coffee maker"))["status"] == "timeout"

    tell(story)


def test_a_gateway_that_is_asked_vouches_for_the_garage() -> None:
    """Zigbee2MQTT answers a question also where the device kept its peace."""

    async def story(here: Household) -> None:
        await until(lambda: here.home.states()["garage_door"].get(Attribute.MOVE) == "closed")
        here.house._begin = lambda *_: None  # type: ignore[method-assign] # it keeps its peace
        answer = await here.ask("home_set_cover", target={"name": "garage door"}, action="close")
        assert answer["status"] == "done"
        assert any(one.topic == "zigbee2mqtt/Garage/get" for one in here.traffic)

    tell(story)


def test_a_blind_under_way_is_in_progress_and_arrives() -> None:
    async def story(here: Household) -> None:
        answer = await here.ask(
            "home_set_cover", target={"name": "living room blinds"}, action="open"
        )
        assert (answer["ok"], answer["status"]) == (True, "in_progress")
        assert answer["devices"][0]["state"]["move"] == "opening"
        await until(lambda: here.home.states()["blinds"].get(Attribute.MOVE) == "open")

    tell(story)


def test_a_gateway_that_says_open_at_once_is_not_believed_before_the_position() -> None:
    async def story(here: Household) -> None:
        asked = await here.ask("home_set_cover", target={"name": "garage door"}, action="open")
        answer = await here.ask(
            "home_confirm",
            answered(),
            confirmation_id=asked["confirmation_id"],
            approved=True,
        )
        assert answer["status"] == "in_progress"
        assert answer["devices"][0]["state"]["move"] == "open"

    tell(story)


def test_a_lock_is_waited_for_until_the_bolt_is_home() -> None:
    async def story(here: Household) -> None:
        here.house.set_by_hand("back_door", {Attribute.LOCK: "unlocked"})
        await until(lambda: here.home.states()["back_door"].get(Attribute.LOCK) == "unlocked")
        answer = await here.ask("home_security", target={"name": "back door"}, action="lock")
        assert answer["status"] == "done"
        assert answer["devices"][0]["state"] == {"lock": "locked"}

    tell(story)


OBEDIENCE: tuple[tuple[str, dict[str, Any], str, dict[str, Any]], ...] = (
    ("home_set_light", {"brightness_pct": "40"}, "kitchen light", {"brightness": 40}),
    ("home_set_light", {"color": "red"}, "kitchen light", {"color": "#ff0000"}),
    ("home_set_light", {"color_temp_k": 4000}, "kitchen light", {"color_temp": 4000}),
    ("home_set_light", {"brightness_step_pct": 10}, "kitchen light", {"brightness": 50}),
    ("home_set_light", {"brightness_pct": 20}, "desk lamp", {"brightness": 20, "power": "on"}),
    ("home_set_climate", {"temperature_c": 21}, "thermostat", {"target_temperature": 21}),
    ("home_set_climate", {"temperature_step_c": 1}, "thermostat", {"target_temperature": 22}),
    ("home_set_climate", {"mode": "off"}, "thermostat", {"mode": "off"}),
    ("home_set_fan", {"percentage": 100}, "fan", {"speed": 100}),
    ("home_turn", {"state": "off"}, "fan", {"power": "off"}),
    ("home_vacuum", {"action": "start"}, "vacuum cleaner", {"action": "cleaning"}),
    ("home_vacuum", {"action": "dock"}, "vacuum cleaner", {"action": "docked"}),
    ("home_security", {"action": "arm_away"}, "alarm", {"action": "armed_away"}),
    ("home_media", {"action": "pause"}, "music", {"action": "paused"}),
)


def test_each_kind_obeys_and_confirms() -> None:
    async def story(here: Household) -> None:
        for function, arguments, device, expected in OBEDIENCE:
            answer = await here.ask(function, target={"name": device}, **arguments)
            assert answer["status"] == "done", (device, arguments)
            assert expected.items() <= answer["devices"][0]["state"].items()

    tell(story)


def test_turning_everything_off_is_one_command_without_a_question() -> None:
    async def story(here: Household) -> None:
        for name in ("kitchen light", "coffee maker", "desk lamp", "fan"):
            await here.turn(name)
        answer = await here.ask("home_turn", target={"all": True}, state="off")
        assert set(answer["done"]) >= {"kitchen light", "coffee maker", "desk lamp", "music"}
        assert answer["failed"] == [{"name": "floor lamp", "why": "sent_unconfirmed"}]
        states = here.house.states()
        assert states["kitchen_light"][Attribute.POWER] == "off"
        assert states["music"][Attribute.ACTION] == "stopped"
        assert states["back_door"][Attribute.LOCK] == "locked"
        assert states["thermostat"][Attribute.MODE] == "heat"

    tell(story)


def test_which_lights_are_on_is_answered_from_what_devices_said() -> None:
    async def story(here: Household) -> None:
        await here.turn("desk lamp")
        answer = await here.ask("home_get_state", target={"domain": "lights"})
        powers = {entry["name"]: entry["state"].get("power") for entry in answer["devices"]}
        assert powers == {"desk lamp": "on", "kitchen light": "off", "floor lamp": None}

    tell(story)


def test_a_sensor_is_read() -> None:
    async def story(here: Household) -> None:
        here.house.set_by_hand("bedroom_temperature", {Attribute.TEMPERATURE: 18.5})
        await until(lambda: here.home.states()["bedroom_temperature"] != {})
        reading = {Attribute.TEMPERATURE: 18.5}
        await until(lambda: here.home.states()["bedroom_temperature"] == reading)
        answer = await here.ask("home_get_state", target={"name": "bedroom temperature"})
        assert answer["devices"][0]["state"] == {"temperature": 18.5}

    tell(story)


def test_an_observer_sees_both_directions() -> None:
    async def story(here: Household) -> None:
        await here.turn("coffee maker")
        seen = {(one.direction, one.topic, one.payload) for one in here.traffic}
        assert (Direction.SENT, "cmnd/coffee/POWER", "ON") in seen
        assert (Direction.RECEIVED, "stat/coffee/POWER", "ON") in seen

    tell(story)


# ------------------------------------------------------------------ when a device fails


@pytest.mark.parametrize(
    ("device_id", "name", "fault", "status"),
    [
        ("coffee_maker", "coffee maker", Fault.SILENT, "timeout"),
        ("kitchen_light", "kitchen light", Fault.SILENT, "timeout"),
        ("coffee_maker", "coffee maker", Fault.SLOW, "timeout"),
        ("coffee_maker", "coffee maker", Fault.WRONG, "mismatch"),
        ("coffee_maker", "coffee maker", Fault.REFUSING, "mismatch"),
        ("kitchen_light", "kitchen light", Fault.REFUSING, "device_failed"),
        ("kitchen_light", "kitchen light", Fault.OFFLINE, "unavailable"),
        ("coffee_maker", "coffee maker", Fault.OFFLINE, "unavailable"),
        ("desk_lamp", "desk lamp", Fault.OFFLINE, "no_listener"),
    ],
)
def test_a_fault_is_told_for_what_it_is(
    device_id: str, name: str, fault: Fault, status: str
) -> None:
    async def story(here: Household) -> None:
        here.house.set_fault(device_id, fault)
        await asyncio.sleep(0.1)
        answer = await here.turn(name)
        assert (answer["ok"], answer["status"]) == (False, status)
        assert answer["message"]

    tell(story)


def test_a_device_repaired_over_mqtt_works_again() -> None:
    async def story(here: Household) -> None:
        await _say(here, "sim/coffee_maker/fault", "silent")
        assert (await here.turn("coffee maker"))["status"] == "timeout"
        await _say(here, "sim/coffee_maker/fault", "none")
        assert (await here.turn("coffee maker"))["status"] == "done"

    tell(story)


async def _say(here: Household, topic: str, payload: str) -> None:
    await asyncio.to_thread(publish.single, topic, payload, qos=1, port=here.broker.port)
    await asyncio.sleep(0.1)


def test_a_device_without_feedback_is_never_called_done() -> None:
    async def story(here: Household) -> None:
        answer = await here.turn("floor lamp")
        assert (answer["ok"], answer["status"]) == (False, "sent_unconfirmed")
        assert here.house.commands[-1].payload == "ON"

    tell(story)


def test_what_the_broker_had_stored_proves_nothing() -> None:
    """A stored "on" that is delivered after the command was true before it."""

    async def story(here: Household) -> None:
        here.house.set_fault("coffee_maker", Fault.SILENT)
        waiting = asyncio.create_task(here.turn("coffee maker"))
        await until(lambda: bool(here.house.commands))
        here.home._hear(Received("stat/coffee/POWER", b"ON", stored=True))
        assert (await waiting)["status"] == "timeout"
        live = asyncio.create_task(here.turn("coffee maker", "off"))
        await until(lambda: len(here.house.commands) == 2)
        here.home._hear(Received("stat/coffee/POWER", b"OFF", stored=False))
        assert (await live)["status"] == "done"

    tell(story)


def test_a_group_names_who_failed_and_why() -> None:
    async def story(here: Household) -> None:
        here.house.set_fault("desk_lamp", Fault.SILENT)
        answer = await here.ask("home_turn", target={"domain": "light", "all": True}, state="on")
        assert answer["ok"] is False
        assert answer["done"] == ["kitchen light"]
        assert {"name": "desk lamp", "why": "timeout"} in answer["failed"]

    tell(story)


# ------------------------------------------------------------------ what goes wrong later


async def _half_open(here: Household) -> None:
    target = {"name": "living room blinds"}
    answer = await here.ask("home_set_cover", target=target, action="open")
    assert answer["status"] == "in_progress"


def tell_late(story: Story, **patience: float) -> list[str]:
    """What was told by itself, in a house whose covers are followed for as long as they say."""
    news: list[str] = []

    async def play() -> None:
        rules = HouseRules(patience=replace(PATIENCE, **patience), limits=GENEROUS)
        async with household(rules=rules, on_late_news=news.append) as here:
            await story(here)
            await asyncio.sleep(0.4)

    asyncio.run(play())
    return news


def test_a_blind_that_sticks_is_told_once() -> None:
    async def story(here: Household) -> None:
        await _half_open(here)
        here.house._doings["blinds"].cancel()
        here.house.set_by_hand("blinds", {Attribute.MOVE: "stopped"})
        await asyncio.sleep(0.2)
        here.house.set_by_hand("blinds", {Attribute.MOVE: "stopped"})

    assert tell_late(story, rest=0.1) == [
        "Something went wrong: the living room blinds stopped and did not open."
    ]


def test_a_blind_that_never_arrives_is_told() -> None:
    async def story(here: Household) -> None:
        await _half_open(here)
        here.house._doings["blinds"].cancel()

    assert tell_late(story, arrival=0.2) == [
        "Something may be wrong: I did not hear that the living room blinds opened."
    ]


def test_a_blind_that_only_pauses_and_arrives_is_not_told() -> None:
    async def story(here: Household) -> None:
        await _half_open(here)
        here.house._doings["blinds"].cancel()
        here.house.set_by_hand("blinds", {Attribute.MOVE: "stopped"})
        await asyncio.sleep(0.1)
        here.house.set_by_hand("blinds", {Attribute.MOVE: "open", Attribute.POSITION: 100.0})

    assert tell_late(story, rest=30.0) == []


def test_whoever_stops_a_blind_is_not_told_that_it_stopped() -> None:
    async def story(here: Household) -> None:
        await _half_open(here)
        await here.ask("home_set_cover", target={"name": "living room blinds"}, action="stop")

    assert tell_late(story, rest=0.05, arrival=0.3) == []


# ------------------------------------------------------------------ what is not carried out


REFUSED: tuple[tuple[str, dict[str, Any], str], ...] = (
    ("home_turn", {"target": {"name": "patio heater"}, "state": "on"}, "not_found"),
    ("home_turn", {"target": {"name": "lamp", "area": "office"}, "state": "on"}, "ambiguous"),
    ("home_turn", {"target": {"name": "desk lamp"}, "state": "perhaps"}, "invalid"),
    ("home_turn", {"target": {"name": "back door"}, "state": "on"}, "invalid"),
    ("home_fly", {}, "invalid"),
    ("home_set_light", {"target": {"name": "floor lamp"}, "color": "red"}, "invalid"),
    ("home_set_climate", {"target": {"name": "thermostat"}, "temperature_c": 95}, "invalid"),
    ("home_security", {"target": {"name": "bak door"}, "action": "unlock"}, "ambiguous"),
    ("home_security", {"target": {"name": "back door"}, "action": "unlock"}, "needs_confirmation"),
    ("home_confirm", {"confirmation_id": "guess", "approved": True}, "denied"),
)


def test_a_refused_call_reaches_no_device() -> None:
    async def story(here: Household) -> None:
        for function, arguments, status in REFUSED:
            answer = await here.ask(function, **arguments)
            assert (answer["ok"], answer["status"]) == (False, status), arguments
            assert answer["message"]
        await asyncio.sleep(0.1)
        assert here.house.commands == []

    tell(story)


def test_a_door_opens_only_after_the_users_own_answer() -> None:
    async def story(here: Household) -> None:
        asked = await here.ask("home_security", target={"name": "back door"}, action="unlock")
        reply = {"confirmation_id": asked["confirmation_id"], "approved": True}
        same_turn = await here.ask("home_confirm", UserTurn(), **reply)
        assert same_turn["status"] == "denied"
        assert here.house.commands == []
        assert (await here.ask("home_confirm", answered(), **reply))["status"] == "done"
        assert here.house.states()["back_door"][Attribute.LOCK] == "unlocked"
        assert (await here.ask("home_confirm", answered(2), **reply))["status"] == "denied"
        assert len(here.house.commands) == 1

    tell(story)


def test_too_many_commands_are_rate_limited() -> None:
    async def story(here: Household) -> None:
        statuses = [(await here.turn("coffee maker"))["status"] for _ in range(4)]
        assert statuses == ["done", "done", "done", "rate_limited"]
        assert len(here.house.commands) == 3

    tell(story, HouseRules(patience=PATIENCE, limits=PolicyLimits(per_device=3)))


def test_a_device_the_owner_forbids_is_denied() -> None:
    async def play() -> None:
        forbidden = replace(DESK_LAMP, risk=Risk.NEVER)
        async with household((forbidden,)) as here:
            assert (await here.turn("desk lamp"))["status"] == "denied"
            assert here.house.commands == []

    asyncio.run(play())


def test_a_device_that_points_at_the_gateway_itself_is_denied() -> None:
    async def play() -> None:
        channel = Channel("zigbee2mqtt/bridge/request/permit_join", "x/y")
        intruder = Device("trap", "trap", Kind.SWITCH, {Attribute.POWER: channel})
        async with household((intruder,)) as here:
            assert (await here.turn("trap"))["status"] == "denied"
            assert here.house.commands == []

    asyncio.run(play())


def test_a_call_id_runs_once() -> None:
    async def story(here: Household) -> None:
        text = json.dumps({"target": {"name": "coffee maker"}, "state": "toggle"})
        request = FunctionRequest(CallId("twice"), "home_turn", text)
        await until(lambda: here.home.states()["coffee_maker"] != {})
        first, second = await asyncio.gather(here.home.call(request), here.home.call(request))
        assert first == second
        assert len(here.house.commands) == 1

    tell(story)


# ------------------------------------------------------------------ when the broker fails


def test_without_a_broker_a_call_is_answered_at_once() -> None:
    async def play() -> None:
        async with PrivateBroker() as broker:
            port = broker.port
        home = PahoHome(BrokerAddress(port=port), DEVICES, HouseRules(patience=PATIENCE))
        await home.start()
        request = FunctionRequest(
            CallId("a"), "home_turn", '{"target":{"name":"desk lamp"},"state":"on"}'
        )
        async with asyncio.timeout(0.5):
            answer = json.loads(await home.call(request))
            risky = FunctionRequest(
                CallId("b"), "home_security", '{"target":{"name":"back door"},"action":"unlock"}'
            )
            question = json.loads(await home.call(risky))
        assert (answer["ok"], answer["status"]) == (False, "offline")
        assert question["status"] == "offline", "nobody is asked in vain"
        await home.close()
        await home.close()

    asyncio.run(play())


def test_a_broker_that_dies_and_returns_replays_nothing(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO, "assistant.adapters.paho_supervisor")

    async def story(here: Household) -> None:
        await here.broker.kill()
        await until(lambda: not here.home.is_connected)
        assert (await here.turn("coffee maker"))["status"] == "offline"
        await asyncio.sleep(0.5)
        async with PrivateBroker(here.broker.port):
            await until(lambda: here.home.is_connected)
            await until(lambda: here.home.states()["coffee_maker"] != {})
            await asyncio.sleep(1.5)  # the house comes back, and would hear a stale command
            assert here.house.commands == []
            assert (await here.turn("coffee maker"))["status"] == "done"
            await here.home.close()

    tell(story)
    lines = [record.getMessage() for record in caplog.records]
    assert sum("lost" in line for line in lines) == 1
    assert sum("back" in line for line in lines) == 1


def test_a_frozen_broker_is_a_timeout_and_then_offline() -> None:
    async def story(here: Household) -> None:
        os.kill(here.broker.pid, signal.SIGSTOP)
        try:
            assert (await here.turn("coffee maker"))["status"] == "timeout"
            assert (await here.turn("coffee maker"))["status"] == "offline"
        finally:
            os.kill(here.broker.pid, signal.SIGCONT)
        await until(lambda: here.home.is_connected)
        here.house.commands.clear()
        assert (await here.turn("coffee maker"))["status"] == "done"

    tell(story)


def test_a_door_is_not_unlocked_into_a_frozen_broker() -> None:
    async def story(here: Household) -> None:
        asked = await here.ask("home_security", target={"name": "back door"}, action="unlock")
        await asyncio.sleep(0.3)
        os.kill(here.broker.pid, signal.SIGSTOP)
        try:
            answer = await here.ask(
                "home_confirm",
                answered(),
                confirmation_id=asked["confirmation_id"],
                approved=True,
            )
            assert answer["status"] == "offline"
        finally:
            os.kill(here.broker.pid, signal.SIGCONT)
        await until(lambda: here.home.is_connected)
        await asyncio.sleep(0.3)
        assert here.house.commands == [], "it must not happen at the thaw either"

    impatient = replace(PATIENCE, health_age=0.1)
    tell(story, HouseRules(patience=impatient, limits=GENEROUS))


def test_a_broker_with_a_password_is_named_with_its_remedy(
    caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    tmp_path.chmod(0o755)

    async def play() -> None:
        config = tmp_path / "mosquitto.conf"
        async with PrivateBroker() as spare:
            port = spare.port
        lines = f"listener {port} 127.0.0.1\nallow_anonymous false\n"
        await asyncio.to_thread(config.write_text, lines)
        binary = shutil.which("mosquitto") or "/usr/sbin/mosquitto"
        process = await asyncio.create_subprocess_exec(
            binary, "-c", str(config), stderr=asyncio.subprocess.DEVNULL
        )
        try:
            home = PahoHome(BrokerAddress(port=port), DEVICES, HouseRules(patience=PATIENCE))
            await home.start()
            await until(lambda: "uthor" in caplog.text)
            await home.close()
        finally:
            process.terminate()
            await process.wait()

    asyncio.run(play())
    assert "ASSISTANT_MQTT_PASSWORD" in caplog.text


def test_the_broker_answers_for_us_when_we_vanish() -> None:
    async def play() -> None:
        async with PrivateBroker() as broker, House((KITCHEN_LIGHT, BACK_DOOR), broker.port, PACE):
            address = BrokerAddress(port=broker.port, client_id="kitchen")
            home = PahoHome(address, (KITCHEN_LIGHT,), HouseRules(patience=PATIENCE))
            await home.start()
            assert await _retained(broker.port, address.presence_topic) == "online"
            await home.close()
            assert await _retained(broker.port, address.presence_topic) == "offline"

    asyncio.run(play())


async def _retained(port: int, topic: str) -> str:
    message = await asyncio.to_thread(subscribe.simple, topic, port=port)
    assert not isinstance(message, list)
    return bytes(message.payload).decode()
