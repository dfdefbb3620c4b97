"""How the simulated house is found, as on any evening, and what its scene does to it."""

from collections.abc import Mapping

from assistant.home.devices import Attribute, Device
from assistant.local.simulated_device import Reading

Values = Mapping[Attribute, Reading]

POWER, BRIGHTNESS, SPEED = Attribute.POWER, Attribute.BRIGHTNESS, Attribute.SPEED
MOVE, POSITION = Attribute.MOVE, Attribute.POSITION

FOUND: Mapping[str, Values] = {
    "bedroom light": {POWER: "on", BRIGHTNESS: 40.0},
    "hallway lights": {POWER: "on", BRIGHTNESS: 60.0},
    "bedroom fan": {POWER: "on", SPEED: 33.0},
    "bedroom curtains": {MOVE: "open", POSITION: 100.0},
    "garage door": {MOVE: "open", POSITION: 100.0},
}

SCENES: Mapping[str, Mapping[str, Values]] = {
    "movie night": {
        "living room lamp": {POWER: "on", BRIGHTNESS: 20.0},
        "kitchen light": {POWER: "off"},
        "hallway lights": {POWER: "off"},
        "living room blinds": {MOVE: "close"},
    }
}


def found_in(devices: tuple[Device, ...]) -> dict[str, Values]:
    """Device id → what is so when the house is entered, for the devices known by name."""
    return {
        device.id: {a: v for a, v in FOUND[device.name].items() if a in device.channels}
        for device in devices
        if device.name in FOUND
    }


def scenes_in(devices: tuple[Device, ...]) -> dict[str, dict[str, Values]]:
    """Scene id → device id → what the scene wishes of it."""
    ids = {device.name: device.id for device in devices}
    return {
        ids[scene]: {ids[name]: values for name, values in wishes.items() if name in ids}
        for scene, wishes in SCENES.items()
        if scene in ids
    }
