"""The resampler: exact length, clean tones, constant delay, any buffer size."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.audio.frames import Floats, floats_of, pcm_of
from assistant.audio.resampling import Resampler, resampled

RATES = (8_000, 11_025, 16_000, 22_050, 24_000, 44_100, 48_000)


def tone(pitch: float, rate: int, seconds: float = 0.5, strength: float = 0.5) -> bytes:
    time = np.arange(int(rate * seconds)) / rate
    return pcm_of(strength * np.sin(2 * np.pi * pitch * time))


def strength_at(pcm: bytes, rate: int, pitch: float) -> float:
    """The amplitude of one pitch, in the middle of a sound."""
    sound = floats_of(pcm)
    middle: Floats = sound[rate // 20 : -rate // 20]
    window = np.hanning(middle.size)
    turn = np.exp(-2j * np.pi * pitch * np.arange(middle.size) / rate)
    return float(2 * abs(np.sum(middle * window * turn)) / window.sum())


@pytest.mark.parametrize("source", RATES)
@pytest.mark.parametrize("target", [16_000, 24_000])
def test_a_tone_keeps_its_pitch_its_strength_and_its_length(source: int, target: int) -> None:
    converted = resampled(tone(1000, source), source, target)
    assert strength_at(converted, target, 1000) == pytest.approx(0.5, rel=0.01)
    assert len(converted) // 2 == pytest.approx(target / 2, abs=2)


def test_what_the_lower_rate_cannot_hold_does_not_fold_back() -> None:
    converted = resampled(tone(12_000, 48_000), 48_000, 16_000)
    assert np.abs(floats_of(converted)[800:-800]).max() < 10 ** (-70 / 20)


def test_equal_rates_change_nothing() -> None:
    pcm = tone(440, 16_000)
    assert resampled(pcm, 16_000, 16_000) == pcm


@given(
    st.lists(st.integers(0, 3000), max_size=20),
    st.sampled_from([(48_000, 16_000), (16_000, 24_000)]),
)
@settings(max_examples=40, deadline=None)
def test_the_size_of_the_buffers_does_not_matter(sizes: list[int], rates: tuple[int, int]) -> None:
    pcm = tone(700, rates[0], 0.2)
    resampler = Resampler(*rates)
    at, parts = 0, []
    for size in sizes:
        parts.append(resampler.feed(pcm[at : at + size]))
        at += size
    parts += [resampler.feed(pcm[at:]), resampler.finish()]
    difference = floats_of(b"".join(parts)) - floats_of(resampled(pcm, *rates))
    assert np.abs(difference).max() < 1e-3


def test_little_is_held_back_and_the_delay_is_constant() -> None:
    resampler = Resampler(16_000, 24_000)
    chunk = tone(440, 16_000, 0.02)
    lengths = [len(resampler.feed(chunk)) // 2 for _ in range(50)]
    assert lengths[1:] == [480] * 49
    assert 480 - lengths[0] < 24 * 3


def test_one_channel_of_several_is_chosen() -> None:
    left, right = (np.frombuffer(tone(pitch, 16_000), "<i2") for pitch in (500, 900))
    both = np.column_stack((left, right)).tobytes()
    resampler = Resampler(16_000, 16_000, channels=2, channel=1)
    # Cut in the middle of a sample of the other channel.
    assert resampler.feed(both[:1001]) + resampler.feed(both[1001:]) == right.tobytes()


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        ((96_000, 16_000, 1, 0), "96000 Hz is not between"),
        ((16_000, 4_000, 1, 0), "4000 Hz is not between"),
        ((16_000, 16_000, 2, 2), "no channel 2 among 2"),
        ((16_000, 16_000, 0, 0), "no channel 0 among 0"),
    ],
)
def test_what_cannot_be_is_refused(arguments: tuple[int, int, int, int], problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        Resampler(*arguments)


def test_nothing_in_is_nothing_out() -> None:
    assert Resampler(48_000, 16_000).feed(b"") == b""
