"""What every loudspeaker keeps to, and what the one made of files records.

The same suite runs on a sound card where PortAudio lists one; without any it is skipped.
"""

import asyncio
import wave
from collections.abc import Awaitable, Callable
from pathlib import Path

import numpy as np
import pytest

from assistant.adapters.sound_devices import Direction
from assistant.adapters.wav_speaker import WavSpeaker
from assistant.audio.frames import SPEAKER_RATE, pcm_of
from assistant.errors import SpeakerMissing
from assistant.ports import Post, Speaker
from assistant.session.events import Event, SpeakerFinished, SpeakerStarted, SpeakerStopped
from assistant.units import ItemId
from tests.contracts.sound_cards import a_card_that, cards

ONE, TWO, THREE = ItemId("one"), ItemId("two"), ItemId("three")
MakeSpeaker = Callable[[Post], Speaker]


def tone(seconds: float, strength: float = 0.4) -> bytes:
    time = np.arange(int(seconds * SPEAKER_RATE)) / SPEAKER_RATE
    return pcm_of(strength * np.cos(2 * np.pi * 440 * time))


class Diary:
    """What a speaker posted, and a way to wait for it."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self._changed = asyncio.Event()

    def post(self, event: Event) -> None:
        self.events.append(event)
        self._changed.set()

    async def until(self, kind: type[Event], times: int = 1) -> None:
        async with asyncio.timeout(20):
            while sum(isinstance(event, kind) for event in self.events) < times:
                self._changed.clear()
                await self._changed.wait()


@pytest.fixture(params=["wav", "portaudio"])
def make(request: pytest.FixtureRequest) -> MakeSpeaker:
    if request.param == "wav":
        return WavSpeaker
    from assistant.adapters.pyaudio_speaker import PyAudioSpeaker  # noqa: PLC0415

    names = a_card_that(Direction.OUTPUT)
    return lambda post: PyAudioSpeaker(post, cards(), names)


def told_by(make: MakeSpeaker, story: Callable[[Speaker, Diary], Awaitable[None]]) -> list[Event]:
    async def run() -> list[Event]:
        diary = Diary()
        speaker = make(diary.post)
        await speaker.open()
        try:
            await story(speaker, diary)
        finally:
            await speaker.close()
        return diary.events

    return asyncio.run(run())


def test_a_complete_item_starts_and_finishes_with_its_whole_length(make: MakeSpeaker) -> None:
    async def story(speaker: Speaker, diary: Diary) -> None:
        loop = asyncio.get_running_loop()
        began = loop.time()
        speaker.play(ONE, tone(0.2))
        speaker.play(ONE, tone(0.1))
        speaker.finish(ONE)
        assert diary.events == []
        await diary.until(SpeakerFinished)
        assert loop.time() - began > 0.29

    assert told_by(make, story) == [SpeakerStarted(ONE), SpeakerFinished(ONE, 300)]  # type: ignore[arg-type]  # plain numbers read better here


def test_an_item_that_is_not_complete_does_not_finish(make: MakeSpeaker) -> None:
    async def story(speaker: Speaker, diary: Diary) -> None:
        speaker.play(ONE, tone(0.1))
        await diary.until(SpeakerStarted)
        await asyncio.sleep(0.3)
        assert diary.events == [SpeakerStarted(ONE)]
        speaker.finish(ONE)
        await diary.until(SpeakerFinished)

    told_by(make, story)


def test_stopping_tells_how_much_of_each_item_was_heard(make: MakeSpeaker) -> None:
    async def story(speaker: Speaker, diary: Diary) -> None:
        for item in (ONE, TWO):
            speaker.play(item, tone(30))
            speaker.finish(item)
        await diary.until(SpeakerStarted)
        await asyncio.sleep(0.3)
        speaker.stop()

    events = told_by(make, story)
    assert [type(event) for event in events] == [SpeakerStarted, SpeakerStopped, SpeakerStopped]
    first, second = events[1:]
    assert isinstance(first, SpeakerStopped)
    assert first.item == ONE
    assert 200 < first.heard < 10_000
    assert second == SpeakerStopped(TWO, 0)  # type: ignore[arg-type]  # as above


def test_stopping_at_once_means_that_nothing_was_heard(make: MakeSpeaker) -> None:
    async def story(speaker: Speaker, diary: Diary) -> None:
        speaker.play(ONE, tone(1))
        speaker.stop()
        assert diary.events == [SpeakerStopped(ONE, 0)]  # type: ignore[arg-type]  # as above
        speaker.stop()

    assert len(told_by(make, story)) == 1


def test_a_stopped_item_stays_stopped_and_the_next_one_plays(make: MakeSpeaker) -> None:
    async def story(speaker: Speaker, diary: Diary) -> None:
        speaker.play(ONE, tone(1))
        await diary.until(SpeakerStarted)
        speaker.stop()
        speaker.play(ONE, tone(1))
        speaker.finish(ONE)
        speaker.play(TWO, tone(0.1))
        speaker.finish(TWO)
        await diary.until(SpeakerFinished)

    events = told_by(make, story)
    assert [type(event) for event in events] == [
        SpeakerStarted,
        SpeakerStopped,
        SpeakerStarted,
        SpeakerFinished,
    ]
    assert events[-1] == SpeakerFinished(TWO, 100)  # type: ignore[arg-type]  # as above


def test_items_sound_one_behind_the_other(make: MakeSpeaker) -> None:
    async def story(speaker: Speaker, diary: Diary) -> None:
        for item in (ONE, TWO, THREE):
            speaker.play(item, tone(0.08))
            speaker.finish(item)
        await diary.until(SpeakerFinished, times=3)

    events = told_by(make, story)
    started = [event.item for event in events if isinstance(event, SpeakerStarted)]
    finished = [event.item for event in events if isinstance(event, SpeakerFinished)]
    assert started == finished == [ONE, TWO, THREE]


def test_an_item_without_sound_finishes_too(make: MakeSpeaker) -> None:
    async def story(speaker: Speaker, diary: Diary) -> None:
        speaker.finish(ONE)
        await diary.until(SpeakerFinished)

    assert told_by(make, story) == [SpeakerFinished(ONE, 0)]  # type: ignore[arg-type]  # as above


def test_a_chime_tells_nothing(make: MakeSpeaker) -> None:
    async def story(speaker: Speaker, diary: Diary) -> None:
        speaker.chime(tone(0.1))
        await asyncio.sleep(0.3)
        assert diary.events == []

    told_by(make, story)


def test_closing_stops_what_sounds_and_may_be_done_twice(make: MakeSpeaker) -> None:
    async def story(speaker: Speaker, diary: Diary) -> None:
        speaker.play(ONE, tone(5))
        await diary.until(SpeakerStarted)
        await speaker.close()
        assert isinstance(diary.events[-1], SpeakerStopped)

    assert len(told_by(make, story)) == 2


def test_a_speaker_that_is_not_open_ends_items_unheard(make: MakeSpeaker) -> None:
    async def story(speaker: Speaker, diary: Diary) -> None:
        await speaker.close()
        speaker.play(ONE, tone(1))
        speaker.play(ONE, tone(1))
        speaker.finish(ONE)
        speaker.chime(tone(1))

    assert told_by(make, story) == [SpeakerStopped(ONE, 0)]  # type: ignore[arg-type]  # as above


def test_a_speaker_can_be_opened_again(make: MakeSpeaker) -> None:
    async def story(speaker: Speaker, diary: Diary) -> None:
        await speaker.close()
        await speaker.open()
        speaker.play(ONE, tone(0.05))
        speaker.finish(ONE)
        await diary.until(SpeakerFinished)

    told_by(make, story)


def test_the_tape_holds_exactly_what_was_played(tmp_path: Path) -> None:
    tape = tmp_path / "tape.wav"
    sound, chime = tone(0.31), tone(0.1, 0.2)

    async def story() -> tuple[WavSpeaker, float]:
        diary = Diary()
        speaker = WavSpeaker(diary.post, tape)
        await speaker.open()
        began = asyncio.get_running_loop().time()
        speaker.play(ONE, sound)
        speaker.finish(ONE)
        await diary.until(SpeakerFinished)
        speaker.chime(chime)
        await asyncio.sleep(0.3)
        await speaker.close()
        return speaker, asyncio.get_running_loop().time() - began

    speaker, took = asyncio.run(story())
    with wave.open(str(tape)) as file:
        played = file.readframes(file.getnframes())
        assert (file.getframerate(), file.getnchannels()) == (SPEAKER_RATE, 1)
    assert played.strip(b"\0").startswith(sound.strip(b"\0"))
    assert chime.strip(b"\0") in played
    assert len(played) == 2 * speaker.length
    assert abs(speaker.length / SPEAKER_RATE - took) < 2.0
    assert speaker.listen(0, speaker.length) == played
    assert speaker.listen(100, 500) == played[200:1200]


def test_after_a_stop_the_tape_is_silent_within_two_blocks(tmp_path: Path) -> None:
    tape = tmp_path / "tape.wav"

    async def story() -> int:
        diary = Diary()
        speaker = WavSpeaker(diary.post, tape)
        await speaker.open()
        speaker.play(ONE, tone(10))
        await diary.until(SpeakerStarted)
        speaker.stop()
        stopped = speaker.length
        await asyncio.sleep(0.2)
        await speaker.close()
        return stopped

    stopped = asyncio.run(story())
    with wave.open(str(tape)) as file:
        played = np.frombuffer(file.readframes(file.getnframes()), "<i2")
    assert not played[stopped + 2 * 480 :].any()


def test_what_was_heard_agrees_with_the_tape() -> None:
    async def story() -> tuple[int, int]:
        diary = Diary()
        speaker = WavSpeaker(diary.post)
        await speaker.open()
        speaker.play(ONE, tone(10))
        await diary.until(SpeakerStarted)
        await asyncio.sleep(0.25)
        speaker.stop()
        told = diary.events[-1]
        assert isinstance(told, SpeakerStopped)
        on_tape = sum(len(block.pcm) // 2 for block in speaker.heard) * 1000 // SPEAKER_RATE
        await speaker.close()
        return told.heard, on_tape

    told, on_tape = asyncio.run(story())
    assert on_tape - 25 <= told <= on_tape


def test_a_tape_that_cannot_be_written_is_a_missing_speaker(tmp_path: Path) -> None:
    speaker = WavSpeaker(lambda _event: None, tmp_path / "no" / "tape.wav")
    with pytest.raises(SpeakerMissing, match="cannot be written: No such file"):
        asyncio.run(speaker.open())
