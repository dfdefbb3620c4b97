"""A tape is a WAV file at every moment of its end, and a full disk costs only the tape."""

import asyncio
import logging
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from assistant.adapters.wav_speaker import WavSpeaker
from assistant.adapters.wav_tape import WavTape
from assistant.audio.wav import read_wav
from assistant.errors import SpeakerMissing
from assistant.session.events import Event, SpeakerFinished
from assistant.units import ItemId

BLOCK = b"\1\2" * 480
ONE = ItemId("one")


@contextmanager
def files_of_at_most(size: int) -> Iterator[None]:
    """The kernel refuses to let any file of ours grow further, as a full disk does."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def warnings_in(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING]


def test_a_closed_tape_tells_its_length(tmp_path: Path) -> None:
    tape = WavTape(tmp_path / "tape.wav")
    tape.write(BLOCK)
    tape.write(BLOCK)
    tape.close()
    tape.close()
    tape.write(BLOCK)
    sound = read_wav((tmp_path / "tape.wav").read_bytes())
    assert (sound.rate, sound.channels, sound.pcm) == (24_000, 1, 2 * BLOCK)


def test_a_tape_that_cannot_begin_names_the_file_and_a_remedy() -> None:
    with pytest.raises(SpeakerMissing, match="/dev/full cannot be written: No space") as caught:
        WavTape(Path("/dev/full"))
    assert "speaker_wav" in caught.value.remedy


@pytest.mark.parametrize("room", [3 * len(BLOCK), 3 * len(BLOCK) + 100])
def test_a_full_disk_is_told_once_and_leaves_what_was_written(
    room: int, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    tape = WavTape(tmp_path / "tape.wav")
    with files_of_at_most(44 + room):
        for _ in range(10):
            tape.write(BLOCK)
    tape.close()
    assert len(warnings_in(caplog)) == 1
    assert "cannot be written: File too large - make room" in caplog.text
    content = (tmp_path / "tape.wav").read_bytes()
    assert read_wav(content).pcm == (10 * BLOCK)[:room]
    assert int.from_bytes(content[40:44], "little") == room


def test_a_tape_whose_length_cannot_be_written_says_so(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    tape = WavTape(tmp_path / "tape.wav")
    with files_of_at_most(0):
        tape.close()
    tape.close()
    assert len(warnings_in(caplog)) == 1


def test_the_speaker_goes_on_without_its_tape(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    events: list[Event] = []

    async def story() -> None:
        speaker = WavSpeaker(events.append, tmp_path / "tape.wav")
        with files_of_at_most(44 + 3 * len(BLOCK)):
            await speaker.open()
            speaker.play(ONE, bytes(9600))
            speaker.finish(ONE)
            async with asyncio.timeout(20):
                while not any(isinstance(event, SpeakerFinished) for event in events):  # noqa: ASYNC110  # the clock does it
                    await asyncio.sleep(0.02)
            await speaker.close()

    asyncio.run(story())
    assert len(warnings_in(caplog)) == 1
    assert "the speaker goes on without it" in caplog.text
