"""One turn laid out in time, ready to be drawn: sound, scores, calls and messages."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from assistant.app.chronicle import Entry, Turn
from assistant.app.demo import Stage
from assistant.audio.frames import MICROPHONE_RATE, SAMPLE_BYTES, SPEAKER_RATE, Floats, floats_of
from assistant.home.outcomes import SUCCESSES

BEFORE_WAKE_S = 1.7
"""A wake word is heard at its end: this much shows all of it."""
MARGIN_S = 0.5
MARGIN_SHARE = 0.12
"""Around the part that is magnified, of its length."""


@dataclass(frozen=True, slots=True)
class Window:
    """A stretch of time, in seconds since the start of the demo."""

    begins: float
    ends: float

    @property
    def length(self) -> float:
        """In seconds."""
        return self.ends - self.begins

    def holds(self, at: float) -> bool:
        """True if the instant lies in the stretch."""
        return self.begins <= at <= self.ends


@dataclass(frozen=True, slots=True)
class Sound:
    """A waveform, -1 to 1; the first sample sounds where the window begins."""

    samples: Floats
    rate: int


@dataclass(frozen=True, slots=True)
class Span:
    """Something that lasts: a state of the session, or a function call and its outcome."""

    name: str
    begins: float
    ends: float
    outcome: str = ""
    arguments: Entry = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Message:
    """One MQTT message of the turn."""

    at: float
    sent: bool
    topic: str
    payload: str


@dataclass(frozen=True, slots=True)
class Timeline:
    """Everything that the picture of a turn shows."""

    turn: Turn
    whole: Window
    answer: Window
    """From the user's last word to the first sound of the reply, with a margin."""
    heard: Sound
    played: Sound
    scores: tuple[tuple[float, float], ...]
    """Instants and scores of the wake word."""
    threshold: float
    phases: tuple[Span, ...]
    calls: tuple[Span, ...]
    messages: tuple[Message, ...]


def most_telling(turns: Sequence[Turn]) -> Turn:
    """The turn that shows most of the path; the first of equals. Raises `ValueError` if none."""
    if not turns:
        raise ValueError("nobody has said anything yet: there is no turn to draw")
    return max(turns, key=_shown_of)


def timeline_of(stage: Stage) -> Timeline:
    """Lay out the most telling turn. Raises `ValueError` where there is none."""
    turn = most_telling(stage.chronicle.turns)
    whole = _whole(turn)
    scores = stage.scores
    entries = tuple(stage.chronicle.entries)
    inside = [entry for entry in entries if whole.holds(entry["t"])]
    pairs = zip(scores.times, scores.values, strict=True)
    return Timeline(
        turn,
        whole,
        _answer(turn, whole),
        heard=_heard(stage, whole),
        played=_played(stage, whole),
        scores=tuple((at, score) for at, score in pairs if whole.holds(at)),
        threshold=scores.thresholds.get(turn.wake_word, 0.5),
        phases=tuple(_phases(entries, whole)),
        calls=tuple(_calls(inside, whole)),
        messages=tuple(_messages(inside)),
    )


def _shown_of(turn: Turn) -> tuple[bool, bool, bool, bool]:
    done = any(call.get("status") in SUCCESSES for call in turn.calls)
    return "first_audio" in turn.times, done, bool(turn.wake_word), bool(turn.calls)


def _whole(turn: Turn) -> Window:
    begins = turn.times["wake"] - BEFORE_WAKE_S if "wake" in turn.times else _first(turn)
    return Window(max(0.0, begins - MARGIN_S / 2), max(turn.times.values()) + MARGIN_S)


def _first(turn: Turn) -> float:
    return min(turn.times.values())


def _answer(turn: Turn, whole: Window) -> Window:
    """The part worth a magnifying glass; the whole turn where nothing was answered."""
    ends = turn.times.get("first_audio", turn.times.get("answered", 0.0))
    begins = turn.times.get("speech_stopped", ends)
    if ends <= begins:
        return whole
    margin = MARGIN_SHARE * (ends - begins)
    return Window(begins - margin, ends + margin)


def _heard(stage: Stage, window: Window) -> Sound:
    zero = stage.microphone.started_at - stage.started_at
    first = round((window.begins - zero) * MICROPHONE_RATE)
    return Sound(_cut(stage.microphone.pcm, first, window, MICROPHONE_RATE), MICROPHONE_RATE)


def _cut(pcm: bytes, first: int, window: Window, rate: int) -> Floats:
    """The window's samples, silent where the tape has none."""
    wanted = np.zeros(round(window.length * rate), np.float32)
    skipped = max(0, -first)
    there = pcm[SAMPLE_BYTES * max(0, first) : SAMPLE_BYTES * max(0, first + len(wanted))]
    samples = floats_of(there)[: max(0, len(wanted) - skipped)]
    wanted[skipped : skipped + len(samples)] = samples
    return wanted


def _played(stage: Stage, window: Window) -> Sound:
    samples = round(window.length * SPEAKER_RATE)
    if stage.speaker is None:
        return Sound(np.zeros(samples, np.float32), SPEAKER_RATE)
    zero = stage.speaker_opened_at - stage.started_at
    pcm = stage.speaker.listen(round((window.begins - zero) * SPEAKER_RATE), samples)
    return Sound(floats_of(pcm), SPEAKER_RATE)


def _phases(entries: Iterable[Entry], window: Window) -> Iterator[Span]:
    """The session's states in the window; before the first one it slept."""
    name, since = "asleep", window.begins
    for entry in entries:
        if entry["event"] != "state" or entry["t"] > window.ends:
            continue
        if entry["t"] > window.begins:
            yield Span(name, since, entry["t"])
            since = entry["t"]
        name = entry["state"]
    yield Span(name, since, window.ends)


def _calls(entries: Iterable[Entry], window: Window) -> Iterator[Span]:
    """The calls in their order; one without an answer lasts to the end."""
    listed = list(entries)
    answers = {entry["call"]: entry for entry in listed if entry["event"] == "call_answered"}
    for entry in listed:
        if entry["event"] == "call":
            answer = answers.get(entry["call"], {"t": window.ends, "result": {}})
            status = str(answer["result"].get("status", ""))
            yield Span(entry["name"], entry["t"], answer["t"], status, entry["arguments"])


def _messages(entries: Iterable[Entry]) -> Iterator[Message]:
    for entry in entries:
        if entry["event"] == "mqtt":
            sent = entry["direction"] == "sent"
            yield Message(entry["t"], sent, entry["topic"], entry["payload"])
