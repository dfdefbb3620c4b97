"""Sound cards that are not there, fail or lie: the house stays up, says so once, and tries on."""

import asyncio
import logging
import time
from collections.abc import Callable, Coroutine
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest

from assistant.adapters.pyaudio_devices import SoundCards, Wish
from assistant.adapters.pyaudio_microphone import PyAudioMicrophone
from assistant.adapters.pyaudio_speaker import PyAudioSpeaker
from assistant.adapters.sound_devices import Direction
from assistant.app.sound import open_sound, open_sound_now
from assistant.errors import BrokerUnreachable, HardwareError, MicrophoneMissing, SpeakerMissing
from assistant.session.events import Event, SpeakerFinished, SpeakerStopped
from assistant.settings.models import Settings
from assistant.units import ItemId, Milliseconds
from tests.contracts.test_sound_cards import (
    ONE,
    Room,
    RoomAudio,
    RoomStream,
    card,
    cards_of,
    holds,
    room,
    silence_for,
    some_frames,
    until,
)

__all__ = ["room"]  # a fixture, which pytest finds by its name

Break = Callable[..., Any]


def fail_with_os_error(*_given: Any, **_how: Any) -> Any:
    raise OSError(-9999, "Unanticipated host error")


def warnings_in(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING]


async def say_until_heard(speaker: PyAudioSpeaker, events: list[Event]) -> None:
    async with asyncio.timeout(20):
        while not holds(events, SpeakerFinished):
            item = ItemId(f"item-{len(events)}")
            speaker.play(item, bytes(4800))
            speaker.finish(item)
            await asyncio.sleep(0.2)


def test_a_stream_that_does_not_close_well_does_not_leave_the_house_mute(
    room: Room, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    events: list[Event] = []
    close = RoomStream.close

    def close_badly(stream: RoomStream) -> None:
        close(stream)
        fail_with_os_error()

    monkeypatch.setattr(RoomStream, "close", close_badly)

    async def story() -> None:
        speaker = PyAudioSpeaker(events.append, cards_of(room))
        await speaker.open()
        room.silent = True
        await until(lambda: not room.open_streams())
        room.silent = False
        await say_until_heard(speaker, events)
        await speaker.close()

    asyncio.run(story())
    assert "'USB Speaker (hw:2,0)' did not close: [Errno -9999]" in caplog.text
    assert room.open_streams() == 0


@pytest.mark.parametrize("direction", Direction)
@pytest.mark.parametrize(
    "method", ["__init__", "get_device_count", "get_device_info_by_index", "is_format_supported"]
)
def test_whatever_the_library_fails_with_is_a_missing_device(
    room: Room, monkeypatch: pytest.MonkeyPatch, direction: Direction, method: str
) -> None:
    monkeypatch.setattr(RoomAudio, method, fail_with_os_error)
    kind = MicrophoneMissing if direction is Direction.INPUT else SpeakerMissing
    with pytest.raises(kind, match=r"the audio library fails: .*Unanticipated") as caught:
        asyncio.run(cards_of(room).open(Wish(direction, (), 16_000), silence_for(room)))
    assert "assistant doctor" in caught.value.remedy


def test_a_list_that_cannot_be_had_is_told_in_our_words(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(RoomAudio, "get_device_count", fail_with_os_error)
    with pytest.raises(HardwareError, match="the audio library fails"):
        cards_of(room).devices()


def test_a_library_that_does_not_end_well_looks_at_the_devices_anew_all_the_same(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    """PortAudio counts its owners, and keeps its list until all of them have ended."""
    owners = 0
    seen: list[dict[str, Any]] = []

    class Counting(RoomAudio):
        def __init__(self, room: Room) -> None:
            nonlocal owners, seen
            owners += 1
            super().__init__(room)
            self._stubborn = owners == 1 and not seen
            seen = self._cards = self._cards if owners == 1 else seen

        def terminate(self) -> None:
            nonlocal owners
            if self._stubborn:
                fail_with_os_error()
            owners -= 1

    monkeypatch.setattr(room, "PyAudio", lambda: Counting(room))
    cards = cards_of(room)
    assert len(cards.devices()) == 2
    room.cards = room.cards[1:]
    assert len(cards.devices()) == 1
    assert owners == 1


def test_without_a_speaker_it_begins_mute_with_one_warning_and_sounds_once_there_is_one(
    room: Room, caplog: pytest.LogCaptureFixture
) -> None:
    microphone, later = room.cards
    room.cards = [microphone]
    events: list[Event] = []

    async def story() -> None:
        speaker = PyAudioSpeaker(events.append, cards_of(room))
        await speaker.open_or_wait()
        speaker.play(ONE, bytes(4800))
        assert events == [SpeakerStopped(ONE, Milliseconds(0))]
        await asyncio.sleep(1)
        (warning,) = warnings_in(caplog)
        assert warning == (
            "mute: no speaker: any device is not there; there is none at all"
            " - plug it in, or correct audio.speaker in the configuration"
        )
        room.cards = [microphone, later]
        await say_until_heard(speaker, events)
        await speaker.close()

    with caplog.at_level(logging.DEBUG):
        asyncio.run(story())
    assert warnings_in(caplog)[1:] == ["the speaker is back"]
    assert room.open_streams() == 0


def test_a_speaker_of_a_wrong_name_is_told_once_with_the_names_that_exist(
    room: Room, caplog: pytest.LogCaptureFixture
) -> None:
    async def story() -> None:
        speaker = PyAudioSpeaker(lambda _event: None, cards_of(room), ("Jabra",))
        await speaker.open_or_wait()
        await asyncio.sleep(1)
        await speaker.close()

    asyncio.run(story())
    (warning,) = warnings_in(caplog)
    assert "'Jabra' is not there; there is 'USB Speaker (hw:2,0)'" in warning
    assert "correct audio.speaker" in warning


def test_another_reason_to_be_mute_is_told_too(
    room: Room, caplog: pytest.LogCaptureFixture
) -> None:
    cards, room.cards = room.cards, []

    async def story() -> None:
        speaker = PyAudioSpeaker(lambda _event: None, cards_of(room))
        await speaker.open_or_wait()
        room.busy, room.cards = True, cards
        await until(lambda: "held by another program" in caplog.text)
        await speaker.close()

    asyncio.run(story())
    assert len(warnings_in(caplog)) == 2


def test_a_mute_speaker_can_be_closed_and_opened_again(room: Room) -> None:
    cards, room.cards = room.cards, []
    events: list[Event] = []

    async def story() -> None:
        speaker = PyAudioSpeaker(events.append, cards_of(room))
        await speaker.open_or_wait()
        await speaker.close()
        await speaker.close()
        room.cards = cards
        await speaker.open_or_wait()
        await say_until_heard(speaker, events)
        await speaker.close()

    asyncio.run(story())
    assert room.open_streams() == 0


def told_inside(story: Callable[[AsyncExitStack], Coroutine[Any, Any, None]]) -> None:
    async def inside() -> None:
        async with AsyncExitStack() as stack:
            await story(stack)

    asyncio.run(inside())


def test_deaf_and_mute_it_starts_and_recovers_when_a_card_appears(room: Room) -> None:
    cards, room.cards = room.cards, []
    events: list[Event] = []

    async def story(stack: AsyncExitStack) -> None:
        sound = await open_sound(Settings(), events.append, stack)
        assert isinstance(sound.speaker, PyAudioSpeaker)
        assert isinstance(sound.microphone, PyAudioMicrophone)
        with pytest.raises(MicrophoneMissing, match="there is none at all"):
            await some_frames(sound.microphone, 1)
        room.cards = cards
        await say_until_heard(sound.speaker, events)
        assert len(await some_frames(sound.microphone, 1)) == 1

    told_inside(story)
    assert room.open_streams() == 0


def test_who_needs_to_be_heard_now_is_told_why_nobody_would_hear(room: Room) -> None:
    room.cards = room.cards[:1]

    async def story(stack: AsyncExitStack) -> None:
        await open_sound_now(Settings(), lambda _event: None, stack)

    with pytest.raises(SpeakerMissing, match="there is none at all"):
        told_inside(story)


def test_a_bug_in_the_background_ends_what_surrounds_it(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Bug(Exception):  # noqa: N818  # a stranger to every `except`
        pass

    def be_wrong(_self: RoomAudio, _room: Room) -> None:
        raise Bug

    async def story(stack: AsyncExitStack) -> None:
        await open_sound(Settings(), lambda _event: None, stack)
        monkeypatch.setattr(RoomAudio, "__init__", be_wrong)
        room.silent = True
        await asyncio.sleep(60)

    began = time.monotonic()
    with pytest.raises(Bug):
        told_inside(story)
    assert time.monotonic() - began < 30
    assert room.open_streams() == 0


@pytest.mark.parametrize("driver", ["portaudio", "wav"])
def test_what_is_raised_inside_stays_what_it_is(room: Room, driver: str) -> None:
    settings = Settings.model_validate({"audio": {"driver": driver}})

    async def story(stack: AsyncExitStack) -> None:
        await open_sound(settings, lambda _event: None, stack)
        raise BrokerUnreachable("no broker")

    with pytest.raises(BrokerUnreachable):
        told_inside(story)
    assert room.open_streams() == 0


def test_what_is_never_plugged_in_cuts_the_rest_ever_more_rarely(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("assistant.adapters.pyaudio_devices._RESET_PAUSE_S", 0.05)

    async def story() -> None:
        cards = SoundCards()
        room.cards = room.cards[:1]
        microphone, speaker = Wish(Direction.INPUT, (), 1), Wish(Direction.OUTPUT, (), 1)
        ends = time.monotonic() + 1.2
        while time.monotonic() < ends:
            stream = await cards.open(microphone, silence_for(room))
            with pytest.raises(SpeakerMissing):
                await cards.open(speaker, silence_for(room))
            await cards.close(stream)

    asyncio.run(story())
    resets = room.begun - len(room.streams)
    assert 2 <= resets <= 6


def test_a_card_that_does_not_answer_is_asked_once(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[int] = []

    def be_gone(_self: RoomAudio, rate: int, **_end: Any) -> bool:
        asked.append(rate)
        raise ValueError("Illegal combination of I/O devices", -9993)

    monkeypatch.setattr(RoomAudio, "is_format_supported", be_gone)
    with pytest.raises(SpeakerMissing, match="it does not answer - look at its plug"):
        asyncio.run(cards_of(room).open(Wish(Direction.OUTPUT, (), 24_000), silence_for(room)))
    assert len(asked) == 1


def test_a_card_that_is_there_is_opened_without_cutting_the_others(room: Room) -> None:
    async def story() -> None:
        cards = cards_of(room)
        for direction in Direction:
            await cards.open(Wish(direction, (), 16_000), silence_for(room))

    asyncio.run(story())
    assert room.open_streams() == 2
    assert room.begun == 1


def test_a_card_that_came_back_under_another_number_is_opened_under_that(
    room: Room, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    listing = tmp_path / "cards"
    listing.write_text(" 2 [Speaker        ]: USB-Audio - USB Speaker")
    monkeypatch.setattr("assistant.adapters.pyaudio_devices._CARDS", listing)

    async def story() -> str:
        cards = cards_of(room)
        await cards.open(Wish(Direction.INPUT, (), 16_000), silence_for(room))
        listing.write_text(" 3 [Speaker        ]: USB-Audio - USB Speaker")
        room.cards = [room.cards[0], card("USB Speaker (hw:3,0)", 0, 2)]
        wish = Wish(Direction.OUTPUT, ("Speaker",), 24_000)
        return (await cards.open(wish, silence_for(room))).device.name

    assert asyncio.run(story()) == "USB Speaker (hw:3,0)"


def test_what_the_speaker_missed_is_told_to_the_log(
    room: Room, caplog: pytest.LogCaptureFixture
) -> None:
    room.status = 4

    async def story() -> None:
        speaker = PyAudioSpeaker(lambda _event: None, cards_of(room))
        await speaker.open()
        await until(lambda: "xruns" in caplog.text)
        await speaker.close()

    with caplog.at_level(logging.INFO):
        asyncio.run(story())
    (told,) = (vars(record) for record in caplog.records if hasattr(record, "xruns"))
    assert told["event"] == "sound_losses"
    assert told["device"] == "speaker"
    assert told["xruns"] > 0
