"""No publication that administers, overflows or impersonates leaves the house."""

import pytest

from assistant.home.guard import objection_to
from assistant.home.topics import Publication


@pytest.mark.parametrize(
    "topic",
    ["zigbee2mqtt/Kitchen/set", "cmnd/coffee/POWER", "a/b", "cmnd/fan/FanSpeed", "bridge/set",
     "house/rule/set"],
)  # fmt: skip
def test_a_device_command_passes(topic: str) -> None:
    assert objection_to(Publication(topic, "ON")) is None


@pytest.mark.parametrize(
    "topic",
    ["", "a/+/b", "a/#", "$SYS/x", "$share/x", "a\0b", "assistant/kitchen/mute",
     "homeassistant/light/x/config", "zigbee2mqtt/bridge/request/permit_join",
     "z/bridge/request/device/remove", "cmnd/coffee/Backlog", "cmnd/coffee/OTAURL",
     "cmnd/coffee/rule1", "home/cmnd/coffee/Reset", "cmnd/x/MqttHost", "x" * 257],
)  # fmt: skip
def test_anything_else_is_stopped_with_a_reason(topic: str) -> None:
    objection = objection_to(Publication(topic, "ON"))
    assert objection is not None
    assert objection.endswith(".")


def test_a_payload_has_a_limit() -> None:
    assert objection_to(Publication("a", "x" * 4096)) is None
    assert objection_to(Publication("a", "x" * 4097)) is not None


def test_our_own_trees_may_have_other_names() -> None:
    assert objection_to(Publication("sprite/x", ""), own_tree="sprite") is not None
    assert objection_to(Publication("disco/x", ""), discovery_tree="disco") is not None


@pytest.mark.parametrize("tree", ["own_tree", "discovery_tree"])
def test_a_tree_may_have_several_levels(tree: str) -> None:
    def is_stopped(topic: str) -> bool:
        return objection_to(Publication(topic, ""), **{tree: "home/voice"}) is not None

    assert is_stopped("home/voice")
    assert is_stopped("home/voice/kitchen/mute")
    assert not is_stopped("home/voices/set")
    assert not is_stopped("home/lamp/set")
