"""How the simulated house is found."""

from assistant.home.devices import Attribute
from assistant.local.evening import FOUND, SCENES, found_in, scenes_in
from tests.doubles.house_of_eighteen import HOUSE_OF_EIGHTEEN as HOUSE


def test_every_name_is_a_device_of_the_house() -> None:
    names = {device.name for device in HOUSE}
    assert set(FOUND) <= names
    assert set(SCENES) <= names
    assert all(set(wishes) <= names for wishes in SCENES.values())


def test_things_are_found_by_their_ids() -> None:
    found = found_in(HOUSE)
    assert found["hallway_lights"][Attribute.POWER] == "on"
    assert len(found) == len(FOUND)


def test_a_scene_knows_only_devices_that_exist() -> None:
    few = tuple(d for d in HOUSE if d.name in {"movie night", "kitchen light"})
    assert scenes_in(few) == {"movie_night": {"kitchen_light": {Attribute.POWER: "off"}}}
    assert scenes_in(()) == {}
    assert found_in(()) == {}
