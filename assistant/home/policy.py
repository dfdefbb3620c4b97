"""What is allowed: risk classes, rate limits, and confirmations that only the user can give.

Source: home.md section 10. Time is an argument; ids come from an injected function.
"""

import re
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from assistant.home.changes import Change
from assistant.home.devices import Attribute, Device, Kind, Risk
from assistant.home.hazards import is_harmful_when_on, lets_people_in
from assistant.home.outcomes import Refusal, State, Status
from assistant.home.requests import UserTurn
from assistant.units import Seconds


@dataclass(frozen=True, slots=True)
class PolicyLimits:
    """How much is allowed, and how long a question stands."""

    per_device: int = 6
    device_window: Seconds = Seconds(10)
    per_minute: int = 30
    risky_requests: int = 3
    risky_window: Seconds = Seconds(600)
    lockout: Seconds = Seconds(600)
    question_lasts: Seconds = Seconds(20)
    speech_ms: int = 400
    most_devices: int = 8
    most_degrees: float = 5.0


@dataclass(frozen=True, slots=True)
class Intention:
    """What a call would do, with everything that the judgement needs."""

    function: str
    changes: tuple[Change, ...]
    states: Mapping[str, State] = field(default_factory=dict)
    """Device id → last known state."""


@dataclass(frozen=True, slots=True)
class Permission:
    """These changes may be carried out, now and once."""

    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class _Question:
    intention: Intention
    turn: UserTurn
    asked_at: Seconds


class Policy:
    """Judges intentions; remembers what was asked and how often."""

    def __init__(self, new_id: Callable[[], str], limits: PolicyLimits | None = None) -> None:
        self._new_id = new_id
        self._limits = limits or PolicyLimits()
        self._commands: deque[Seconds] = deque()
        self._by_device: dict[str, deque[Seconds]] = {}
        self._risky: deque[Seconds] = deque()
        self._locked_until = Seconds(0)
        self._questions: dict[str, _Question] = {}
        self._turn: tuple[int, int] | None = None
        self._starts: dict[str, float] = {}
        """Device id → the temperature it was set to when the present turn first concerned it."""

    def judge(self, intention: Intention, turn: UserTurn, now: Seconds) -> Permission | Refusal:
        """Permit, ask for a confirmation, or refuse."""
        risks = [risk_of(change) for change in intention.changes]
        if Risk.NEVER in risks:
            return Refusal(Status.DENIED, "The owner does not allow this by voice.")
        if self._is_too_fast(intention, now):
            return Refusal(Status.RATE_LIMITED)
        self._count(intention, now)
        self._note_starts(intention, turn)
        if Risk.CONFIRM in risks or self._is_out_of_bounds(intention):
            return self._ask(intention, turn, now)
        return Permission(intention.changes)

    def confirm(
        self, confirmation_id: str, turn: UserTurn, now: Seconds, *, approved: bool
    ) -> Permission | Refusal:
        """Take the user's answer to a question; an approval works once, in a new turn only."""
        self._drop_stale_questions(now)
        question = self._questions.get(confirmation_id)
        if question is None or question.turn.conversation != turn.conversation:
            return Refusal(Status.DENIED, "There is no such open question; ask again.")
        if not approved:
            del self._questions[confirmation_id]
            return Refusal(Status.DENIED, "Cancelled; nothing was changed.")
        if objection := self._objection_to(question, turn):
            return Refusal(Status.DENIED, objection)
        del self._questions[confirmation_id]
        if _says_no(turn.transcript):
            return Refusal(Status.DENIED, "The user said no; nothing was changed.")
        self._note_starts(question.intention, turn)
        return Permission(question.intention.changes)

    def _objection_to(self, question: _Question, turn: UserTurn) -> str:
        """Why this turn cannot be the answer to the question; empty if it can."""
        if turn.number <= question.turn.number:
            return "Only the user can confirm: ask, and wait for the user's answer."
        if not turn.after_question:
            return "The user has not heard the question yet: ask, and wait for the answer."
        if not turn.transcript.strip() and turn.speech_ms < self._limits.speech_ms:
            return "The user has not answered yet."
        return ""

    def _ask(self, intention: Intention, turn: UserTurn, now: Seconds) -> Refusal:
        if now < self._locked_until:
            return Refusal(Status.DENIED, "Too many risky requests; this is locked for a while.")
        _forget(self._risky, now - self._limits.risky_window)
        if len(self._risky) >= self._limits.risky_requests:
            self._locked_until = Seconds(now + self._limits.lockout)
            self._questions.clear()
            return Refusal(Status.DENIED, "Too many risky requests; this is locked for a while.")
        self._risky.append(now)
        self._drop_stale_questions(now)
        confirmation_id = self._new_id()
        self._questions[confirmation_id] = _Question(intention, turn, now)
        return Refusal(
            Status.NEEDS_CONFIRMATION,
            f"Ask the user to confirm: {_described(intention)}",
            confirmation_id=confirmation_id,
        )

    def _is_too_fast(self, intention: Intention, now: Seconds) -> bool:
        _forget(self._commands, now - 60)
        if len(self._commands) >= self._limits.per_minute:
            return True
        return any(
            len(self._recent(change.device.id, now)) >= self._limits.per_device
            for change in intention.changes
        )

    def _recent(self, device_id: str, now: Seconds) -> deque[Seconds]:
        times = self._by_device.setdefault(device_id, deque())
        _forget(times, now - self._limits.device_window)
        return times

    def _count(self, intention: Intention, now: Seconds) -> None:
        """A group is one command, and one for each of its devices."""
        self._commands.append(now)
        for change in intention.changes:
            self._recent(change.device.id, now).append(now)

    def _is_out_of_bounds(self, intention: Intention) -> bool:
        starting = [change for change in intention.changes if not is_quieting(change)]
        if len(starting) > self._limits.most_devices:
            return True
        return any(map(self._is_a_leap, starting))

    def _note_starts(self, intention: Intention, turn: UserTurn) -> None:
        """Eight small steps in one turn are one leap: all are measured from where it began."""
        key = (turn.conversation, turn.number)
        if key != self._turn:
            self._turn = key
            self._starts.clear()
        for device_id, state in intention.states.items():
            present = state.get(Attribute.TARGET_TEMPERATURE)
            if isinstance(present, int | float):
                self._starts.setdefault(device_id, present)

    def _is_a_leap(self, change: Change) -> bool:
        """Without a known setting, every one that the device can have may be the present one."""
        wanted = change.values.get(Attribute.TARGET_TEMPERATURE)
        if not isinstance(wanted, int | float):
            return False
        channel = change.device.channels[Attribute.TARGET_TEMPERATURE]
        start = self._starts.get(change.device.id)
        starts = (channel.minimum, channel.maximum) if start is None else (start,)
        return any(abs(wanted - begun) > self._limits.most_degrees for begun in starts)

    def _drop_stale_questions(self, now: Seconds) -> None:
        oldest = now - self._limits.question_lasts
        self._questions = {
            name: question
            for name, question in self._questions.items()
            if question.asked_at >= oldest
        }


def risk_of(change: Change) -> Risk:
    """The risk of one change: the owner's word first, then kind, class, name and direction."""
    device = change.device
    if device.risk in {Risk.NEVER, Risk.FREE}:
        return device.risk
    if is_quieting(change) and not _has_no_safe_direction(device):
        return Risk.FREE
    return device.risk or _natural_risk(device)


def _has_no_safe_direction(device: Device) -> bool:
    """A relay that pulses a garage door opens it by either word; so may what the owner guards."""
    if device.risk is None:
        return device.kind is Kind.SWITCH and lets_people_in(device)
    return device.risk is Risk.CONFIRM and device.kind not in _GUARDED


def is_quieting(change: Change) -> bool:
    """True if a change only makes the home quieter or safer: off, close, lock, arm, stop.

    A toggle counts as its riskier direction.
    """
    return not change.toggled and all(
        value in _QUIET.get(attribute, ()) for attribute, value in change.values.items()
    )


_GUARDED = frozenset({Kind.LOCK, Kind.COVER, Kind.ALARM})
"""Kinds with a direction that is safe by nature, whatever the owner says of the other."""

_QUIET: Mapping[Attribute, frozenset[str | float]] = {
    Attribute.POWER: frozenset({"off"}),
    Attribute.MODE: frozenset({"off"}),
    Attribute.SPEED: frozenset({0.0}),
    Attribute.MOVE: frozenset({"close", "stop"}),
    Attribute.POSITION: frozenset({0.0}),
    Attribute.LOCK: frozenset({"lock"}),
    Attribute.ACTION: frozenset({"stop", "pause", "dock", "arm_home", "arm_away", "arm_night"}),
}


def _natural_risk(device: Device) -> Risk:
    if device.kind in {Kind.LOCK, Kind.ALARM}:
        return Risk.CONFIRM
    if lets_people_in(device) or is_harmful_when_on(device):
        return Risk.CONFIRM
    return Risk.BOUNDED if device.kind in {Kind.COVER, Kind.CLIMATE} else Risk.FREE


def _described(intention: Intention) -> str:
    """The question's subject in words, such as "unlock back door?"."""
    first = intention.changes[0]
    who = first.device.name
    if len(intention.changes) > 1:
        who = f"{len(intention.changes)} devices, among them {who}"
    attribute, value = next(iter(first.values.items()))
    if isinstance(value, str) and attribute is not Attribute.POWER:
        return f"{value.replace('_', ' ')} {who}?"
    return f"switch {value} {who}?" if isinstance(value, str) else f"set {who} to {value:g}?"


def _says_no(transcript: str) -> bool:
    words = re.findall(r"[a-z']+", transcript.casefold())
    return bool(_NO.intersection(words))


_NO = frozenset({"no", "nope", "not", "don't", "dont", "never", "cancel", "nein", "abort"})


def _forget(times: deque[Seconds], before: float) -> None:
    while times and times[0] <= before:
        times.popleft()
