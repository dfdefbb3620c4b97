"""What each of the 25 commands must have done to the house of eighteen, as MQTT tells it."""

from collections.abc import Callable, Mapping
from typing import Any

Turn = Mapping[str, Any]
Check = Callable[[Turn], bool]

LIGHTS = ("kitchen light", "living room lamp", "bedroom light", "hallway lights")
PROVEN = frozenset({"done", "already", "in_progress"})


def _state(turn: Turn, device: str, attribute: str) -> Any:
    return turn["states_after"].get(device, {}).get(attribute)


def _was(turn: Turn, device: str, attribute: str) -> Any:
    return turn["states_before"].get(device, {}).get(attribute)


def _proven(turn: Turn) -> bool:
    return bool(turn["calls"]) and all(c.get("status") in PROVEN for c in turn["calls"])


def _is(device: str, attribute: str, *values: Any) -> Check:
    return lambda turn: _proven(turn) and _state(turn, device, attribute) in values


def _about(device: str, attribute: str, value: float, slack: float = 2) -> Check:
    def check(turn: Turn) -> bool:
        found = _state(turn, device, attribute)
        return _proven(turn) and found is not None and abs(found - value) <= slack

    return check


def _moved(device: str, attribute: str, direction: int) -> Check:
    def check(turn: Turn) -> bool:
        before, after = _was(turn, device, attribute), _state(turn, device, attribute)
        return _proven(turn) and (after - before) * direction > 0

    return check


def _called(name: str, **arguments: Any) -> Check:
    def check(turn: Turn) -> bool:
        return any(
            c["name"] == name
            and c.get("status") in PROVEN
            and all(c["arguments"].get(k) == v for k, v in arguments.items())
            for c in turn["calls"]
        )

    return check


def _says(*words: str) -> Check:
    return lambda turn: any(w in turn["reply"].lower() for w in words)


def _asks_first(turn: Turn) -> bool:
    asked = [c.get("status") for c in turn["calls"]] == ["needs_confirmation"]
    return asked and _state(turn, "back door", "lock") == "locked" and "?" in turn["reply"]


def _ended(turn: Turn) -> bool:
    return not [c for c in turn["calls"] if c["name"] != "end_conversation"]


def _all_off(*devices: str) -> Check:
    return lambda turn: (
        _proven(turn) and all(_state(turn, device, "power") == "off" for device in devices)
    )


EXPECTED: dict[str, Check] = {
    "turn on the kitchen light": _is("kitchen light", "power", "on"),
    "set the living room lamp to forty percent": _about("living room lamp", "brightness", 40),
    "close the garage door": _is("garage door", "move", "closed", "closing"),
    "what's the temperature in the bedroom": _says("degrees", "temperature"),
    "lock the front door": _is("front door", "lock", "locked"),
    "set the thermostat to twenty one degrees": _about("thermostat", "target_temperature", 21, 0.3),
    "turn everything off": _all_off(*LIGHTS, "coffee maker", "bedroom fan"),
    "turn off the bedroom fan": _is("bedroom fan", "power", "off"),
    "open the living room blinds": _is("living room blinds", "move", "open", "opening"),
    "dim the hallway lights": _moved("hallway lights", "brightness", -1),
    "set the kitchen light to red": lambda t: (
        _proven(t) and _called("home_set_light", color="red")(t)
    ),
    "is the front door locked": _says("locked"),
    "pause the music": _called("home_media", action="pause"),
    "set a timer for ten minutes": _called("timer_start", seconds=600),
    "turn off all the lights": _all_off(*LIGHTS),
    "unlock the back door": _asks_first,
    "make the bedroom light brighter": _moved("bedroom light", "brightness", 1),
    "what time is it": _says("it's", "it is"),
    "start the vacuum cleaner": _called("home_vacuum", action="start"),
    "turn on the coffee maker": _is("coffee maker", "power", "on"),
    "set the fan speed to fifty percent": _about("bedroom fan", "speed", 50),
    "close the curtains in the bedroom": _is("bedroom curtains", "move", "closed", "closing"),
    "turn the office heater up": _moved("office heater", "target_temperature", 1),
    "arm the alarm": _called("home_security"),
    "never mind": _ended,
}


def did_what_it_says(sentence: str, turns: list[Turn]) -> bool:
    """True if a turn obeyed the sentence, and no other turn did anything.

    The recorded wake word has another sound behind it, which may be a turn of its own.
    """
    obeyed = [turn for turn in turns if EXPECTED[sentence](turn)]
    rest = [turn for turn in turns if turn is not obeyed[-1]] if obeyed else turns
    return bool(obeyed) and turns[0]["wake_word"] != "" and did_nothing(rest)


def did_nothing(turns: list[Turn]) -> bool:
    """True if no function that changes anything was called."""
    harmless = {"home_get_state", "timer_list", "end_conversation"}
    return all(call["name"] in harmless for turn in turns for call in turn["calls"])
