"""A real PNG is drawn and looked at."""

import struct
import zlib
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from matplotlib.image import imread

from assistant.app.chronicle import Turn
from assistant.app.demo import Stage
from assistant.app.picture import draw_timeline
from assistant.app.picture_answer import _round_instants, _widest_gap
from assistant.app.picture_style import BLUE, GREEN, ORANGE, PHASE_COLOURS, RED, drawable
from assistant.app.timeline import Window
from assistant.session.events import DeadlinePassed
from tests.rooms.test_timeline import hear, play
from tests.rooms.told_turns import (
    BEGAN,
    THINKING,
    call,
    dark_stage,
    message,
    returned,
    step,
    tell_kitchen_turn,
)

UPPER, LOWER = slice(0, 600), slice(630, 1000)
"""Rows of pixels: the whole turn, and the magnifying glass."""


def stage_after(status: str = "done", said: str = "") -> Stage:
    stage = dark_stage()
    tell_kitchen_turn(stage.chronicle, status, said)
    return stage


def pixels(stage: Stage, folder: Path) -> Any:
    """Rows, columns and colours of the picture, 0 to 255."""
    picture = imread(draw_timeline(folder / "turn.png", stage))
    return np.rint(255 * picture[:, :, :3]).astype(int)


def amount(image: Any, colour: str) -> int:
    """How many pixels have exactly this colour."""
    wanted = [int(colour[start : start + 2], 16) for start in (1, 3, 5)]
    return int(np.all(image == wanted, axis=2).sum())


def test_a_png_of_1600_by_1000_pixels_is_made(tmp_path: Path) -> None:
    path = draw_timeline(tmp_path / "turn.png", stage_after())
    head = path.read_bytes()[:24]
    assert head.startswith(b"\x89PNG\r\n\x1a\n")
    assert struct.unpack(">II", head[16:24]) == (1600, 1000)
    assert path == tmp_path / "turn.png"
    assert [file.name for file in tmp_path.iterdir()] == ["turn.png"]


def test_every_part_of_the_path_is_drawn(tmp_path: Path) -> None:
    stage = stage_after()
    hear(stage, seconds=1.6, at=2.9)
    play(stage, seconds=2.0, at=4.4)
    stage.scores.times += [1.8, 1.9, 2.0, 2.1]
    stage.scores.values += [0.1, 0.9, 0.99, 0.3]
    image = pixels(stage, tmp_path)
    assert amount(image[UPPER], BLUE) > 20_000  # the microphone
    assert amount(image[UPPER], GREEN) > 20_000  # the loudspeaker
    assert amount(image[UPPER], ORANGE) > 100  # the wake score, and connecting
    for name in ("hearing", "thinking", "speaking"):
        assert amount(image[UPPER], PHASE_COLOURS[name]) > 100
        assert amount(image[LOWER], PHASE_COLOURS[name]) > 100
    assert amount(image[LOWER], GREEN) > 1000  # the call that came true, and the reply
    assert amount(image[LOWER], BLUE) > 20  # sent
    assert amount(image[LOWER], ORANGE) > 20  # received


def test_silence_is_drawn_as_silence(tmp_path: Path) -> None:
    image = pixels(stage_after(), tmp_path)
    assert amount(image[UPPER], BLUE) < 3000


def test_a_call_that_timed_out_is_red(tmp_path: Path) -> None:
    assert amount(pixels(stage_after("done"), tmp_path)[LOWER], RED) == 0
    assert amount(pixels(stage_after("timeout"), tmp_path)[LOWER], RED) > 500


def test_without_a_turn_no_file_is_left(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no turn to draw"):
        draw_timeline(tmp_path / "turn.png", dark_stage())
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "said",
    [
        "costs $x^{$ a month",
        "\\frac{1}{0} \x1b[2J \x00 \n two",
        "客厅 🔥 \ue000",
        "very long " * 60,
    ],
)
def test_nothing_that_is_said_spoils_the_picture(said: str, tmp_path: Path) -> None:
    stage = stage_after(said=said)
    stage.chronicle.see_traffic(message(said, said, sent=True), BEGAN + 4.22)
    order = call("f", '{"text": "$\\u0001"}', "call_2")
    stage.chronicle.see_step(step(4.23, DeadlinePassed(), THINKING, None, order))
    stage.chronicle.see_step(step(4.24, returned(call_id="call_2"), THINKING))
    assert amount(pixels(stage, tmp_path)[LOWER], GREEN) > 500


@pytest.mark.parametrize(
    "times",
    [
        {"speech_started": 3.0},
        {"speech_started": 3.0, "speech_stopped": 4.0},
        {"speech_started": 3.0, "speech_stopped": 4.0, "first_audio": 4.1},
        {"speech_started": 3.0, "first_audio": 3.0},
        {"wake": 2.0, "speech_started": 3.0, "speech_stopped": 4.0, "answered": 4.5},
        {"speech_started": 3.0, "speech_stopped": 4.0, "first_audio": 90.0, "reply_ended": 4000.0},
    ],
)
def test_turns_that_were_cut_short_are_drawn_as_far_as_they_came(
    times: dict[str, float], tmp_path: Path
) -> None:
    stage = dark_stage(taped=False)
    stage.chronicle.turns.append(Turn(1, 1, times=times))
    image = pixels(stage, tmp_path)
    assert amount(image, PHASE_COLOURS["asleep"]) > 1000


def test_the_same_turn_gives_the_same_picture(tmp_path: Path) -> None:
    first, second = (
        draw_timeline(tmp_path / name, stage_after()).read_bytes() for name in ("a", "b")
    )
    assert zlib.crc32(first) == zlib.crc32(second)


def test_signs_that_the_font_lacks_become_dots() -> None:
    assert drawable("grün 客 ok") == "grün · ok"


def test_words_go_where_the_most_room_is() -> None:
    window = Window(0.0, 10.0)
    assert _widest_gap(window, [6.0, 7.0]) == Window(0.0, 6.0)
    assert _widest_gap(window, [1.0, 9.0]) == Window(1.0, 9.0)
    assert _widest_gap(window, [2.0, 3.0]) == Window(3.0, 10.0)
    assert _widest_gap(window, [-5.0, 50.0]) == Window(0.0, 10.0)


@pytest.mark.parametrize("length", [0.02, 0.3, 2.0, 40.0])
def test_the_clock_has_round_instants(length: float) -> None:
    ticks = list(_round_instants(Window(5.0 - length / 9, 5.0 + length), zero=5.0))
    steps = {round(later - earlier, 9) for earlier, later in pairwise(ticks)}
    assert len(steps) == 1
    assert any(tick == pytest.approx(5.0) for tick in ticks)
    assert 2 <= len(ticks) <= 13
