"""What happened, turn by turn: the one record behind the live view, the JSON and the picture."""

import json
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from assistant.adapters.paho_home import Traffic
from assistant.engine.loop import Step
from assistant.home.outcomes import SUCCESSES
from assistant.session.commands import Announce, CallHome, OpenLink, PlayChime
from assistant.session.events import (
    FunctionReturned,
    LinkLost,
    LinkOpened,
    ReplySounded,
    ReplyWorded,
    SpeakerFinished,
    SpeakerStarted,
    SpeakerStopped,
    UserStartedSpeaking,
    UserStoppedSpeaking,
    UserTranscribed,
    WakeWordHeard,
)
from assistant.session.states import Asleep, Connecting, phase_of
from assistant.units import CallId, ItemId

States = Mapping[str, Mapping[str, Any]]
Entry = dict[str, Any]
Listener = Callable[[Entry], None]
ANNOUNCED = "announcement-"
RECENT_ENTRIES = 5000


@dataclass(slots=True)
class Turn:
    """One turn of the user and what came of it; times are seconds since the start."""

    number: int
    conversation: int
    wake_word: str = ""
    wake_score: float = 0.0
    transcript: str = ""
    calls: list[Entry] = field(default_factory=list)
    reply: str = ""
    reply_seconds: float = 0.0
    interrupted_after_ms: int | None = None
    states_before: States = field(default_factory=dict)
    states_after: States = field(default_factory=dict)
    times: dict[str, float] = field(default_factory=dict)

    def mark(self, name: str, at: float) -> None:
        """Note when something first happened in this turn."""
        self.times.setdefault(name, round(at, 4))

    def latencies(self) -> dict[str, float]:
        """Milliseconds between the marks of the path; what did not happen is left out.

        A call that was refused or timed out ends with an answer, not with a confirmation.
        """
        answer = "confirmed" if self.is_confirmed else "answered"
        legs = (
            ("wake_to_link_ready", "wake", "link_ready"),
            ("speech_end_to_call", "speech_stopped", "called"),
            (f"call_to_{answer}", "called", "answered"),
            (f"{answer}_to_first_audio", "answered", "first_audio"),
            ("speech_end_to_first_audio", "speech_stopped", "first_audio"),
        )
        return {
            name: round(1000 * (self.times[end] - self.times[start]), 1)
            for name, start, end in legs
            if start in self.times and end in self.times
        }

    @property
    def is_confirmed(self) -> bool:
        """True if there was a call, and every one of them came true."""
        return bool(self.calls) and all(call.get("status") in SUCCESSES for call in self.calls)

    def told(self) -> Entry:
        """The turn as JSON: device states as read from MQTT, latencies in milliseconds."""
        return asdict(self) | {"latencies_ms": self.latencies()}


class Chronicle:
    """Watches the engine and the home. Everyone who wants to know adds a listener."""

    def __init__(self, states: Callable[[], States], started_at: float) -> None:
        self._states = states
        self._zero = started_at
        self._listeners: list[Listener] = []
        self._items: dict[ItemId, Turn] = {}
        self._calls: dict[CallId, tuple[Turn, Entry]] = {}
        self._wake: tuple[str, float, dict[str, float]] = ("", 0.0, {})
        self.turns: list[Turn] = []
        self.entries: deque[Entry] = deque(maxlen=RECENT_ENTRIES)
        self.announcements: list[str] = []

    def add_listener(self, listener: Listener) -> None:
        """Call `listener` with every entry, as it is written."""
        self._listeners.append(listener)

    def see_step(self, step: Step) -> None:
        """An observer of the engine."""
        at = step.at - self._zero
        entry = self._note(step, at)
        if entry:
            self._write(at, **entry)
        for order in step.orders:
            self._note_order(order, at)
        before, after = phase_of(step.before), phase_of(step.after)
        if before is not after:
            self._write(at, event="state", state=after.value)
            if isinstance(step.after, Asleep):
                self.close_turn()

    def see_traffic(self, traffic: Traffic, at: float) -> None:
        """An observer of the home."""
        direction, payload = traffic.direction.value, traffic.payload[:400]
        self._write(
            at - self._zero, event="mqtt", direction=direction, topic=traffic.topic, payload=payload
        )

    def see_scene(self, title: str, says: str, at: float) -> None:
        """The demo's story goes on: what the next line shows, and the line."""
        self._write(at - self._zero, event="scene", title=title, says=says)

    def close_turn(self) -> None:
        """The current turn is over: keep the states as MQTT tells them now."""
        if self.turns and not self.turns[-1].states_after:
            self.turns[-1].states_after = self._states()

    def _write(self, at: float, **entry: Any) -> None:
        written = {"t": round(at, 3), **entry}
        self.entries.append(written)
        for listener in self._listeners:
            listener(written)

    @property
    def _turn(self) -> Turn | None:
        return self.turns[-1] if self.turns else None

    def _note(self, step: Step, at: float) -> Entry | None:
        match step.event:
            case WakeWordHeard(word, score) if isinstance(step.after, Connecting):
                self._wake = (word, round(score, 4), {"wake": round(at, 4)})
                return {"event": "wake", "word": word, "score": round(score, 4)}
            case LinkOpened():
                self._wake[2].setdefault("link_ready", round(at, 4))
                return {"event": "link_ready"}
            case LinkLost(reason, remedy, retryable):
                lost = {"reason": reason, "remedy": remedy, "retryable": retryable}
                return {"event": "link_lost", **lost}
            case UserStartedSpeaking() | UserStoppedSpeaking() | UserTranscribed():
                return self._note_user(step, at)
            case FunctionReturned(call, output):
                return self._note_answer(call, output, at)
            case _:
                return self._note_reply(step, at)

    def _note_user(self, step: Step, at: float) -> Entry:
        match step.event:
            case UserStartedSpeaking():
                self.close_turn()
                self._begin_turn(step, at)
                return {"event": "speech_started"}
            case UserTranscribed(text=text):
                if self._turn:
                    self._turn.transcript = text
                return {"event": "transcript", "text": text}
            case _:
                if self._turn:
                    self._turn.times["speech_stopped"] = round(at, 4)
                return {"event": "speech_stopped"}

    def _begin_turn(self, step: Step, at: float) -> None:
        word, score, times = self._wake
        self._wake = ("", 0.0, {})
        conversation = getattr(getattr(step.after, "turn", None), "conversation", 0)
        turn = Turn(len(self.turns) + 1, conversation, word, score, times=times)
        turn.states_before = self._states()
        turn.mark("speech_started", at)
        self.turns.append(turn)

    def _note_reply(self, step: Step, at: float) -> Entry | None:
        match step.event:
            case ReplySounded(item=item):
                if self._turn:
                    self._items.setdefault(item, self._turn)
                return None
            case ReplyWorded(text=text):
                if self._turn:
                    self._turn.reply = f"{self._turn.reply} {text}".strip()
                return {"event": "reply", "text": text}
            case SpeakerStarted(item):
                if item in self._items:
                    self._items[item].mark("first_audio", at)
                return {"event": "speaking", "item": item}
            case SpeakerFinished(item, heard) | SpeakerStopped(item, heard):
                return self._note_heard(step, item, heard, at)
            case _:
                return None

    def _note_heard(self, step: Step, item: ItemId, heard: int, at: float) -> Entry:
        cut = isinstance(step.event, SpeakerStopped)
        turn = self._items.get(item, self._turn if item.startswith(ANNOUNCED) else None)
        if turn is not None:
            turn.reply_seconds = round(turn.reply_seconds + heard / 1000, 3)
            turn.times["reply_ended"] = round(at, 4)
            if cut:
                turn.interrupted_after_ms = heard
        return {"event": "interrupted" if cut else "spoken", "item": item, "heard_ms": heard}

    def _note_answer(self, call: CallId, output: str, at: float) -> Entry:
        result = _parsed(output)
        if call in self._calls:
            turn, told = self._calls[call]
            # The reply waits for the last of the calls before it.
            if "first_audio" not in turn.times:
                turn.times["answered"] = round(at, 4)
            told |= {"status": result.get("status", ""), "result": result}
        return {"event": "call_answered", "call": call, "result": result}

    def _note_order(self, order: object, at: float) -> None:
        match order:
            case CallHome(request):
                told: Entry = {"name": request.name, "arguments": _parsed(request.arguments)}
                if self._turn:
                    self._turn.mark("called", at)
                    self._turn.calls.append(told)
                    self._calls[request.call_id] = (self._turn, told)
                self._write(at, event="call", call=request.call_id, **told)
            case Announce(text):
                self.announcements.append(text)
                self._write(at, event="announcement", text=text)
            case PlayChime(chime):
                self._write(at, event="chime", chime=chime.value)
            case OpenLink():
                self._write(at, event="link_opening")


def _parsed(text: str) -> Entry:
    try:
        value = json.loads(text or "{}")
    except ValueError:
        return {"text": text}
    return value if isinstance(value, dict) else {"value": value}
