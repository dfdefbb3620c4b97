"""Loads the local far end: ears, understanding, voice, for a fixed set of devices."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from functools import partial
from pathlib import Path

from assistant.errors import SpeechUnavailable
from assistant.home.devices import Device
from assistant.local.end_pointing import EndPointer, Silero, load_silero
from assistant.local.hearing import Hearing, load_hearing
from assistant.local.intents import Understanding, load_english
from assistant.local.mind import Mind
from assistant.local.models import Net
from assistant.local.salutation import Salutation
from assistant.local.trie import Trie
from assistant.local.voice import HouseVoice
from assistant.realtime.messages import TurnDetection


def load_mind(
    devices: Sequence[Device], wake_words: Sequence[str] = (), model_dir: Path | None = None
) -> Mind:
    """Load everything, a second or so. Without models for the ears it still reads and speaks.

    Raises `SpeechUnavailable` where the understanding or the end-pointing is missing.
    """
    voice = HouseVoice()
    voice.warm()
    understanding = Understanding(load_english(), devices)
    hearing, problem = _load_ears(model_dir)
    salutation = Salutation(wake_words)
    return Mind(
        listener=hearing,
        talker=voice,
        reader=understanding,
        trie=Trie(salutation.sentences(understanding.sentences)),
        salutation=salutation,
        make_end_pointer=partial(_end_pointer, load_silero()),
        executor=ThreadPoolExecutor(1, thread_name_prefix="far-end"),
        clock=lambda: datetime.now().astimezone(),
        deaf_because=problem,
    )


def _load_ears(model_dir: Path | None) -> tuple[Hearing | None, str]:
    try:
        return load_hearing(model_dir), ""
    except SpeechUnavailable as missing:
        return None, str(missing)


def _end_pointer(net: Net, rules: TurnDetection) -> EndPointer:
    """A fresh memory over the shared network, by the session's rules."""
    return EndPointer(
        0.5 if rules.threshold is None else rules.threshold,
        300 if rules.prefix_padding_ms is None else rules.prefix_padding_ms,
        500 if rules.silence_duration_ms is None else rules.silence_duration_ms,
        Silero(net),
    )
