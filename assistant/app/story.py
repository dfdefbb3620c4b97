"""The story that the demo tells: what is said, when, and what must come true."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from assistant.app.chronicle import Turn
from assistant.local.house import Fault

WAKE = "hey jarvis"
NEVER_SUCCESS = frozenset({"done", "already", "in_progress"})

Check = Callable[[Turn], bool]


@dataclass(frozen=True, slots=True)
class Scene:
    """One line of the user. `title` says what it shows, `check` whether it came true."""

    title: str
    says: str
    check: Check
    wake: bool = False
    pause_s: float = 0.0
    """Between the wake word and the line; 0 is one breath."""
    interrupts: bool = False
    """The line is spoken into the reply before."""
    fault: tuple[str, Fault] | None = None
    ends: bool = False
    """The conversation ends with this line."""


def _after(turn: Turn, device: str) -> Mapping[str, Any]:
    return turn.states_after.get(device, {})


def _done(turn: Turn) -> bool:
    return bool(turn.calls) and all(c.get("status") in NEVER_SUCCESS for c in turn.calls)


STORY = (
    Scene(
        "one breath: wake word and command without a pause",
        "turn on the kitchen light",
        lambda t: t.wake_score > 0.5 and _done(t) and _after(t, "kitchen light")["power"] == "on",
        wake=True,
    ),
    Scene(
        "a follow-up without the wake word",
        "set the living room lamp to forty percent",
        lambda t: (
            not t.wake_word
            and _done(t)
            and abs(_after(t, "living room lamp")["brightness"] - 40) <= 2
        ),
    ),
    Scene(
        "a question about a state",
        "is the front door locked",
        lambda t: "locked" in t.reply.lower() and _after(t, "front door")["lock"] == "locked",
    ),
    Scene(
        "two commands in one sentence",
        "turn on the coffee maker and open the living room blinds",
        lambda t: (
            len(t.calls) == 2
            and _done(t)
            and _after(t, "coffee maker")["power"] == "on"
            and t.states_before["living room blinds"] != _after(t, "living room blinds")
        ),
    ),
    Scene(
        "a lock asks back",
        "unlock the back door",
        lambda t: (
            [c["status"] for c in t.calls] == ["needs_confirmation"]
            and _after(t, "back door")["lock"] == "locked"
        ),
    ),
    Scene(
        "and is confirmed in a new turn",
        "yes",
        lambda t: _done(t) and _after(t, "back door")["lock"] == "unlocked",
    ),
    Scene(
        "a long reply begins",
        "tell me about the house",
        lambda t: t.interrupted_after_ms is not None and t.interrupted_after_ms > 500,
    ),
    Scene(
        "and is interrupted by the user",
        "what time is it",
        lambda t: bool(t.reply) and not t.calls,
        interrupts=True,
    ),
    Scene(
        "a device does not answer: no success is claimed",
        "turn off the bedroom light",
        lambda t: (
            bool(t.calls)
            and not any(c.get("status") in NEVER_SUCCESS for c in t.calls)
            and _after(t, "bedroom light")["power"] == "on"
            and bool(t.reply)
        ),
        fault=("bedroom_light", Fault.SILENT),
    ),
    Scene(
        "something that it cannot do offline",
        "how tall is mount everest",
        lambda t: not t.calls and bool(t.reply),
    ),
    Scene(
        "hanging up by voice",
        "never mind",
        lambda t: not [c for c in t.calls if c["name"] != "end_conversation"],
        ends=True,
    ),
    Scene(
        "wake word, chime, then the command",
        "turn off all the lights",
        lambda t: (
            t.wake_score > 0.5
            and _done(t)
            and _after(t, "kitchen light")["power"] == "off"
            and _after(t, "living room lamp")["power"] == "off"
        ),
        wake=True,
        pause_s=1.2,
    ),
)
