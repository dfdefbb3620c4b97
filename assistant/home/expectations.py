"""When a device has done what was wished: predicates over what it reports.

Tolerances: home.md section 9 (brightness 2 of its scale, temperature 0.3, cover 3 percent,
colour loose). A device with few steps is allowed half a step.
"""

from collections.abc import Mapping

from assistant.home.colours import distance
from assistant.home.devices import Attribute, Channel, Device
from assistant.home.outcomes import State, Value

Wishes = Mapping[Attribute, Value]

_TOLERANCE: Mapping[Attribute, float] = {
    Attribute.BRIGHTNESS: 1.0,
    Attribute.POSITION: 3.0,
    Attribute.SPEED: 1.0,
    Attribute.TARGET_TEMPERATURE: 0.3,
}
_COLOUR_DISTANCE = 64
_WARMTH = 0.05
_ROUNDING = 1e-6

_REACHED: Mapping[str, frozenset[str]] = {
    "open": frozenset({"open", "opened"}),
    "close": frozenset({"closed"}),
    "lock": frozenset({"locked"}),
    "unlock": frozenset({"unlocked", "open"}),
    "start": frozenset({"cleaning", "on", "running"}),
    "pause": frozenset({"paused"}),
    "dock": frozenset({"docked", "charging"}),
    "play": frozenset({"playing"}),
    "arm_home": frozenset({"armed_home"}),
    "arm_away": frozenset({"armed_away"}),
    "arm_night": frozenset({"armed_night"}),
    "disarm": frozenset({"disarmed"}),
}
_STOPPED: Mapping[Attribute, frozenset[str]] = {
    Attribute.MOVE: frozenset({"stopped", "stop"}),
    Attribute.ACTION: frozenset({"stopped", "stop", "idle", "off", "paused", "docked", "standby"}),
}
_ON_THE_WAY: Mapping[str, frozenset[str]] = {
    "open": frozenset({"opening"}),
    "close": frozenset({"closing"}),
    "lock": frozenset({"locking"}),
    "unlock": frozenset({"unlocking"}),
    "dock": frozenset({"returning", "returning_home"}),
    "arm_home": frozenset({"arming", "pending"}),
    "arm_away": frozenset({"arming", "pending"}),
    "arm_night": frozenset({"arming", "pending"}),
}
_WITHOUT_STATE = frozenset({"next", "previous", "locate", "activate"})


def is_observable(device: Device, wishes: Wishes) -> bool:
    """True if the device reports what would prove the wishes."""
    return all(_is_seen(device, attribute, value) for attribute, value in wishes.items())


def concerns(wishes: Wishes) -> frozenset[Attribute]:
    """The attributes whose readings bear on the wishes."""
    return frozenset(kin for attribute in wishes for kin in _kin_of(attribute))


def is_fulfilled(device: Device, wishes: Wishes, state: State) -> bool:
    """True if the state shows that every wish came true."""
    return all(_came_true(device, attribute, value, state) for attribute, value in wishes.items())


def is_under_way(device: Device, wishes: Wishes, before: State, now: State) -> bool:
    """True if every wish has come true or visibly moves the right way."""
    return all(
        _came_true(device, attribute, value, now) or _moves(attribute, value, before, now)
        for attribute, value in wishes.items()
    )


def leaves_open(wishes: Wishes, now: State) -> bool:
    """True for a stop of a cover whose reports neither prove nor deny it."""
    is_stop = wishes.get(Attribute.MOVE) == "stop"
    return is_stop and now.get(Attribute.MOVE) not in {"opening", "closing"}


def _is_seen(device: Device, attribute: Attribute, value: Value) -> bool:
    if value in _WITHOUT_STATE:
        return False
    channels = (device.channels.get(kin) for kin in _kin_of(attribute))
    return any(channel is not None and channel.state_topic for channel in channels)


def _kin_of(attribute: Attribute) -> tuple[Attribute, ...]:
    """A cover's movement shows in its position, and the other way round."""
    cover = (Attribute.MOVE, Attribute.POSITION)
    return cover if attribute in cover else (attribute,)


def _came_true(device: Device, attribute: Attribute, value: Value, state: State) -> bool:
    if attribute is Attribute.MOVE:
        return _has_moved(str(value), state)
    present = state.get(attribute)
    if present is None:
        return attribute is Attribute.POSITION and _stands_at_end(float(value), state)
    channel = device.channels.get(attribute, Channel())
    if isinstance(value, str):
        return _is_the_word(attribute, value, str(present))
    return isinstance(present, int | float) and _is_near(attribute, channel, value, present)


def _has_moved(wish: str, state: State) -> bool:
    """A position proves more than a word: gateways say OPEN as soon as a cover starts."""
    position = state.get(Attribute.POSITION)
    word = str(state.get(Attribute.MOVE, ""))
    if wish == "stop":
        return word in _STOPPED[Attribute.MOVE] or _rests_at_end(word, position)
    if isinstance(position, int | float):
        return position >= 97 if wish == "open" else position <= 3
    return word in _REACHED[wish]


def _rests_at_end(word: str, position: Value | None) -> bool:
    """Without a position, "open" is an end; with one, gateways say it all the way up."""
    return (word == "open" and position in {None, 100}) or (
        word == "closed" and position in {None, 0}
    )


def _stands_at_end(position: float, state: State) -> bool:
    word = str(state.get(Attribute.MOVE, ""))
    return word == {100.0: "open", 0.0: "closed"}.get(position)


def _is_the_word(attribute: Attribute, wish: str, present: str) -> bool:
    if attribute is Attribute.COLOR:
        return present.startswith("#") and distance(wish, present) <= _COLOUR_DISTANCE
    if wish == "stop" and attribute in _STOPPED:
        return present in _STOPPED[attribute]
    if attribute is Attribute.LOCK and wish == "open":
        return present in _REACHED["unlock"]
    return present == wish or present in _REACHED.get(wish, frozenset())


def _is_near(attribute: Attribute, channel: Channel, wish: float, present: float) -> bool:
    if attribute is Attribute.COLOR_TEMP:
        return abs(present - wish) <= _WARMTH * wish
    half_a_step = 50 / channel.scale if channel.scale else 0.0
    return abs(present - wish) <= _TOLERANCE.get(attribute, 0.0) + half_a_step + _ROUNDING


def _moves(attribute: Attribute, value: Value, before: State, now: State) -> bool:
    present = str(now.get(attribute, ""))
    if present in _ON_THE_WAY.get(str(value), frozenset()):
        return True
    goal = {"open": 100.0, "close": 0.0}.get(str(value)) if attribute is Attribute.MOVE else value
    was, stands = before.get(Attribute.POSITION), now.get(Attribute.POSITION)
    if attribute not in {Attribute.MOVE, Attribute.POSITION} or not isinstance(goal, float):
        return False
    if not (isinstance(was, int | float) and isinstance(stands, int | float)):
        return (
            str(now.get(Attribute.MOVE)) in {"opening", "closing"}
            and attribute is not Attribute.MOVE
        )
    return abs(goal - stands) < abs(goal - was)
