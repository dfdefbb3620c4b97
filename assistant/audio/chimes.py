"""Short sounds of our own, made of a few softened sine waves: s16le mono at 24 kHz.

The names are the values of `session.commands.Chime`.
"""

from dataclasses import dataclass

import numpy as np

from assistant.audio.frames import SPEAKER_RATE, Floats, gain_of, pcm_of

_ATTACK_S = 0.008
_RELEASE_S = 0.03
_PEAK = 0.35
_OVERTONES = ((1.0, 1.0), (2.0, 0.22), (3.0, 0.06))
"""Multiples of the pitch and their strength: between a flute and a small bell."""


@dataclass(frozen=True, slots=True)
class _Note:
    pitch_hz: float
    starts_s: float
    lasts_s: float


# Rising is an open ear, falling is a farewell, a low pair is trouble, a triple is a timer.
_SCORES: dict[str, tuple[_Note, ...]] = {
    "awake": (_Note(659.26, 0.0, 0.16), _Note(987.77, 0.09, 0.24)),
    "asleep": (_Note(783.99, 0.0, 0.16), _Note(523.25, 0.09, 0.28)),
    "trouble": (_Note(311.13, 0.0, 0.22), _Note(233.08, 0.2, 0.34)),
    "timer": tuple(
        _Note(pitch, beat * 0.3 + offset, 0.2)
        for beat in range(3)
        for pitch, offset in ((880.0, 0.0), (1174.66, 0.1))
    ),
}


def chimes(volume_percent: int = 100) -> dict[str, bytes]:
    """Every chime by its name, at a volume."""
    gain = gain_of(volume_percent)
    return {name: pcm_of(_played(score) * gain) for name, score in _SCORES.items()}


def _played(score: tuple[_Note, ...]) -> Floats:
    length = max(note.starts_s + note.lasts_s for note in score)
    sound = np.zeros(round(length * SPEAKER_RATE), dtype=np.float32)
    for note in score:
        start = round(note.starts_s * SPEAKER_RATE)
        tone = _tone(note)
        sound[start : start + tone.size] += tone[: sound.size - start]
    return np.asarray(sound * (_PEAK / np.abs(sound).max()), dtype=np.float32)


def _tone(note: _Note) -> Floats:
    """A note that swells, rings down and ends at exactly nothing, so that nothing clicks."""
    time = np.arange(round(note.lasts_s * SPEAKER_RATE)) / SPEAKER_RATE
    wave = sum(
        strength * np.sin(2 * np.pi * note.pitch_hz * multiple * time)
        for multiple, strength in _OVERTONES
    )
    swell = np.minimum(1.0, time / _ATTACK_S)
    fade = np.clip((note.lasts_s - time) / _RELEASE_S, 0.0, 1.0)
    ringing = np.exp(-3.5 * time / note.lasts_s)
    softened = np.sin(np.pi / 2 * swell) ** 2 * np.sin(np.pi / 2 * fade) ** 2
    return np.asarray(wave * ringing * softened, dtype=np.float32)
