"""Which ears and which mouth: sound cards, or files that behave like them."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from assistant.adapters.playback import Start
from assistant.adapters.wav_microphone import WavMicrophone
from assistant.adapters.wav_speaker import WavSpeaker
from assistant.ports import Microphone, Post, Speaker
from assistant.settings.models import Settings

if TYPE_CHECKING:
    from assistant.adapters.pyaudio_microphone import PyAudioMicrophone
    from assistant.adapters.pyaudio_speaker import PyAudioSpeaker


@dataclass(frozen=True, slots=True)
class Sound:
    """A microphone, and a speaker that sounds or will."""

    microphone: Microphone
    speaker: Speaker


SoundMaker = Callable[[Settings, Post, AsyncExitStack], Awaitable[Sound]]


async def open_sound(settings: Settings, post: Post, stack: AsyncExitStack) -> Sound:
    """Open what the settings name; without a sound card be mute, and try on.

    Raises `SpeakerMissing` only for a file that cannot be written.
    """
    if settings.audio.driver != "portaudio":
        return await _open_files(settings, post, stack)
    speaker, microphone = await _cards(settings, post, stack)
    await speaker.open_or_wait()
    return Sound(microphone, speaker)


async def open_sound_now(settings: Settings, post: Post, stack: AsyncExitStack) -> Sound:
    """Open what the settings name. Raises `SpeakerMissing` where nothing would be heard."""
    if settings.audio.driver != "portaudio":
        return await _open_files(settings, post, stack)
    speaker, microphone = await _cards(settings, post, stack)
    await speaker.open()
    return Sound(microphone, speaker)


async def _cards(
    settings: Settings, post: Post, stack: AsyncExitStack
) -> "tuple[PyAudioSpeaker, PyAudioMicrophone]":
    from assistant.adapters.pyaudio_devices import SoundCards
    from assistant.adapters.pyaudio_microphone import PyAudioMicrophone
    from assistant.adapters.pyaudio_speaker import PyAudioSpeaker

    audio = settings.audio
    start = await stack.enter_async_context(_background())
    cards = SoundCards()
    speaker = PyAudioSpeaker(post, cards, audio.speaker, audio.volume, audio.block_ms, start)
    microphone = PyAudioMicrophone(
        cards, audio.microphone, audio.microphone_channel, audio.block_ms
    )
    stack.push_async_callback(speaker.close)
    return speaker, microphone


async def _open_files(settings: Settings, post: Post, stack: AsyncExitStack) -> Sound:
    audio = settings.audio
    tape = Path(audio.speaker_wav) if audio.speaker_wav else None
    file = Path(audio.microphone_wav) if audio.microphone_wav else None
    start = await stack.enter_async_context(_background())
    speaker = WavSpeaker(post, tape, audio.volume, start=start)
    stack.push_async_callback(speaker.close)
    await speaker.open()
    return Sound(WavMicrophone(file, channel=audio.microphone_channel), speaker)


@asynccontextmanager
async def _background() -> AsyncIterator[Start]:
    """Tasks beside the others; a bug in one ends the task that is inside, and is raised there."""
    try:
        async with asyncio.TaskGroup() as tasks:
            yield tasks.create_task
    except BaseExceptionGroup as failures:
        raise failures.exceptions[0] from None
