"""`assistant settings`: what is in force, or everything that is wrong with a file."""

import json
import os
import sys
from pathlib import Path

from assistant.app.options import EXIT_SETTINGS, chosen_file
from assistant.app.table import printable
from assistant.errors import SettingsError
from assistant.settings.effective import effective, effective_json
from assistant.settings.reader import read_settings

_LONGEST_FAULT = 400


def run_from(action: str, file: Path | None, *, as_json: bool) -> int:
    """`assistant settings show` and `check`; 78 if the file or a secret is faulty."""
    chosen = chosen_file(file)
    try:
        settings = read_settings(chosen, os.environ)
    except SettingsError as error:
        _tell_faults(chosen, error, as_json=as_json)
        return EXIT_SETTINGS
    if action == "show":
        print(effective_json(settings) if as_json else effective(settings).rstrip())
    elif as_json:
        print(_verdict(chosen, ()))
    else:
        print(f"{chosen or 'no file, every default'}: all well")
    return 0


def _tell_faults(file: Path | None, error: SettingsError, *, as_json: bool) -> None:
    """Faults quote the file, and the file may hold anything: one harmless line for each."""
    faults = tuple(printable(fault, _LONGEST_FAULT) for fault in error.faults)
    if as_json:
        print(_verdict(file, faults))
        return
    for fault in faults:
        print(fault, file=sys.stderr)
    if error.remedy:
        print(f"{len(faults)} to correct; {error.remedy}", file=sys.stderr)


def _verdict(file: Path | None, faults: tuple[str, ...]) -> str:
    name = None if file is None else str(file)
    return json.dumps({"file": name, "ok": not faults, "faults": faults}, ensure_ascii=False)
