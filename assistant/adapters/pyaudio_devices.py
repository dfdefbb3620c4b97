"""The one owner of PortAudio: it lists, opens and closes, each call bounded in time.

PortAudio fixes its list of devices when it is initialised and counts initialisations, so two
owners would hide a device that came back. Some of its calls can hang for ever after a device
was lost; then only a new process helps.
"""

import asyncio
import ctypes
import logging
import os
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future as Promise
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from assistant.adapters.sound_devices import (
    Direction,
    SoundDevice,
    channels_to_try,
    chosen,
    names_of,
    rates_to_try,
)
from assistant.errors import HardwareError

log = logging.getLogger("assistant.adapters.portaudio")

T = TypeVar("T")
Callback = Callable[[bytes | None, int, dict[str, float], int], tuple[bytes | None, int]]

CONTINUE = 0
"""PortAudio's `paContinue`."""
_UNAVAILABLE = -9985
"""PortAudio's `paDeviceUnavailable`: another program has it."""
_ANOTHER_FORMAT = frozenset({-9994, -9997, -9998})
"""PortAudio's words for a sample format, a rate and a number of channels that a device has not."""
_OPEN_LIMIT_S = 10.0
_CLOSE_LIMIT_S = 2.0
_RESET_PAUSE_S = 30.0
_LONGEST_RESET_PAUSE_S = 1800.0
_EX_TEMPFAIL = 75
_CARDS = Path("/proc/asound/cards")


@dataclass(frozen=True, slots=True)
class Wish:
    """What a stream should be: whose names, which rate if possible, which channel."""

    direction: Direction
    names: tuple[str, ...]
    rate: int
    block_ms: int = 20
    channel: int = 0


@dataclass(eq=False, slots=True)
class Stream:
    """An open stream and what it became."""

    device: SoundDevice
    rate: int
    channels: int
    handle: Any = field(repr=False)


def leave_the_process(what: str) -> None:
    """End the process, for PortAudio hangs and a service manager starts us anew."""
    log.critical("the audio library does not return from %s: leaving, to be started again", what)
    logging.shutdown()
    os._exit(_EX_TEMPFAIL)


class SoundCards:
    """Opens and closes streams for the microphone and the speaker alike."""

    def __init__(self, on_hang: Callable[[str], None] = leave_the_process) -> None:
        self._on_hang = on_hang
        self._lock = threading.Lock()
        self._audio: Any = None
        self._streams: set[Stream] = set()
        self._last_reset = -_RESET_PAUSE_S
        self._reset_pause = _RESET_PAUSE_S
        self._cards_seen = ""

    def devices(self) -> tuple[SoundDevice, ...]:
        """What is plugged in now, or when a stream was last opened while one is open.

        Raises `HardwareError`.
        """
        with self._lock, _door(Direction.INPUT):
            self._refresh(Direction.INPUT)
            return self._listed()

    async def open(self, wish: Wish, callback: Callback) -> Stream:
        """Open and start a stream. Raises `MicrophoneMissing` or `SpeakerMissing`."""
        opening = asyncio.ensure_future(
            self._bounded(lambda: self._begin(wish, callback), _OPEN_LIMIT_S, "open")
        )
        try:
            return await asyncio.shield(opening)
        except asyncio.CancelledError:
            opening.add_done_callback(self._close_unwanted)
            raise

    async def close(self, stream: Stream) -> None:
        """Close a stream; safe to call twice."""
        await self._bounded(lambda: self._close(stream), _CLOSE_LIMIT_S, "close")

    def _close_unwanted(self, opening: "asyncio.Future[Stream]") -> None:
        if not opening.cancelled() and opening.exception() is None:
            with self._lock:
                self._close(opening.result())

    async def _bounded(self, call: Callable[[], T], limit: float, what: str) -> T:
        """Run a call in a thread of its own, which may hang without holding up the exit.

        The limit counts from when the calls before it have returned.
        """
        begun: Promise[None] = Promise()
        promise: Promise[T] = Promise()

        def run() -> None:
            with self._lock:
                begun.set_result(None)
                _keep(promise, call)

        threading.Thread(target=run, name=f"audio-{what}", daemon=True).start()
        await asyncio.wrap_future(begun)
        done = asyncio.wrap_future(promise)
        finished, _ = await asyncio.wait({done}, timeout=limit)
        if not finished:
            self._on_hang(what)
        return await done

    def _begin(self, wish: Wish, callback: Callback) -> Stream:
        with _door(wish.direction):
            return self._open(wish, callback)

    def _open(self, wish: Wish, callback: Callback) -> Stream:
        self._refresh(wish.direction)
        device = self._find(wish)
        rate, channels = self._format(device, wish)
        try:
            handle = self._audio.open(
                format=_library().paInt16,
                rate=rate,
                channels=channels,
                frames_per_buffer=rate * wish.block_ms // 1000,
                stream_callback=callback,
                **_ends(wish.direction, device.index, channels)["open"],
            )
        except (OSError, ValueError) as error:
            raise _unusable(device, wish, str(error)) from error
        stream = Stream(device, rate, channels, handle)
        self._streams.add(stream)
        log.info("%s: '%s', %d Hz, %d channels", wish.direction.value, device.name, rate, channels)
        return stream

    def _close(self, stream: Stream) -> None:
        if stream in self._streams:
            self._streams.discard(stream)
            try:
                # Never stop_stream(): it waits for a device that may be gone.
                stream.handle.close()
            except OSError as error:
                log.warning("'%s' did not close: %s", stream.device.name, error)

    def _refresh(self, direction: Direction) -> None:
        """Look at the devices anew, which is possible only while no stream is open."""
        if self._streams and self._audio is not None:
            return
        try:
            library = _library()
        except ImportError as error:
            remedy = "sudo apt install python3-pyaudio, or pip install pyaudio"
            raise direction.missing("PyAudio is not installed", remedy) from error
        if self._audio is not None:
            audio, self._audio = self._audio, None
            _terminate(audio, library)
        self._cards_seen = _kernel_cards()
        self._audio = library.PyAudio()

    def _find(self, wish: Wish) -> SoundDevice:
        device = self._present(wish)
        if self._streams and self._may_reset(missing=device is None):
            # What was plugged in or out is seen only after all streams are closed: better a reply
            # cut short than staying deaf, or trying a number that is no card's any more.
            log.warning("looking for the %s anew", wish.direction.value)
            for stream in list(self._streams):
                self._close(stream)
            self._refresh(wish.direction)
            device = self._present(wish)
            self._note_reset(vain=device is None)
        if device is None:
            known = names_of(self._listed(), wish.direction)
            wanted = " or ".join(f"'{name}'" for name in wish.names) or "any device"
            remedy = f"plug it in, or correct audio.{wish.direction.value} in the configuration"
            raise wish.direction.missing(f"{wanted} is not there; there is {known}", remedy)
        return device

    def _may_reset(self, *, missing: bool) -> bool:
        """True when the kernel's cards have changed, and now and then for what it does not list."""
        if _kernel_cards() != self._cards_seen:
            return True
        return missing and time.monotonic() - self._last_reset >= self._reset_pause

    def _note_reset(self, *, vain: bool) -> None:
        """Wait longer after each time in vain: what is never plugged in must not cut the rest."""
        self._last_reset = time.monotonic()
        longer = min(_LONGEST_RESET_PAUSE_S, 2 * self._reset_pause)
        self._reset_pause = longer if vain else _RESET_PAUSE_S

    def _present(self, wish: Wish) -> SoundDevice | None:
        default = self._default(wish.direction)
        return chosen(self._listed(), wish.names, wish.direction, default, _kernel_cards())

    def _default(self, direction: Direction) -> int | None:
        ask = (
            self._audio.get_default_input_device_info
            if direction is Direction.INPUT
            else self._audio.get_default_output_device_info
        )
        try:
            return int(ask()["index"])
        except OSError:
            return None

    def _listed(self) -> tuple[SoundDevice, ...]:
        count = self._audio.get_device_count()
        return tuple(_device(self._audio.get_device_info_by_index(at)) for at in range(count))

    def _format(self, device: SoundDevice, wish: Wish) -> tuple[int, int]:
        """A rate and a number of channels that the device takes."""
        has = device.channels(wish.direction)
        if wish.channel >= has:
            raise wish.direction.missing(
                f"'{device.name}' has {has} channels, not {wish.channel + 1}",
                "correct audio.microphone_channel, which counts from 0",
            )
        for rate in rates_to_try(device, wish.rate):
            for channels in channels_to_try(device, wish.direction, wish.channel):
                if self._takes(device, wish, rate, channels):
                    return rate, channels
        raise _unusable(device, wish, "it takes no usual rate")

    def _takes(self, device: SoundDevice, wish: Wish, rate: int, channels: int) -> bool:
        question = _ends(wish.direction, device.index, channels)["ask"]
        try:
            answer = self._audio.is_format_supported(rate, **question)
        except ValueError as error:
            if _ANOTHER_FORMAT & set(error.args):
                return False
            # PortAudio waits a second for a busy device, and complains of a lost one on standard
            # error: no further questions.
            held = _UNAVAILABLE in error.args
            problem = "it is held by another program" if held else "it does not answer"
            raise _unusable(device, wish, problem) from error
        return bool(answer)


@contextmanager
def _door(direction: Direction) -> Iterator[None]:
    """Whatever else PortAudio fails with is a device that is missing for now."""
    try:
        yield
    except OSError as error:
        problem = f"the audio library fails: {error}"
        raise direction.missing(problem, "look at its plug, and at `assistant doctor`") from error


def _terminate(audio: Any, library: Any) -> None:
    """Bring PortAudio to its end, or the next beginning would not look at the devices."""
    try:
        audio.terminate()
    except OSError as error:
        log.warning("the audio library did not end well: %s", error)
        # A stream that does not close stops this owner before the end. PortAudio counts its
        # owners: another one makes up for itself and for the first.
        other = library.PyAudio()
        other.terminate()
        other.terminate()


def _kernel_cards() -> str:
    return _CARDS.read_text(errors="replace") if _CARDS.exists() else ""


def _unusable(device: SoundDevice, wish: Wish, problem: str) -> HardwareError:
    remedy = "look at its plug, or close the program that holds it (`assistant doctor`)"
    return wish.direction.missing(f"'{device.name}' cannot be opened: {problem}", remedy)


def _keep(promise: Promise[T], call: Callable[[], T]) -> None:
    try:
        promise.set_result(call())
    except Exception as error:  # noqa: BLE001  # it is raised where the call was asked for
        promise.set_exception(error)


def _ends(direction: Direction, index: int, channels: int) -> dict[str, dict[str, Any]]:
    """PyAudio's keywords for one end of a stream: to open it, and to ask about it."""
    end = "input" if direction is Direction.INPUT else "output"
    return {
        "open": {end: True, f"{end}_device_index": index},
        "ask": {
            f"{end}_device": index,
            f"{end}_channels": channels,
            f"{end}_format": _library().paInt16,
        },
    }


def _device(info: dict[str, Any]) -> SoundDevice:
    return SoundDevice(
        index=int(info["index"]),
        name=str(info["name"]),
        inputs=int(info["maxInputChannels"]),
        outputs=int(info["maxOutputChannels"]),
        rate=int(info["defaultSampleRate"]),
    )


def _library() -> Any:
    """PyAudio, imported when it is first needed, with ALSA and JACK silenced before."""
    if not _silenced:
        _silence_the_libraries()
    import pyaudio

    return pyaudio


_silenced: list[object] = []
"""Kept for ever, because C holds pointers into it."""

_SETTERS = {
    "libasound.so.2": ("snd_lib_error_set_handler",),
    "libjack.so.0": ("jack_set_error_function", "jack_set_info_function"),
}


def _silence_the_libraries() -> None:
    """Give ALSA and JACK error handlers that do nothing; they would print a hundred lines."""
    # Any C function that ignores its arguments will do; Python code must not run there.
    ignore = ctypes.cast(ctypes.CDLL(None).getpid, ctypes.c_void_p)
    _silenced.append(ignore)
    for name, setters in _SETTERS.items():
        try:
            library = ctypes.CDLL(name)
        except OSError:
            continue
        for setter in setters:
            getattr(library, setter)(ignore)
        _silenced.append(library)
