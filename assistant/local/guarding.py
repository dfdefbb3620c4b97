"""Which devices could open the home, disarm it or burn it down: their words need firm evidence.

`home.policy` judges every call again; this only decides how well a word must be heard, so it
guards both directions of a door and leans to the careful side.
"""

from assistant.home.devices import Device, Kind, Risk
from assistant.home.hazards import is_harmful_when_on, lets_people_in


def is_guarded(device: Device) -> bool:
    """True if a wrong word about this device could do harm, whatever the word is."""
    if device.risk is not None:
        return device.risk is Risk.CONFIRM
    by_nature = device.kind in {Kind.LOCK, Kind.ALARM}
    return by_nature or lets_people_in(device) or is_harmful_when_on(device)
