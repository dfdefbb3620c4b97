"""Which ears and which mouth: sound cards, or files that behave like them."""

from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

from assistant.adapters.wav_microphone import WavMicrophone
from assistant.adapters.wav_speaker import WavSpeaker
from assistant.ports import Microphone, Post, Speaker
from assistant.settings.models import Settings


@dataclass(frozen=True, slots=True)
class Sound:
    """A microphone and an open speaker."""

    microphone: Microphone
    speaker: Speaker


SoundMaker = Callable[[Settings, Post, AsyncExitStack], Awaitable[Sound]]


async def open_sound(settings: Settings, post: Post, stack: AsyncExitStack) -> Sound:
    """Open what the settings name. Raises `SpeakerMissing`."""
    maker = _open_cards if settings.audio.driver == "portaudio" else _open_files
    return await maker(settings, post, stack)


async def _open_cards(settings: Settings, post: Post, stack: AsyncExitStack) -> Sound:
    from assistant.adapters.pyaudio_devices import SoundCards
    from assistant.adapters.pyaudio_microphone import PyAudioMicrophone
    from assistant.adapters.pyaudio_speaker import PyAudioSpeaker

    audio = settings.audio
    cards = SoundCards()
    speaker = PyAudioSpeaker(post, cards, audio.speaker, audio.volume, audio.block_ms)
    microphone = PyAudioMicrophone(
        cards, audio.microphone, audio.microphone_channel, audio.block_ms
    )
    stack.push_async_callback(speaker.close)
    await speaker.open()
    return Sound(microphone, speaker)


async def _open_files(settings: Settings, post: Post, stack: AsyncExitStack) -> Sound:
    audio = settings.audio
    tape = Path(audio.speaker_wav) if audio.speaker_wav else None
    file = Path(audio.microphone_wav) if audio.microphone_wav else None
    speaker = WavSpeaker(post, tape, audio.volume)
    stack.push_async_callback(speaker.close)
    await speaker.open()
    return Sound(WavMicrophone(file, channel=audio.microphone_channel), speaker)
