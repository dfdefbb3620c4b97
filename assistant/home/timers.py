"""Kitchen timers: pure, with time as an argument."""

import json
from dataclasses import dataclass, field
from typing import Any

from assistant.units import Seconds

LONGEST = 86_400
MOST = 20
NAME_LENGTH = 40


@dataclass(frozen=True, slots=True)
class Timer:
    """One running timer."""

    name: str
    seconds: int
    due: Seconds


@dataclass(slots=True)
class Timers:
    """The running timers of this satellite, soonest first."""

    running: list[Timer] = field(default_factory=list)

    def call(self, name: str, arguments: str, now: Seconds) -> str:
        """Run one timer function; bad arguments are an answer, not an exception."""
        try:
            wanted = json.loads(arguments or "{}")
        except (ValueError, RecursionError):
            return _answer("invalid", message="the arguments are not JSON")
        if not isinstance(wanted, dict):
            return _answer("invalid", message="the arguments must be an object")
        match name:
            case "timer_start":
                return self._start(wanted, now)
            case "timer_cancel":
                return self._cancel(wanted)
            case "timer_list":
                return _answer("done", timers=[_told(t, now) for t in self.running])
            case _:
                return _answer("invalid", message="there is no such timer function")

    def take_due(self, now: Seconds) -> tuple[Timer, ...]:
        """Remove and return the timers whose time has come."""
        due = tuple(t for t in self.running if t.due <= now)
        self.running = [t for t in self.running if t.due > now]
        return due

    def next_due(self) -> Seconds | None:
        """The instant of the soonest timer."""
        return self.running[0].due if self.running else None

    def _start(self, wanted: dict[str, Any], now: Seconds) -> str:
        seconds = _whole(wanted.get("seconds"))
        if seconds is None or not 1 <= seconds <= LONGEST:
            return _answer("invalid", message=f"seconds must be a whole number, 1 to {LONGEST}")
        if len(self.running) >= MOST:
            return _answer("denied", message=f"no more than {MOST} timers at once")
        timer = Timer(_name_of(wanted), seconds, Seconds(now + seconds))
        self.running = sorted([*self.running, timer], key=lambda t: t.due)
        return _answer("done", timers=[_told(timer, now)])

    def _cancel(self, wanted: dict[str, Any]) -> str:
        name = _name_of(wanted)
        found = next((t for t in self.running if not name or t.name == name), None)
        if found is None:
            return _answer("not_found", message="no such timer is running")
        self.running.remove(found)
        return _answer("done", cancelled={"name": found.name, "seconds": found.seconds})


def length_in_words(seconds: int) -> str:
    """A length of time as people say it: "1 hour 5 minutes"."""
    parts = ((seconds // 3600, "hour"), (seconds % 3600 // 60, "minute"), (seconds % 60, "second"))
    return " ".join(f"{n} {unit}{'s' if n != 1 else ''}" for n, unit in parts if n)


def _whole(value: object) -> int | None:
    """Models write 90, "90" and 90.0 for the same length; true is none."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return int(number) if number.is_integer() else None


def _name_of(wanted: dict[str, Any]) -> str:
    printable = "".join(c for c in str(wanted.get("name") or "") if c.isprintable())
    return " ".join(printable.lower().split())[:NAME_LENGTH]


def _told(timer: Timer, now: Seconds) -> dict[str, Any]:
    left = max(0, round(timer.due - now))
    return {"name": timer.name, "seconds": timer.seconds, "seconds_left": left}


def _answer(status: str, **more: Any) -> str:
    return json.dumps({"ok": status == "done", "status": status, **more})
