"""What a call changes on a device: from validated arguments to attributes and values."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from assistant.home.colours import hex_of_word
from assistant.home.devices import Attribute, Device, Kind
from assistant.home.functions import (
    Activate,
    Arguments,
    Media,
    Security,
    SetClimate,
    SetCover,
    SetFan,
    SetLight,
    Turn,
    Vacuum,
)
from assistant.home.outcomes import Refusal, State, Status, Value


@dataclass(frozen=True, slots=True)
class Change:
    """One device's wish list: attribute → value, in the units of `Attribute`."""

    device: Device
    values: Mapping[Attribute, Value] = field(default_factory=dict)
    toggled: bool = False
    """True if the value came from a toggle, which counts as the riskier direction."""


def change_of(arguments: Arguments, device: Device, state: State) -> Change | Refusal:
    """What the arguments mean for this device in its last known state."""
    reader = _READERS.get(type(arguments))
    if reader is None:
        return Refusal(Status.INVALID, "This function changes nothing.")
    wish = reader(arguments, device, state)
    if isinstance(wish, Refusal):
        return wish
    toggled = isinstance(arguments, Turn) and arguments.state == "toggle"
    return _checked(Change(device, wish, toggled))


def can(device: Device, attribute: Attribute) -> bool:
    """True if the attribute can be commanded."""
    channel = device.channels.get(attribute)
    return channel is not None and channel.command_topic is not None


Wish = Mapping[Attribute, Value] | Refusal


def _turn(arguments: Turn, device: Device, state: State) -> Wish:
    wanted = arguments.state
    if wanted == "toggle":
        if state.get(Attribute.POWER) not in {"on", "off"}:
            return Refusal(
                Status.INVALID, f"It is not known whether {device.name} is on; say on or off."
            )
        wanted = "off" if state[Attribute.POWER] == "on" else "on"
    return _switch(device, on=wanted == "on")


def _switch(device: Device, *, on: bool) -> Wish:
    if can(device, Attribute.POWER):
        return {Attribute.POWER: "on" if on else "off"}
    if device.kind is Kind.FAN and can(device, Attribute.SPEED):
        return {Attribute.SPEED: 100.0 if on else 0.0}
    if device.kind is Kind.CLIMATE and can(device, Attribute.MODE):
        return _switch_mode(device, on=on)
    action = _SWITCH_ACTIONS.get((device.kind, on))
    if action is None or not can(device, Attribute.ACTION):
        return Refusal(Status.INVALID, f"{device.name} cannot be switched on or off this way.")
    return {Attribute.ACTION: action}


_SWITCH_ACTIONS: Mapping[tuple[Kind, bool], str] = {
    (Kind.VACUUM, True): "start",
    (Kind.VACUUM, False): "dock",
    (Kind.MEDIA, True): "play",
    (Kind.MEDIA, False): "stop",
    (Kind.SCENE, True): "activate",
}


def _switch_mode(device: Device, *, on: bool) -> Wish:
    modes = device.channels[Attribute.MODE].payloads
    wanted = ("heat", "auto", "cool") if on else ("off",)
    mode = next((mode for mode in wanted if mode in modes), None)
    if mode is None:
        return Refusal(Status.INVALID, f"{device.name} has no mode for that.")
    return {Attribute.MODE: mode}


def _set_light(arguments: SetLight, device: Device, state: State) -> Wish:
    wish: dict[Attribute, Value] = {}
    brightness = _stepped_brightness(arguments, device, state)
    if isinstance(brightness, Refusal):
        return brightness
    if brightness is not None:
        wish[Attribute.BRIGHTNESS] = brightness
    if arguments.color is not None:
        colour = hex_of_word(arguments.color)
        if colour is None:
            return Refusal(Status.INVALID, f"{arguments.color!r} is not a colour I know.")
        wish[Attribute.COLOR] = colour
    if arguments.color_temp_k is not None:
        wish[Attribute.COLOR_TEMP] = _clamped(device, Attribute.COLOR_TEMP, arguments.color_temp_k)
    return wish if _lights_by_itself(device, wish, state) else {Attribute.POWER: "on", **wish}


def _lights_by_itself(device: Device, wish: Mapping[Attribute, Value], state: State) -> bool:
    """JSON lamps take `state` in the same object; others need it only when dark."""
    power = device.channels.get(Attribute.POWER)
    if power is None or not can(device, Attribute.POWER):
        return True
    joined = all(
        channel.command_topic == power.command_topic and channel.command_key and power.command_key
        for channel in (device.channels.get(attribute) for attribute in wish)
        if channel is not None
    )
    return not joined and state.get(Attribute.POWER) != "off"


def _stepped_brightness(
    arguments: SetLight, device: Device, state: State
) -> float | Refusal | None:
    if arguments.brightness_pct is not None:
        return float(arguments.brightness_pct)
    if arguments.brightness_step_pct is None:
        return None
    present = state.get(Attribute.BRIGHTNESS)
    if not isinstance(present, int | float):
        return Refusal(
            Status.INVALID, f"The brightness of {device.name} is not known; name a percentage."
        )
    lit = 0.0 if state.get(Attribute.POWER) == "off" else present
    return min(100.0, max(1.0, lit + arguments.brightness_step_pct))


def _set_cover(arguments: SetCover, device: Device, state: State) -> Wish:
    del state
    if arguments.position_pct is not None:
        return _placed(arguments.position_pct, device)
    action = arguments.action or "stop"
    if can(device, Attribute.MOVE) or action == "stop":
        return {Attribute.MOVE: action}
    return {Attribute.POSITION: 100.0 if action == "open" else 0.0}


def _placed(position: int, device: Device) -> Wish:
    """The ends can be reached without a position channel."""
    if position in {0, 100} and not can(device, Attribute.POSITION):
        return {Attribute.MOVE: "open" if position else "close"}
    return {Attribute.POSITION: float(position)}


def _set_climate(arguments: SetClimate, device: Device, state: State) -> Wish:
    wish: dict[Attribute, Value] = {}
    if arguments.mode is not None:
        wish[Attribute.MODE] = arguments.mode.casefold()
    if arguments.temperature_c is not None:
        wish[Attribute.TARGET_TEMPERATURE] = arguments.temperature_c
    elif arguments.temperature_step_c is not None:
        present = state.get(Attribute.TARGET_TEMPERATURE)
        if not isinstance(present, int | float):
            return Refusal(
                Status.INVALID, f"The setting of {device.name} is not known; name a temperature."
            )
        wish[Attribute.TARGET_TEMPERATURE] = _clamped(
            device, Attribute.TARGET_TEMPERATURE, present + arguments.temperature_step_c
        )
    return wish


def _set_fan(arguments: SetFan, device: Device, state: State) -> Wish:
    del state
    if arguments.percentage == 0 and can(device, Attribute.POWER):
        return {Attribute.POWER: "off"}
    return {Attribute.SPEED: float(arguments.percentage)}


def _act(arguments: Vacuum | Media, device: Device, state: State) -> Wish:
    del device, state
    return {Attribute.ACTION: arguments.action}


def _activate(arguments: Activate, device: Device, state: State) -> Wish:
    del arguments, device, state
    return {Attribute.ACTION: "activate"}


def _secure(arguments: Security, device: Device, state: State) -> Wish:
    del state
    door_words = {"lock", "unlock", "open"}
    if (arguments.action in door_words) is not (device.kind is Kind.LOCK):
        return Refusal(Status.INVALID, f"{device.name} cannot {arguments.action}.")
    attribute = Attribute.LOCK if device.kind is Kind.LOCK else Attribute.ACTION
    return {attribute: arguments.action}


# Each reader sees only the arguments of its own type, which a table cannot tell mypy.
_READERS: Mapping[type[Arguments], Callable[..., Wish]] = {
    Turn: _turn,
    SetLight: _set_light,
    SetCover: _set_cover,
    SetClimate: _set_climate,
    SetFan: _set_fan,
    Activate: _activate,
    Vacuum: _act,
    Media: _act,
    Security: _secure,
}


def _clamped(device: Device, attribute: Attribute, value: float) -> float:
    channel = device.channels.get(attribute)
    return value if channel is None else min(channel.maximum, max(channel.minimum, value))


def _checked(change: Change) -> Change | Refusal:
    for attribute, value in change.values.items():
        fault = _fault_of(change.device, attribute, value)
        if fault:
            return Refusal(Status.INVALID, fault)
    return change


def _fault_of(device: Device, attribute: Attribute, value: Value) -> str:
    """Why a device cannot take a value; empty if it can."""
    channel = device.channels.get(attribute)
    if channel is None or channel.command_topic is None:
        return f"{device.name} has no {attribute.value.replace('_', ' ')} that can be set."
    if isinstance(value, str):
        if channel.payloads and value not in channel.payloads:
            return f"{device.name} knows {', '.join(channel.payloads)}, not {value}."
        return ""
    if not channel.minimum <= value <= channel.maximum:
        return f"{device.name} takes {channel.minimum:g} to {channel.maximum:g}, not {value:g}."
    return ""
