"""The far end's input buffer: positions, cuts and limits, by a rule that a square wave obeys."""

from collections.abc import Iterable
from typing import TypeVar

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.audio.frames import Floats
from assistant.local.end_pointing import EndPointer
from assistant.local.input_audio import (
    BYTES_PER_MS,
    KEPT_MS,
    InputAudio,
    Sound,
    TurnEnded,
    TurnStarted,
)
from assistant.realtime.messages import TurnDetection

T = TypeVar("T")

WIRE_BYTES_PER_MS = 48
FRAME_MS = 32
PADDING_MS = 100
SILENCE_MS = 200
RULES = TurnDetection(prefix_padding_ms=PADDING_MS, silence_duration_ms=SILENCE_MS)
LOUDNESS = 8_000


class LoudIsSpeech:
    """A net that a test can steer: what is loud is speech."""

    def probability(self, frame: Floats) -> float:
        return float(np.abs(frame).max() > 0.1)

    def forget(self) -> None:
        """It has no memory."""


def end_pointer(rules: TurnDetection) -> EndPointer:
    padding, silence = rules.prefix_padding_ms or 0, rules.silence_duration_ms or 0
    return EndPointer(0.5, padding, silence, LoudIsSpeech())


def buffer(detection: TurnDetection | None = RULES) -> InputAudio:
    return InputAudio(end_pointer, detection)


def quiet(milliseconds: int) -> bytes:
    return bytes(milliseconds * WIRE_BYTES_PER_MS)


def loud(milliseconds: int) -> bytes:
    return np.full(milliseconds * WIRE_BYTES_PER_MS // 2, LOUDNESS, "<i2").tobytes()


def one(things: Iterable[object], kind: type[T]) -> T:
    (found,) = (thing for thing in things if isinstance(thing, kind))
    return found


def loud_ms(sound: Sound) -> float:
    samples = np.frombuffer(sound.pcm, "<i2")
    return float((np.abs(samples) > LOUDNESS / 2).sum()) / 16


def assert_about(measured: float, expected: float) -> None:
    """Both ends lie on frames of 32 ms, and the resampler holds back one or two."""
    assert abs(measured - expected) <= 2 * FRAME_MS + 4, (measured, expected)


def test_positions_count_all_sound_with_the_padding() -> None:
    turns = buffer().append(quiet(1_000) + loud(600) + quiet(500))
    assert [type(turn) for turn in turns] == [TurnStarted, TurnEnded]
    assert_about(one(turns, TurnStarted).at_ms, 1_000 - PADDING_MS)
    assert_about(one(turns, TurnEnded).at_ms, 1_600 + SILENCE_MS)


def test_a_turn_holds_its_speech_with_padding_and_silence() -> None:
    turns = buffer().append(quiet(1_000) + loud(600) + quiet(500))
    sound = one(turns, TurnEnded).sound
    assert_about(sound.milliseconds, PADDING_MS + 600 + SILENCE_MS)
    assert_about(1_000 * sound.speech_seconds, 600)
    assert abs(loud_ms(sound) - 600) <= 4


def test_a_turn_is_as_long_as_its_positions_say() -> None:
    turns = buffer().append(quiet(1_000) + loud(600) + quiet(500))
    told = one(turns, TurnEnded).at_ms - one(turns, TurnStarted).at_ms
    assert one(turns, TurnEnded).sound.milliseconds == told


def test_two_turns_in_one_burst_are_cut_apart() -> None:
    turns = buffer().append(
        quiet(500) + loud(300) + quiet(400) + loud(900) + quiet(400) + loud(100)
    )
    assert [type(turn) for turn in turns] == [TurnStarted, TurnEnded, TurnStarted, TurnEnded,
                                              TurnStarted]  # fmt: skip
    first, second = (turn for turn in turns if isinstance(turn, TurnEnded))
    assert abs(loud_ms(first.sound) - 300) <= 4
    assert abs(loud_ms(second.sound) - 900) <= 4


@given(cuts=st.lists(st.integers(1, 40_000), max_size=40))
@settings(max_examples=60, deadline=None)
def test_it_does_not_matter_how_the_sound_is_sliced(cuts: list[int]) -> None:
    sound = quiet(480) + loud(320) + quiet(480)
    whole, sliced = buffer(), buffer()
    told = []
    for size in cuts:
        told += sliced.append(sound[:size])
        sound = sound[size:]
    told += sliced.append(sound)
    expected = whole.append(quiet(480) + loud(320) + quiet(480))
    assert [(type(turn), turn.at_ms) for turn in told] == [
        (type(turn), turn.at_ms) for turn in expected
    ]
    assert one(told, TurnEnded).sound.pcm == one(expected, TurnEnded).sound.pcm


def test_positions_go_on_behind_new_rules() -> None:
    audio = buffer()
    audio.append(quiet(1_234))
    audio.watch(TurnDetection(prefix_padding_ms=0, silence_duration_ms=500))
    turns = audio.append(quiet(1_000) + loud(400) + quiet(800))
    assert_about(one(turns, TurnStarted).at_ms, 2_234)
    assert_about(one(turns, TurnEnded).at_ms, 2_634 + 500)
    assert abs(loud_ms(one(turns, TurnEnded).sound) - 400) <= 4


def test_new_rules_in_the_middle_of_speech_begin_a_turn_of_their_own() -> None:
    audio = buffer()
    assert one(audio.append(quiet(500) + loud(400)), TurnStarted)
    audio.watch(TurnDetection(prefix_padding_ms=0, silence_duration_ms=300))
    turns = audio.append(loud(600) + quiet(600))
    assert_about(one(turns, TurnStarted).at_ms, 900)
    assert_about(one(turns, TurnEnded).at_ms, 1_500 + 300)


def test_rules_changed_a_thousand_times_do_not_move_the_positions() -> None:
    audio = buffer()
    for _ in range(1_000):
        audio.append(bytes(2 * 37))
        audio.watch(RULES)
    turns = audio.append(quiet(1_000) + loud(300) + quiet(400))
    assert_about(one(turns, TurnStarted).at_ms, 1_000 * 37 / 24 + 1_000 - PADDING_MS)


def test_a_buffer_cleared_a_thousand_times_keeps_its_positions() -> None:
    audio = buffer()
    for _ in range(1_000):
        audio.append(bytes(2 * 37))
        audio.clear()
    turns = audio.append(quiet(1_000) + loud(300) + quiet(400))
    assert_about(one(turns, TurnStarted).at_ms, 1_000 * 37 / 24 + 1_000 - PADDING_MS)
    assert abs(loud_ms(one(turns, TurnEnded).sound) - 300) <= 4


def test_what_was_cleared_is_in_no_turn() -> None:
    audio = buffer()
    assert one(audio.append(loud(400)), TurnStarted)
    audio.clear()
    turns = audio.append(quiet(64) + loud(500) + quiet(400))
    assert one(turns, TurnStarted).at_ms >= 400 - 2
    assert abs(loud_ms(one(turns, TurnEnded).sound) - 500) <= 8


def test_without_detection_nothing_ends_a_turn_but_a_commit() -> None:
    audio = buffer(None)
    assert audio.append(quiet(300) + loud(500) + quiet(2_000)) == []
    sound = audio.commit()
    assert sound is not None
    assert_about(sound.milliseconds, 2_800)
    assert abs(loud_ms(sound) - 500) <= 4
    assert audio.commit() is None


def test_silence_around_a_committed_turn_does_not_count_as_speech() -> None:
    audio = buffer(None)
    audio.append(quiet(2_000) + loud(600) + quiet(1_000) + loud(300) + quiet(2_000))
    sound = audio.commit()
    assert sound is not None
    assert_about(sound.milliseconds, 5_900)
    assert abs(1_000 * sound.speech_seconds - 900) <= 4 * FRAME_MS


def test_speech_up_to_the_commit_counts_whole() -> None:
    audio = buffer(None)
    audio.append(quiet(500) + loud(700))
    sound = audio.commit()
    assert sound is not None
    assert_about(1_000 * sound.speech_seconds, 700)


def test_where_no_speech_is_found_all_of_it_may_be_speech() -> None:
    audio = buffer(None)
    audio.append(quiet(900))
    sound = audio.commit()
    assert sound is not None
    assert_about(1_000 * sound.speech_seconds, 900)


def test_what_a_detected_turn_took_is_not_committed_again() -> None:
    audio = buffer()
    audio.append(quiet(500) + loud(400) + quiet(400))
    sound = audio.commit()
    assert sound is not None
    assert loud_ms(sound) == 0
    assert sound.milliseconds < 400


@pytest.mark.parametrize(("milliseconds", "enough"), [(95, False), (104, True)])
def test_a_commit_needs_a_tenth_of_a_second(milliseconds: int, enough: bool) -> None:
    audio = buffer(None)
    audio.append(loud(milliseconds))
    assert (audio.commit() is not None) is enough


def test_a_refused_commit_keeps_the_sound() -> None:
    audio = buffer(None)
    audio.append(loud(60))
    assert audio.commit() is None
    audio.append(loud(60))
    sound = audio.commit()
    assert sound is not None
    assert loud_ms(sound) > 100


def test_a_commit_by_hand_ends_the_turn_that_was_detected() -> None:
    audio = buffer()
    assert one(audio.append(quiet(200) + loud(400) + quiet(50)), TurnStarted)
    assert audio.commit() is not None
    turns = audio.append(quiet(1_000) + loud(300) + quiet(400))
    assert_about(one(turns, TurnStarted).at_ms, 1_650 - PADDING_MS)
    assert_about(one(turns, TurnEnded).sound.milliseconds, PADDING_MS + 300 + SILENCE_MS)


@pytest.mark.parametrize("detection", [RULES, None])
def test_silence_of_hours_is_forgotten(detection: TurnDetection | None) -> None:
    audio = buffer(detection)
    for _ in range(16):
        audio.append(quiet(10_000))
    sound = audio.commit()
    assert sound is not None
    assert sound.milliseconds == KEPT_MS


def test_positions_survive_the_forgetting() -> None:
    audio = buffer()
    for _ in range(15):
        audio.append(quiet(10_000))
    turns = audio.append(loud(400) + quiet(400))
    assert_about(one(turns, TurnStarted).at_ms, 150_000 - PADDING_MS)
    assert abs(loud_ms(one(turns, TurnEnded).sound) - 400) <= 4


def test_a_turn_longer_than_two_minutes_keeps_its_end() -> None:
    audio = buffer()
    for _ in range(13):
        audio.append(loud(10_000))
    turns = audio.append(quiet(400))
    sound = one(turns, TurnEnded).sound
    assert KEPT_MS - 1_000 <= sound.milliseconds <= KEPT_MS + 400
    assert not np.frombuffer(sound.pcm[-100 * BYTES_PER_MS :], "<i2").any()


def test_odd_bytes_do_not_shift_what_follows() -> None:
    audio = buffer(None)
    sound = loud(200)
    audio.append(sound[:4_801])
    audio.append(sound[4_801:])
    heard = audio.commit()
    assert heard is not None
    # Bytes in the wrong order would be noise; only the resampler rings a little at the edges.
    assert abs(loud_ms(heard) - 200) <= 4
    assert np.abs(np.frombuffer(heard.pcm, "<i2")).max() < 1.2 * LOUDNESS
