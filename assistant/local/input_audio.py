"""The far end's input buffer: sound since the last commit, and where speech lies in it."""

from collections.abc import Callable
from dataclasses import dataclass, field

from assistant.audio.frames import SAMPLE_BYTES
from assistant.audio.resampling import Resampler
from assistant.local.end_pointing import Boundary, EndPointer, SpeechStarted, SpeechStopped
from assistant.realtime.messages import TurnDetection

WIRE_RATE = 24_000
HEARING_RATE = 16_000
SAMPLES_PER_MS = HEARING_RATE // 1000
BYTES_PER_MS = SAMPLES_PER_MS * SAMPLE_BYTES
KEPT_MS = 120_000
"""What is older than two minutes is forgotten, even in the middle of a turn."""
SHORTEST_COMMIT_MS = 100
QUIET_MS = 500
"""Silence that ends a stretch of speech where the client says when a turn ends."""


@dataclass(frozen=True, slots=True)
class Sound:
    """A committed turn: s16le mono 16 kHz, and how much of it is speech."""

    pcm: bytes = field(repr=False)
    speech_seconds: float

    @property
    def milliseconds(self) -> int:
        """Length of the whole turn."""
        return len(self.pcm) // BYTES_PER_MS


@dataclass(frozen=True, slots=True)
class TurnStarted:
    """Speech began `at_ms` into all sound of the session."""

    at_ms: int


@dataclass(frozen=True, slots=True)
class TurnEnded:
    """Speech ended; `sound` is the turn."""

    at_ms: int
    sound: Sound


MakeEndPointer = Callable[[TurnDetection], EndPointer]


class InputAudio:
    """Appends 24 kHz sound; tells turns while a turn detection is set.

    Positions are kept in samples: milliseconds would lose a little at every turn.
    """

    def __init__(self, make_end_pointer: MakeEndPointer, detection: TurnDetection | None) -> None:
        self._make_end_pointer = make_end_pointer
        self._resampler = Resampler(WIRE_RATE, HEARING_RATE)
        self._kept = bytearray()
        self._kept_from = 0
        self._started: int | None = None
        self._zero = 0
        self.watch(detection)

    def watch(self, detection: TurnDetection | None) -> None:
        """Find turns by these rules from now on; None leaves the ends to the client."""
        self._end_pointer = None if detection is None else self._make_end_pointer(detection)
        self._zero = self._now()
        self._started = None

    def append(self, pcm: bytes) -> list[TurnStarted | TurnEnded]:
        """Take sound of any length (s16le mono, 24 kHz) and tell what it began or ended."""
        heard = self._resampler.feed(pcm)
        self._kept += heard
        events = [] if self._end_pointer is None else self._end_pointer.hear(heard)
        turns = [self._turn(event) for event in events]
        self._forget_the_oldest()
        return turns

    def _turn(self, event: Boundary) -> TurnStarted | TurnEnded:
        at = self._zero + event.at_ms * SAMPLES_PER_MS
        if isinstance(event, SpeechStarted):
            self._started = at
            return TurnStarted(at // SAMPLES_PER_MS)
        start, self._started = self._started, None
        assert start is not None
        sound = Sound(self._cut(start, at), event.speech_ms / 1000)
        return TurnEnded(at // SAMPLES_PER_MS, sound)

    def _cut(self, start: int, end: int) -> bytes:
        first = max(0, start - self._kept_from) * SAMPLE_BYTES
        last = (end - self._kept_from) * SAMPLE_BYTES
        pcm = bytes(self._kept[first:last])
        self._forget(last)
        return pcm

    def commit(self) -> Sound | None:
        """End the turn by hand; None if less than 100 ms are there."""
        if len(self._kept) < SHORTEST_COMMIT_MS * BYTES_PER_MS:
            return None
        pcm = bytes(self._kept)
        self.clear()
        return Sound(pcm, self._speech_in(pcm) / 1000)

    def _speech_in(self, pcm: bytes) -> float:
        """Milliseconds of speech; all of it where nobody can tell, which is the stricter guess."""
        rules = TurnDetection(silence_duration_ms=QUIET_MS)
        heard = self._make_end_pointer(rules).hear(pcm + bytes(2 * QUIET_MS * BYTES_PER_MS))
        speech = sum(event.speech_ms for event in heard if isinstance(event, SpeechStopped))
        return speech or len(pcm) / BYTES_PER_MS

    def clear(self) -> None:
        """Forget everything since the last commit."""
        self._forget(len(self._kept))
        self._started = None
        if self._end_pointer is not None:
            self._end_pointer.reset()

    def _now(self) -> int:
        return self._kept_from + len(self._kept) // SAMPLE_BYTES

    def _forget_the_oldest(self) -> None:
        self._forget(max(0, len(self._kept) - KEPT_MS * BYTES_PER_MS))

    def _forget(self, count: int) -> None:
        del self._kept[:count]
        self._kept_from += count // SAMPLE_BYTES
