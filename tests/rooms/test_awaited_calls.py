"""Outputs of functions: in any order, late, twice, or never."""

from assistant.local.awaited_calls import MOST_REPLIES, AwaitedCalls
from assistant.local.reading import WantedCall
from assistant.units import CallId

ONE, TWO = WantedCall("one", {}), WantedCall("two", {})
A, B = CallId("a"), CallId("b")


def awaiting(*batches: dict[CallId, WantedCall]) -> AwaitedCalls:
    calls = AwaitedCalls()
    for batch in batches:
        calls.ask(batch)
    return calls


def test_nothing_is_told_where_nothing_was_asked() -> None:
    assert AwaitedCalls().take() == []


def test_outputs_are_told_in_the_order_of_the_calls_once_all_are_there() -> None:
    calls = awaiting({A: ONE, B: TWO})
    calls.note(B, "second")
    assert calls.take() == []
    calls.note(A, "first")
    assert calls.take() == [(ONE, "first"), (TWO, "second")]
    assert calls.take() == []


def test_a_lost_output_holds_up_only_its_own_reply() -> None:
    calls = awaiting({A: ONE}, {B: TWO})
    calls.note(B, "second")
    assert calls.take() == [(TWO, "second")]
    calls.note(A, "late")
    assert calls.take() == [(ONE, "late")]


def test_an_output_of_a_stranger_is_nothing() -> None:
    calls = awaiting({A: ONE})
    calls.note(CallId("x"), "?")
    assert calls.take() == []


def test_the_last_output_of_a_call_counts() -> None:
    calls = awaiting({A: ONE})
    calls.note(A, "first")
    calls.note(A, "second")
    assert calls.take() == [(ONE, "second")]


def test_what_never_came_is_not_awaited_for_ever() -> None:
    later = [{CallId(str(number)): TWO} for number in range(MOST_REPLIES)]
    calls = awaiting({A: ONE}, *later)
    calls.note(A, "too late")
    assert calls.take() == []
    calls.note(CallId("0"), "in time")
    assert calls.take() == [(TWO, "in time")]
