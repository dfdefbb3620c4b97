"""Sizes, volumes, and buffers of any size that become frames."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.audio.frames import (
    FRAME_BYTES,
    FRAME_MS,
    MICROPHONE_RATE,
    SILENCE,
    Reframer,
    duration_ms,
    floats_of,
    gain_of,
    pcm_of,
    samples_in,
    silence,
)
from assistant.units import Milliseconds


def test_a_frame_is_eighty_milliseconds_at_the_microphones_rate() -> None:
    assert duration_ms(samples_in(SILENCE), MICROPHONE_RATE) == FRAME_MS == 80
    assert silence(FRAME_MS, MICROPHONE_RATE) == SILENCE


def test_silence_has_the_length_it_is_asked_for() -> None:
    assert len(silence(Milliseconds(250), 24_000)) == 12_000


def test_durations_are_rounded_down_but_forgive_the_clocks_last_digits() -> None:
    assert duration_ms(47, 24_000) == 1
    assert duration_ms(47.999999999, 24_000) == 2


def test_half_the_volume_is_ten_decibels_softer() -> None:
    assert 20 * np.log10(gain_of(50)) == pytest.approx(-10.0, abs=0.05)
    assert (gain_of(0), gain_of(-5), gain_of(100), gain_of(150)) == (0.0, 0.0, 1.0, 1.0)


def test_loud_sound_is_clipped_and_never_wrapped() -> None:
    assert np.frombuffer(pcm_of(np.array([2.0, -2.0])), "<i2").tolist() == [32767, -32768]


@given(st.binary(max_size=200).filter(lambda pcm: len(pcm) % 2 == 0))
def test_samples_survive_the_way_through_floats(pcm: bytes) -> None:
    assert pcm_of(floats_of(pcm)) == pcm


@given(st.lists(st.binary(max_size=6000), max_size=12))
def test_buffers_of_any_size_become_frames_without_loss(buffers: list[bytes]) -> None:
    reframer = Reframer()
    frames = [frame for buffer in buffers for frame in reframer.feed(buffer)]
    frames += reframer.flush()
    sound = b"".join(buffers)
    assert all(len(frame) == FRAME_BYTES for frame in frames)
    assert b"".join(frames) == sound.ljust(len(frames) * FRAME_BYTES, b"\0")
    assert len(frames) * FRAME_BYTES - len(sound) < FRAME_BYTES


def test_a_frame_is_handed_out_as_soon_as_it_is_complete() -> None:
    reframer = Reframer()
    assert reframer.feed(SILENCE[:-1]) == []
    assert reframer.feed(b"\0") == [SILENCE]
    assert reframer.flush() == []
