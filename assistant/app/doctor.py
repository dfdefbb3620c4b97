"""`assistant doctor`: looks at everything, changes nothing, and names the remedies."""

import json
import logging
import os
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from itertools import chain
from pathlib import Path
from typing import TextIO

from assistant.app.checks import Check, Row, Verdict, bad, made
from assistant.app.options import EXIT_FAILED, chosen_file, chosen_settings
from assistant.app.table import padded, printable
from assistant.errors import SettingsError
from assistant.settings.models import Settings

Rows = tuple[Row, ...]
_COLOURS = {Verdict.OK: "32", Verdict.WARN: "33", Verdict.FAIL: "1;31", Verdict.SKIP: "2"}
_LONGEST = 400


def _machine() -> Rows:
    from assistant.app.machine_checks import ROWS

    return ROWS


def _sound() -> Rows:
    from assistant.app.sound_checks import ROWS

    return ROWS


def _speech() -> Rows:
    from assistant.app.speech_checks import ROWS

    return ROWS


def _home() -> Rows:
    from assistant.app.home_checks import ROWS

    return ROWS


def _cloud() -> Rows:
    from assistant.app.cloud_checks import ROWS

    return ROWS


ROOMS: Mapping[str, Callable[[], Rows]] = {
    "machine": _machine,
    "sound": _sound,
    "speech": _speech,
    "home": _home,
    "cloud": _cloud,
}
"""Loaded one by one, so that a library that is missing hides only what needs it."""


def run_from(config: Path | None, *, as_json: bool) -> int:
    """`assistant doctor`: 1 if anything fails, faulty settings included."""
    logging.basicConfig(level=logging.CRITICAL, stream=sys.stderr)
    settings, first = _read(config)
    rows = tuple(row for name in ROOMS for row in rows_of(name))
    checks = chain((first,), (made(row, settings) for row in rows))
    if as_json:
        told = tuple(checks)
        print(report(told))
    else:
        told = tuple(_shown(checks, max(len(row.name) for row in rows)))
    return EXIT_FAILED if _has_failed(told) else 0


def rows_of(room: str, rooms: Mapping[str, Callable[[], Rows]] = ROOMS) -> Rows:
    """The checks of a room; one that tells the reason where a library of it is missing."""
    try:
        return rooms[room]()
    except ImportError as error:
        finding = bad(f"cannot be loaded: {error}", "install the package 'assistant' again")
        return (Row(room, lambda _: finding, needs_settings=False),)


def report(checks: Sequence[Check]) -> str:
    """All checks as one JSON object."""
    told = [asdict(check) for check in checks]
    return json.dumps({"ok": not _has_failed(checks), "checks": told}, ensure_ascii=False)


def lines_of(check: Check, width: int, *, coloured: bool) -> Iterator[str]:
    """Verdict, name and finding in columns; more lines of it, and the remedy, below."""
    margin = " " * (len(Verdict.FAIL) + width + 4)
    mark = padded(check.verdict, len(Verdict.FAIL))
    if coloured:
        mark = f"\033[{_COLOURS[check.verdict]}m{mark}\033[0m"
    first, *others = (printable(line, _LONGEST) for line in check.finding.splitlines() or [""])
    yield f"{mark}  {padded(check.name, width)}  {first}".rstrip()
    yield from (f"{margin}{line}" for line in others)
    if check.remedy:
        yield f"{margin}-> {printable(check.remedy, _LONGEST)}"


def wants_colour(stream: TextIO) -> bool:
    """True on a terminal, unless NO_COLOR (no-color.org) or a dumb terminal says otherwise."""
    dumb = os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb"
    return stream.isatty() and not dumb


def _read(config: Path | None) -> tuple[Settings | None, Check]:
    file = chosen_file(config)
    try:
        settings = chosen_settings(config)
    except SettingsError as error:
        faults = "\n".join(printable(fault, _LONGEST) for fault in error.faults)
        return None, Check("settings", Verdict.FAIL, faults, error.remedy)
    words = f"{file}: all well" if file else "no file, every default"
    return settings, Check("settings", Verdict.OK, words)


def _shown(checks: Iterable[Check], width: int) -> Iterator[Check]:
    """Pass each check on as soon as it is made and printed, because some take seconds."""
    coloured = wants_colour(sys.stdout)
    counts: Counter[Verdict] = Counter()
    for check in checks:
        print("\n".join(lines_of(check, width, coloured=coloured)), flush=True)
        counts[check.verdict] += 1
        yield check
    print(
        f"\n{', '.join(f'{counts[verdict]} {verdict}' for verdict in Verdict if counts[verdict])}"
    )


def _has_failed(checks: Sequence[Check]) -> bool:
    return any(check.verdict is Verdict.FAIL for check in checks)
