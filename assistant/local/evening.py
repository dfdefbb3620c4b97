"""How the simulated house is found: some things are on, some are open, as on any evening."""

from collections.abc import Mapping

from assistant.home.devices import Attribute as A
from assistant.home.devices import Device
from assistant.local.simulated_device import Reading

FOUND: Mapping[str, Mapping[A, Reading]] = {
    "bedroom light": {A.POWER: "on", A.BRIGHTNESS: 40.0},
    "hallway lights": {A.POWER: "on", A.BRIGHTNESS: 60.0},
    "bedroom fan": {A.POWER: "on", A.SPEED: 33.0},
    "bedroom curtains": {A.MOVE: "open", A.POSITION: 100.0},
    "garage door": {A.MOVE: "open", A.POSITION: 100.0},
}


def found_in(devices: tuple[Device, ...]) -> dict[str, Mapping[A, Reading]]:
    """Device id → what is so when the house is entered, for those that are known by name."""
    return {
        device.id: {a: v for a, v in FOUND[device.name].items() if a in device.channels}
        for device in devices
        if device.name in FOUND
    }
