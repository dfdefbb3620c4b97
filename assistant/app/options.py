"""What the commands share: exit codes, and how settings are found."""

import os
from pathlib import Path

from assistant.settings.models import Settings
from assistant.settings.reader import read_settings

EXIT_FAILED = 1
EXIT_TRY_AGAIN = 75
EXIT_SETTINGS = 78

SYSTEM_FILE = Path("/etc/assistant/assistant.toml")


def chosen_file(given: Path | None) -> Path | None:
    """The file that was named, else the system's if there is one, else none."""
    if given is not None:
        return given
    return SYSTEM_FILE if SYSTEM_FILE.is_file() else None


def chosen_settings(given: Path | None) -> Settings:
    """Read the chosen file and the environment. Raises `SettingsError`."""
    return read_settings(chosen_file(given), os.environ)
