"""Where the configuration files are: in the checkout, or where an installation puts them."""

import sys
from pathlib import Path

from assistant.errors import SettingsError

CHECKOUT = Path(__file__).resolve().parents[2]
INSTALLED = Path(sys.prefix) / "share" / "assistant"


def config_file(name: str) -> Path:
    """Find one of our own configuration files. Raises `SettingsError`."""
    for folder in (CHECKOUT / "config", INSTALLED):
        if (folder / name).is_file():
            return folder / name
    raise SettingsError(
        (f"{name}: is neither in the checkout nor installed",), "install the package again"
    )
