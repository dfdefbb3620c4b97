"""What the model is told of a call: short JSON that never claims more than is proven.

Source: home.md section 9. `ok` is true only for done, already and in_progress.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import groupby
from typing import Any

from assistant.home.devices import Attribute, Device, Kind

Value = str | float
"""A reading or a wish: a word, or a number in the units of `Attribute`."""

State = Mapping[Attribute, Value]
LIMIT_BYTES = 1024
_MESSAGE_LIMIT = 200
_SHORTENED = ("devices", "done", "started", "failed", "candidates")


class Status(StrEnum):
    """How a call ended; the words are those that the model sees."""

    DONE = "done"
    ALREADY = "already"
    IN_PROGRESS = "in_progress"
    SENT_UNCONFIRMED = "sent_unconfirmed"
    TIMEOUT = "timeout"
    MISMATCH = "mismatch"
    DEVICE_FAILED = "device_failed"
    NO_LISTENER = "no_listener"
    UNAVAILABLE = "unavailable"
    OFFLINE = "offline"
    DENIED_BY_BROKER = "denied_by_broker"
    DENIED = "denied"
    RATE_LIMITED = "rate_limited"
    NEEDS_CONFIRMATION = "needs_confirmation"
    AMBIGUOUS = "ambiguous"
    NOT_FOUND = "not_found"
    INVALID = "invalid"


_FINISHED = frozenset({Status.DONE, Status.ALREADY})
SUCCESSES = _FINISHED | {Status.IN_PROGRESS}

MEANINGS: Mapping[Status, str] = {
    Status.IN_PROGRESS: "It has started; it is not finished yet.",
    Status.SENT_UNCONFIRMED: "Sent; the device gives no feedback, so nobody knows if it worked.",
    Status.TIMEOUT: "The device did not answer; it may still happen.",
    Status.MISMATCH: "Not done: the device reports another state.",
    Status.DEVICE_FAILED: "Not done: the gateway says that the device failed.",
    Status.NO_LISTENER: "Not done: nothing listens at the device's address.",
    Status.UNAVAILABLE: "Not done: the device is offline.",
    Status.OFFLINE: "Not done: the smart home connection is down.",
    Status.DENIED_BY_BROKER: "Not done: the MQTT broker forbids this to the assistant.",
    Status.DENIED: "Not done: this is not allowed.",
    Status.RATE_LIMITED: "Not done: too many commands; wait a moment.",
}
"""What the model may say where a bare status would tempt it to claim more."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """A call that reaches no device, and why: a value, not an exception."""

    status: Status
    message: str = ""
    candidates: tuple[str, ...] = ()
    confirmation_id: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one device, with its state as far as the device itself told it."""

    name: str
    status: Status
    state: State = field(default_factory=dict)
    message: str = ""


def refusal_text(refusal: Refusal) -> str:
    """The JSON of a refusal."""
    answer: dict[str, Any] = {"ok": False, "status": refusal.status.value}
    message = refusal.message or MEANINGS.get(refusal.status, "")
    answer["message"] = message[:_MESSAGE_LIMIT]
    if refusal.candidates:
        answer["candidates"] = list(refusal.candidates)
    if refusal.confirmation_id:
        answer["confirmation_id"] = refusal.confirmation_id
    return _bounded(answer)


def outcome_text(outcomes: Sequence[Outcome], elapsed_ms: int) -> str:
    """The JSON of one device's outcome, or of a group's: what is done, started and failed."""
    if len(outcomes) == 1:
        return _bounded(_single(outcomes[0], elapsed_ms))
    return _bounded(_group(outcomes, elapsed_ms))


def states_text(devices: Sequence[tuple[Device, State | None]]) -> str:
    """The JSON of what is known about devices; state None means that the device is offline."""
    if len(devices) == 1 and not devices[0][1]:
        return refusal_text(_unknown(*devices[0]))
    report = _full_report if len(devices) <= 4 else _brief_report
    ordered = sorted(devices, key=lambda entry: not _is_active(entry[1]))
    entries = [report(device, state) for device, state in ordered]
    return _bounded({"ok": True, "status": Status.DONE.value, "devices": entries})


def _single(outcome: Outcome, elapsed_ms: int) -> dict[str, Any]:
    answer: dict[str, Any] = {
        "ok": outcome.status in SUCCESSES,
        "status": outcome.status.value,
        "devices": [{"name": outcome.name, "state": dict(outcome.state)}],
        "ms": elapsed_ms,
    }
    if message := outcome.message or MEANINGS.get(outcome.status, ""):
        answer["message"] = message[:_MESSAGE_LIMIT]
    return answer


def _group(outcomes: Sequence[Outcome], elapsed_ms: int) -> dict[str, Any]:
    done = [one.name for one in outcomes if one.status in _FINISHED]
    started = [one.name for one in outcomes if one.status is Status.IN_PROGRESS]
    failed = [one for one in outcomes if one.status not in SUCCESSES]
    status = _shared_status(failed or outcomes)
    answer: dict[str, Any] = {
        "ok": not failed,
        "status": status.value,
        "done": done,
        **({"started": started} if started else {}),
        "failed": [{"name": one.name, "why": one.status.value} for one in failed],
        "ms": elapsed_ms,
    }
    if status in MEANINGS and not (failed and (done or started)):
        answer["message"] = MEANINGS[status]
    return answer


def _shared_status(outcomes: Sequence[Outcome]) -> Status:
    """The least finished of successes (done if none is better known), the commonest of failures."""
    found = sorted(outcome.status for outcome in outcomes)
    if Status.IN_PROGRESS in found:
        return Status.IN_PROGRESS
    runs = [(len(list(run)), status) for status, run in groupby(found)]
    if {status for _, status in runs} <= SUCCESSES and len(runs) > 1:
        return Status.DONE
    return max(runs, key=lambda run: run[0])[1]


def _unknown(device: Device, state: State | None) -> Refusal:
    if state is None:
        return Refusal(Status.UNAVAILABLE, f"{device.name} is offline; its state is not known.")
    return Refusal(Status.TIMEOUT, f"{device.name} has not reported a state yet.")


def _full_report(device: Device, state: State | None) -> dict[str, Any]:
    entry: dict[str, Any] = {"name": device.name}
    if device.area:
        entry["area"] = device.area
    entry["state"] = "offline" if state is None else dict(state)
    return entry


def _brief_report(device: Device, state: State | None) -> dict[str, Any]:
    if state is None:
        return {"name": device.name, "state": "offline"}
    chief = [attribute for attribute in _CHIEF[device.kind] if attribute in state][:1]
    return {"name": device.name, "state": {attribute: state[attribute] for attribute in chief}}


_MEASURED = (Attribute.TEMPERATURE, Attribute.HUMIDITY, Attribute.VALUE)
_CHIEF: Mapping[Kind, tuple[Attribute, ...]] = {
    Kind.LIGHT: (Attribute.POWER, Attribute.BRIGHTNESS),
    Kind.SWITCH: (Attribute.POWER,),
    Kind.FAN: (Attribute.POWER, Attribute.SPEED),
    Kind.COVER: (Attribute.MOVE, Attribute.POSITION),
    Kind.CLIMATE: (Attribute.TARGET_TEMPERATURE, Attribute.TEMPERATURE, Attribute.MODE),
    Kind.LOCK: (Attribute.LOCK,),
    Kind.SENSOR: _MEASURED,
    Kind.SCENE: (Attribute.ACTION,),
    Kind.VACUUM: (Attribute.ACTION, Attribute.POWER),
    Kind.ALARM: (Attribute.ACTION,),
    Kind.MEDIA: (Attribute.ACTION, Attribute.POWER),
}
_ACTIVE = frozenset({"on", "open", "opening", "unlocked", "playing", "cleaning", "jammed"})


def _is_active(state: State | None) -> bool:
    """True for what somebody who asks about a group most wants to hear of."""
    return state is not None and any(value in _ACTIVE for value in state.values())


def _bounded(answer: dict[str, Any]) -> str:
    """The JSON in at most 1 kB of UTF-8; lists lose their ends, and `more` counts the loss."""
    text = _compact(answer)
    while len(text.encode()) > LIMIT_BYTES:
        longest = max(_SHORTENED, key=_length_in(answer))
        if not answer.get(longest):
            return _compact({"ok": answer["ok"], "status": answer["status"]})
        answer[longest] = answer[longest][:-1]
        answer["more"] = answer.get("more", 0) + 1
        text = _compact(answer)
    return text


def _length_in(answer: Mapping[str, Any]) -> Callable[[str], int]:
    return lambda key: len(answer.get(key, ()))


def _compact(answer: Mapping[str, Any]) -> str:
    return json.dumps(answer, ensure_ascii=False, separators=(",", ":"))
