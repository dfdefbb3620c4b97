"""What breaks in the middle of a conversation: the truth is told, and everything comes back."""

import asyncio
import signal
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from assistant.app.chronicle import Turn
from assistant.app.wiring import COMES_BACK
from assistant.local.house import Fault
from tests.house.evening import evening, kill, listens, occupied
from tests.house.speech import likeness

SUCCESSES = {"done", "already", "in_progress"}

pytestmark = pytest.mark.slow

Story = Callable[[Path], Awaitable[None]]


def statuses(turn: Turn) -> set[str]:
    assert turn.calls, f"{turn.transcript}: nothing was called"
    return {call["status"] for call in turn.calls}


def claims_success(turn: Turn) -> bool:
    return bool(statuses(turn) & SUCCESSES)


async def lose_the_broker(folder: Path) -> None:
    async with evening(folder) as house:
        appliance = house.stage.appliance
        assert appliance.broker_keeper
        first = await house.says("turn on the kitchen light", wake=True)
        assert statuses(first) == {"done"}
        before = appliance.broker_keeper.pid
        kill(before)
        await house.until(lambda: not listens(appliance.broker.port))
        async with occupied(appliance.broker.port):
            lost = await house.says("turn on the coffee maker")
        assert statuses(lost) == {"offline"}
        assert lost.reply
        assert " is on" not in lost.reply

        await house.until(lambda: appliance.home.is_connected)
        assert appliance.broker_keeper.pid not in {0, before}
        await house.until(lambda: house.sleeps)
        again = await house.says("turn off the kitchen light", wake=True)
        assert statuses(again) == {"done"}
        assert house.commands_to("coffee_maker") == 0
        assert house.stage.house()["coffee maker"]["power"] == "off"


async def lose_the_far_end(folder: Path) -> None:
    async with evening(folder) as house:
        far_end, speaker = house.stage.appliance.far_end, house.stage.speaker
        assert far_end
        assert speaker
        await house.calls_out("tell me about the house")
        turns = house.stage.chronicle.turns
        await house.until(lambda: turns and "first_audio" in turns[-1].times)
        await asyncio.sleep(1.0)
        place, before = speaker.length, far_end.pid
        kill(before)
        await house.until(lambda: house.announcements)
        assert house.announcements[-1].endswith(COMES_BACK)
        await house.until(lambda: house.stage.chronicle.entries[-1]["event"] == "spoken")
        said = await asyncio.to_thread(house.loudspeaker, place)
        assert likeness(said, house.announcements[-1]) > 0.7, said
        assert house.sleeps

        await house.until(lambda: far_end.pid != before and listens(far_end.port))
        again = await house.says("turn on the kitchen light", wake=True)
        assert statuses(again) == {"done"}
        assert len(house.announcements) == 1


async def call_while_it_is_away(folder: Path) -> None:
    async with evening(folder) as house:
        far_end = house.stage.appliance.far_end
        assert far_end
        kill(far_end.pid)
        await house.until(lambda: not listens(far_end.port))
        async with occupied(far_end.port):
            await house.calls_out()
            entries = house.stage.chronicle.entries
            await house.until(lambda: any(e["event"] == "wake" for e in entries))
            heard_at = time.monotonic()
            await house.until(lambda: house.announcements)
            assert time.monotonic() - heard_at < 3.0
        assert house.announcements[-1].endswith(COMES_BACK)
        assert house.sleeps


async def break_the_lamp(folder: Path) -> None:
    async with evening(folder) as house:
        lamp = house.stage.appliance.house
        assert lamp
        wake = True
        for fault in (Fault.SILENT, Fault.OFFLINE, Fault.REFUSING):
            lamp.set_fault("bedroom_light", fault)
            turn = await house.says("turn off the bedroom light", wake=wake)
            assert not claims_success(turn), (fault, turn.calls)
            assert turn.reply, fault
            assert "is off" not in turn.reply, fault
            assert house.stage.house()["bedroom light"]["power"] == "on", fault
            wake = False
        lamp.set_fault("bedroom_light", Fault.NONE)
        turn = await house.says("turn off the bedroom light")
        assert statuses(turn) == {"done"}
        assert house.stage.house()["bedroom light"]["power"] == "off"


STORIES: tuple[Story, ...] = (
    lose_the_broker,
    lose_the_far_end,
    call_while_it_is_away,
    break_the_lamp,
)


@dataclass(frozen=True)
class Endings:
    """How each story ended; None is well."""

    errors: dict[Story, BaseException | None]

    def judge(self, story: Story) -> None:
        error = self.errors[story]
        if error is not None:
            raise error


@pytest.fixture(scope="module")
def endings(tmp_path_factory: pytest.TempPathFactory) -> Endings:
    """All stories side by side, each in its own house: they mostly wait for sound to pass."""

    async def tell_all() -> list[BaseException | None]:
        told = (story(tmp_path_factory.mktemp("loss")) for story in STORIES)
        return await asyncio.gather(*told, return_exceptions=True)

    return Endings(dict(zip(STORIES, asyncio.run(tell_all()), strict=True)))


def test_a_lost_broker_is_told_and_what_was_said_meanwhile_never_happens(endings: Endings) -> None:
    endings.judge(lose_the_broker)


def test_a_far_end_lost_in_its_reply_is_told_in_the_house_s_own_voice(endings: Endings) -> None:
    endings.judge(lose_the_far_end)


def test_a_wake_word_while_the_far_end_is_away_is_answered_at_once(endings: Endings) -> None:
    endings.judge(call_while_it_is_away)


def test_a_lamp_that_fails_is_never_called_a_success_and_works_once_repaired(
    endings: Endings,
) -> None:
    endings.judge(break_the_lamp)


def test_four_houses_at_a_time_leave_ctrl_c_to_work_afterwards(endings: Endings) -> None:
    assert set(endings.errors) == set(STORIES)
    assert signal.SIGINT not in signal.pthread_sigmask(signal.SIG_BLOCK, ())
