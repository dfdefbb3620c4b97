"""The engine: orders in their order, time limits, links that end, and errands that fail."""

import asyncio
import json

import pytest

from assistant.engine.loop import Engine, Ports
from assistant.session.commands import CloseLink, OpenLink, Play, SendAudio, SendFunctionOutput
from assistant.session.events import (
    DeadlinePassed,
    FunctionCalled,
    LinkLost,
    LinkOpened,
    Reminded,
    ReplyEnded,
    ReplyItemEnded,
    ReplySounded,
    ReplyStarted,
    UserStartedSpeaking,
    UserStoppedSpeaking,
    WakeWordHeard,
)
from assistant.session.states import Asleep, Awake, Connecting, Limits
from assistant.units import CallId, ItemId, ResponseId, Seconds
from tests.doubles.failing_home import FailingHome, SilentHome
from tests.doubles.leaping_clock import leap_through
from tests.doubles.obedient_home import DONE, ObedientHome
from tests.doubles.plugged_engine import CHIMES, LOUD, Bench, engine_at_work, settled
from tests.doubles.recording_speaker import RecordingSpeaker
from tests.doubles.scripted_link import Exchange, ScriptedLink
from tests.doubles.speaking_voice import HoarseVoice, MissingVoice, SpeakingVoice

LIMITS = Limits()
R, ITEM, CALL, USER = ResponseId("r"), ItemId("i"), CallId("c"), ItemId("u")
SOUND = bytes(480)


def outputs(bench: Bench) -> list[dict[str, str]]:
    sent = [order for order in bench.exchange.last.sent if isinstance(order, SendFunctionOutput)]
    return [json.loads(order.output) for order in sent]


def call_a_function(bench: Bench) -> None:
    bench.exchange.tell(ReplyStarted(R), FunctionCalled(R, CALL, "home_turn", "{}"), ReplyEnded(R))


def test_a_wake_word_opens_a_link_and_what_was_said_meanwhile_is_sent() -> None:
    async def story() -> None:
        async with engine_at_work() as bench:
            await bench.wake(LIMITS)
            assert bench.is_in(Awake)
            assert [type(order) for order in bench.exchange.last.sent] == [SendAudio] * 6

    leap_through(story())


def test_orders_are_carried_out_in_their_order() -> None:
    async def story() -> None:
        async with engine_at_work() as bench:
            await bench.wake(LIMITS)
            bench.exchange.tell(ReplyStarted(R), ReplySounded(R, ITEM, SOUND))
            bench.exchange.tell(UserStartedSpeaking(USER))
            await settled()
            assert bench.speaker.deeds == ["play i", "stop"]
            bench.exchange.tell(LinkLost("gone"))
            await settled()
            assert bench.speaker.deeds[2:4] == ["chime trouble", "play announcement-1"]

    leap_through(story())


def test_a_whole_reply_is_played_and_finished() -> None:
    async def story() -> None:
        async with engine_at_work() as bench:
            await bench.wake(LIMITS)
            bench.exchange.tell(ReplyStarted(R), ReplySounded(R, ITEM, SOUND))
            bench.exchange.tell(ReplyItemEnded(R, ITEM), ReplyEnded(R))
            await settled()
            assert bench.speaker.deeds == ["play i", "finish i"]
            assert bench.orders(Play) == [Play(ITEM, SOUND)]

    leap_through(story())


def test_events_of_an_older_link_are_dropped() -> None:
    async def story() -> None:
        async with engine_at_work() as bench:
            await bench.wake(LIMITS)
            old = bench.exchange.last
            old.say(LinkLost("gone"))
            await settled()
            await bench.wake(LIMITS)
            old.say(LinkLost("gone once more"))
            old.say(ReplyStarted(R))
            await settled()
            assert isinstance(bench.engine.state, Awake)
            assert bench.engine.state.generating is None

    leap_through(story())


def test_a_wake_word_right_behind_the_end_gets_a_link_that_lives() -> None:
    """Both events wait in the queue: the old link's closing must not hit the new link."""

    async def story() -> None:
        async with engine_at_work() as bench:
            await bench.wake(LIMITS)
            bench.exchange.tell(LinkLost("gone"))
            bench.engine.post(WakeWordHeard("hey_jarvis", 0.9))
            await settled()
            old, new = bench.exchange.links
            assert (old.closed, new.closed) == (1, 0)
            await bench.hear(*[LOUD] * LIMITS.decide_frames)
            assert bench.is_in(Awake), "the new link's events are heard"

    leap_through(story())


def test_a_link_that_never_opens_is_given_up_after_its_time() -> None:
    async def story() -> None:
        async with engine_at_work(exchange=Exchange(opens=False)) as bench:
            await bench.wake(LIMITS)
            assert bench.is_in(Connecting)
            await asyncio.sleep(LIMITS.connect - 1)
            assert bench.exchange.last.closed == 0
            await asyncio.sleep(2)
            assert bench.is_in(Asleep)
            assert bench.exchange.last.closed == 1
            assert "chime trouble" in bench.speaker.deeds

    leap_through(story())


def test_a_deadline_fires_although_the_queue_is_never_empty() -> None:
    """Each event brings the next, so that taking events first would hold time off for ever."""

    async def story() -> None:
        loop = asyncio.get_running_loop()
        exchange, speaker = Exchange(opens=False), RecordingSpeaker()
        ports = Ports(speaker, exchange.make, ObedientHome(), SpeakingVoice(), CHIMES)

        def bring_the_next(step: object) -> None:
            steps.append(step)
            if len(steps) < 5000:
                engine.post(LinkOpened())

        steps: list[object] = []
        limits = Limits(connect=Seconds(0.0))
        engine = Engine(ports, limits, (bring_the_next,))
        running = loop.create_task(engine.run())
        engine.post(WakeWordHeard("hey_jarvis", 0.9))
        await settled()
        ends = [n for n, step in enumerate(steps) if "DeadlinePassed" in repr(step)]
        assert ends == [1], "the deadline comes before the next event in the queue"
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)

    leap_through(story())


def test_a_call_is_run_and_its_output_handed_over() -> None:
    async def story() -> None:
        home = ObedientHome()
        async with engine_at_work(home=home) as bench:
            await bench.wake(LIMITS)
            call_a_function(bench)
            await settled()
            assert [call.name for call in home.calls] == ["home_turn"]
            assert outputs(bench) == [json.loads(DONE)]

    leap_through(story())


def test_a_failing_errand_answers_the_call_and_does_not_end_the_engine() -> None:
    async def story() -> None:
        async with engine_at_work(home=FailingHome()) as bench:
            await bench.wake(LIMITS)
            call_a_function(bench)
            await settled()
            assert [output["status"] for output in outputs(bench)] == ["device_failed"]
            await bench.hear(LOUD)
            assert bench.exchange.last.sent[-1] == SendAudio(LOUD)

    leap_through(story())


def test_a_call_that_never_returns_is_answered_after_its_limit() -> None:
    async def story() -> None:
        limits = Limits(call=Seconds(7.0))
        async with engine_at_work(limits, SilentHome()) as bench:
            await bench.wake(limits)
            call_a_function(bench)
            await asyncio.sleep(6.9)
            assert outputs(bench) == []
            await asyncio.sleep(0.2)
            assert [output["status"] for output in outputs(bench)] == ["timeout"]
            assert bench.is_in(Awake), "the conversation outlives its slow call"

    leap_through(story())


def test_an_unknown_bug_of_a_link_ends_the_engine() -> None:
    async def story() -> None:
        async with engine_at_work(expects=(ExceptionGroup,)) as bench:
            await bench.wake(LIMITS)
            bench.exchange.last.break_with(RuntimeError("a bug of the link"))
            await settled()
            await bench.hear(LOUD)
            assert bench.exchange.last.closed == 1, "whatever ends the engine closes the link"
            assert bench.exchange.last.sent[-1] is not None

    async def the_bug_comes_out() -> None:
        speaker, exchange = RecordingSpeaker(), Exchange()
        ports = Ports(speaker, exchange.make, ObedientHome(), SpeakingVoice(), CHIMES)
        engine = Engine(ports, LIMITS)
        exchange.on_made = lambda link: link.break_with(RuntimeError("a bug of the link"))
        engine.post(WakeWordHeard("hey_jarvis", 0.9))
        with pytest.raises(ExceptionGroup) as caught:
            await engine.run()
        assert caught.group_contains(RuntimeError, match="a bug of the link")

    leap_through(story())
    leap_through(the_bug_comes_out())


def test_a_cancelled_engine_closes_its_link() -> None:
    async def story() -> None:
        async with engine_at_work() as bench:
            await bench.wake(LIMITS)
        assert bench.exchange.last.closed == 1

    leap_through(story())


def test_an_engine_that_sleeps_has_no_link_to_close() -> None:
    async def story() -> None:
        async with engine_at_work() as bench:
            await bench.hear(LOUD)
        assert bench.exchange.links == []

    leap_through(story())


def test_a_link_that_lost_itself_is_closed_once() -> None:
    async def story() -> None:
        async with engine_at_work() as bench:
            await bench.wake(LIMITS)
            bench.exchange.tell(LinkLost("gone"))
            await settled()
        assert bench.exchange.last.closed == 1
        assert len(bench.orders(CloseLink)) == len(bench.orders(OpenLink)) == 1

    leap_through(story())


def test_announcements_do_not_overlap() -> None:
    async def story() -> None:
        voice = SpeakingVoice(seconds=10)
        async with engine_at_work(voice=voice) as bench:
            bench.engine.post(Reminded("The washing machine is done."))
            bench.engine.post(Reminded("Tea!", rings=True))
            await asyncio.sleep(20)
            assert voice.most_at_once == 1
            assert bench.speaker.deeds == [
                "chime timer",
                "play announcement-1",
                "finish announcement-1",
                "play announcement-2",
                "finish announcement-2",
            ]

    leap_through(story())


@pytest.mark.parametrize("voice", [MissingVoice(), HoarseVoice()])
def test_without_a_voice_the_chime_must_do(voice: MissingVoice | HoarseVoice) -> None:
    async def story() -> None:
        async with engine_at_work(voice=voice) as bench:
            bench.engine.post(Reminded("Tea!", rings=True))
            await settled()
            assert bench.speaker.deeds == ["chime timer"]
            await bench.hear(LOUD)
            assert bench.is_in(Asleep)

    leap_through(story())


def test_an_observer_sees_each_step_with_its_orders() -> None:
    async def story() -> None:
        async with engine_at_work() as bench:
            bench.engine.post(WakeWordHeard("hey_jarvis", 0.9))
            await settled()
            first = bench.steps[0]
            assert (first.event, first.orders) == (WakeWordHeard("hey_jarvis", 0.9), (OpenLink(),))
            assert isinstance(first.before, Asleep)
            assert isinstance(first.after, Connecting)

    leap_through(story())


def test_a_conversation_that_nobody_continues_ends_by_the_clock() -> None:
    async def story() -> None:
        async with engine_at_work() as bench:
            await bench.wake(LIMITS)
            bench.exchange.tell(UserStartedSpeaking(USER), UserStoppedSpeaking(USER))
            bench.exchange.tell(ReplyStarted(R), ReplyEnded(R))
            await asyncio.sleep(LIMITS.follow_up + 0.1)
            assert bench.is_in(Asleep)
            assert bench.speaker.deeds[-1] == "chime asleep"
            assert bench.steps[-1].event == DeadlinePassed()

    leap_through(story())


def test_orders_to_the_far_end_without_a_link_are_let_go() -> None:
    """An engine that lost its link in the same breath has nobody to send to."""

    async def story() -> None:
        def vanish(link: ScriptedLink) -> None:
            link.say(LinkLost("at once"))

        exchange = Exchange(on_made=vanish, opens=False)
        async with engine_at_work(exchange=exchange) as bench:
            await bench.wake(LIMITS)
            assert bench.exchange.last.sent == []
            assert bench.is_in(Asleep)

    leap_through(story())
