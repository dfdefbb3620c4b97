"""The one table of what can be said offline; trie sentences and hassil templates come from it.

Intent names are those of Home Assistant where it has them: on a lock `HassTurnOn` locks, on a
cover it opens. Slots are spelled `{list:slot}`; the lists are `name`, `area` and those of
`NUMBERS` and `WORDS`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from assistant.home.devices import Attribute, Kind

NUMBERS: Mapping[str, tuple[int, ...]] = {
    "percent": (*range(10), *range(10, 101, 5)),
    "degrees": tuple(range(5, 31)),
    "seconds": tuple(range(5, 60, 5)),
    "minutes": (*range(1, 31), *range(35, 100, 5)),
    "few_minutes": (*range(1, 11), *range(15, 65, 5)),
    "more_minutes": tuple(range(5, 60, 5)),
    "hours": tuple(range(1, 13)),
}
"""The whole numbers that people say; free text is read for all others in between."""

_COLORS = ("red", "green", "blue", "white", "yellow", "orange", "purple", "pink", "cyan")
_TIMERS = ("tea", "coffee", "egg", "pasta", "pizza", "rice", "oven", "laundry", "bread", "nap")

WORDS: Mapping[str, Mapping[str, object]] = {
    "color": {color: color for color in _COLORS},
    "tint": {"warm white": 2700, "cool white": 4000, "daylight": 6500},
    "timer": {timer: timer for timer in _TIMERS},
}
"""Words that stand for values, as the functions want them."""


@dataclass(frozen=True, slots=True)
class Row:
    """Templates with one meaning. `kinds` are the devices that `{name}` may stand for.

    `needs` leaves out devices that lack an attribute; `slots` are constants of the meaning;
    `joins` lets the first wording stand beside another command ("… and …").
    """

    intent: str
    templates: tuple[str, ...]
    kinds: tuple[Kind, ...] = ()
    needs: Attribute | None = None
    slots: Mapping[str, object] = field(default_factory=dict)
    joins: bool = False


_ALL_LIGHTS: Mapping[str, object] = {"domain": "light", "all": True}
_SWITCHED = (Kind.LIGHT, Kind.SWITCH, Kind.FAN)
_HEATING = (Kind.CLIMATE,)
_HALF = {"position": 50}
_UP, _DOWN = {"step": 20}, {"step": -20}
_WARMER, _COLDER = {"step": 1}, {"step": -1}

SWITCHING = (
    Row("HassTurnOn", ("(turn|switch) on [the] {name}", "(turn|switch) [the] {name} on",
        "(turn|switch) on [the] {name} in the {area}"), _SWITCHED, joins=True),
    Row("HassTurnOff", ("(turn|switch) off [the] {name}", "(turn|switch) [the] {name} off",
        "(turn|switch) off [the] {name} in the {area}"), _SWITCHED, joins=True),
    Row("HassTurnOn", ("turn on the {name} and the {name}",), _SWITCHED),
    Row("HassTurnOff", ("turn off the {name} and the {name}",), _SWITCHED),
    Row("HassTurnOn", ("turn on [the] {name}", "turn [the] {name} on"), (Kind.CLIMATE,)),
    Row("HassTurnOff", ("turn off [the] {name}", "turn [the] {name} off"),
        (Kind.CLIMATE, Kind.MEDIA, Kind.VACUUM)),
    Row("HassTurnOn", ("(turn|switch) on all [the] lights", "(turn|switch) all [the] lights on"),
        slots=_ALL_LIGHTS, joins=True),
    Row("HassTurnOff", ("(turn|switch) off all [the] lights",
        "(turn|switch) all [the] lights off"), slots=_ALL_LIGHTS, joins=True),
    Row("HassTurnOn", ("(turn|switch) on the lights", "(turn|switch) the lights on"),
        slots={"domain": "light"}),
    Row("HassTurnOff", ("(turn|switch) off the lights", "(turn|switch) the lights off",
        "lights off"), slots={"domain": "light"}),
    Row("HassTurnOn", ("turn on [all] the lights in the {area}",
        "turn on [all] the {area} lights", "turn the {area} lights on"),
        (Kind.LIGHT,), slots=_ALL_LIGHTS),
    Row("HassTurnOff", ("turn off [all] the lights in the {area}",
        "turn off [all] the {area} lights", "turn the {area} lights off"),
        (Kind.LIGHT,), slots=_ALL_LIGHTS),
    Row("HassTurnOn", ("(turn|switch) everything on", "(turn|switch) on everything"),
        slots={"all": True}),
    Row("HassTurnOff", ("(turn|switch) everything off", "(turn|switch) off everything"),
        slots={"all": True}, joins=True),
    Row("HassTurnOff", ("turn off everything in the {area}", "turn everything off in the {area}"),
        _SWITCHED, slots={"all": True}),
)  # fmt: skip

LIGHTS = (
    Row("HassLightSet", ("(set|dim|turn) [the] {name} to {percent:brightness} percent",
        "set the brightness of [the] {name} to {percent:brightness} percent"),
        (Kind.LIGHT,), Attribute.BRIGHTNESS),
    Row("HassLightSet", ("set the lights in the {area} to {percent:brightness} percent",
        "set the {area} lights to {percent:brightness} percent"),
        (Kind.LIGHT,), Attribute.BRIGHTNESS, slots=_ALL_LIGHTS),
    Row("HassLightSet", ("(set|turn|change) [the] {name} to {color}", "make [the] {name} {color}"),
        (Kind.LIGHT,), Attribute.COLOR),
    Row("HassLightSet", ("(set|turn) [the] {name} to {tint:temperature}",
        "make [the] {name} {tint:temperature}"), (Kind.LIGHT,), Attribute.COLOR_TEMP),
    Row("LightStep", ("(dim|lower) [the] {name}", "make [the] {name} (dimmer|darker)",
        "turn [the] {name} down", "turn down [the] {name}"),
        (Kind.LIGHT,), Attribute.BRIGHTNESS, slots=_DOWN),
    Row("LightStep", ("brighten [the] {name}", "make [the] {name} brighter",
        "turn [the] {name} up", "turn up [the] {name}"),
        (Kind.LIGHT,), Attribute.BRIGHTNESS, slots=_UP),
    Row("LightStep", ("(dim|lower) the lights in the {area}", "(dim|lower) the {area} lights"),
        (Kind.LIGHT,), Attribute.BRIGHTNESS, slots={**_ALL_LIGHTS, **_DOWN}),
)  # fmt: skip

COVERS_AND_LOCKS = (
    Row("HassTurnOn", ("(open|raise) [the] {name}", "open [the] {name} in the {area}"),
        (Kind.COVER,), joins=True),
    Row("HassTurnOff", ("(close|shut|lower) [the] {name}", "close [the] {name} in the {area}"),
        (Kind.COVER,), joins=True),
    Row("CoverStop", ("(stop|hold) [the] {name}",), (Kind.COVER,)),
    Row("HassSetPosition", ("(set|open|close) [the] {name} to {percent:position} percent",),
        (Kind.COVER,), Attribute.POSITION),
    Row("HassSetPosition", ("(open|close) [the] {name} (halfway|half way)",
        "half open [the] {name}"), (Kind.COVER,), Attribute.POSITION, slots=_HALF),
    Row("HassTurnOn", ("lock [the] {name}",), (Kind.LOCK,), joins=True),
    Row("HassTurnOff", ("unlock [the] {name}",), (Kind.LOCK,)),
    Row("Arm", ("arm [the] {name}", "arm [the] {name} away"), (Kind.ALARM,),
        slots={"action": "arm_away"}),
    Row("Arm", ("arm [the] {name} [at] home",), (Kind.ALARM,), slots={"action": "arm_home"}),
    Row("Arm", ("arm [the] {name} for the night",), (Kind.ALARM,), slots={"action": "arm_night"}),
    Row("Disarm", ("disarm [the] {name}",), (Kind.ALARM,)),
)  # fmt: skip

CLIMATE_AND_FANS = (
    Row("HassClimateSetTemperature", ("(set|turn) [the] {name} to {degrees:temperature} [degrees]",
        "set the temperature of [the] {name} to {degrees:temperature} [degrees]"),
        _HEATING, Attribute.TARGET_TEMPERATURE),
    Row("HassClimateSetTemperature", ("set the temperature to {degrees:temperature} [degrees]",),
        slots={"domain": "climate"}),
    Row("HassClimateSetTemperature", (
        "set the temperature in the {area} to {degrees:temperature} [degrees]",),
        _HEATING, Attribute.TARGET_TEMPERATURE, slots={"domain": "climate"}),
    Row("ClimateStep", ("turn [the] {name} up", "turn up [the] {name}",
        "make [the] {name} warmer"), _HEATING, Attribute.TARGET_TEMPERATURE, slots=_WARMER),
    Row("ClimateStep", ("turn [the] {name} down", "turn down [the] {name}",
        "make [the] {name} (cooler|colder)"), _HEATING, Attribute.TARGET_TEMPERATURE,
        slots=_COLDER),
    Row("ClimateStep", ("make it [a bit] warmer [in here]",),
        slots={"domain": "climate", **_WARMER}),
    Row("ClimateStep", ("make it [a bit] (cooler|colder) [in here]",),
        slots={"domain": "climate", **_COLDER}),
    Row("ClimateStep", ("make it warmer in the {area}", "make the {area} warmer"),
        _HEATING, slots={"domain": "climate", **_WARMER}),
    Row("ClimateStep", ("make it (cooler|colder) in the {area}", "make the {area} (cooler|colder)"),
        _HEATING, slots={"domain": "climate", **_COLDER}),
    Row("HassFanSetSpeed", ("(set|turn) [the] {name} [speed] to {percent:percentage} percent",
        "set the speed of [the] {name} to {percent:percentage} percent"),
        (Kind.FAN,), Attribute.SPEED),
)  # fmt: skip

HELPERS = (
    Row("HassVacuumStart", ("(start|run) [the] {name}", "turn on [the] {name}"), (Kind.VACUUM,),
        joins=True),
    Row("HassVacuumReturnToBase", ("dock [the] {name}", "send [the] {name} (home|to its base)"),
        (Kind.VACUUM,)),
    Row("VacuumOrder", ("pause [the] {name}",), (Kind.VACUUM,), slots={"action": "pause"}),
    Row("VacuumOrder", ("stop [the] {name}",), (Kind.VACUUM,), slots={"action": "stop"}),
    Row("VacuumOrder", ("(find|locate) [the] {name}",), (Kind.VACUUM,), slots={"action": "locate"}),
    Row("Activate", ("(activate|start|turn on) [the] {name} [scene]",), (Kind.SCENE,), joins=True),
    Row("HassMediaPause", ("pause [the] {name}",), (Kind.MEDIA,), joins=True),
    Row("HassMediaUnpause", ("(play|resume|start|unpause) [the] {name}", "turn on [the] {name}"),
        (Kind.MEDIA,), joins=True),
    Row("MediaStop", ("stop [the] {name}",), (Kind.MEDIA,)),
    Row("HassMediaNext", ("next (song|track)", "(skip|play) the next (song|track)",
        "skip [this] (song|track)"), slots={"domain": "media"}),
    Row("HassMediaPrevious", ("(previous|last) (song|track)", "play the previous (song|track)"),
        slots={"domain": "media"}),
)  # fmt: skip


def _question(kind: Kind, attribute: Attribute, expects: str) -> Row:
    words = expects if expects != "closed" else "(closed|shut)"
    template = f"is [the] {{name}} {words}"
    return Row("HassGetState", (template,), (kind,), attribute, slots={"state": expects})


def _power(expects: str) -> dict[str, object]:
    return {"state": expects, "domain": "light", "all": True}


QUESTIONS = (
    *(_question(kind, Attribute.POWER, word) for kind in _SWITCHED for word in ("on", "off")),
    *(_question(Kind.COVER, Attribute.MOVE, word) for word in ("open", "closed")),
    *(_question(Kind.LOCK, Attribute.LOCK, word) for word in ("locked", "unlocked")),
    Row("HassGetState", ("(what is|what's) the (state|status) of [the] {name}",
        "check [the] {name}"), (*_SWITCHED, Kind.COVER, Kind.LOCK, Kind.CLIMATE, Kind.VACUUM,
        Kind.ALARM, Kind.MEDIA, Kind.SENSOR)),
    Row("HassGetState", ("which lights are on", "(what|which) lights are still on",
        "are (any|all|the) lights on"), slots=_power("on")),
    Row("HassGetState", ("are [all] the doors locked", "is everything locked"),
        slots={"state": "locked", "domain": "lock", "all": True}),
    Row("HassGetState", ("which lights are off", "are (all|the) lights off"), slots=_power("off")),
    Row("HassGetState", ("are [any of] the lights in the {area} on", "are the {area} lights on",
        "which lights are on in the {area}"), (Kind.LIGHT,), slots=_power("on")),
    Row("HassGetState", ("(what's|what is) [the] {name}",), (Kind.SENSOR,)),
    Row("HassGetState", ("how bright is [the] {name}",), (Kind.LIGHT,), Attribute.BRIGHTNESS,
        slots={"asks": Attribute.BRIGHTNESS}),
    Row("HassGetState", ("(what is|what's) [the] {name} set to",), _HEATING,
        slots={"asks": Attribute.TARGET_TEMPERATURE}),
    Row("HassClimateGetTemperature", ("(what's|what is) the temperature in the {area}",
        "(what's|what is) the {area} temperature", "how (warm|cold|hot) is it in the {area}"),
        (Kind.CLIMATE, Kind.SENSOR), Attribute.TEMPERATURE),
    Row("HassClimateGetTemperature", ("(what's|what is) the temperature [inside|in here]",
        "how (warm|cold|hot) is it [inside|in here]")),
)  # fmt: skip

TIMERS = (
    Row("HassStartTimer", ("(set|start) a timer for {minutes} (minute|minutes)",
        "(set|start) a {minutes} minute timer", "timer for {minutes} minutes")),
    Row("HassStartTimer", ("(set|start) a timer for {seconds} seconds",
        "set a {seconds} second timer")),
    Row("HassStartTimer", ("(set|start) a timer for {hours} (hour|hours)",
        "set a {hours} hour timer",
        "set a timer for {hours} (hour|hours) and {more_minutes:minutes} minutes")),
    Row("HassStartTimer", ("(set|start) a timer for half an hour", "set a half hour timer"),
        slots={"minutes": 30}),
    Row("HassStartTimer", ("(set|start) a timer for an hour",), slots={"hours": 1}),
    Row("HassStartTimer", ("(set|start) a timer for an hour and a half",),
        slots={"hours": 1, "minutes": 30}),
    Row("HassStartTimer", ("set a timer for a minute and a half",),
        slots={"minutes": 1, "seconds": 30}),
    Row("HassStartTimer", ("(set|start) a {few_minutes:minutes} minute {timer:timer_name} timer",
        "set a {timer:timer_name} timer for {few_minutes:minutes} minutes")),
    Row("HassCancelTimer", ("(cancel|stop) (the|my) timer", "cancel timer",
        "(cancel|stop) the {timer:timer_name} timer")),
    Row("HassTimerStatus", ("how (much|long) [time] is left on (the|my) timer",
        "how much time is left", "what timers (are there|are running|do i have)",
        "(list|check) (the|my) timers", "how long is left")),
)  # fmt: skip

TALK = (
    Row("HassGetCurrentTime", ("what time is it", "(what's|what is) the time", "tell me the time")),
    Row("HassGetCurrentDate", ("(what's|what is) the date [today]", "what day is it [today]",
        "(what's|what is) today's date", "what is today")),
    Row("Help", ("help", "what can you do", "what can i say", "what do you understand")),
    Row("DescribeHouse", ("tell me about the house", "what devices (are there|do you know)",
        "list [all] [the] devices", "describe the house", "what is in the house")),
    Row("Repeat", ("say that again", "(can you|please) repeat that", "repeat that",
        "what did you say", "say it again")),
    Row("Yes", ("yes", "yes please", "yeah", "yes do it", "do it", "yes i am sure", "confirm")),
    Row("No", ("no", "no thanks", "no thank you", "no don't", "don't", "don't do it")),
    Row("Cancel", ("cancel", "cancel that", "forget it")),
    Row("HassNevermind", ("never mind", "nevermind", "stop", "that's all", "that is all",
        "that will be all", "goodbye", "bye", "be quiet", "stop listening", "go to sleep")),
    Row("Thanks", ("thanks", "thank you", "thank you very much", "that's all thank you")),
)  # fmt: skip

ROWS: tuple[Row, ...] = (
    *SWITCHING, *LIGHTS, *COVERS_AND_LOCKS, *CLIMATE_AND_FANS, *HELPERS, *QUESTIONS, *TIMERS, *TALK,
)  # fmt: skip
"""Everything that can be said, in the order in which it is offered."""

PLAIN_TALK = frozenset(row.intent for row in TALK)
"""Intents that are about the talk itself: no polite wrapper, no second command beside them."""
