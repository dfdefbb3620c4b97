"""The household: the home's functions and our own, and timers that ring."""

import asyncio
import json

from assistant.engine.household import Household
from assistant.home.requests import FunctionRequest
from assistant.session.events import Event, Reminded
from assistant.units import CallId
from tests.doubles.leaping_clock import leap_through
from tests.doubles.obedient_home import DONE, ObedientHome


def timer(function: str, /, **arguments: object) -> FunctionRequest:
    return FunctionRequest(CallId("c"), function, json.dumps(arguments))


def test_all_functions_are_offered_and_the_home_describes_itself() -> None:
    household = Household(ObedientHome(), lambda _event: None)
    assert [tool.name for tool in household.tools()] == [
        "home_turn",
        "timer_start",
        "timer_cancel",
        "timer_list",
        "end_conversation",
    ]
    assert household.context() == "A lamp."


def test_what_is_no_timer_goes_to_the_home() -> None:
    async def story() -> None:
        home = ObedientHome()
        request = FunctionRequest(CallId("c"), "home_turn", "{}")
        assert await Household(home, lambda _event: None).call(request) == DONE
        assert home.calls == [request]

    leap_through(story())


def rung_in(*calls: tuple[float, FunctionRequest], seconds: float) -> list[tuple[float, Event]]:
    """What was posted, and when, in a house where these calls come at their instants."""
    posted: list[tuple[float, Event]] = []

    async def story() -> None:
        loop = asyncio.get_running_loop()
        began = loop.time()
        household = Household(
            ObedientHome(), lambda event: posted.append((loop.time() - began, event))
        )
        ringing = asyncio.create_task(household.ring())
        for at, call in calls:
            await asyncio.sleep(began + at - loop.time())
            assert json.loads(await household.call(call))["ok"], call
        await asyncio.sleep(began + seconds - loop.time())
        ringing.cancel()
        await asyncio.gather(ringing, return_exceptions=True)

    leap_through(story())
    return [(round(at, 3), event) for at, event in posted]


def test_a_timer_rings_when_it_is_due() -> None:
    rung = rung_in((1.0, timer("timer_start", seconds=300, name="Pasta")), seconds=1000)
    assert rung == [(301.0, Reminded("Your pasta timer for 5 minutes is done.", rings=True))]


def test_a_timer_without_a_name_rings_too() -> None:
    rung = rung_in((0.0, timer("timer_start", seconds=61)), seconds=100)
    assert rung == [(61.0, Reminded("Your timer for 1 minute 1 second is done.", rings=True))]


def test_a_later_timer_that_is_shorter_rings_first() -> None:
    rung = rung_in(
        (0.0, timer("timer_start", seconds=300, name="slow")),
        (10.0, timer("timer_start", seconds=20, name="quick")),
        seconds=1000,
    )
    assert [at for at, _ in rung] == [30.0, 300.0]


def test_two_timers_that_are_due_together_both_ring() -> None:
    rung = rung_in(
        (0.0, timer("timer_start", seconds=20)), (10.0, timer("timer_start", seconds=10)),
        seconds=100,
    )  # fmt: skip
    assert [at for at, _ in rung] == [20.0, 20.0]


def test_a_cancelled_timer_does_not_ring() -> None:
    rung = rung_in(
        (0.0, timer("timer_start", seconds=20, name="tea")),
        (10.0, timer("timer_cancel", name="tea")),
        seconds=100,
    )
    assert rung == []
