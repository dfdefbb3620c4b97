"""What the live view shows at one instant, gathered from the chronicle as it is written."""

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field

from assistant.app.chronicle import Entry, States, Turn
from assistant.app.demo import Scores, Stage
from assistant.app.legible import arguments_in_words, legible
from assistant.home.outcomes import SUCCESSES
from assistant.session.states import phase_of

KEPT_LINES = 60
PEAK_FRAMES = 25
"""The highest score of the last two seconds stays visible."""


@dataclass(frozen=True, slots=True)
class Score:
    """A wake word, its score now and lately, and the score from which it counts."""

    word: str = ""
    now: float = 0.0
    peak: float = 0.0
    threshold: float = 0.5


@dataclass(frozen=True, slots=True)
class Line:
    """Something said: "you", "assistant", or what the view itself has to tell ("")."""

    who: str
    text: str


@dataclass(frozen=True, slots=True)
class Call:
    """A function call in words; `status` is empty while it runs."""

    words: str
    status: str = ""
    came_true: bool = False


@dataclass(frozen=True, slots=True)
class Message:
    """One MQTT message that passed."""

    sent: bool
    topic: str
    payload: str


@dataclass(frozen=True, slots=True)
class Sight:
    """All that is shown at one instant; frozen, so that it can be drawn on another thread."""

    seconds: int = 0
    phase: str = "asleep"
    scene: str = ""
    score: Score = Score()
    talk: tuple[Line, ...] = ()
    calls: tuple[Call, ...] = ()
    traffic: tuple[Message, ...] = ()
    before: States = field(default_factory=dict)
    """The house at the start of the last turn."""
    house: States = field(default_factory=dict)
    latencies: Mapping[str, float] = field(default_factory=dict)


class Onlooker:
    """A listener of the chronicle. All text that it keeps is on one line and printable."""

    def __init__(self) -> None:
        self.scene = ""
        self._talk: deque[Line] = deque(maxlen=KEPT_LINES)
        self._calls: dict[str, Call] = {}
        self._traffic: deque[Message] = deque(maxlen=KEPT_LINES)

    def __call__(self, entry: Entry) -> None:
        """Take one entry; what is of no interest changes nothing."""
        match entry["event"]:
            case "scene":
                self.scene = entry["title"]
            case "call":
                self._see_call(entry)
            case "call_answered":
                self._see_answer(entry)
            case "mqtt":
                sent = entry["direction"] == "sent"
                message = Message(sent, legible(entry["topic"]), legible(entry["payload"]))
                self._traffic.append(message)
            case _:
                self._hear(entry)

    def sight(self, stage: Stage, seconds: float) -> Sight:
        """Everything as it is now, so many seconds after the start."""
        turns = stage.chronicle.turns
        return Sight(
            seconds=int(seconds),
            phase=phase_of(stage.appliance.engine.state).value,
            scene=legible(self.scene),
            score=score_of(stage.scores),
            talk=tuple(self._talk),
            calls=tuple(self._calls.values()),
            traffic=tuple(self._traffic),
            before=turns[-1].states_before if turns else {},
            house=stage.house(),
            latencies=latest_latencies(turns),
        )

    def _hear(self, entry: Entry) -> None:
        match entry["event"]:
            case "transcript":
                self._say("you", entry["text"])
            case "reply" | "announcement":
                self._say("assistant", entry["text"])
            case "wake":
                self._say("", f"heard “{entry['word'].replace('_', ' ')}” ({entry['score']:.2f})")
            case "interrupted":
                self._say("", f"interrupted after {entry['heard_ms'] / 1000:.1f} s")
            case "link_lost":
                self._say("", f"link lost: {entry['reason']} {entry['remedy']}")
            case _:
                pass

    def _say(self, who: str, text: str) -> None:
        self._talk.append(Line(who, legible(text)))

    def _see_call(self, entry: Entry) -> None:
        words = legible(f"{entry['name']}  {arguments_in_words(entry['arguments'])}")
        self._calls[entry["call"]] = Call(words)
        if len(self._calls) > KEPT_LINES:
            del self._calls[next(iter(self._calls))]

    def _see_answer(self, entry: Entry) -> None:
        call, result = self._calls.get(entry["call"]), entry["result"]
        if call is not None:
            status = legible(str(result.get("status", ""))) or "answered"
            came_true = status in SUCCESSES or result.get("ok") is True
            self._calls[entry["call"]] = Call(call.words, status, came_true)


def score_of(scores: Scores) -> Score:
    """The wake word that scores highest now; the first one while nothing was heard."""
    words = scores.latest or dict.fromkeys(scores.thresholds, 0.0) or {"": 0.0}
    word = max(words, key=words.__getitem__)
    peak = max(scores.values[-PEAK_FRAMES:], default=0.0)
    threshold = scores.thresholds.get(word, 0.5)
    return Score(legible(word), round(words[word], 2), round(peak, 2), threshold)


def latest_latencies(turns: list[Turn]) -> Mapping[str, float]:
    """Those of the last turn that has any."""
    return next((told for turn in reversed(turns) if (told := turn.latencies())), {})
