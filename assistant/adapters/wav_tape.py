"""A WAV file that grows while it is written, and is given up where the disk will have no more."""

import logging
import struct
from io import FileIO
from pathlib import Path
from typing import Protocol

from assistant.audio.frames import SAMPLE_BYTES, SPEAKER_RATE
from assistant.errors import SpeakerMissing

log = logging.getLogger("assistant.adapters.tape")

_HEADER = struct.Struct("<4sI4s4sIHHIIHH4sI")
_REMEDY = "make room on the disk, or choose another speaker_wav"


class Tape(Protocol):
    """What a loudspeaker writes to: s16le mono at 24 kHz."""

    def write(self, pcm: bytes) -> None:
        """Add sound behind what is there."""
        ...

    def close(self) -> None:
        """Make the file whole; safe to call twice."""
        ...


class NoTape:
    """Nothing is kept."""

    def write(self, pcm: bytes) -> None:
        """Let it pass."""

    def close(self) -> None:
        """There is nothing to close."""


class WavTape:
    """Writes at once, so that a full disk is told of where it happens: once, in the log."""

    def __init__(self, path: Path) -> None:
        """Begin the file. Raises `SpeakerMissing` naming it."""
        self._path = path
        self._bytes = 0
        try:
            self._file = _begun(path)
        except OSError as error:
            raise _unwritable(path, error) from error

    def write(self, pcm: bytes) -> None:
        """Add sound behind what is there; after a failure, let it pass."""
        if self._file.closed:
            return
        try:
            self._bytes += self._file.write(pcm)
        except OSError as error:
            log.warning("%s; the speaker goes on without it", _unwritable(self._path, error))
            self.close()

    def close(self) -> None:
        """Write how long it became; safe to call twice."""
        if self._file.closed:
            return
        with self._file:
            try:
                self._file.seek(0)
                self._file.write(_header(self._bytes))
            except OSError as error:
                log.warning("%s", _unwritable(self._path, error))


def _begun(path: Path) -> FileIO:
    # Without a buffer nothing is left to fail when the file is closed.
    file = path.open("wb", buffering=0)
    try:
        file.write(_header(0))
    except OSError:
        file.close()
        raise
    return file


def _header(sound_bytes: int) -> bytes:
    rate, size = SPEAKER_RATE, SAMPLE_BYTES
    form = (b"fmt ", 16, 1, 1, rate, rate * size, size, 8 * size)
    return _HEADER.pack(b"RIFF", 36 + sound_bytes, b"WAVE", *form, b"data", sound_bytes)


def _unwritable(path: Path, error: OSError) -> SpeakerMissing:
    return SpeakerMissing(f"the tape {path} cannot be written: {error.strerror}", _REMEDY)
