"""Checks of microphone and speaker: not whether they are listed, but whether they open."""

import asyncio
from collections.abc import Sequence

from assistant.adapters.pyaudio_devices import SoundCards
from assistant.adapters.pyaudio_microphone import PyAudioMicrophone
from assistant.adapters.pyaudio_speaker import PyAudioSpeaker
from assistant.adapters.sound_devices import Direction, SoundDevice
from assistant.app.checks import Finding, Look, Row, bad, good, skipped, weak
from assistant.app.table import printable
from assistant.audio.level import level_dbfs
from assistant.errors import HardwareError
from assistant.settings.models import Settings

_FRAMES = 10
_DEAD_DBFS = -100.0
_SOFT_DBFS = -75.0
_MIXER = "raise its capture level: alsamixer -c <card>, then F4"
_CANCELLERS = ("respeaker", "speakerphone", "jabra", "echo-cancel", "echo_cancel", "powerconf")
"""Pieces of names of devices that take their own sound out of what they hear."""


def _refuse_to_wait(what: str) -> None:
    problem = f"the audio library does not return from {what}"
    raise HardwareError(problem, "plug the device in anew, or start the machine anew")


def _with_cards(look: Look) -> Look:
    """Files instead of sound cards have nothing to check here."""

    def judge(settings: Settings) -> Finding:
        if settings.audio.driver != "portaudio":
            return skipped(
                f'files instead of sound cards: audio.driver = "{settings.audio.driver}"'
            )
        return look(settings)

    return judge


def sound_cards(_: Settings) -> Finding:
    """The names that `microphone` and `speaker` may hold."""
    devices = SoundCards(_refuse_to_wait).devices()
    if not devices:
        remedy = "plug one in; `arecord -l` lists what the kernel sees"
        return bad("PortAudio lists no device at all", remedy)
    return good("\n".join(_listed(devices, direction) for direction in Direction))


def _listed(devices: Sequence[SoundDevice], direction: Direction) -> str:
    names = [
        f"'{printable(device.name)}' ({device.rate} Hz)"
        for device in devices
        if device.channels(direction)
    ]
    return f"{direction.value}: {', '.join(names) or 'none'}"


def microphone(settings: Settings) -> Finding:
    """Open the chosen one, and listen for a moment."""
    return judge_sound(asyncio.run(_heard(settings)))


async def _heard(settings: Settings) -> bytes:
    audio = settings.audio
    cards = SoundCards(_refuse_to_wait)
    ears = PyAudioMicrophone(cards, audio.microphone, audio.microphone_channel, audio.block_ms)
    heard = bytearray()
    frames = ears.frames()
    async for frame in frames:
        heard += frame
        if len(heard) >= _FRAMES * len(frame):
            break
    await frames.aclose()  # type: ignore[attr-defined]  # it is a generator, which must end
    return bytes(heard)


def judge_sound(pcm: bytes) -> Finding:
    """The level of a moment in the room, s16le mono."""
    level = level_dbfs(pcm)
    words = f"opens, and hears {level:.0f} dBFS"
    if level <= _DEAD_DBFS:
        return weak("opens, and sends nothing but silence", f"is it muted? {_MIXER}")
    return weak(f"{words}: very soft", _MIXER) if level < _SOFT_DBFS else good(words)


def speaker(settings: Settings) -> Finding:
    """Open the chosen one, silently."""
    asyncio.run(_opened(settings))
    return good("opens, and takes sound")


async def _opened(settings: Settings) -> None:
    audio = settings.audio
    cards = SoundCards(_refuse_to_wait)
    mouth = PyAudioSpeaker(lambda _: None, cards, audio.speaker, audio.volume, audio.block_ms)
    try:
        await mouth.open()
    finally:
        await mouth.close()


def barge_in(settings: Settings) -> Finding:
    """Speech may interrupt only where the microphone does not hear the speaker."""
    names = " ".join(settings.audio.microphone).casefold()
    if settings.session.barge_in == "wake_word":
        return good("the wake word interrupts an answer")
    if settings.audio.driver != "portaudio" or any(piece in names for piece in _CANCELLERS):
        return good("speech interrupts an answer")
    remedy = 'name a microphone with echo cancellation, or set session.barge_in = "wake_word"'
    return weak("speech interrupts an answer, its own echo too", remedy)


ROWS = (
    Row("sound cards", _with_cards(sound_cards)),
    Row("microphone", _with_cards(microphone)),
    Row("speaker", _with_cards(speaker)),
    Row("barge-in", barge_in),
)
