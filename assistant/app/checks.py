"""What a check is, and how one is made that can neither stop nor delay the others."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from queue import Empty, SimpleQueue
from threading import Thread

from assistant.errors import AssistantError
from assistant.settings.models import Settings

LONGEST_S = 60.0


class Verdict(StrEnum):
    """How a check ended; only FAIL makes the doctor's exit code 1."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"
    SKIP = "skip"


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found, in words, and what to do about it."""

    verdict: Verdict
    words: str
    remedy: str = ""


@dataclass(frozen=True, slots=True)
class Check:
    """One row of the report."""

    name: str
    verdict: Verdict
    finding: str
    remedy: str = ""


Look = Callable[[Settings], Finding]
"""Looks at one thing, without changing it; may raise whatever it meets."""


@dataclass(frozen=True, slots=True)
class Row:
    """A check to be made; `needs_settings` if it says nothing where those are faulty."""

    name: str
    look: Look
    needs_settings: bool = True


def good(words: str) -> Finding:
    """It works."""
    return Finding(Verdict.OK, words)


def weak(words: str, remedy: str = "") -> Finding:
    """It works, but."""
    return Finding(Verdict.WARN, words, remedy)


def bad(words: str, remedy: str = "") -> Finding:
    """It does not work."""
    return Finding(Verdict.FAIL, words, remedy)


def skipped(words: str) -> Finding:
    """It was not looked at, and why."""
    return Finding(Verdict.SKIP, words)


def made(row: Row, settings: Settings | None, longest_s: float = LONGEST_S) -> Check:
    """Make one check, bounded in time; whatever it raises becomes its finding."""
    if settings is None and row.needs_settings:
        return _check(row, skipped("needs valid settings"))
    answers: SimpleQueue[Finding] = SimpleQueue()
    known = settings or Settings()
    looking = Thread(target=lambda: answers.put(_look(row, known)), name=row.name, daemon=True)
    looking.start()
    try:
        finding = answers.get(timeout=longest_s)
    except Empty:
        remedy = "see what is busy with `top`; start the machine anew if it stays so"
        finding = bad(f"no answer within {longest_s:g} s", remedy)
    return _check(row, finding)


def _look(row: Row, settings: Settings) -> Finding:
    try:
        return row.look(settings)
    except AssistantError as error:
        return bad(error.problem, error.remedy)
    except Exception as error:  # noqa: BLE001 - one broken check must not hide the others
        return bad(f"{type(error).__name__}: {error}", "a fault of the check itself: report it")


def _check(row: Row, finding: Finding) -> Check:
    return Check(row.name, finding.verdict, finding.words, finding.remedy)
