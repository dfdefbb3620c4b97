"""Timers: pure, with time as an argument, and bad arguments are answers."""

import json
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from assistant.home.timers import LONGEST, MOST, NAME_LENGTH, Timer, Timers, length_in_words
from assistant.units import Seconds

NOW = Seconds(100.0)


def ask(timers: Timers, function: str, now: float = NOW, /, **arguments: Any) -> dict[str, Any]:
    told = json.loads(timers.call(function, json.dumps(arguments), Seconds(now)))
    assert isinstance(told, dict)
    return told


def test_a_timer_is_told_with_what_is_left_of_it() -> None:
    timers = Timers()
    started = ask(timers, "timer_start", seconds=90, name="Tea")
    assert started["timers"] == [{"name": "tea", "seconds": 90, "seconds_left": 90}]
    assert ask(timers, "timer_list", 130.0)["timers"][0]["seconds_left"] == 60
    assert ask(timers, "timer_list", 1000.0)["timers"][0]["seconds_left"] == 0


@pytest.mark.parametrize("seconds", [90, "90", 90.0, " 90 "])
def test_a_length_may_be_spelled_in_several_ways(seconds: object) -> None:
    timers = Timers()
    assert ask(timers, "timer_start", seconds=seconds)["ok"]
    assert timers.running == [Timer("", 90, Seconds(190.0))]


@pytest.mark.parametrize(
    "seconds",
    [0, -1, LONGEST + 1, 1.5, "soon", "", None, True, [], {}, "9" * 5000, 10**400, "1e999"],
)
def test_a_length_that_is_none_is_refused(seconds: object) -> None:
    timers = Timers()
    told = ask(timers, "timer_start", seconds=seconds)
    assert (told["ok"], told["status"]) == (False, "invalid")
    assert f"1 to {LONGEST}" in told["message"]
    assert timers.running == []


@pytest.mark.parametrize("seconds", [1, LONGEST])
def test_the_shortest_and_the_longest_timer_are_allowed(seconds: int) -> None:
    assert ask(Timers(), "timer_start", seconds=seconds)["ok"]


@pytest.mark.parametrize("arguments", ["{", "nonsense", "[" * 100_000])
def test_arguments_that_are_no_json_are_an_answer(arguments: str) -> None:
    told = json.loads(Timers().call("timer_start", arguments, NOW))
    assert (told["status"], told["message"]) == ("invalid", "the arguments are not JSON")


@pytest.mark.parametrize("arguments", ["[]", "7", '"x"', "null"])
def test_arguments_that_are_no_object_are_an_answer(arguments: str) -> None:
    told = json.loads(Timers().call("timer_start", arguments, NOW))
    assert (told["status"], told["message"]) == ("invalid", "the arguments must be an object")


def test_a_list_needs_no_arguments_at_all() -> None:
    assert json.loads(Timers().call("timer_list", "", NOW)) == {
        "ok": True, "status": "done", "timers": [],
    }  # fmt: skip


def test_a_function_of_timers_that_does_not_exist_is_an_answer() -> None:
    timers = Timers()
    assert ask(timers, "timer_pause")["status"] == "invalid"


def test_there_are_only_so_many_timers() -> None:
    timers = Timers()
    for seconds in range(1, MOST + 1):
        assert ask(timers, "timer_start", seconds=seconds)["ok"]
    assert ask(timers, "timer_start", seconds=5)["status"] == "denied"
    assert len(timers.running) == MOST


def test_the_soonest_timer_is_cancelled_where_none_is_named() -> None:
    timers = Timers()
    ask(timers, "timer_start", seconds=90, name="tea")
    ask(timers, "timer_start", seconds=60, name="eggs")
    assert ask(timers, "timer_cancel")["cancelled"] == {"name": "eggs", "seconds": 60}
    assert ask(timers, "timer_cancel", name="TEA ")["cancelled"]["name"] == "tea"
    assert ask(timers, "timer_cancel")["status"] == "not_found"


def test_another_name_cancels_nothing() -> None:
    timers = Timers()
    ask(timers, "timer_start", seconds=90, name="tea")
    assert ask(timers, "timer_cancel", name="eggs")["status"] == "not_found"
    assert len(timers.running) == 1


def test_a_name_is_short_plain_text() -> None:
    timers = Timers()
    ask(timers, "timer_start", seconds=9, name="  My\n\x1b[31m  Tea " + "x" * 100)
    (timer,) = timers.running
    assert timer.name.startswith("my[31m tea xx")
    assert len(timer.name) == NAME_LENGTH


def test_timers_are_taken_when_they_are_due() -> None:
    timers = Timers()
    assert timers.next_due() is None
    ask(timers, "timer_start", seconds=90)
    ask(timers, "timer_start", seconds=60)
    assert timers.next_due() == 160.0
    assert timers.take_due(Seconds(159.9)) == ()
    assert [timer.seconds for timer in timers.take_due(Seconds(160.0))] == [60]
    assert timers.next_due() == 190.0


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (1, "1 second"),
        (2, "2 seconds"),
        (60, "1 minute"),
        (61, "1 minute 1 second"),
        (3600, "1 hour"),
        (3900, "1 hour 5 minutes"),
        (86_400, "24 hours"),
        (7384, "2 hours 3 minutes 4 seconds"),
    ],
)
def test_a_length_is_told_as_people_say_it(seconds: int, words: str) -> None:
    assert length_in_words(seconds) == words


class KitchenWithTimers(RuleBasedStateMachine):
    """Timers started, cancelled and awaited in any order: each rings once, in time, or never."""

    def __init__(self) -> None:
        super().__init__()
        self.timers = Timers()
        self.now = 0.0
        self.due: dict[str, float] = {}
        self.names = 0

    @rule(seconds=st.integers(1, 50))
    def a_timer_is_started(self, seconds: int) -> None:
        self.names += 1
        started = ask(self.timers, "timer_start", self.now, seconds=seconds, name=f"t{self.names}")
        assert started["ok"] == (len(self.due) < MOST)
        if started["ok"]:
            self.due[f"t{self.names}"] = self.now + seconds

    @rule(data=st.data())
    def a_timer_is_cancelled(self, data: st.DataObject) -> None:
        if self.due:
            name = data.draw(st.sampled_from(sorted(self.due)))
            assert ask(self.timers, "timer_cancel", self.now, name=name)["ok"]
            del self.due[name]

    @rule(seconds=st.floats(0, 30))
    def time_passes(self, seconds: float) -> None:
        self.now += seconds
        rung = [timer.name for timer in self.timers.take_due(Seconds(self.now))]
        due = [name for name, at in self.due.items() if at <= self.now]
        assert rung == sorted(due, key=lambda name: self.due[name])
        for name in rung:
            del self.due[name]

    @invariant()
    def the_next_instant_is_known(self) -> None:
        assert self.timers.next_due() == min(self.due.values(), default=None)


TestKitchenWithTimers = KitchenWithTimers.TestCase
TestKitchenWithTimers.settings = settings(
    max_examples=60, stateful_step_count=30, deadline=None, derandomize=True
)
