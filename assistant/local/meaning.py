"""From an intent and its slots to a reading: targets, arguments and what needs firm evidence."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from assistant.home.devices import Attribute, Device, Kind
from assistant.local.grammar import names_of
from assistant.local.guarding import is_guarded
from assistant.local.orders import (
    GUARDED_FUNCTIONS,
    IMPLIED_KINDS,
    ORDERS,
    STATE_ATTRIBUTES,
    Order,
)
from assistant.local.reading import Asks, Reading, Refusal, Topic, WantedCall, Wish
from assistant.local.spoken import plainly

MOST_DEVICES = 8
"""Switching on more devices than this at once is protected, as in `home.policy`."""
LONGEST_TIMER_S = 86_400
LONGEST_NAME = 64
MOST_THERMOMETERS = 4

TOPICS: Mapping[str, Topic] = {
    "HassGetCurrentTime": Topic.TIME,
    "HassGetCurrentDate": Topic.DATE,
    "HassNevermind": Topic.END,
    "Help": Topic.HELP,
    "DescribeHouse": Topic.HOUSE,
    "Repeat": Topic.REPEAT,
    "Yes": Topic.YES,
    "No": Topic.NO,
    "Cancel": Topic.CANCEL,
    "Thanks": Topic.THANKS,
}

_TARGET_SLOTS = frozenset({"area", "domain", "all"})
_SWITCHED = frozenset({Kind.LIGHT, Kind.SWITCH, Kind.FAN, Kind.CLIMATE})
_PAIRED = frozenset({Kind.LIGHT, Kind.SWITCH, Kind.FAN})
_DURATIONS = {"hours": 3600, "minutes": 60, "seconds": 1}
_HARMLESS_ACTIONS = frozenset({"stop"})


@dataclass(frozen=True, slots=True)
class Name:
    """A spoken name, the same as registered, and the kind of device that bears it."""

    spoken: str
    registered: str
    kind: Kind


class Meanings:
    """What intents mean in a home with these devices."""

    def __init__(self, devices: tuple[Device, ...]) -> None:
        self._devices = devices
        self.names: Mapping[str, Name] = _names(devices)
        self.areas: Mapping[str, str] = {
            plainly(device.area): device.area for device in devices if device.area
        }

    def read(
        self, intent: str, slots: Mapping[str, Any], names: tuple[str, ...] = ()
    ) -> Reading | None:
        """The reading of an intent; None where it holds something that we do not know.

        `names` are keys of `self.names`, or a wildcard's text where a timer is named.
        """
        if intent in TOPICS:
            return TOPICS[intent]
        if intent in _TIMER_READERS:
            return _TIMER_READERS[intent](slots, " ".join(names))
        if slots.get("domain", Kind.LIGHT) not in set(Kind):
            return None
        named = [self.names[key] for key in names if key in self.names]
        if len(named) > 1:
            return self._each(intent, slots, named)
        return self._one(intent, slots, named[0] if named else None)

    def _each(self, intent: str, slots: Mapping[str, Any], named: list[Name]) -> Reading | None:
        readings = [self._one(intent, slots, name) for name in named]
        wishes = [reading for reading in readings if isinstance(reading, Wish)]
        if len(wishes) < len(named) or any(name.kind not in _PAIRED for name in named):
            return None
        return together(wishes)

    def _one(self, intent: str, slots: Mapping[str, Any], name: Name | None) -> Reading | None:
        if intent == "HassClimateGetTemperature":
            return self._temperature(slots, name)
        kind = _kind_of(intent, slots, name)
        order = ORDERS.get((intent, kind))
        if order is None:
            return Refusal(f"I can't do that with {_thing(name)}.")
        extra = set(slots) - _TARGET_SLOTS - set(order.slots)
        if order.function == "home_get_state":
            return self._question(kind, slots, name) if extra <= {"state", "asks"} else None
        return None if extra else self._command(order, kind, slots, name)

    def _command(
        self, order: Order, kind: Kind | None, slots: Mapping[str, Any], name: Name | None
    ) -> Wish:
        given = {order.slots[slot]: _tidy(slots[slot]) for slot in order.slots if slot in slots}
        arguments = {"target": self._target(kind, slots, name), **order.constants, **given}
        call = WantedCall(order.function, arguments)
        return Wish((call,), protected=self._is_protected(call, kind, slots, name))

    def _target(
        self, kind: Kind | None, slots: Mapping[str, Any], name: Name | None
    ) -> dict[str, Any]:
        area = {"area": slots["area"]} if "area" in slots else {}
        if name is not None:
            return {"name": name.registered, **area}
        alone = self._only_one(kind) if not area and "all" not in slots else None
        if alone is not None:
            return {"name": alone.name}
        domain = {"domain": kind.value} if kind is not None else {}
        return area | domain | ({"all": True} if slots.get("all") else {})

    def _only_one(self, kind: Kind | None) -> Device | None:
        found = [device for device in self._devices if device.kind is kind]
        return found[0] if len(found) == 1 else None

    def _is_protected(
        self, call: WantedCall, kind: Kind | None, slots: Mapping[str, Any], name: Name | None
    ) -> bool:
        if call.name not in GUARDED_FUNCTIONS or call.arguments.get("action") in _HARMLESS_ACTIONS:
            return False
        meant = [device for device in self._devices if _is_meant(device, kind, slots, name)]
        too_many = len(meant) > MOST_DEVICES and call.arguments.get("state") == "on"
        return too_many or any(map(is_guarded, meant))

    def _question(self, kind: Kind | None, slots: Mapping[str, Any], name: Name | None) -> Wish:
        expects = str(slots.get("state", ""))
        asked = Attribute(slots["asks"]) if "asks" in slots else None
        if expects and kind is not None:
            asked = STATE_ATTRIBUTES.get(kind)
        group = "" if name is not None or kind is None else f"{kind.value}s"
        target = self._target(kind, slots, name)
        asks = Asks(asked, expects, group)
        return Wish((WantedCall("home_get_state", {"target": target}, asks),))

    def _temperature(self, slots: Mapping[str, Any], name: Name | None) -> Reading | None:
        if set(slots) - _TARGET_SLOTS:
            return None
        area = slots.get("area")
        asked = (name.registered,) if name is not None else self._thermometers(area)
        if not asked:
            return Refusal(f"There is no thermometer in the {area}." if area
                           else "There is no thermometer here.")  # fmt: skip
        asks = Asks(Attribute.TEMPERATURE)
        targets = ({"target": {"name": each}} for each in asked[:MOST_THERMOMETERS])
        return Wish(tuple(WantedCall("home_get_state", target, asks) for target in targets))

    def _thermometers(self, area: str | None) -> tuple[str, ...]:
        there = [d for d in self._devices if Attribute.TEMPERATURE in d.channels
                 and area in {None, d.area}]  # fmt: skip
        sensors = [device for device in there if device.kind is Kind.SENSOR]
        return tuple(device.name for device in sensors or there)


def _names(devices: tuple[Device, ...]) -> dict[str, Name]:
    names: dict[str, Name] = {}
    for device in devices:
        registered = {plainly(name): name for name in (*device.aliases, device.name)}
        for spoken in names_of(device):
            key = f"{device.kind.value}/{spoken}"
            names.setdefault(key, Name(spoken, registered[spoken], device.kind))
    return names


def _kind_of(intent: str, slots: Mapping[str, Any], name: Name | None) -> Kind | None:
    if name is not None:
        return name.kind
    if "domain" in slots:
        return Kind(slots["domain"])
    return IMPLIED_KINDS.get(intent)


def _is_meant(
    device: Device, kind: Kind | None, slots: Mapping[str, Any], name: Name | None
) -> bool:
    if slots.get("area", device.area) != device.area:
        return False
    if name is not None:
        return device.kind is name.kind and name.spoken in names_of(device)
    return device.kind is kind or (kind is None and device.kind in _SWITCHED)


def _thing(name: Name | None) -> str:
    return f"the {name.spoken}" if name is not None else "those"


def _tidy(value: Any) -> Any:
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value


def together(wishes: Sequence[Wish]) -> Wish:
    """Several wishes as one; it is protected if any of them is."""
    calls = tuple(call for wish in wishes for call in wish.calls)
    return Wish(calls, protected=any(wish.protected for wish in wishes))


def _start_timer(slots: Mapping[str, Any], named: str) -> Reading | None:
    if set(slots) - set(_DURATIONS) - {"timer_name", "all"}:
        return None
    seconds = round(sum(float(slots.get(unit, 0)) * _DURATIONS[unit] for unit in _DURATIONS))
    if not 1 <= seconds <= LONGEST_TIMER_S:
        return Refusal("A timer can run from one second to one day.")
    return Wish((WantedCall("timer_start", {"seconds": seconds, **_timer_name(slots, named)}),))


def _cancel_timer(slots: Mapping[str, Any], named: str) -> Reading | None:
    if set(slots) - {"timer_name", "all"}:
        return None
    return Wish((WantedCall("timer_cancel", _timer_name(slots, named)),))


def _list_timers(slots: Mapping[str, Any], named: str) -> Reading | None:
    known = not set(slots) - {"all"} and not named
    return Wish((WantedCall("timer_list", {}),)) if known else None


def _timer_name(slots: Mapping[str, Any], named: str) -> dict[str, str]:
    name = plainly(str(slots.get("timer_name", named)))[:LONGEST_NAME]
    return {"name": name} if name else {}


_TIMER_READERS = {
    "HassStartTimer": _start_timer,
    "HassCancelTimer": _cancel_timer,
    "HassTimerStatus": _list_timers,
}
