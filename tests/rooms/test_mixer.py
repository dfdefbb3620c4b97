"""The mixer hands out every sample once, lays chimes over, and falls silent without a click."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.audio.frames import gain_of, pcm_of
from assistant.audio.mixer import Mixer
from assistant.units import ItemId

ONE, TWO = ItemId("one"), ItemId("two")


def samples_of(pcm: bytes) -> list[int]:
    return [int(sample) for sample in np.frombuffer(pcm, "<i2")]


def steady(value: int, samples: int) -> bytes:
    return np.full(samples, value, dtype="<i2").tobytes()


def test_with_nothing_queued_there_is_silence() -> None:
    block = Mixer().take(480)
    assert (block.pcm, block.given) == (bytes(960), ())


def test_items_follow_each_other_within_a_block() -> None:
    mixer = Mixer()
    mixer.queue(ONE, steady(1, 100))
    mixer.queue(TWO, steady(2, 300))
    block = mixer.take(250)
    assert samples_of(block.pcm) == [1] * 100 + [2] * 150
    assert block.given == ((ONE, 100), (TWO, 150))


@given(
    st.lists(st.tuples(st.sampled_from([ONE, TWO]), st.binary(max_size=40)), max_size=8),
    st.integers(1, 30),
)
def test_every_sample_is_handed_out_exactly_once(
    pieces: list[tuple[ItemId, bytes]], size: int
) -> None:
    mixer = Mixer()
    whole = [(item, pcm[: len(pcm) // 2 * 2]) for item, pcm in pieces]
    queued = [mixer.queue(item, pcm) for item, pcm in whole]
    total = sum(queued)
    blocks = [mixer.take(size) for _ in range(total // size + 1)]
    sound = b"".join(block.pcm for block in blocks)
    assert sound[: 2 * total] == b"".join(pcm for _, pcm in whole)
    assert not any(sound[2 * total :])
    for name in (ONE, TWO):
        told = sum(count for block in blocks for item, count in block.given if item == name)
        assert told == sum(len(pcm) // 2 for item, pcm in whole if item == name)


def test_a_sample_cut_in_two_is_put_together_again() -> None:
    mixer = Mixer()
    pcm = steady(0x0102, 3)
    assert [mixer.queue(ONE, part) for part in (pcm[:3], pcm[3:4], pcm[4:])] == [1, 1, 1]
    assert mixer.take(3).pcm == pcm


def test_the_volume_touches_items_but_not_their_count() -> None:
    mixer = Mixer(volume_percent=50)
    mixer.queue(ONE, steady(10_000, 10))
    block = mixer.take(10)
    assert samples_of(block.pcm) == [round(10_000 * gain_of(50))] * 10
    assert block.given == ((ONE, 10),)


def test_a_chime_sounds_at_once_over_the_item_and_ends() -> None:
    mixer = Mixer()
    mixer.queue(ONE, steady(1000, 30))
    mixer.mix_in(steady(500, 15))
    assert samples_of(mixer.take(10).pcm) == [1500] * 10
    assert samples_of(mixer.take(10).pcm) == [1500] * 5 + [1000] * 5
    assert samples_of(mixer.take(10).pcm) == [1000] * 10


def test_two_chimes_add_up_and_are_clipped() -> None:
    mixer = Mixer()
    mixer.mix_in(steady(30_000, 4))
    mixer.mix_in(steady(30_000, 2))
    assert samples_of(mixer.take(4).pcm) == [32_767] * 2 + [30_000] * 2


def test_a_chime_is_no_item() -> None:
    mixer = Mixer()
    mixer.mix_in(steady(1, 10))
    assert mixer.take(10).given == ()


def test_dropping_lets_the_sound_fade_within_five_milliseconds() -> None:
    mixer = Mixer()
    mixer.queue(ONE, steady(10_000, 4800))
    mixer.take(480)
    mixer.drop()
    block = mixer.take(480)
    fading = samples_of(block.pcm)
    assert block.given == ()
    assert fading[:120] == sorted(fading[:120], reverse=True)
    assert fading[0] == pytest.approx(10_000, abs=100)
    assert not any(fading[120:])


def test_dropping_what_never_began_makes_no_sound() -> None:
    mixer = Mixer()
    mixer.queue(ONE, steady(10_000, 4800))
    mixer.drop()
    assert not any(mixer.take(480).pcm)


def test_dropping_leaves_chimes_alone_and_half_samples_behind() -> None:
    mixer = Mixer()
    mixer.mix_in(steady(7, 3))
    mixer.queue(ONE, b"\x01")
    mixer.drop()
    mixer.queue(ONE, steady(1, 1))
    assert samples_of(mixer.take(3).pcm) == [8, 7, 7]


def test_a_chime_of_nothing_does_nothing() -> None:
    mixer = Mixer()
    mixer.mix_in(pcm_of(np.zeros(0)))
    assert mixer.take(2).pcm == bytes(4)


def test_an_item_has_room_for_so_much_and_another_for_the_rest() -> None:
    mixer = Mixer(most_of_an_item=100, most_in_all=150)
    assert mixer.has_room_for(ONE, steady(1, 100))
    assert not mixer.has_room_for(ONE, steady(1, 101))
    mixer.queue(ONE, steady(1, 80))
    assert mixer.has_room_for(ONE, steady(1, 20))
    assert not mixer.has_room_for(ONE, steady(1, 21))
    assert mixer.has_room_for(TWO, steady(1, 70))
    assert not mixer.has_room_for(TWO, steady(1, 71))


def test_what_is_taken_or_dropped_makes_room() -> None:
    mixer = Mixer(most_of_an_item=1000)
    mixer.queue(ONE, steady(1, 1000))
    mixer.take(30)
    assert mixer.has_room_for(ONE, steady(1, 30))
    assert not mixer.has_room_for(ONE, steady(1, 31))
    mixer.drop()
    assert mixer.has_room_for(ONE, steady(1, 1000))


def test_crumbs_of_an_item_are_joined_and_crumbs_of_many_are_too_many() -> None:
    joined, many = Mixer(), Mixer()
    for number in range(5000):
        joined.queue(ONE, steady(number, 1))
        many.queue((ONE, TWO)[number % 2], steady(number, 1))
    assert joined.has_room_for(ONE, steady(1, 1))
    assert not many.has_room_for(ONE, steady(1, 1))
    for mixer in (joined, many):
        assert samples_of(mixer.take(5000).pcm) == list(range(5000))


def test_five_minutes_of_an_item_may_wait() -> None:
    mixer, minute = Mixer(), bytes(2 * 60 * 24_000)
    for _ in range(5):
        assert mixer.has_room_for(ONE, minute)
        mixer.queue(ONE, minute)
    assert not mixer.has_room_for(ONE, bytes(2))
    assert mixer.has_room_for(TWO, bytes(2))
