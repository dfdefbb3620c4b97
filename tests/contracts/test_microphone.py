"""What every microphone keeps to, and what the one made of files does beyond that.

The same suite runs on a sound card where PortAudio lists one; without any it is skipped.
"""

import asyncio
import time
import wave
from collections.abc import AsyncIterator
from pathlib import Path

import numpy as np
import pytest

from assistant.adapters.sound_devices import Direction
from assistant.adapters.wav_microphone import WavMicrophone
from assistant.audio.frames import FRAME_BYTES, SILENCE, floats_of, pcm_of
from assistant.audio.level import level_dbfs
from assistant.errors import MicrophoneMissing
from assistant.ports import Microphone
from tests.contracts.sound_cards import a_card_that, cards


def tone(seconds: float, rate: int = 16_000) -> bytes:
    return pcm_of(0.5 * np.sin(2 * np.pi * 440 * np.arange(int(seconds * rate)) / rate))


def recorded(path: Path, pcm: bytes, rate: int = 16_000, channels: int = 1) -> Path:
    with wave.open(str(path), "wb") as file:
        file.setparams((channels, 2, rate, 0, "NONE", ""))
        file.writeframes(pcm)
    return path


async def heard_by(microphone: Microphone, frames: int) -> list[bytes]:
    heard: list[bytes] = []
    source = microphone.frames()
    async for frame in source:
        heard.append(frame)
        if len(heard) == frames:
            break
    assert isinstance(source, AsyncIterator)
    await source.aclose()  # type: ignore[attr-defined]  # every generator has it
    return heard


@pytest.fixture(params=["wav", "portaudio"])
def microphone(request: pytest.FixtureRequest) -> Microphone:
    if request.param == "wav":
        return WavMicrophone()
    from assistant.adapters.pyaudio_microphone import PyAudioMicrophone  # noqa: PLC0415

    return PyAudioMicrophone(cards(), a_card_that(Direction.INPUT))


def test_frames_have_eighty_milliseconds_and_come_in_real_time(microphone: Microphone) -> None:
    began = time.monotonic()
    heard = asyncio.run(heard_by(microphone, 10))
    took = time.monotonic() - began
    assert {len(frame) for frame in heard} == {FRAME_BYTES}
    assert 0.7 < took < 6.0


def test_a_microphone_can_be_opened_again(microphone: Microphone) -> None:
    async def story() -> None:
        assert len(await heard_by(microphone, 2)) == 2
        assert len(await heard_by(microphone, 2)) == 2

    asyncio.run(story())


def test_while_it_listens_the_loop_goes_on(microphone: Microphone) -> None:
    async def story() -> int:
        turns = 0

        async def turn() -> None:
            nonlocal turns
            while True:
                await asyncio.sleep(0.01)
                turns += 1

        turning = asyncio.create_task(turn())
        await heard_by(microphone, 6)
        turning.cancel()
        return turns

    assert asyncio.run(story()) > 8


def quick(file: Path | None = None, *, channel: int = 0, ends: bool = True) -> WavMicrophone:
    return WavMicrophone(file, channel=channel, ends=ends, pace=200)


async def all_of(microphone: WavMicrophone) -> bytes:
    return b"".join([frame async for frame in microphone.frames()])


@pytest.mark.parametrize("rate", [8_000, 16_000, 44_100, 48_000])
def test_a_file_of_any_rate_is_heard_whole_and_then_ends(tmp_path: Path, rate: int) -> None:
    file = recorded(tmp_path / "speech.wav", tone(1.0, rate), rate)
    heard = floats_of(asyncio.run(all_of(quick(file))))
    wanted = floats_of(tone(1.0)).astype(np.float64)
    assert heard.size == 13 * 1280
    difference = heard[200:15_800] - wanted[200:15_800]
    assert np.sqrt(np.mean(difference**2)) < 0.01
    assert np.abs(heard[16_010:]).max() < 0.01


def test_one_channel_of_a_stereo_file_is_heard(tmp_path: Path) -> None:
    left, right = (np.frombuffer(pcm, "<i2") for pcm in (bytes(2560), tone(0.08)))
    file = recorded(tmp_path / "both.wav", np.column_stack((left, right)).tobytes(), channels=2)
    assert not any(asyncio.run(all_of(quick(file))))
    assert asyncio.run(all_of(quick(file, channel=1))) == right.tobytes()


def test_opening_again_begins_the_file_again(tmp_path: Path) -> None:
    microphone = quick(recorded(tmp_path / "a.wav", tone(0.16)))

    async def story() -> None:
        assert await all_of(microphone) == await all_of(microphone) == tone(0.16)

    asyncio.run(story())


def test_without_an_end_silence_follows_the_file(tmp_path: Path) -> None:
    file = recorded(tmp_path / "a.wav", tone(0.08))
    heard = asyncio.run(heard_by(quick(file, ends=False), 4))
    assert heard == [tone(0.08), SILENCE, SILENCE, SILENCE]


def test_a_missing_file_is_named_with_the_remedy(tmp_path: Path) -> None:
    microphone = quick(tmp_path / "absent.wav")
    with pytest.raises(MicrophoneMissing, match=r"absent\.wav cannot be read") as caught:
        asyncio.run(all_of(microphone))
    assert "microphone_wav" in caught.value.remedy


def test_a_file_that_is_no_wav_is_named(tmp_path: Path) -> None:
    (tmp_path / "song.mp3").write_bytes(b"ID3" + bytes(100))
    with pytest.raises(MicrophoneMissing, match=r"song\.mp3: is not a WAV file"):
        asyncio.run(all_of(quick(tmp_path / "song.mp3")))


def test_a_rate_or_channel_that_cannot_be_is_told(tmp_path: Path) -> None:
    file = recorded(tmp_path / "slow.wav", tone(0.1, 4_000), 4_000)
    with pytest.raises(MicrophoneMissing, match="4000 Hz is not between"):
        asyncio.run(all_of(quick(file)))
    with pytest.raises(MicrophoneMissing, match="no channel 3 among 1"):
        asyncio.run(all_of(quick(recorded(tmp_path / "a.wav", tone(0.1)), channel=3)))


def test_what_is_said_while_it_runs_is_heard_in_order_with_silence_around() -> None:
    microphone = quick(ends=False)

    async def story() -> list[bytes]:
        heard = []
        async for frame in microphone.frames():
            heard.append(frame)
            if len(heard) == 2:
                microphone.say(tone(0.16))
                microphone.say(tone(0.04))
                assert microphone.pending == 240
            if len(heard) == 7:
                break
        return heard

    heard = asyncio.run(story())
    assert [level_dbfs(frame) > -60 for frame in heard] == [False] * 2 + [True] * 3 + [False] * 2
    assert b"".join(heard[2:4]) == tone(0.16)
    assert heard[4].startswith(tone(0.04))
    assert microphone.pending == 0


def test_background_noise_has_its_level_and_repeats_from_start_to_start() -> None:
    def listen() -> list[bytes]:
        return asyncio.run(heard_by(WavMicrophone(noise_dbfs=-40, pace=200), 150))

    first = listen()
    assert all(abs(level_dbfs(frame) + 40) < 1 for frame in first)
    assert len(set(first)) > 100
    assert listen() == first


def test_a_listener_that_was_away_loses_nothing() -> None:
    microphone = WavMicrophone(ends=True, pace=50)
    microphone.say(tone(0.8))

    async def story() -> bytes:
        heard = b""
        async for frame in microphone.frames():
            heard += frame
            if len(heard) == 2 * FRAME_BYTES:
                time.sleep(0.2)  # noqa: ASYNC251  # the loop is meant to be blocked
        return heard

    assert asyncio.run(story()) == tone(0.8)
