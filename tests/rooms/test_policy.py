"""What is free, what is asked, what is refused; and that only the user can say yes."""

import itertools
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)

from assistant.home.changes import Change
from assistant.home.devices import Attribute, Channel, Device, Kind, Risk
from assistant.home.outcomes import Refusal, State, Status
from assistant.home.policy import (
    Intention,
    Permission,
    Policy,
    PolicyLimits,
    is_quieting,
    risk_of,
)
from assistant.home.requests import UserTurn
from assistant.units import Milliseconds, Seconds
from tests.doubles.small_house import (
    ALARM,
    BACK_DOOR,
    BLINDS,
    COFFEE_MAKER,
    DESK_LAMP,
    FAN,
    GARAGE_DOOR,
    MOVIE_NIGHT,
    MUSIC,
    THERMOSTAT,
    VACUUM,
)

A = Attribute
OPENER = replace(COFFEE_MAKER, id="opener", name="garage door")
HEATER = replace(COFFEE_MAKER, id="heater", name="patio heater")
AT_ONCE = Seconds(100.0)
ASKED = UserTurn(conversation=1, number=1)
ANSWER = UserTurn(1, 2, after_question=True, speech_ms=Milliseconds(500), transcript="yes please")


def change(device: Device, **values: Any) -> Change:
    return Change(device, {Attribute(name): value for name, value in values.items()})


def policy(**limits: Any) -> Policy:
    numbers = itertools.count()
    return Policy(lambda: f"id{next(numbers)}", PolicyLimits(**limits))


def judge(
    which: Policy, *changes: Change, now: float = AT_ONCE, states: Mapping[str, State] | None = None
) -> Permission | Refusal:
    return which.judge(Intention("f", changes, states or {}), ASKED, Seconds(now))


def status_of(verdict: Permission | Refusal) -> Status | None:
    return verdict.status if isinstance(verdict, Refusal) else None


UNLOCK = change(BACK_DOOR, lock="unlock")

# ------------------------------------------------------------------ risk


@pytest.mark.parametrize(
    ("what", "risk"),
    [
        (change(DESK_LAMP, power="on"), Risk.FREE),
        (change(COFFEE_MAKER, power="on"), Risk.FREE),
        (change(HEATER, power="on"), Risk.CONFIRM),
        (change(HEATER, power="off"), Risk.FREE),
        (Change(HEATER, {A.POWER: "off"}, toggled=True), Risk.CONFIRM),
        (change(replace(COFFEE_MAKER, device_class="oven"), power="on"), Risk.CONFIRM),
        (change(replace(COFFEE_MAKER, name="main valve"), power="on"), Risk.CONFIRM),
        (change(OPENER, power="on"), Risk.CONFIRM),
        (change(OPENER, power="off"), Risk.CONFIRM),
        (Change(OPENER, {A.POWER: "off"}, toggled=True), Risk.CONFIRM),
        (change(replace(OPENER, device_class="outlet"), power="off"), Risk.CONFIRM),
        (change(FAN, speed=100.0), Risk.FREE),
        (change(MOVIE_NIGHT, action="activate"), Risk.FREE),
        (change(VACUUM, action="start"), Risk.FREE),
        (change(MUSIC, action="play"), Risk.FREE),
        (change(BLINDS, move="open"), Risk.BOUNDED),
        (change(GARAGE_DOOR, move="open"), Risk.CONFIRM),
        (change(GARAGE_DOOR, position=10.0), Risk.CONFIRM),
        (change(GARAGE_DOOR, move="close"), Risk.FREE),
        (change(GARAGE_DOOR, move="stop"), Risk.FREE),
        (change(GARAGE_DOOR, position=0.0), Risk.FREE),
        (change(replace(BLINDS, aliases=("gate",)), move="open"), Risk.CONFIRM),
        (change(replace(BLINDS, device_class="garage"), move="open"), Risk.CONFIRM),
        (change(replace(GARAGE_DOOR, device_class="curtain"), move="open"), Risk.BOUNDED),
        (change(THERMOSTAT, target_temperature=21.0), Risk.BOUNDED),
        (change(BACK_DOOR, lock="lock"), Risk.FREE),
        (change(BACK_DOOR, lock="unlock"), Risk.CONFIRM),
        (change(BACK_DOOR, lock="open"), Risk.CONFIRM),
        (change(ALARM, action="arm_away"), Risk.FREE),
        (change(ALARM, action="disarm"), Risk.CONFIRM),
    ],
)
def test_risk_follows_kind_name_and_direction(what: Change, risk: Risk) -> None:
    assert risk_of(what) is risk


def test_the_owners_word_goes_first() -> None:
    def owned(device: Device, risk: Risk, **values: Any) -> Risk:
        return risk_of(change(replace(device, risk=risk), **values))

    assert owned(BACK_DOOR, Risk.FREE, lock="unlock") is Risk.FREE
    assert owned(DESK_LAMP, Risk.NEVER, power="off") is Risk.NEVER
    assert owned(DESK_LAMP, Risk.CONFIRM, power="off") is Risk.CONFIRM
    assert owned(BACK_DOOR, Risk.CONFIRM, lock="lock") is Risk.FREE
    assert owned(BACK_DOOR, Risk.BOUNDED, lock="unlock") is Risk.BOUNDED
    assert owned(OPENER, Risk.FREE, power="on") is Risk.FREE
    assert owned(OPENER, Risk.BOUNDED, power="off") is Risk.FREE


def test_quieting_is_off_close_lock_arm_and_stop() -> None:
    assert is_quieting(change(DESK_LAMP, power="off"))
    assert not is_quieting(change(DESK_LAMP, power="on", brightness=3.0))
    assert not is_quieting(Change(DESK_LAMP, {A.POWER: "off"}, toggled=True))


def lamps(count: int, power: str) -> tuple[Change, ...]:
    return tuple(change(replace(DESK_LAMP, id=f"l{n}"), power=power) for n in range(count))


def test_many_devices_at_once_are_asked_for_only_when_they_go_on() -> None:
    assert isinstance(judge(policy(), *lamps(8, "on")), Permission)
    asked = judge(policy(), *lamps(9, "on"))
    assert isinstance(asked, Refusal)
    assert asked.message == "Ask the user to confirm: switch on 9 devices, among them desk lamp?"
    assert isinstance(judge(policy(), *lamps(20, "off")), Permission)


def test_a_leap_of_temperature_is_asked_for() -> None:
    def warm(target: float, state: State) -> Status | None:
        wanted = change(THERMOSTAT, target_temperature=target)
        return status_of(judge(policy(), wanted, states={"thermostat": state}))

    assert warm(25.0, {A.TARGET_TEMPERATURE: 20}) is None
    assert warm(25.5, {A.TARGET_TEMPERATURE: 20}) is Status.NEEDS_CONFIRMATION
    assert warm(14.5, {A.TARGET_TEMPERATURE: 20}) is Status.NEEDS_CONFIRMATION


def test_without_a_known_setting_the_range_of_the_device_decides() -> None:
    def warm(target: float, minimum: float, maximum: float) -> Status | None:
        channel = Channel("h/set", "h", minimum=minimum, maximum=maximum)
        heating = replace(THERMOSTAT, channels={A.TARGET_TEMPERATURE: channel})
        return status_of(judge(policy(), change(heating, target_temperature=target)))

    assert warm(21.0, 5, 30) is Status.NEEDS_CONFIRMATION
    assert warm(21.0, 16, 26) is None
    assert warm(22.0, 16, 26) is Status.NEEDS_CONFIRMATION
    assert warm(20.0, 16, 26) is Status.NEEDS_CONFIRMATION


def step(here: Policy, target: float, present: float, turn: UserTurn) -> Status | None:
    """A change of the thermostat, which has followed all changes before."""
    wanted = (change(THERMOSTAT, target_temperature=target),)
    intention = Intention("f", wanted, {"thermostat": {A.TARGET_TEMPERATURE: present}})
    return status_of(here.judge(intention, turn, AT_ONCE))


def test_small_steps_within_a_turn_do_not_add_up_to_a_leap() -> None:
    here = policy()
    assert step(here, 23.0, 20.0, ASKED) is None
    assert step(here, 25.0, 23.0, ASKED) is None
    assert step(here, 26.0, 25.0, ASKED) is Status.NEEDS_CONFIRMATION
    assert step(here, 20.0, 25.0, ASKED) is None, "back to where it began"


@pytest.mark.parametrize("turn", [UserTurn(1, 2), UserTurn(2, 1)])
def test_a_new_turn_or_conversation_begins_anew(turn: UserTurn) -> None:
    here = policy()
    assert step(here, 25.0, 20.0, ASKED) is None
    assert step(here, 30.0, 25.0, turn) is None
    assert step(here, 31.0, 30.0, turn) is Status.NEEDS_CONFIRMATION


def test_a_heating_that_has_told_no_setting_yet_has_no_beginning() -> None:
    here = policy()
    off: Mapping[str, State] = {"thermostat": {A.MODE: "off"}}
    wanted = change(THERMOSTAT, target_temperature=21.0)
    assert status_of(judge(here, wanted, states=off)) is Status.NEEDS_CONFIRMATION
    assert step(here, 24.0, 20.0, ASKED) is None


def test_what_was_confirmed_counts_in_the_turn_that_confirmed_it() -> None:
    here = policy()
    assert step(here, 28.0, 20.0, ASKED) is Status.NEEDS_CONFIRMATION
    assert isinstance(here.confirm("id0", ANSWER, AT_ONCE, approved=True), Permission)
    assert step(here, 30.0, 28.0, ANSWER) is Status.NEEDS_CONFIRMATION


def test_what_the_owner_forbids_is_denied() -> None:
    assert status_of(judge(policy(), change(replace(DESK_LAMP, risk=Risk.NEVER), power="on"))) is (
        Status.DENIED
    )


@pytest.mark.parametrize(
    ("what", "question"),
    [
        (UNLOCK, "unlock back door?"),
        (change(HEATER, power="on"), "switch on patio heater?"),
        (change(GARAGE_DOOR, position=40.0), "set garage door to 40?"),
        (change(replace(ALARM, risk=Risk.CONFIRM), action="disarm"), "disarm alarm?"),
    ],
)
def test_the_question_names_what_would_happen(what: Change, question: str) -> None:
    asked = judge(policy(), what)
    assert isinstance(asked, Refusal)
    assert asked.message == f"Ask the user to confirm: {question}"
    assert asked.confirmation_id == "id0"


# ------------------------------------------------------------------ rates


def test_a_device_takes_six_commands_in_ten_seconds() -> None:
    here = policy()
    lamp = change(DESK_LAMP, power="on")
    assert all(isinstance(judge(here, lamp, now=100 + n), Permission) for n in range(6))
    assert status_of(judge(here, lamp, now=106)) is Status.RATE_LIMITED
    assert isinstance(judge(here, change(FAN, power="on"), now=106), Permission)
    assert isinstance(judge(here, lamp, now=110), Permission)


def test_the_home_takes_thirty_commands_a_minute_and_a_group_is_one() -> None:
    here = policy(per_device=1000)
    for number in range(30):
        assert isinstance(judge(here, *lamps(5, "off"), now=100 + number), Permission)
    assert status_of(judge(here, change(FAN, power="on"), now=159)) is Status.RATE_LIMITED
    assert isinstance(judge(here, change(FAN, power="on"), now=160), Permission)


def test_the_fourth_risky_request_locks_for_ten_minutes() -> None:
    here = policy()
    for moment in (0, 200, 400):
        assert status_of(judge(here, UNLOCK, now=moment)) is Status.NEEDS_CONFIRMATION
    assert status_of(judge(here, UNLOCK, now=500)) is Status.DENIED
    assert status_of(judge(here, UNLOCK, now=1099)) is Status.DENIED
    assert status_of(judge(here, UNLOCK, now=1100)) is Status.NEEDS_CONFIRMATION


def test_the_lock_takes_open_questions_with_it() -> None:
    here = policy()
    for moment in (100, 101, 102, 103):
        judge(here, UNLOCK, now=moment)
    assert status_of(here.confirm("id2", ANSWER, Seconds(104), approved=True)) is Status.DENIED


# ------------------------------------------------------------------ confirmation


def confirmed(turn: UserTurn, now: float = 110.0, *, approved: bool = True) -> Permission | Refusal:
    here = policy()
    judge(here, UNLOCK)
    return here.confirm("id0", turn, Seconds(now), approved=approved)


def test_a_new_turn_with_speech_confirms() -> None:
    assert confirmed(ANSWER) == Permission((UNLOCK,))
    by_length = replace(ANSWER, transcript="", speech_ms=Milliseconds(400))
    assert confirmed(by_length) == Permission((UNLOCK,))
    by_words = replace(ANSWER, speech_ms=Milliseconds(0))
    assert confirmed(by_words) == Permission((UNLOCK,))


@pytest.mark.parametrize(
    ("turn", "why"),
    [
        (ASKED, "Only the user"),
        (replace(ANSWER, number=1), "Only the user"),
        (replace(ANSWER, after_question=False), "has not heard the question"),
        (replace(ANSWER, transcript=" ", speech_ms=Milliseconds(399)), "has not answered"),
        (replace(ANSWER, conversation=2), "no such open question"),
        (replace(ANSWER, transcript="no, don't"), "said no"),
        (replace(ANSWER, transcript="Do NOT do that"), "said no"),
    ],
)
def test_nothing_else_confirms(turn: UserTurn, why: str) -> None:
    verdict = confirmed(turn)
    assert isinstance(verdict, Refusal)
    assert verdict.status is Status.DENIED
    assert why in verdict.message


def test_a_question_stands_twenty_seconds() -> None:
    assert isinstance(confirmed(ANSWER, now=120.0), Permission)
    assert status_of(confirmed(ANSWER, now=120.1)) is Status.DENIED


def test_a_no_ends_the_question() -> None:
    here = policy()
    judge(here, UNLOCK)
    verdict = here.confirm("id0", ANSWER, Seconds(101), approved=False)
    assert isinstance(verdict, Refusal)
    assert verdict.message == "Cancelled; nothing was changed."
    assert status_of(here.confirm("id0", ANSWER, Seconds(102), approved=True)) is Status.DENIED


def test_an_approval_works_once() -> None:
    here = policy()
    judge(here, UNLOCK)
    assert isinstance(here.confirm("id0", ANSWER, Seconds(101), approved=True), Permission)
    assert status_of(here.confirm("id0", ANSWER, Seconds(102), approved=True)) is Status.DENIED


def test_an_approval_too_early_leaves_the_question_open() -> None:
    here = policy()
    judge(here, UNLOCK)
    assert status_of(here.confirm("id0", ASKED, Seconds(101), approved=True)) is Status.DENIED
    assert isinstance(here.confirm("id0", ANSWER, Seconds(102), approved=True), Permission)


# ------------------------------------------------------------------ the law, over whole stories


class ConfirmationLaw(RuleBasedStateMachine):
    """Stories of users, models and time; a model may try anything, at any moment."""

    @initialize()
    def begin(self) -> None:
        numbers = itertools.count()
        limits = PolicyLimits(risky_requests=10_000, per_minute=10_000, per_device=10_000)
        self.policy = Policy(lambda: f"q{next(numbers)}", limits)
        self.now = 0.0
        self.turn = UserTurn()
        self.asked: dict[str, tuple[Device, UserTurn, float]] = {}
        self.open: set[str] = set()
        self.granted: list[str] = []

    @rule(number=st.integers(0, 3))
    def model_asks_for_something_risky(self, number: int) -> None:
        door = Device(f"door{number}", f"door {number}", Kind.LOCK, {A.LOCK: Channel("d/set")})
        intention = Intention("home_security", (change(door, lock="unlock"),))
        verdict = self.policy.judge(intention, self.turn, Seconds(self.now))
        assert isinstance(verdict, Refusal), "a door never opens on the first call"
        assert verdict.confirmation_id not in self.asked
        self.asked[verdict.confirmation_id] = (door, self.turn, self.now)
        self.open.add(verdict.confirmation_id)

    @rule(speech_ms=st.sampled_from([0, 399, 400, 900]), heard=st.booleans(),
          transcript=st.sampled_from(["", "yes", "no", "go ahead"]))  # fmt: skip
    def user_speaks(self, speech_ms: int, transcript: str, *, heard: bool) -> None:
        self.turn = UserTurn(
            self.turn.conversation, self.turn.number + 1, heard, Milliseconds(speech_ms), transcript
        )

    @rule()
    def a_new_conversation_begins(self) -> None:
        self.turn = UserTurn(conversation=self.turn.conversation + 1)

    @rule(seconds=st.sampled_from([0.5, 5.0, 19.9, 20.1]))
    def time_passes(self, seconds: float) -> None:
        self.now += seconds

    @rule()
    def user_answers_after_the_question(self) -> None:
        self.user_speaks(900, "yes", heard=True)

    @rule()
    def user_clears_the_throat(self) -> None:
        self.user_speaks(399, "", heard=True)

    # Mostly the latest question: stories about stale ones end before they begin.
    @precondition(lambda self: self.asked)
    @rule(back=st.sampled_from([1, 1, 1, 2, 3]), approved=st.sampled_from([True, True, False]))
    def model_confirms(self, back: int, *, approved: bool) -> None:
        question = list(self.asked)[-min(back, len(self.asked))]
        verdict = self.policy.confirm(question, self.turn, Seconds(self.now), approved=approved)
        if isinstance(verdict, Permission):
            self._must_have_been_allowed(question, verdict, approved=approved)
            self.granted.append(question)
            self.open.discard(question)
            return
        assert not (approved and self._is_a_clear_yes(question)), "a clear yes is honoured"
        if self._is_answered(question, approved=approved):
            self.open.discard(question)

    @invariant()
    def no_question_is_granted_twice(self) -> None:
        granted = getattr(self, "granted", [])
        assert len(granted) == len(set(granted))

    def _must_have_been_allowed(
        self, question: str, verdict: Permission, *, approved: bool
    ) -> None:
        door, turn, at = self.asked[question]
        assert approved
        assert question in self.open
        assert [one.device.id for one in verdict.changes] == [door.id], "bound to what was asked"
        assert self.turn.conversation == turn.conversation
        assert self.turn.number > turn.number
        assert self.turn.after_question
        assert self.turn.transcript != "no"
        assert self.turn.transcript or self.turn.speech_ms >= 400
        assert self.now - at <= 20.0

    def _is_a_clear_yes(self, question: str) -> bool:
        _, turn, at = self.asked[question]
        in_time = question in self.open and self.now - at <= 20.0
        same = self.turn.conversation == turn.conversation and self.turn.number > turn.number
        return in_time and same and self.turn.after_question and self.turn.transcript == "yes"

    def _is_answered(self, question: str, *, approved: bool) -> bool:
        """A no in the same conversation ends a question, in words or by the model."""
        _, turn, _ = self.asked[question]
        if self.turn.conversation != turn.conversation:
            return False
        said_no = self.turn.transcript == "no" and self.turn.after_question
        return not approved or (said_no and self.turn.number > turn.number)


TestConfirmationLaw = ConfirmationLaw.TestCase
TestConfirmationLaw.settings = settings(max_examples=150, stateful_step_count=30, deadline=None)
