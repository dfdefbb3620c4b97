"""How loud a sound is."""

import math

import numpy as np
import pytest

from assistant.audio.level import SILENCE_DBFS, level_dbfs


def tone(amplitude: float, samples: int = 1600) -> bytes:
    wave = amplitude * np.sin(2 * np.pi * 440 * np.arange(samples) / 16_000)
    return wave.astype("<i2").tobytes()


def test_a_full_scale_square_is_zero() -> None:
    assert level_dbfs(np.full(100, -32768, dtype="<i2").tobytes()) == pytest.approx(0.0)


def test_a_full_scale_sine_is_three_decibels_below() -> None:
    assert level_dbfs(tone(32767)) == pytest.approx(-3.01, abs=0.02)


def test_half_the_amplitude_is_six_decibels_less() -> None:
    assert level_dbfs(tone(8000)) - level_dbfs(tone(4000)) == pytest.approx(6.02, abs=0.02)


@pytest.mark.parametrize("pcm", [b"", bytes(2560)])
def test_silence_has_a_floor(pcm: bytes) -> None:
    assert level_dbfs(pcm) == SILENCE_DBFS


def test_the_quietest_sound_is_above_the_floor() -> None:
    least = np.array([1] + [0] * 99, dtype="<i2").tobytes()
    assert SILENCE_DBFS < level_dbfs(least) < -105
    assert math.isfinite(level_dbfs(least))


def test_one_sample_in_a_long_silence_falls_to_the_floor() -> None:
    nearly = np.array([1] + [0] * 9_999_999, dtype="<i2").tobytes()
    assert level_dbfs(nearly) == SILENCE_DBFS
