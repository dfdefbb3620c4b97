"""The live view on screens of every size, and what it gathers from the chronicle."""

import asyncio
import io
import os
import re
import sys
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.console import Console
from rich.text import Text

from assistant.app.demo import Scores
from assistant.app.live_view import screen_of, shown_live, terminal
from assistant.app.panels import (
    conversation,
    function_calls,
    house_states,
    latencies,
    latencies_in_a_line,
    wake_bar,
)
from assistant.app.sight import KEPT_LINES, Call, Line, Message, Onlooker, Score, Sight, score_of
from assistant.session.events import DeadlinePassed, LinkLost, SpeakerStopped
from assistant.units import Milliseconds
from tests.rooms.told_turns import (
    ASLEEP,
    BEGAN,
    LISTENING,
    REPLY,
    SPEAKING,
    THINKING,
    call,
    dark_stage,
    message,
    returned,
    step,
    tell_kitchen_turn,
)

BEFORE: Mapping[str, Mapping[str, Any]] = {
    "kitchen light": {"power": "off", "brightness": 60},
    "front door": {"lock": "locked"},
    "movie night": {},
}
AFTER = {**BEFORE, "kitchen light": {"power": "on", "brightness": 60}}
BUSY = Sight(
    seconds=12,
    phase="speaking",
    scene="one breath",
    score=Score("hey_jarvis", 0.2, 0.97, 0.5),
    talk=(Line("", "heard “hey jarvis”"), Line("you", "light on"), Line("assistant", "It is on.")),
    calls=(Call("home_turn  kitchen light, state on", "done", came_true=True),),
    traffic=(Message(True, "zigbee2mqtt/Kitchen/set", '{"state":"ON"}'),),
    before=BEFORE,
    house=AFTER,
    latencies={"speech_end_to_call": 145.8, "speech_end_to_first_audio": 246.1},
)


def drawn(sight: Sight, width: int, height: int) -> list[str]:
    console = Console(record=True, width=width, height=height, file=io.StringIO())
    console.print(screen_of(sight, width, height))
    return console.export_text().splitlines()


def styles_of(text: Text, word: str) -> str:
    """The styles that lie on a word."""
    place = text.plain.index(word)
    return " ".join(str(span.style) for span in text.spans if span.start <= place < span.end)


# ---------------------------------------------------------------- the screen


@pytest.mark.parametrize("size", [(80, 23), (100, 29), (120, 39), (200, 60)])
def test_everything_is_on_the_screen(size: tuple[int, int]) -> None:
    text = "\n".join(drawn(BUSY, *size))
    for words in (
        "speaking",
        "one breath",
        "hey_jarvis",
        "you: light on",
        "assistant: It is on.",
        "+ done  home_turn  kitchen light",
        "> zigbee2mqtt/Kitchen/set",
        "off → on",
        "front door  locked",
        "146",
        "246",
    ):
        assert words in text


@given(st.integers(1, 220), st.integers(1, 70))
@settings(max_examples=60, deadline=None)
def test_no_screen_is_too_small(width: int, height: int) -> None:
    crowd = replace(
        BUSY,
        talk=BUSY.talk * 20,
        calls=BUSY.calls * 20,
        traffic=BUSY.traffic * 20,
        house={f"{name} {n}": state for n in range(20) for name, state in AFTER.items()},
    )
    lines = drawn(crowd, width, height)
    assert len(lines) <= height
    assert max(map(len, lines)) <= width


def test_a_usual_terminal_is_filled_to_its_last_line_but_one() -> None:
    assert len(drawn(BUSY, 80, 23)) == 23
    assert len(drawn(BUSY, 120, 39)) == 39


def test_a_tiny_terminal_shows_the_state_and_the_newest_words() -> None:
    lines = drawn(BUSY, 30, 2)
    assert "speaking" in lines[0]
    assert lines[1] == "assistant: It is on."


def test_nothing_from_outside_is_taken_for_markup() -> None:
    sight = replace(BUSY, talk=(Line("you", "[bold red]hello[/] [/nonsense]"),))
    assert "[bold red]hello[/] [/nonsense]" in "\n".join(drawn(sight, 120, 39))


# ---------------------------------------------------------------- the panels


def test_a_long_line_is_folded_under_its_first_word() -> None:
    lines = conversation([Line("you", "turn on the light in the kitchen")], 20)
    assert [line.plain for line in lines] == ["you: turn on the", "  light in the", "  kitchen"]


@pytest.mark.parametrize(
    ("shown", "mark", "colour"),
    [
        (Call("f", "done", came_true=True), "+", "green"),
        (Call("f", "timeout"), "!", "red"),
        (Call("f", "denied"), "!", "red"),
        (Call("f", "needs_confirmation"), "?", "yellow"),
        (Call("f"), "…", "yellow"),
    ],
)
def test_a_call_has_the_colour_of_the_truth(shown: Call, mark: str, colour: str) -> None:
    (line,) = function_calls([shown])
    assert line.plain.startswith(mark)
    assert colour in styles_of(line, mark)
    assert not shown.status or colour in styles_of(line, shown.status)


def test_a_changed_device_tells_before_and_now() -> None:
    light, door = house_states(BEFORE, AFTER, 10)
    assert light.plain.rstrip() == "kitchen light  off → on"
    assert "bold" in styles_of(light, "kitchen")
    assert door.plain == "front door  locked"
    assert "bold" not in styles_of(door, "front")


def test_changed_devices_come_first_where_not_all_fit() -> None:
    house: dict[str, dict[str, Any]] = {f"device {n}": {"power": "off"} for n in range(9)}
    now = {**house, "device 7": {"power": "on", "brightness": 40}}
    lines = house_states(house, now, 3)
    assert [line.plain.rstrip() for line in lines] == [
        "device 7  off → on  ? % → 40 %",
        "device 0  off",
        "device 1  off",
    ]
    assert house_states(house, now, 0) == []


def test_before_the_first_turn_nothing_has_changed() -> None:
    light, _ = house_states({}, AFTER, 10)
    assert light.plain == "kitchen light  on, 60 %"


def test_the_main_state_of_a_device_is_told_first() -> None:
    (fan,) = house_states({}, {"fan": {"speed": 33, "color": "#ffffff", "power": "on"}}, 5)
    assert fan.plain == "fan  on, 33 %"


@pytest.mark.parametrize(
    ("score", "bar"),
    [
        (Score("w", 0.0, 0.0, 0.5), "░░░░░│░░░░ 0.00"),
        (Score("w", 0.3, 0.3, 0.5), "███░░│░░░░ 0.30"),
        (Score("w", 0.0, 0.9, 0.5), "▒▒▒▒▒│▒▒▒░ 0.00"),
        (Score("w", 1.0, 1.0, 0.5), "██████████ 1.00"),
        (Score("w", 0.0, 0.0, 1.0), "░░░░░░░░░│ 0.00"),
    ],
)
def test_the_bar_shows_score_peak_and_threshold(score: Score, bar: str) -> None:
    assert wake_bar(score, 10).plain == f"wake  {bar}  w"


def test_only_a_score_over_the_threshold_is_green() -> None:
    assert "green" in styles_of(wake_bar(Score("w", 0.6, 0.6, 0.5), 10), "█")
    assert "green" not in styles_of(wake_bar(Score("w", 0.4, 0.4, 0.5), 10), "█")


def test_latencies_have_names_that_a_person_understands() -> None:
    legs = {"call_to_answered": 2504.2, "speech_end_to_first_audio": 2660.0}
    assert [line.plain for line in latencies(legs)] == [
        "call to no proof       2504 ms",
        "speech to sound        2660 ms",
    ]
    assert latencies_in_a_line(legs).plain.endswith("no proof 2504  in all 2660  ")


# ---------------------------------------------------------------- what is gathered


def gathered(status: str = "done", said: str = "") -> Sight:
    stage, onlooker = dark_stage(), Onlooker()
    stage.chronicle.add_listener(onlooker)
    stage.chronicle.see_scene("a \x1b[2Jtitle", "a line", BEGAN + 1)
    tell_kitchen_turn(stage.chronicle, status, said)
    stage.chronicle.see_step(
        step(7.0, SpeakerStopped(REPLY, Milliseconds(1240)), SPEAKING, LISTENING)
    )
    stage.chronicle.see_step(step(8.0, LinkLost("gone", "wait"), LISTENING, ASLEEP))
    stage.chronicle.see_step(step(9.0, DeadlinePassed(), THINKING, None, call(call_id="call_2")))
    return onlooker.sight(stage, 9.9)


def test_a_turn_is_gathered_in_its_order() -> None:
    sight = gathered()
    assert [(line.who, line.text) for line in sight.talk] == [
        ("", "heard “hey jarvis” (0.99)"),
        ("you", "turn on the kitchen light"),
        ("assistant", "The kitchen light is on."),
        ("", "interrupted after 1.2 s"),
        ("", "link lost: gone wait"),
    ]
    assert sight.calls == (
        Call("home_turn  kitchen light, state on", "done", came_true=True),
        Call("home_turn  kitchen light, state on"),
    )
    assert sight.traffic == (
        Message(True, "zigbee2mqtt/Kitchen/set", '{"state":"ON"}'),
        Message(False, "zigbee2mqtt/Kitchen", '{"state": "ON"}'),
    )
    assert (sight.seconds, sight.phase) == (9, "asleep")
    assert sight.latencies["speech_end_to_first_audio"] == 400.0


def test_a_timeout_did_not_come_true() -> None:
    assert gathered(status="timeout").calls[0] == Call(
        "home_turn  kitchen light, state on", "timeout", came_true=False
    )


def test_no_gathered_text_can_move_the_cursor() -> None:
    sight = gathered(said="\x1b]0;owned\x07 hello\nyou: yes")
    assert sight.talk[1].text == "·]0;owned· hello·you: yes"
    assert sight.scene == "a ·[2Jtitle"


def test_calls_and_messages_are_not_kept_for_ever() -> None:
    stage, onlooker = dark_stage(), Onlooker()
    stage.chronicle.add_listener(onlooker)
    for number in range(KEPT_LINES + 5):
        made = call("f", "{}", call_id=f"call_{number}")
        stage.chronicle.see_step(step(1.0, DeadlinePassed(), THINKING, None, made))
        stage.chronicle.see_traffic(message("t", str(number)), BEGAN)
    stage.chronicle.see_step(step(2.0, returned(call_id="call_0"), THINKING))
    sight = onlooker.sight(stage, 3.0)
    assert len(sight.calls) == len(sight.traffic) == KEPT_LINES
    assert not any(shown.status for shown in sight.calls)


def test_an_answer_without_a_status_counts_by_its_ok() -> None:
    onlooker = Onlooker()
    for name, result in (("a", {"ok": True}), ("b", {"ok": False}), ("c", {})):
        onlooker({"event": "call", "call": name, "name": name, "arguments": {}})
        onlooker({"event": "call_answered", "call": name, "result": result})
    calls = onlooker.sight(dark_stage(), 0).calls
    assert [(shown.status, shown.came_true) for shown in calls] == [
        ("answered", True),
        ("answered", False),
        ("answered", False),
    ]


def test_the_highest_word_is_shown_with_its_own_threshold() -> None:
    scores = Scores({"a": 0.3, "b": 0.8}, latest={"a": 0.1, "b": 0.456})
    scores.values = [1.0] * 10 + [0.2] * 24 + [0.456]
    assert score_of(scores) == Score("b", 0.46, 0.46, 0.8)
    assert score_of(Scores({"a": 0.3})) == Score("a", 0.0, 0.0, 0.3)
    assert score_of(Scores()) == Score()


# ---------------------------------------------------------------- on a terminal


def test_the_view_follows_what_happens_and_stays_when_it_ends() -> None:
    written = io.StringIO()
    console = Console(file=written, force_terminal=True, width=80, height=24)

    async def story() -> None:
        stage = dark_stage()
        stage.started_at = asyncio.get_running_loop().time()
        async with shown_live(stage, console):
            async with asyncio.timeout(20):
                while "asleep" not in written.getvalue():  # noqa: ASYNC110
                    await asyncio.sleep(0.01)
            tell_kitchen_turn(stage.chronicle)

    asyncio.run(story())
    screens = re.split("asleep", written.getvalue())
    assert "The kitchen light is on." not in screens[1]
    assert "The kitchen light is on." in screens[-1]
    assert written.getvalue().rstrip().endswith("\x1b[?25h")


def test_a_view_that_is_interrupted_gives_the_terminal_back() -> None:
    written = io.StringIO()
    console = Console(file=written, force_terminal=True, width=80, height=24)

    async def story() -> None:
        async with shown_live(dark_stage(), console):
            raise KeyError("the story broke")

    with pytest.raises(KeyError):
        asyncio.run(story())
    assert written.getvalue().rstrip().endswith("\x1b[?25h")


def test_a_pipe_is_no_terminal_whatever_colours_are_forced(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setattr(sys, "stdout", io.StringIO())
    assert terminal() is None


def test_a_dumb_terminal_is_not_drawn_on(monkeypatch: pytest.MonkeyPatch) -> None:
    leader, follower = os.openpty()
    with os.fdopen(leader, "rb"), os.fdopen(follower, "w") as screen:
        monkeypatch.setattr(sys, "stdout", screen)
        monkeypatch.setenv("TERM", "xterm")
        assert terminal() is not None
        monkeypatch.setenv("TERM", "dumb")
        assert terminal() is None
