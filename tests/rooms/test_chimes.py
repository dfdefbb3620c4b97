"""The chimes: short, soft, different, and one for every name that the session knows."""

import numpy as np
import pytest

from assistant.audio.chimes import chimes
from assistant.audio.frames import SPEAKER_RATE, floats_of
from assistant.audio.level import level_dbfs
from assistant.session.commands import Chime

NAMES = [chime.value for chime in Chime]


def test_there_is_a_chime_for_every_name() -> None:
    assert sorted(chimes()) == sorted(NAMES)
    assert all(chime in chimes() for chime in Chime)


@pytest.mark.parametrize("name", NAMES)
def test_a_chime_is_short_and_audible_and_never_loud(name: str) -> None:
    sound = floats_of(chimes()[name])
    assert 0.2 < sound.size / SPEAKER_RATE < 1.0
    assert np.abs(sound).max() == pytest.approx(0.35, abs=0.01)
    assert -30 < level_dbfs(chimes()[name]) < -12


@pytest.mark.parametrize("name", NAMES)
def test_a_chime_begins_and_ends_softly_and_does_not_click(name: str) -> None:
    sound = floats_of(chimes()[name])
    assert np.abs(sound[:24]).max() < 0.02
    assert np.abs(sound[-24:]).max() < 0.005
    # The steepest slope of a sine of 3 kHz at this strength; a click is steeper.
    assert np.abs(np.diff(sound)).max() < 0.35 * 2 * np.pi * 3000 / SPEAKER_RATE


def pitch_of(sound: np.ndarray) -> float:
    spectrum = np.abs(np.fft.rfft(sound * np.hanning(sound.size)))
    return float(np.argmax(spectrum) * SPEAKER_RATE / sound.size)


def test_awake_rises_while_asleep_and_trouble_fall() -> None:
    ends = {}
    for name in ("awake", "asleep", "trouble"):
        sound = floats_of(chimes()[name])
        ends[name] = pitch_of(sound[-3000:]) - pitch_of(sound[:2000])
    assert ends["awake"] > 100
    assert ends["asleep"] < -100
    assert ends["trouble"] < -50


def test_no_two_chimes_are_alike() -> None:
    assert len(set(chimes().values())) == len(NAMES)


def test_half_the_volume_is_ten_decibels_softer_and_none_is_silence() -> None:
    loud, half = chimes(100)["awake"], chimes(50)["awake"]
    assert level_dbfs(loud) - level_dbfs(half) == pytest.approx(10, abs=0.1)
    assert not any(chimes(0)["awake"])
