"""The conversation as sound: both sides stand on the same clock."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import numpy as np

from assistant.adapters.wav_speaker import Block, WavSpeaker
from assistant.app.tapes import TapedMicrophone, write_conversation
from assistant.audio.frames import FRAME_MS, FRAME_SAMPLES, SPEAKER_RATE
from tests.house.speech import Samples, read_channels

SILENT, LOUD = bytes(2 * FRAME_SAMPLES), np.full(FRAME_SAMPLES, 8000, "<i2").tobytes()
FRAME_AT_24K = SPEAKER_RATE * FRAME_MS // 1000


class Microphone:
    """Fits `ports.Microphone`: the frames of a list."""

    def __init__(self, *frames: bytes) -> None:
        self._frames = frames

    async def frames(self) -> AsyncIterator[bytes]:
        for frame in self._frames:
            yield frame


async def taped(*frames: bytes) -> TapedMicrophone:
    microphone = TapedMicrophone(Microphone(*frames))
    passed = [frame async for frame in microphone.frames()]
    assert passed == list(frames)
    return microphone


def speaker_that_played(begins: int, samples: int) -> WavSpeaker:
    speaker = WavSpeaker(lambda _event: None)
    speaker.heard.append(Block(begins, np.full(samples, 5000, "<i2").tobytes()))
    return speaker


def sides(path: Path) -> tuple[Samples, Samples]:
    rate, (left, right) = read_channels(path)
    assert rate == SPEAKER_RATE
    return left, right


def loud(side: Samples) -> tuple[int, int]:
    """The first and the last place where something sounds."""
    places = np.flatnonzero(np.abs(side.astype(int)) > 2500)
    return int(places[0]), int(places[-1])


def test_the_tape_passes_frames_on_and_keeps_them(tmp_path: Path) -> None:
    microphone = asyncio.run(taped(SILENT, LOUD))
    assert microphone.pcm == SILENT + LOUD


def test_the_tape_begins_where_the_first_frame_began() -> None:
    async def story() -> None:
        now = asyncio.get_running_loop().time()
        microphone = await taped(SILENT, LOUD)
        assert now - FRAME_MS / 1000 <= microphone.started_at <= now + 1.0

    asyncio.run(story())


def test_the_user_is_on_the_left_and_the_house_on_the_right(tmp_path: Path) -> None:
    async def story() -> None:
        path = tmp_path / "conversation.wav"
        microphone = await taped(SILENT, LOUD, SILENT, SILENT)
        microphone.started_at = 10.0
        write_conversation(path, microphone, speaker_that_played(4800, 2400), 9.9)
        left, right = sides(path)
        assert len(left) == len(right) == 4 * FRAME_AT_24K
        begin, end = loud(left)
        assert abs(begin - FRAME_AT_24K) < 100
        assert abs(end - 2 * FRAME_AT_24K) < 100
        # The speaker opened 100 ms before the microphone: its clock runs 2,400 samples ahead.
        assert loud(right) == (2400, 4799)

    asyncio.run(story())


def test_a_speaker_that_opened_later_is_moved_back(tmp_path: Path) -> None:
    async def story() -> None:
        path = tmp_path / "conversation.wav"
        microphone = await taped(*[SILENT] * 4)
        microphone.started_at = 9.9
        write_conversation(path, microphone, speaker_that_played(0, 1200), 10.0)
        assert loud(sides(path)[1]) == (2400, 3599)

    asyncio.run(story())


def test_without_a_taped_speaker_the_right_side_is_silent(tmp_path: Path) -> None:
    async def story() -> None:
        path = tmp_path / "conversation.wav"
        write_conversation(path, await taped(LOUD, LOUD), None, 0.0)
        left, right = sides(path)
        assert left.any()
        assert not right.any()

    asyncio.run(story())


def test_a_conversation_that_never_began_is_an_empty_file(tmp_path: Path) -> None:
    path = tmp_path / "conversation.wav"
    write_conversation(path, TapedMicrophone(Microphone()), None, 0.0)
    left, right = sides(path)
    assert (len(left), len(right)) == (0, 0)
