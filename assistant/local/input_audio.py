"""The far end's input buffer: sound since the last commit, and where speech lies in it."""

from collections.abc import Callable
from dataclasses import dataclass, field

from assistant.audio.resampling import Resampler
from assistant.local.end_pointing import Boundary, EndPointer, SpeechStarted
from assistant.realtime.messages import TurnDetection

WIRE_RATE = 24_000
HEARING_RATE = 16_000
BYTES_PER_MS = HEARING_RATE // 1000 * 2
KEPT_MS = 120_000
"""What no speech has claimed is forgotten after two minutes."""
SHORTEST_COMMIT_MS = 100


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
    """Appends 24 kHz sound; tells turns while a turn detection is set."""

    def __init__(self, make_end_pointer: MakeEndPointer, detection: TurnDetection | None) -> None:
        self._make_end_pointer = make_end_pointer
        self._resampler = Resampler(WIRE_RATE, HEARING_RATE)
        self._kept = bytearray()
        self._kept_from_ms = 0
        self._started_ms: int | None = None
        self._zero_ms = 0
        self.watch(detection)

    def watch(self, detection: TurnDetection | None) -> None:
        """Find turns by these rules from now on; None leaves the ends to the client."""
        self._detection = detection
        self._end_pointer = None if detection is None else self._make_end_pointer(detection)
        self._zero_ms = self._now_ms()
        self._started_ms = None

    def append(self, pcm: bytes) -> list[TurnStarted | TurnEnded]:
        """Take sound of any length (s16le mono, 24 kHz) and tell what it began or ended."""
        heard = self._resampler.feed(pcm)
        self._kept += heard
        if self._end_pointer is None:
            return []
        turns = [self._turn(event) for event in self._end_pointer.hear(heard)]
        self._forget_silence()
        return turns

    def _turn(self, event: Boundary) -> TurnStarted | TurnEnded:
        at_ms = self._zero_ms + event.at_ms
        if isinstance(event, SpeechStarted):
            self._started_ms = at_ms
            return TurnStarted(at_ms)
        start = self._kept_from_ms if self._started_ms is None else self._started_ms
        self._started_ms = None
        sound = Sound(self._cut(start, at_ms), event.speech_ms / 1000)
        return TurnEnded(at_ms, sound)

    def _cut(self, start_ms: int, end_ms: int) -> bytes:
        first = max(0, start_ms - self._kept_from_ms) * BYTES_PER_MS
        last = max(0, end_ms - self._kept_from_ms) * BYTES_PER_MS
        pcm = bytes(self._kept[first:last])
        del self._kept[:last]
        self._kept_from_ms = max(self._kept_from_ms, end_ms)
        return pcm

    def commit(self) -> Sound | None:
        """End the turn by hand; None if less than 100 ms are there."""
        if len(self._kept) < SHORTEST_COMMIT_MS * BYTES_PER_MS:
            return None
        whole = Sound(bytes(self._kept), len(self._kept) / BYTES_PER_MS / 1000)
        self.clear()
        return whole

    def clear(self) -> None:
        """Forget everything since the last commit."""
        self._kept_from_ms = self._now_ms()
        self._kept.clear()
        self._started_ms = None
        if self._end_pointer is not None:
            self._end_pointer.reset()

    def _now_ms(self) -> int:
        return self._kept_from_ms + len(self._kept) // BYTES_PER_MS

    def _forget_silence(self) -> None:
        surplus = len(self._kept) - KEPT_MS * BYTES_PER_MS
        if surplus > 0:
            surplus -= surplus % BYTES_PER_MS
            del self._kept[:surplus]
            self._kept_from_ms += surplus // BYTES_PER_MS
