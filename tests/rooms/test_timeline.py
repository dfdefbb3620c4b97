"""A turn laid out in time: which one, how much of it, and what was heard when."""

import asyncio
import struct

import numpy as np
import pytest

from assistant.adapters.wav_speaker import Block
from assistant.app.chronicle import Turn
from assistant.app.demo import Stage
from assistant.app.timeline import Message, Span, Window, most_telling, timeline_of
from assistant.audio.frames import MICROPHONE_RATE, SPEAKER_RATE
from assistant.session.events import DeadlinePassed
from tests.rooms.told_turns import BEGAN, THINKING, call, dark_stage, step, tell_kitchen_turn, wake

LOUD = struct.pack("<2h", 16000, -16000)
"""Two samples."""


def hear(stage: Stage, seconds: float, at: float) -> None:
    """Fill the microphone's tape with so much loud sound, from an instant of the story on."""
    assert stage.source is not None
    stage.source.say(LOUD * round(seconds * MICROPHONE_RATE / 2))

    async def listen() -> None:
        async for _ in stage.microphone.frames():
            pass

    asyncio.run(listen())
    stage.microphone.started_at = BEGAN + at


def play(stage: Stage, seconds: float, at: float) -> None:
    assert stage.speaker is not None
    pcm = LOUD * round(seconds * SPEAKER_RATE / 2)
    stage.speaker.heard.append(Block(round(at * SPEAKER_RATE), pcm))


def lit_stage() -> Stage:
    stage = dark_stage()
    tell_kitchen_turn(stage.chronicle)
    return stage


def turn(number: int, word: str = "", status: str = "", *marks: str) -> Turn:
    calls = [{"status": status}] if status else []
    return Turn(number, 1, word, calls=calls, times=dict.fromkeys(marks, 1.0))


# ---------------------------------------------------------------- which turn


def test_without_a_turn_there_is_nothing_to_draw() -> None:
    with pytest.raises(ValueError, match="nobody has said anything yet"):
        timeline_of(dark_stage())


def test_the_turn_with_wake_word_and_a_call_that_came_true_is_chosen() -> None:
    turns = [
        turn(1, "", "done", "first_audio"),
        turn(2, "hey_jarvis", "timeout", "first_audio"),
        turn(3, "hey_jarvis", "done", "first_audio"),
        turn(4, "hey_jarvis", "done", "first_audio"),
        turn(5, "hey_jarvis", "done"),
    ]
    assert most_telling(turns).number == 3


def test_an_answered_turn_tells_more_than_one_that_was_cut_off() -> None:
    turns = [turn(1, "hey_jarvis", "done"), turn(2, "", "", "first_audio")]
    assert most_telling(turns).number == 2


def test_a_call_that_failed_tells_more_than_none() -> None:
    assert most_telling([turn(1), turn(2, "", "timeout")]).number == 2


# ---------------------------------------------------------------- which stretch


def test_the_whole_turn_shows_the_wake_word_and_the_reply() -> None:
    whole = timeline_of(lit_stage()).whole
    assert whole.begins == pytest.approx(0.05)
    assert whole.ends == pytest.approx(6.9)


def test_the_glass_lies_over_the_way_to_the_answer() -> None:
    answer = timeline_of(lit_stage()).answer
    assert answer.begins < 4.0 < 4.4 < answer.ends
    assert answer.length == pytest.approx(0.4 * 1.24)


def test_nothing_is_magnified_where_nothing_was_answered() -> None:
    stage = dark_stage()
    wake(stage.chronicle)
    stage.chronicle.turns.append(turn(1, "", "", "speech_started", "speech_stopped"))
    timeline = timeline_of(stage)
    assert timeline.answer == timeline.whole


# ---------------------------------------------------------------- what is in it


def test_sound_stands_where_it_was_heard() -> None:
    stage = lit_stage()
    hear(stage, seconds=1.6, at=3.0)
    play(stage, seconds=2.0, at=4.4)
    timeline = timeline_of(stage)
    for sound, begins, ends in ((timeline.heard, 3.0, 4.6), (timeline.played, 4.4, 6.4)):
        loud = np.flatnonzero(sound.samples) / sound.rate + timeline.whole.begins
        assert loud[0] == pytest.approx(begins, abs=0.001)
        assert loud[-1] == pytest.approx(ends, abs=0.001)
        assert len(sound.samples) == round(timeline.whole.length * sound.rate)


def test_a_tape_that_began_before_the_turn_is_cut() -> None:
    stage = lit_stage()
    hear(stage, seconds=16.0, at=-4.0)
    assert np.all(timeline_of(stage).heard.samples)


def test_a_tape_that_began_after_the_turn_is_silent() -> None:
    stage = lit_stage()
    hear(stage, seconds=1.6, at=50.0)
    assert not np.any(timeline_of(stage).heard.samples)


def test_without_a_tape_of_the_loudspeaker_it_is_silent() -> None:
    stage = dark_stage(taped=False)
    tell_kitchen_turn(stage.chronicle)
    assert not np.any(timeline_of(stage).played.samples)


def test_states_fill_the_window_without_a_gap() -> None:
    timeline = timeline_of(lit_stage())
    names = [span.name for span in timeline.phases]
    assert names == [
        "asleep", "connecting", "listening", "hearing", "thinking", "speaking", "listening",
    ]  # fmt: skip
    edges = [timeline.whole.begins, *(span.ends for span in timeline.phases)]
    assert [span.begins for span in timeline.phases] == edges[:-1]
    assert edges[-1] == timeline.whole.ends


def test_a_second_turn_begins_in_the_state_that_it_found() -> None:
    stage = lit_stage()
    stage.chronicle.turns[0] = Turn(1, 1, times={"speech_started": 5.0, "first_audio": 5.5})
    assert timeline_of(stage).phases[0].name == "speaking"


def test_calls_last_from_the_question_to_the_answer() -> None:
    stage = lit_stage()
    (made,) = timeline_of(stage).calls
    arguments = {"target": {"name": "kitchen light"}, "state": "on"}
    assert made == Span("home_turn", 4.2, 4.25, "done", arguments)


def test_a_call_without_an_answer_lasts_to_the_end() -> None:
    stage = lit_stage()
    open_call = call("home_lock", "{}", "call_2")
    stage.chronicle.see_step(step(4.3, DeadlinePassed(), THINKING, None, open_call))
    timeline = timeline_of(stage)
    assert timeline.calls[1] == Span("home_lock", 4.3, timeline.whole.ends, "", {})


def test_messages_of_other_turns_are_left_out() -> None:
    stage = dark_stage()
    tell_kitchen_turn(stage.chronicle)
    stage.chronicle.turns.append(Turn(2, 1, "hey_jarvis", times={"speech_started": 50.0}))
    timeline = timeline_of(stage)
    assert timeline.turn.number == 1
    assert timeline.messages == (
        Message(4.21, sent=True, topic="zigbee2mqtt/Kitchen/set", payload='{"state":"ON"}'),
        Message(4.24, sent=False, topic="zigbee2mqtt/Kitchen", payload='{"state": "ON"}'),
    )


def test_scores_of_the_window_come_with_their_threshold() -> None:
    stage = lit_stage()
    stage.scores.thresholds["hey_jarvis"] = 0.7
    stage.scores.times += [0.0, 2.0, 60.0]
    stage.scores.values += [0.1, 0.99, 0.2]
    timeline = timeline_of(stage)
    assert timeline.scores == ((2.0, 0.99),)
    assert timeline.threshold == 0.7


def test_a_window_holds_its_edges() -> None:
    window = Window(1.0, 2.0)
    assert [at for at in (0.9, 1.0, 1.5, 2.0, 2.1) if window.holds(at)] == [1.0, 1.5, 2.0]
