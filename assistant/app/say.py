"""`assistant say`: a sentence in the house's own voice, on the speaker or into a file."""

import argparse
import asyncio
import io
import json
import os
import sys
import wave
from contextlib import AsyncExitStack
from pathlib import Path

from assistant.adapters.wav_speaker import WavSpeaker
from assistant.app.options import chosen_settings
from assistant.app.sound import open_sound_now
from assistant.audio.frames import SAMPLE_BYTES, SPEAKER_RATE, samples_in
from assistant.errors import AssistantError, SpeakerMissing, SpeechUnavailable
from assistant.local.pronunciation import spoken_sentences
from assistant.local.voice import HouseVoice
from assistant.session.events import Event, SpeakerFinished, SpeakerStopped
from assistant.settings.models import Settings
from assistant.units import ItemId

MOST_LETTERS = 2_000
_ITEM = ItemId("say")
_PATIENCE_S = 5.0
_UNHEARD = (
    'assistant: nobody heard it: audio.driver is "wav", and audio.speaker_wav is empty'
    " - give --wav FILE"
)


def run_from(options: argparse.Namespace) -> int:
    """`assistant say`. Raises `SettingsError`, `SpeechUnavailable`, `SpeakerMissing`."""
    settings = chosen_settings(options.config)
    pcm = _spoken(_text_of(options))
    if options.wav:
        write_sound(options.wav, pcm)
    else:
        asyncio.run(_play(pcm, settings))
    _tell(samples_in(pcm) / SPEAKER_RATE, options.wav, as_json=options.json)
    return 0


def _text_of(options: argparse.Namespace) -> str:
    """What is to be said. Raises `AssistantError` for what nobody can say."""
    text = options.text
    if text == "-":
        text = sys.stdin.buffer.read(4 * MOST_LETTERS + 1).decode(errors="replace").strip()
    if len(text) > MOST_LETTERS:
        remedy = f"say at most {MOST_LETTERS} letters at once"
        raise AssistantError("the text is too long", remedy)
    if next(spoken_sentences(text), None) is None:
        raise AssistantError("there is no word to say", 'give a sentence, or "-" and a text')
    return str(text)


def _spoken(text: str) -> bytes:
    voice = HouseVoice()
    pcm = b"".join(voice.sentences(text))
    if not pcm:
        raise SpeechUnavailable(f"no voice speaks: {voice.problem or 'it made no sound'}")
    return pcm


async def _play(pcm: bytes, settings: Settings) -> None:
    """Play to the last sample. Raises `SpeakerMissing`."""
    ended: asyncio.Future[Event] = asyncio.get_running_loop().create_future()

    def note_the_end(event: Event) -> None:
        if isinstance(event, SpeakerFinished | SpeakerStopped) and not ended.done():
            ended.set_result(event)

    async with AsyncExitStack() as stack:
        speaker = (await open_sound_now(settings, note_the_end, stack)).speaker
        speaker.play(_ITEM, pcm)
        speaker.finish(_ITEM)
        await asyncio.wait({ended}, timeout=samples_in(pcm) / SPEAKER_RATE + _PATIENCE_S)
        _be_sure_it_was_heard(ended)
        if isinstance(speaker, WavSpeaker) and not settings.audio.speaker_wav:
            print(_UNHEARD, file=sys.stderr)


def _be_sure_it_was_heard(ended: "asyncio.Future[Event]") -> None:
    remedy = "look at its plug, and at `assistant doctor`"
    if not ended.done():
        raise SpeakerMissing("the speaker does not come to the end", remedy)
    match ended.result():
        case SpeakerStopped(heard=heard):
            raise SpeakerMissing(f"the speaker was lost after {heard} ms", remedy)


def write_sound(path: Path, pcm: bytes) -> None:
    """Write s16le mono of 24 kHz as a WAV file, whole or not at all. Raises `AssistantError`."""
    target = path.resolve()
    try:
        if target.exists() and not target.is_file():
            target.write_bytes(_wav(pcm))  # a pipe or a device: nothing to replace
            return
        _replace(target, _wav(pcm))
    except OSError as error:
        problem = f"{path} cannot be written: {error.strerror}"
        raise AssistantError(problem, "choose another file") from error


def _replace(target: Path, content: bytes) -> None:
    """Put a complete file in the place of another, in one step."""
    part = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        part.write_bytes(content)
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)


def _wav(pcm: bytes) -> bytes:
    content = io.BytesIO()
    with wave.open(content, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(SAMPLE_BYTES)
        file.setframerate(SPEAKER_RATE)
        file.writeframes(pcm)
    return content.getvalue()


def _tell(seconds: float, file: Path | None, *, as_json: bool) -> None:
    if as_json:
        name = str(file) if file else None
        print(json.dumps({"seconds": round(seconds, 3), "rate": SPEAKER_RATE, "wav": name}))
    elif file:
        print(f"{file}: {seconds:.1f} s")
