"""Which function an intent means for a kind of device: one table, and no guess beside it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from assistant.home.devices import Attribute, Kind


@dataclass(frozen=True, slots=True)
class Order:
    """A function, its constant arguments, and the arguments that slots of the sentence fill."""

    function: str
    constants: Mapping[str, Any] = field(default_factory=dict)
    slots: Mapping[str, str] = field(default_factory=dict)


def _turn(state: str) -> Order:
    return Order("home_turn", {"state": state})


def _act(function: str, action: str) -> Order:
    return Order(function, {"action": action})


_ACTIVATE = Order("home_activate")
_ASK = Order("home_get_state")
_LIGHT_SLOTS = {"brightness": "brightness_pct", "color": "color", "temperature": "color_temp_k"}

ORDERS: Mapping[tuple[str, Kind | None], Order] = {
    **{("HassTurnOn", kind): _turn("on")
       for kind in (None, Kind.LIGHT, Kind.SWITCH, Kind.FAN, Kind.CLIMATE)},
    **{("HassTurnOff", kind): _turn("off")
       for kind in (None, Kind.LIGHT, Kind.SWITCH, Kind.FAN, Kind.CLIMATE)},
    ("HassTurnOn", Kind.COVER): _act("home_set_cover", "open"),
    ("HassTurnOff", Kind.COVER): _act("home_set_cover", "close"),
    ("HassTurnOn", Kind.LOCK): _act("home_security", "lock"),
    ("HassTurnOff", Kind.LOCK): _act("home_security", "unlock"),
    ("HassTurnOn", Kind.VACUUM): _act("home_vacuum", "start"),
    ("HassTurnOff", Kind.VACUUM): _act("home_vacuum", "stop"),
    ("HassTurnOn", Kind.MEDIA): _act("home_media", "play"),
    ("HassTurnOff", Kind.MEDIA): _act("home_media", "stop"),
    ("HassTurnOn", Kind.SCENE): _ACTIVATE,
    ("Activate", Kind.SCENE): _ACTIVATE,
    ("HassLightSet", Kind.LIGHT): Order("home_set_light", slots=_LIGHT_SLOTS),
    ("LightStep", Kind.LIGHT): Order("home_set_light", slots={"step": "brightness_step_pct"}),
    ("CoverStop", Kind.COVER): _act("home_set_cover", "stop"),
    ("HassSetPosition", Kind.COVER): Order("home_set_cover", slots={"position": "position_pct"}),
    ("HassClimateSetTemperature", Kind.CLIMATE): Order(
        "home_set_climate", slots={"temperature": "temperature_c"}),
    ("ClimateStep", Kind.CLIMATE): Order(
        "home_set_climate", slots={"step": "temperature_step_c"}),
    ("HassFanSetSpeed", Kind.FAN): Order("home_set_fan", slots={"percentage": "percentage"}),
    ("Arm", Kind.ALARM): Order("home_security", slots={"action": "action"}),
    ("Disarm", Kind.ALARM): _act("home_security", "disarm"),
    ("HassVacuumStart", Kind.VACUUM): _act("home_vacuum", "start"),
    ("HassVacuumReturnToBase", Kind.VACUUM): _act("home_vacuum", "dock"),
    ("VacuumOrder", Kind.VACUUM): Order("home_vacuum", slots={"action": "action"}),
    ("HassMediaPause", Kind.MEDIA): _act("home_media", "pause"),
    ("HassMediaUnpause", Kind.MEDIA): _act("home_media", "play"),
    ("MediaStop", Kind.MEDIA): _act("home_media", "stop"),
    ("HassMediaNext", Kind.MEDIA): _act("home_media", "next"),
    ("HassMediaPrevious", Kind.MEDIA): _act("home_media", "previous"),
    **{("HassGetState", kind): _ASK for kind in Kind if kind is not Kind.SCENE},
}  # fmt: skip
"""Intents of Home Assistant and our own; a pair that is not here is refused."""

IMPLIED_KINDS: Mapping[str, Kind] = {
    "HassMediaPause": Kind.MEDIA,
    "HassMediaUnpause": Kind.MEDIA,
    "HassMediaNext": Kind.MEDIA,
    "HassMediaPrevious": Kind.MEDIA,
    "HassClimateSetTemperature": Kind.CLIMATE,
    "HassFanSetSpeed": Kind.FAN,
    "HassLightSet": Kind.LIGHT,
    "HassVacuumStart": Kind.VACUUM,
    "HassVacuumReturnToBase": Kind.VACUUM,
}
"""What an intent is about when the sentence names neither a device nor a domain."""

STATE_ATTRIBUTES: Mapping[Kind, Attribute] = {
    Kind.LIGHT: Attribute.POWER,
    Kind.SWITCH: Attribute.POWER,
    Kind.FAN: Attribute.POWER,
    Kind.COVER: Attribute.MOVE,
    Kind.LOCK: Attribute.LOCK,
}
"""Where the answer to "is it …" stands."""

GUARDED_FUNCTIONS = frozenset({"home_turn", "home_set_cover", "home_security"})
"""Functions that can open the home, disarm it or heat it unwatched."""
