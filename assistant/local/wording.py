"""Outcomes as short natural sentences; nothing is called done that is not proven to be."""

from collections.abc import Mapping, Sequence
from typing import Any

from assistant.home.devices import Attribute
from assistant.local.answers import answer_to, unknown_state
from assistant.local.outcomes import Outcome
from assistant.local.phrases import (
    State,
    clause,
    duration,
    finite_number,
    joined_clauses,
    predicate_of,
    sentence,
    state_predicates,
    subject_of,
    the,
)
from assistant.local.reading import WantedCall
from assistant.local.spoken import in_words, listed

UNPROVEN = "I can't tell whether that worked."
LEFT_ALONE = "Okay, I leave it as it is."

_PROVEN = frozenset({"done", "already"})
_FAILURES: Mapping[str, str] = {
    "sent_unconfirmed": "I sent it to {it}, but it gives no feedback",
    "timeout": "{it} did not answer, it may still happen",
    "mismatch": "{it} did not do it",
    "device_failed": "{it} reported a failure",
    "no_listener": "{it} does not listen",
    "unavailable": "{it} can't be reached",
    "offline": "I can't reach the home right now",
    "denied_by_broker": "the broker does not let me control {it}",
    "denied": "I am not allowed to do that with {it}",
    "rate_limited": "that was too much at once, please wait a moment",
    "not_found": "I found nothing called {it}",
    "invalid": "that does not work with {it}",
}
_TELLING = frozenset({"denied", "not_found", "invalid"})
"""Statuses whose own message says more than ours."""
_LAST_WORDS: Mapping[str, str] = {"mismatch": "is still ", "timeout": "is last known to be "}
"""How the state is told that a device has reported, now or before it fell silent."""
_MOVING: Mapping[str, str] = {
    "open": "is opening",
    "close": "is closing",
    "lock": "is locking",
    "unlock": "is unlocking",
    "arm_home": "is arming",
    "arm_away": "is arming",
    "arm_night": "is arming",
    "disarm": "is disarming",
    "start": "is starting",
    "dock": "is returning to the dock",
}
_ACTED: Mapping[str, str] = {
    "play": "is playing",
    "pause": "is paused",
    "stop": "is stopped",
    "next": "is on the next track",
    "previous": "is on the previous track",
    "start": "is running",
    "dock": "is docked",
    "open": "is open",
    "close": "is closed",
    "lock": "is locked",
    "unlock": "is unlocked",
    "arm_home": "is armed",
    "arm_away": "is armed",
    "arm_night": "is armed",
    "disarm": "is disarmed",
}
_UNSAID = "is set"
"""What is said of a group's members that did something for which we have no words."""
_ARGUMENT_ATTRIBUTES: Mapping[str, Attribute] = {
    "state": Attribute.POWER,
    "brightness_pct": Attribute.BRIGHTNESS,
    "brightness_step_pct": Attribute.BRIGHTNESS,
    "color": Attribute.COLOR,
    "color_temp_k": Attribute.COLOR_TEMP,
    "position_pct": Attribute.POSITION,
    "temperature_c": Attribute.TARGET_TEMPERATURE,
    "temperature_step_c": Attribute.TARGET_TEMPERATURE,
    "percentage": Attribute.SPEED,
    "mode": Attribute.MODE,
}
_STEPS: Mapping[str, tuple[str, str]] = {
    "brightness_step_pct": ("is dimmer", "is brighter"),
    "temperature_step_c": ("is set lower", "is set higher"),
}
_ACTION_ATTRIBUTES = (Attribute.MOVE, Attribute.LOCK, Attribute.ACTION)
_VERBS: Mapping[str, str] = {
    "arm_home": "arm",
    "arm_away": "arm",
    "arm_night": "arm",
    "dock": "dock",
}


def worded(call: WantedCall, outcome: Outcome) -> str:
    """One short answer for one outcome of a call."""
    if call.name.startswith("timer_"):
        return _of_timer(call, outcome)
    if call.name == "home_get_state":
        return _of_question(call, outcome)
    if outcome.done or outcome.started or outcome.failed:
        return _of_group(call, outcome)
    if outcome.status in _PROVEN:
        return _of_success(call, outcome)
    if outcome.status == "in_progress":
        return sentence(clause(_names(call, outcome), _moving(call)))
    return _of_failure(call, outcome)


def question_for(call: WantedCall) -> str:
    """The question before something that can do harm: "Unlock the back door?"."""
    action = call.arguments.get("action")
    thing = target_in_words(call.arguments.get("target", {}))
    if call.name == "home_turn":
        return f"Turn {call.arguments.get('state')} {thing}?"
    if isinstance(action, str):
        return f"{_VERBS.get(action, action).capitalize()} {thing}?"
    return f"Shall I really change {thing}?"


def target_in_words(target: Mapping[str, Any]) -> str:
    """What a call is about, as one would say it."""
    place = f" in {the(target['area'])}" if "area" in target else ""
    if "name" in target:
        return f"{the(target['name'])}{place}"
    if "domain" in target:
        every = "all " if target.get("all") and not place else ""
        return f"{every}the {target['domain']}s{place}"
    return f"everything{place}"


def _of_success(call: WantedCall, outcome: Outcome) -> str:
    devices = outcome.devices or ((_only_name(call), {}),)
    said = [(name, _predicate(call, state)) for name, state in devices if name]
    if outcome.status == "already":
        said = [(name, what.replace("is ", "is already ", 1)) for name, what in said]
    return joined_clauses((name, what) for name, what in said if what) or "Done."


def _of_question(call: WantedCall, outcome: Outcome) -> str:
    if outcome.status in _PROVEN:
        told = answer_to(call.asks, outcome.devices)
        return f"{told} And {in_words(outcome.more)} more." if 0 < outcome.more < 999 else told
    if outcome.status == "timeout":
        return unknown_state(_only_name(call) or "devices")
    return _of_failure(call, outcome)


def _of_group(call: WantedCall, outcome: Outcome) -> str:
    said = [(name, _predicate(call, state) or _UNSAID) for name, state in outcome.done]
    said += [(name, _moving(call)) for name in outcome.started]
    reasons: dict[str, list[str]] = {}
    for name, why in outcome.failed:
        reasons.setdefault(why, []).append(name)
    failed = (sentence(_failure(why, subject_of(names))) for why, names in reasons.items())
    return " ".join(filter(None, (joined_clauses(said), *failed)))


def _of_failure(call: WantedCall, outcome: Outcome) -> str:
    if outcome.status == "ambiguous":
        return _which(outcome)
    if outcome.status not in _FAILURES:
        return UNPROVEN
    told = [_reason(call, outcome)]
    if outcome.status in _LAST_WORDS:
        told.append(joined_clauses(_last_known(call, outcome)))
    if outcome.status == "not_found" and outcome.candidates:
        told.append(f"Did you mean {listed([the(one) for one in outcome.candidates], 'or')}?")
    return " ".join(filter(None, told))


def _reason(call: WantedCall, outcome: Outcome) -> str:
    thing = target_in_words(call.arguments.get("target", {}))
    if outcome.devices:
        thing = subject_of([name for name, _ in outcome.devices])
    reason = _failure(outcome.status, thing)
    if outcome.status in _TELLING and outcome.message:
        reason = outcome.message
    return sentence(reason)


def _of_timer(call: WantedCall, outcome: Outcome) -> str:
    timer = f"the {call.arguments['name']} timer" if "name" in call.arguments else "the timer"
    if outcome.status not in _PROVEN:
        return _of_failure(call, outcome)
    if call.name == "timer_start":
        return sentence(f"{timer} is set for {duration(call.arguments['seconds'])}")
    if call.name == "timer_cancel":
        return sentence(f"{timer} is cancelled")
    return _running_timers(outcome.timers)


def _running_timers(timers: Sequence[Mapping[str, Any]]) -> str:
    told = [_running_timer(timer) for timer in timers]
    return " ".join(told) or "No timer is running."


def _running_timer(timer: Mapping[str, Any]) -> str:
    named = timer.get("name")
    spoken = f"the {named} timer" if isinstance(named, str) and named else "the timer"
    left = finite_number(timer.get("seconds_left"))
    return sentence(f"{spoken} has {duration(left)} left" if left is not None
                    else f"{spoken} is running")  # fmt: skip


def _predicate(call: WantedCall, state: State) -> str:
    for attribute in _attributes(call):
        if state.get(attribute) is not None:
            return predicate_of(attribute, state[attribute])
    told = state_predicates(state)
    return told[0] if told else _requested(call)


def _requested(call: WantedCall) -> str:
    """What the call asked for; only said of devices whose state was confirmed."""
    if call.name == "home_activate":
        return "is on"
    for argument, value in call.arguments.items():
        if argument in _STEPS:
            return _STEPS[argument][value > 0]
        if argument in _ARGUMENT_ATTRIBUTES and value != "toggle":
            return predicate_of(_ARGUMENT_ATTRIBUTES[argument], value)
    return _ACTED.get(str(call.arguments.get("action")), "")


def _attributes(call: WantedCall) -> tuple[Attribute, ...]:
    asked = (_ARGUMENT_ATTRIBUTES.get(argument) for argument in call.arguments)
    known = tuple(attribute for attribute in asked if attribute is not None)
    return known or _ACTION_ATTRIBUTES


def _moving(call: WantedCall) -> str:
    if "position_pct" in call.arguments:
        return "is moving"
    return _MOVING.get(str(call.arguments.get("action")), "has started")


def _names(call: WantedCall, outcome: Outcome) -> list[str]:
    named = [name for name, _ in outcome.devices if name]
    return named or [target_in_words(call.arguments.get("target", {}))]


def _only_name(call: WantedCall) -> str:
    return str(call.arguments.get("target", {}).get("name", ""))


def _last_known(call: WantedCall, outcome: Outcome) -> list[tuple[str, str]]:
    said = ((name, _known_predicate(call, state)) for name, state in outcome.devices)
    words = _LAST_WORDS[outcome.status]
    return [(name, what.replace("is ", words, 1)) for name, what in said if what]


def _known_predicate(call: WantedCall, state: State) -> str:
    return _predicate(call, state) if state_predicates(state) else ""


def _which(outcome: Outcome) -> str:
    if not outcome.candidates:
        return "I don't know which one you mean."
    return f"Which one: {listed([the(one) for one in outcome.candidates], 'or')}?"


def _failure(why: str, thing: str) -> str:
    return _FAILURES.get(why, "I can't tell what {it} did").format_map({"it": thing})
