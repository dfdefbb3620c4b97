"""Which devices could open the home, disarm it or burn it down: their words need firm evidence.

`home.policy` judges every call again; this only decides how well a word must be heard, so it
guards both directions of a door and leans to the careful side.
"""

from assistant.home.devices import Device, Kind, Risk
from assistant.local.spoken import plainly

_ENTRANCES = frozenset({"garage", "gate", "door", "entry", "entrance"})
_ENTRANCE_CLASSES = frozenset({"garage", "garage_door", "gate", "door"})
_HARMLESS_CLASSES = frozenset({"blind", "curtain", "shade", "shutter", "awning", "window"})
_HOT = frozenset({"heater", "oven", "stove", "cooker", "boiler", "iron", "kiln"})


def is_guarded(device: Device) -> bool:
    """True if a wrong word about this device could do harm, whatever the word is."""
    if device.risk is not None:
        return device.risk is Risk.CONFIRM
    words = {word for name in (device.name, *device.aliases) for word in plainly(name).split()}
    match device.kind:
        case Kind.LOCK | Kind.ALARM:
            return True
        case Kind.COVER if device.device_class not in _HARMLESS_CLASSES:
            return device.device_class in _ENTRANCE_CLASSES or bool(words & _ENTRANCES)
        case Kind.SWITCH:
            return device.device_class in _HOT or bool(words & (_HOT | _ENTRANCES))
    return False
