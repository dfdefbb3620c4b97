"""Mixer and ledger together, as every loudspeaker has them, without any device."""

import logging
import time

import pytest

from assistant.adapters.playback import Playback
from assistant.audio.frames import SPEAKER_RATE
from assistant.session.events import Event, SpeakerFinished, SpeakerStarted, SpeakerStopped
from assistant.units import ItemId, Milliseconds, Seconds

ONE, TWO = ItemId("one"), ItemId("two")
SECOND = b"\1\0" * SPEAKER_RATE
MINUTE = 60 * SECOND
LONG_AGO = 4000.0


class Room(Playback):
    """A playback whose device takes sound only when told to; it sounded an hour ago."""

    def __init__(self) -> None:
        self.told: list[Event] = []
        super().__init__(self.told.append)
        self._device_takes_sound(takes=True)

    def hear(self, seconds: int) -> bytes:
        began = Seconds(time.monotonic() - LONG_AGO)
        sound = self.fill(seconds * SPEAKER_RATE, began)
        self.tell()
        return sound


def warnings_in(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING]


def test_a_far_end_that_never_stops_is_cut_with_one_warning_and_told_how_far_it_was_heard(
    caplog: pytest.LogCaptureFixture,
) -> None:
    room = Room()
    for _ in range(60):
        room.play(ONE, MINUTE)
    assert len(warnings_in(caplog)) == 1
    sound = room.hear(360)
    assert len(sound.rstrip(b"\0")) == len(5 * MINUTE) - 1
    assert room.told == [SpeakerStarted(ONE), SpeakerStopped(ONE, Milliseconds(300_000))]
    room.play(ONE, SECOND)
    assert not any(room.hear(1))


def test_beside_a_flood_another_item_is_played_whole() -> None:
    room = Room()
    for _ in range(60):
        room.play(ONE, MINUTE)
    room.play(TWO, SECOND)
    room.finish(TWO)
    room.hear(301)
    assert room.told[-2:] == [SpeakerStarted(TWO), SpeakerFinished(TWO, Milliseconds(1000))]


def test_a_flood_of_items_ends_those_that_found_no_room_unheard(
    caplog: pytest.LogCaptureFixture,
) -> None:
    room = Room()
    items = [ItemId(f"item-{number}") for number in range(20)]
    for item in items:
        room.play(item, MINUTE)
        room.finish(item)
    room.tell()
    assert room.told == [SpeakerStopped(item, Milliseconds(0)) for item in items[10:]]
    assert len(warnings_in(caplog)) == 1


def test_the_next_flood_is_warned_of_anew(caplog: pytest.LogCaptureFixture) -> None:
    room = Room()
    for item in (ONE, TWO):
        for _ in range(7):
            room.play(item, MINUTE)
        room.stop()
    assert len(warnings_in(caplog)) == 2
