"""What is known of devices, and from where."""

import json
from dataclasses import replace

from assistant.home.devices import Attribute
from assistant.home.statebook import Heard, StateBook
from tests.doubles.small_house import COFFEE_MAKER, DESK_LAMP, DEVICES, GARAGE_DOOR, KITCHEN_LIGHT

A = Attribute
KITCHEN = "zigbee2mqtt/Kitchen"


def test_it_listens_to_states_presence_and_logs_and_to_nothing_else() -> None:
    assert set(StateBook((KITCHEN_LIGHT, COFFEE_MAKER)).topics()) == {
        KITCHEN,
        "zigbee2mqtt/bridge/state",
        "zigbee2mqtt/Kitchen/availability",
        "zigbee2mqtt/bridge/logging",
        "stat/coffee/POWER",
        "tele/coffee/LWT",
    }
    assert not any("#" in topic or "+" in topic for topic in StateBook(DEVICES).topics())


def test_readings_gather() -> None:
    book = StateBook((KITCHEN_LIGHT,))
    book.hear(KITCHEN, b'{"state":"ON"}', stored=True)
    heard = book.hear(KITCHEN, b'{"brightness":127}', stored=False)
    assert heard == (Heard("kitchen_light", {A.BRIGHTNESS: 50}, stored=False),)
    assert book.state_of(KITCHEN_LIGHT) == {A.POWER: "on", A.BRIGHTNESS: 50}
    assert book.snapshot() == {"kitchen_light": {A.POWER: "on", A.BRIGHTNESS: 50}}


def test_a_snapshot_is_a_copy() -> None:
    book = StateBook((COFFEE_MAKER,))
    book.hear("stat/coffee/POWER", b"ON", stored=False)
    before = book.snapshot()
    book.hear("stat/coffee/POWER", b"OFF", stored=False)
    assert before == {"coffee_maker": {A.POWER: "on"}}


def test_what_cannot_be_read_changes_nothing() -> None:
    book = StateBook((KITCHEN_LIGHT,))
    assert book.hear(KITCHEN, b"{", stored=False) == ()
    assert book.hear("elsewhere", b"ON", stored=False) == ()
    assert book.state_of(KITCHEN_LIGHT) == {}


def test_devices_that_share_a_topic_all_hear_it() -> None:
    twin = replace(KITCHEN_LIGHT, id="twin")
    heard = StateBook((KITCHEN_LIGHT, twin)).hear(KITCHEN, b'{"state":"ON"}', stored=False)
    assert [one.device_id for one in heard] == ["kitchen_light", "twin"]


def test_a_device_is_absent_if_it_or_its_gateway_says_so() -> None:
    book = StateBook((KITCHEN_LIGHT, GARAGE_DOOR, DESK_LAMP))
    assert not book.is_absent(KITCHEN_LIGHT)
    book.hear("zigbee2mqtt/Kitchen/availability", b'{"state":"offline"}', stored=True)
    assert book.is_absent(KITCHEN_LIGHT)
    assert not book.is_absent(GARAGE_DOOR)
    book.hear("zigbee2mqtt/Kitchen/availability", b'{"state":"online"}', stored=False)
    book.hear("zigbee2mqtt/bridge/state", b'{"state":"offline"}', stored=False)
    assert book.is_absent(KITCHEN_LIGHT)
    assert book.is_absent(GARAGE_DOOR)
    assert not book.is_absent(DESK_LAMP)
    book.hear("zigbee2mqtt/bridge/state", b"gibberish", stored=False)
    assert book.is_absent(GARAGE_DOOR)


def test_a_gateways_complaint_reaches_the_device_that_it_names() -> None:
    book = StateBook((KITCHEN_LIGHT, GARAGE_DOOR))
    entry = {"level": "error", "message": "Publish 'set' 'state' to 'Garage' failed: timeout"}
    (heard,) = book.hear("zigbee2mqtt/bridge/logging", json.dumps(entry).encode(), stored=False)
    assert heard.device_id == "garage_door"
    assert "failed" in heard.failure


def test_a_state_is_live_only_if_it_was_heard_as_it_was_said() -> None:
    book = StateBook((COFFEE_MAKER, KITCHEN_LIGHT))
    book.hear("stat/coffee/POWER", b"ON", stored=True)
    assert not book.is_live(COFFEE_MAKER, {A.POWER})
    book.hear("stat/coffee/POWER", b"ON", stored=False)
    assert book.is_live(COFFEE_MAKER, {A.POWER, A.BRIGHTNESS})
    book.hear("stat/coffee/POWER", b"ON", stored=True)
    assert not book.is_live(COFFEE_MAKER, {A.POWER})


def test_every_attribute_has_its_own_source() -> None:
    book = StateBook((KITCHEN_LIGHT,))
    book.hear(KITCHEN, b'{"brightness":127}', stored=True)
    book.hear(KITCHEN, b'{"state":"ON"}', stored=False)
    assert book.is_live(KITCHEN_LIGHT, {A.POWER})
    assert not book.is_live(KITCHEN_LIGHT, {A.POWER, A.BRIGHTNESS})


def test_after_a_loss_nothing_is_live() -> None:
    book = StateBook((COFFEE_MAKER,))
    book.hear("stat/coffee/POWER", b"ON", stored=False)
    book.distrust()
    assert not book.is_live(COFFEE_MAKER, {A.POWER})
    assert book.state_of(COFFEE_MAKER) == {A.POWER: "on"}
