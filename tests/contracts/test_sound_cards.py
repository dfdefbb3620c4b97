"""PyAudio's adapters with a PortAudio of our own making: what real cards do only when they fail.

`Room` stands for the PyAudio package (a guest, not our code): it fixes its list at the start,
calls back from threads of its own, and can be busy, silent or stuck.
"""

import asyncio
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from assistant.adapters.pyaudio_devices import SoundCards, Wish
from assistant.adapters.pyaudio_microphone import PyAudioMicrophone
from assistant.adapters.pyaudio_speaker import PyAudioSpeaker
from assistant.adapters.sound_devices import Direction
from assistant.audio.frames import FRAME_BYTES
from assistant.errors import HardwareError, MicrophoneMissing, SpeakerMissing
from assistant.session.events import Event, SpeakerFinished, SpeakerStarted, SpeakerStopped
from assistant.units import ItemId

ONE = ItemId("one")
UNAVAILABLE = -9985


def card(name: str, inputs: int, outputs: int, rate: int = 48_000) -> dict[str, Any]:
    return {
        "name": name,
        "maxInputChannels": inputs,
        "maxOutputChannels": outputs,
        "defaultSampleRate": float(rate),
    }


class Room:
    """The PyAudio package as a world with knobs; `PyAudio()` looks around in it."""

    paInt16 = 8  # noqa: N815  # the guest's own spelling

    def __init__(self) -> None:
        self.cards = [card("USB Mic (hw:1,0)", 2, 0), card("USB Speaker (hw:2,0)", 0, 2)]
        self.formats = {(48_000, 2)}
        self.busy = False
        self.silent = False
        self.status = 0
        self.stuck = threading.Event()
        self.stuck.set()
        self.streams: list[RoomStream] = []
        self.begun = 0

    def PyAudio(self) -> "RoomAudio":  # noqa: N802  # the guest's own spelling
        self.begun += 1
        return RoomAudio(self)

    def open_streams(self) -> int:
        return sum(stream.running for stream in self.streams)


class RoomAudio:
    def __init__(self, room: Room) -> None:
        self._room = room
        self._cards = [dict(card, index=at) for at, card in enumerate(room.cards)]

    def terminate(self) -> None:
        assert self._room.open_streams() == 0

    def get_device_count(self) -> int:
        return len(self._cards)

    def get_device_info_by_index(self, index: int) -> dict[str, Any]:
        return self._cards[index]

    def get_default_input_device_info(self) -> dict[str, Any]:
        return self._first("maxInputChannels")

    def get_default_output_device_info(self) -> dict[str, Any]:
        return self._first("maxOutputChannels")

    def _first(self, key: str) -> dict[str, Any]:
        for found in self._cards:
            if found[key]:
                return found
        raise OSError("No Default Device Available")

    def is_format_supported(self, rate: int, **end: Any) -> bool:
        if self._room.busy:
            raise ValueError("Device unavailable", UNAVAILABLE)
        (channels,) = (value for name, value in end.items() if name.endswith("channels"))
        if (rate, channels) not in self._room.formats:
            raise ValueError("Invalid sample rate", -9997)
        return True

    def open(self, **how: Any) -> "RoomStream":
        self._room.stuck.wait(5)
        stream = RoomStream(self._room, how)
        self._room.streams.append(stream)
        return stream


class RoomStream:
    """Calls back in real time from a thread, as PortAudio does."""

    def __init__(self, room: Room, how: dict[str, Any]) -> None:
        self._room = room
        self.how = how
        self.running = True
        self.played = bytearray()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        frames = self.how["frames_per_buffer"]
        step = frames * self.how["channels"] * 2
        clock = {"current_time": 5.0, "output_buffer_dac_time": 5.02}
        # Left is quiet, right is loud: the test sees which channel was taken.
        sound = np.tile(np.array([0, 8000], dtype="<i2"), frames).tobytes()[:step]
        while self.running:
            if not self._room.silent:
                heard = sound if self.how.get("input") else None
                back, go_on = self.how["stream_callback"](heard, frames, clock, self._room.status)
                assert go_on == 0
                if not self.how.get("input"):
                    assert len(back) >= step
                    self.played += back[:step]
            time.sleep(frames / self.how["rate"])

    def close(self) -> None:
        self._room.stuck.wait(5)
        self.running = False
        self._thread.join(2)


@pytest.fixture
def room(monkeypatch: pytest.MonkeyPatch) -> Room:
    room = Room()
    monkeypatch.setitem(sys.modules, "pyaudio", room)
    return room


async def until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not true():  # noqa: ASYNC110  # what is waited for happens in other threads
            await asyncio.sleep(0.02)


def holds(events: list[Event], kind: type[Event]) -> bool:
    return any(isinstance(event, kind) for event in events)


class Hung(Exception):  # noqa: N818  # stands for the end of the process
    pass


def refuse_to_hang(what: str) -> None:
    raise Hung(what)


def cards_of(_room: Room) -> SoundCards:
    return SoundCards(on_hang=refuse_to_hang)


async def some_frames(microphone: PyAudioMicrophone, count: int) -> list[bytes]:
    heard = []
    source = microphone.frames()
    async for frame in source:
        heard.append(frame)
        if len(heard) == count:
            break
    await source.aclose()  # type: ignore[attr-defined]  # every generator has it
    return heard


def test_an_array_at_another_rate_is_heard_on_the_chosen_channel(room: Room) -> None:
    quiet = asyncio.run(some_frames(PyAudioMicrophone(cards_of(room), channel=0), 3))
    loud = asyncio.run(some_frames(PyAudioMicrophone(cards_of(room), channel=1), 3))
    assert {len(frame) for frame in quiet + loud} == {FRAME_BYTES}
    assert not any(quiet[2])
    assert np.frombuffer(loud[2], "<i2") == pytest.approx(8000, abs=100)
    assert (room.streams[0].how["rate"], room.streams[0].how["channels"]) == (48_000, 2)
    assert room.open_streams() == 0


def test_a_channel_that_does_not_exist_is_told(room: Room) -> None:
    with pytest.raises(MicrophoneMissing, match="has 2 channels, not 3") as caught:
        asyncio.run(some_frames(PyAudioMicrophone(cards_of(room), channel=2), 1))
    assert "microphone_channel" in caught.value.remedy


def test_a_name_that_is_not_there_is_told_with_those_that_are(room: Room) -> None:
    with pytest.raises(MicrophoneMissing, match=r"'Blue' or 'Yeti' is not there; there is 'USB M"):
        asyncio.run(some_frames(PyAudioMicrophone(cards_of(room), ("Blue", "Yeti")), 1))


def test_without_any_card_the_error_says_so(room: Room) -> None:
    room.cards = []
    with pytest.raises(SpeakerMissing, match="any device is not there; there is none at all"):
        asyncio.run(PyAudioSpeaker(print, cards_of(room)).open())


def test_a_busy_card_is_called_busy_after_one_question(room: Room) -> None:
    room.busy = True
    with pytest.raises(MicrophoneMissing, match="held by another program"):
        asyncio.run(some_frames(PyAudioMicrophone(cards_of(room)), 1))


def test_a_card_of_strange_rates_is_refused(room: Room) -> None:
    room.formats = {(96_000, 2)}
    with pytest.raises(MicrophoneMissing, match="takes no usual rate"):
        asyncio.run(some_frames(PyAudioMicrophone(cards_of(room)), 1))


def test_an_error_while_opening_is_translated(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_self: RoomAudio, **_how: Any) -> RoomStream:
        raise OSError(-9999, "Unanticipated host error")

    monkeypatch.setattr(RoomAudio, "open", fail)
    with pytest.raises(SpeakerMissing, match=r"cannot be opened: .*Unanticipated"):
        asyncio.run(PyAudioSpeaker(print, cards_of(room)).open())


@pytest.mark.parametrize("direction", Direction)
def test_without_pyaudio_the_remedy_is_its_package(
    monkeypatch: pytest.MonkeyPatch, direction: Direction
) -> None:
    monkeypatch.setitem(sys.modules, "pyaudio", None)
    wish = Wish(direction, (), 16_000)
    with pytest.raises(HardwareError, match="PyAudio is not installed") as caught:
        asyncio.run(SoundCards().open(wish, lambda *_: (None, 0)))
    assert "python3-pyaudio" in caught.value.remedy


def test_a_microphone_that_falls_silent_is_missing_and_given_back(room: Room) -> None:
    async def story() -> None:
        async for _frame in PyAudioMicrophone(cards_of(room)).frames():
            room.silent = True

    with pytest.raises(MicrophoneMissing, match=r"has sent no sound for 0\.5 s"):
        asyncio.run(story())
    assert room.open_streams() == 0


def test_a_card_that_came_back_is_seen_although_the_speaker_is_open(room: Room) -> None:
    async def story() -> list[bytes]:
        cards = cards_of(room)
        room.cards, microphone = room.cards[1:], room.cards[:1]
        speaker = PyAudioSpeaker(lambda _event: None, cards)
        await speaker.open()
        room.cards = [*room.cards, *microphone]
        heard = await some_frames(PyAudioMicrophone(cards, ("USB Mic",)), 1)
        await speaker.close()
        return heard

    assert len(asyncio.run(story())) == 1
    assert room.begun == 2


def test_a_lasting_absence_does_not_cut_the_speaker_again_and_again(room: Room) -> None:
    async def story() -> None:
        cards = cards_of(room)
        room.cards = room.cards[1:]
        await cards.open(Wish(Direction.OUTPUT, (), 24_000), silence_for(room))
        for _ in range(3):
            with pytest.raises(MicrophoneMissing):
                await cards.open(Wish(Direction.INPUT, ("Mic",), 16_000), silence_for(room))
            await cards.open(Wish(Direction.OUTPUT, (), 24_000), silence_for(room))

    asyncio.run(story())
    assert [stream.running for stream in room.streams] == [False, True, True, True]


def silence_for(_room: Room) -> Callable[..., tuple[bytes | None, int]]:
    def callback(_data: bytes | None, frames: int, *_rest: Any) -> tuple[bytes | None, int]:
        return bytes(frames * 4), 0

    return callback


def test_a_cancelled_opening_leaves_no_stream_behind(room: Room) -> None:
    async def story() -> None:
        room.stuck.clear()
        cards = cards_of(room)
        wish = Wish(Direction.INPUT, (), 16_000)
        opening = asyncio.create_task(cards.open(wish, silence_for(room)))
        await asyncio.sleep(0.1)
        opening.cancel()
        await asyncio.wait({opening})
        assert opening.cancelled()
        room.stuck.set()
        await until(lambda: bool(room.streams) and not room.open_streams())

    asyncio.run(story())


def test_a_close_that_does_not_return_ends_the_process(room: Room) -> None:
    async def story() -> None:
        cards = cards_of(room)
        stream = await cards.open(Wish(Direction.INPUT, (), 16_000), silence_for(room))
        room.stuck.clear()
        try:
            await cards.close(stream)
        finally:
            room.stuck.set()

    began = time.monotonic()
    with pytest.raises(Hung, match="close"):
        asyncio.run(story())
    assert time.monotonic() - began > 1.9


def test_closing_twice_is_closing_once(room: Room) -> None:
    async def story() -> None:
        cards = cards_of(room)
        stream = await cards.open(Wish(Direction.INPUT, (), 16_000), silence_for(room))
        await cards.close(stream)
        await cards.close(stream)

    asyncio.run(story())
    assert room.open_streams() == 0


def test_blocks_that_nobody_takes_are_dropped_from_the_oldest_and_counted(room: Room) -> None:
    microphone = PyAudioMicrophone(cards_of(room))

    async def story() -> None:
        async for _frame in microphone.frames():
            if not microphone.losses.lost_blocks:
                await asyncio.sleep(2.5)
            else:
                break

    asyncio.run(story())
    assert microphone.losses.lost_blocks > 0


def test_xruns_are_counted(room: Room) -> None:
    room.status = 2
    microphone = PyAudioMicrophone(cards_of(room))
    asyncio.run(some_frames(microphone, 2))
    assert microphone.losses.xruns >= 4


def test_a_stereo_speaker_at_another_rate_plays_the_item_on_both_sides(room: Room) -> None:
    events: list[Event] = []
    tone = (np.sin(np.arange(4800) / 10) * 8000).astype("<i2").tobytes()

    async def story() -> None:
        speaker = PyAudioSpeaker(events.append, cards_of(room))
        await speaker.open()
        speaker.play(ONE, tone)
        speaker.finish(ONE)
        await until(lambda: holds(events, SpeakerFinished))
        await speaker.close()

    asyncio.run(story())
    assert events == [SpeakerStarted(ONE), SpeakerFinished(ONE, 200)]  # type: ignore[arg-type]  # plain numbers read better here
    sides = np.frombuffer(bytes(room.streams[0].played), "<i2").reshape(-1, 2)
    assert np.array_equal(sides[:, 0], sides[:, 1])
    sounding = np.flatnonzero(np.abs(sides[:, 0]) > 100)
    assert np.ptp(sounding) == pytest.approx(9600, abs=100)


def test_a_speaker_that_takes_no_sound_is_missing(room: Room) -> None:
    room.silent = True
    with pytest.raises(SpeakerMissing, match="takes no sound"):
        asyncio.run(PyAudioSpeaker(print, cards_of(room)).open())
    assert room.open_streams() == 0


def test_a_lost_speaker_stops_its_items_and_comes_back(room: Room) -> None:
    events: list[Event] = []

    async def story() -> None:
        speaker = PyAudioSpeaker(events.append, cards_of(room))
        await speaker.open()
        speaker.play(ONE, bytes(48_000 * 20))
        await asyncio.sleep(0.3)
        room.silent = True
        await until(lambda: holds(events, SpeakerStopped))
        room.busy = True
        await asyncio.sleep(0.6)
        room.silent = room.busy = False
        async with asyncio.timeout(20):
            while not holds(events, SpeakerFinished):
                item = ItemId(f"item-{len(events)}")
                speaker.play(item, bytes(4800))
                speaker.finish(item)
                await asyncio.sleep(0.3)
        await speaker.close()

    asyncio.run(story())
    assert isinstance(events[0], SpeakerStarted)
    assert room.open_streams() == 0


def test_the_list_is_fresh_whenever_no_stream_is_open(room: Room) -> None:
    cards = cards_of(room)
    assert len(cards.devices()) == 2
    room.cards = room.cards[1:]
    assert len(cards.devices()) == 1


def test_a_change_of_the_kernels_cards_is_reason_enough_to_look_anew(
    room: Room, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    listing = tmp_path / "cards"
    monkeypatch.setattr("assistant.adapters.pyaudio_devices._CARDS", listing)

    async def story() -> None:
        cards, gone = cards_of(room), room.cards[:1]
        room.cards = room.cards[1:]
        speaker, microphone = Wish(Direction.OUTPUT, (), 1), Wish(Direction.INPUT, ("Mic",), 1)
        for _ in range(2):
            await cards.open(speaker, silence_for(room))
            with pytest.raises(MicrophoneMissing):
                await cards.open(microphone, silence_for(room))
        room.cards += gone
        with pytest.raises(MicrophoneMissing):
            await cards.open(microphone, silence_for(room))
        listing.write_text(" 1 [Mic            ]: USB-Audio - USB Mic")
        await cards.open(microphone, silence_for(room))

    asyncio.run(story())
