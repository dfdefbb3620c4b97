"""MQTT 5 first, the old way where it must be, and MQTT 5 again after a day."""

import asyncio
from collections.abc import Callable

from assistant.adapters.paho_connection import UNSUPPORTED_PROTOCOL, BrokerAddress, PahoConnection
from assistant.adapters.paho_protocol import ProtocolChoice

DAY = 86_400.0
MODERN, OLD = 5, 4


def with_attempts(story: Callable[[Callable[..., PahoConnection]], None]) -> None:
    """Connections that were never opened, with what an attempt leaves on them."""

    def attempt(refusal: int | None = None, *, dropped: bool = False) -> PahoConnection:
        connection = PahoConnection(BrokerAddress(), lambda _: None)
        connection.refusal, connection.was_dropped = refusal, dropped
        return connection

    async def play() -> None:
        story(attempt)

    asyncio.run(play())


def test_a_refusal_is_respected_for_a_day() -> None:
    def story(attempt: Callable[..., PahoConnection]) -> None:
        clock = Clock()
        choice = ProtocolChoice(DAY, clock)
        assert choice.version() == MODERN
        choice.learn_from(attempt(UNSUPPORTED_PROTOCOL))
        clock.now = DAY - 1
        assert choice.version() == OLD
        clock.now = DAY
        assert choice.version() == MODERN
        choice.learn_from(attempt(UNSUPPORTED_PROTOCOL))
        assert choice.version() == OLD, "and a day again"

    with_attempts(story)


def test_two_silent_drops_in_a_row_count_as_a_refusal() -> None:
    def story(attempt: Callable[..., PahoConnection]) -> None:
        choice = ProtocolChoice(DAY, Clock())
        for outcome in (attempt(dropped=True), attempt(), attempt(dropped=True)):
            choice.learn_from(outcome)
            assert choice.version() == MODERN
        choice.learn_from(attempt(dropped=True))
        assert choice.version() == OLD

    with_attempts(story)


def test_trouble_in_the_old_way_does_not_put_off_the_new_one() -> None:
    def story(attempt: Callable[..., PahoConnection]) -> None:
        clock = Clock()
        choice = ProtocolChoice(DAY, clock)
        choice.learn_from(attempt(UNSUPPORTED_PROTOCOL))
        clock.now = DAY / 2
        choice.learn_from(attempt(UNSUPPORTED_PROTOCOL))
        clock.now = DAY
        assert choice.version() == MODERN

    with_attempts(story)


def test_another_refusal_says_nothing_about_the_protocol() -> None:
    def story(attempt: Callable[..., PahoConnection]) -> None:
        choice = ProtocolChoice(DAY, Clock())
        for _ in range(3):
            choice.learn_from(attempt(0x87))
        assert choice.version() == MODERN

    with_attempts(story)


class Clock:
    """A clock that stands until it is set."""

    now = 0.0

    def __call__(self) -> float:
        return self.now
