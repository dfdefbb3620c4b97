"""Reads WAV files of the usual kinds: PCM of 16, 24 and 32 bits, and float.

Source: Microsoft, "Multiple channel audio data and WAVE files" (RIFF, WAVE_FORMAT_EXTENSIBLE).
The standard library's reader knows no float before Python 3.15 and no extensible before 3.12.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from assistant.audio.frames import pcm_of

_EXTENSIBLE = 0xFFFE
_MOST_CHANNELS = 32


@dataclass(frozen=True, slots=True)
class Sound:
    """Interleaved s16le samples, with their rate and number of channels."""

    rate: int
    channels: int
    pcm: bytes = field(repr=False)


def read_wav(data: bytes) -> Sound:
    """The sound of a WAV file, as s16le. Raises `ValueError` with a sentence for a human."""
    if data[:4] != b"RIFF" or data[8:12] != b"WAVE":
        raise ValueError("is not a WAV file")
    form: bytes | None = None
    for name, chunk in _chunks(data):
        if name == b"fmt ":
            form = chunk
        elif name == b"data" and form is not None:
            return _sound(form, chunk)
    raise ValueError("is a WAV file without sound in it")


def _chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Name and content of each chunk; one that claims to be longer than the file is cut."""
    at = 12
    while at + 8 <= len(data):
        name, size = struct.unpack_from("<4sI", data, at)
        yield name, data[at + 8 : at + 8 + size]
        at += 8 + size + size % 2


def _sound(form: bytes, chunk: bytes) -> Sound:
    if len(form) < 16:
        raise ValueError("has a damaged header")
    kind, channels, rate, _, _, bits = struct.unpack_from("<HHIIHH", form)
    if kind == _EXTENSIBLE and len(form) >= 26:
        (kind,) = struct.unpack_from("<H", form, 24)
    if not 0 < channels <= _MOST_CHANNELS:
        raise ValueError(f"has {channels} channels")
    whole = len(chunk) // (channels * bits // 8 or 1) * (channels * bits // 8)
    return Sound(rate, channels, _samples(kind, bits, chunk[:whole]))


def _samples(kind: int, bits: int, chunk: bytes) -> bytes:
    match kind, bits:
        case 1, 16:
            return chunk
        case 1, 24:
            # The upper two of the three bytes are the sample at 16 bits.
            return np.frombuffer(chunk, dtype=np.uint8).reshape(-1, 3)[:, 1:].tobytes()
        case 1, 32:
            return np.frombuffer(chunk, dtype=np.uint8).reshape(-1, 4)[:, 2:].tobytes()
        case 3, 32 | 64:
            floats = np.frombuffer(chunk, dtype=f"<f{bits // 8}")
            return pcm_of(np.nan_to_num(floats, posinf=1.0, neginf=-1.0))
        case _:
            raise ValueError(f"holds sound of kind {kind} with {bits} bits; save it as 16-bit PCM")
