"""Which devices let people in or heat unwatched, by kind, class and name.

Hardly any device announces its class, so names decide until the owner says otherwise with
`risk`. Source: home.md section 10.1.
"""

from assistant.home.devices import Device, Kind
from assistant.home.names import plainly

_ENTRANCES = frozenset(
    {"garage", "gate", "door", "doorway", "entry", "entrance", "opener", "latch"}
    | {"tur", "haustur", "tor", "garagentor", "eingang", "turoffner"}
)
"""German words stand as `plainly` spells them, without dots."""
_ENTRANCE_CLASSES = frozenset({"garage", "garage_door", "gate", "door"})
_HARMLESS_CLASSES = frozenset({"blind", "curtain", "shade", "shutter", "awning", "window"})
_NO_ENTRANCES = frozenset({"indoor", "outdoor"})
_HARMFUL = frozenset(
    {"heater", "oven", "stove", "cooker", "boiler", "iron", "kiln", "valve", "siren"}
    | {"heizung", "heizlufter", "ofen", "herd", "kessel", "ventil", "sirene"}
)


def lets_people_in(device: Device) -> bool:
    """True for a cover or a switch that seems to move a garage door, a gate or a latch."""
    if device.kind is Kind.COVER and device.device_class in _HARMLESS_CLASSES:
        return False
    moves = device.kind in {Kind.COVER, Kind.SWITCH}
    return moves and (device.device_class in _ENTRANCE_CLASSES or any(map(_opens, _words(device))))


def is_harmful_when_on(device: Device) -> bool:
    """True for a switch that seems to heat, to flood or to deafen."""
    named = bool(_words(device) & _HARMFUL)
    return device.kind is Kind.SWITCH and (named or device.device_class in _HARMFUL)


def _opens(word: str) -> bool:
    """Also in one word, as in "frontdoor" and "garagedoor"."""
    compound = word.startswith("garage") or word.endswith("door")
    return word in _ENTRANCES or (compound and word not in _NO_ENTRANCES)


def _words(device: Device) -> frozenset[str]:
    """The words of the names, each as it is and without an s at its end."""
    words = plainly(" ".join((device.name, *device.aliases))).split()
    return frozenset({*words, *(word.removesuffix("s") for word in words)})
