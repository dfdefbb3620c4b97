"""The configuration in force, printed so that it can be read again; secrets stay hidden."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from assistant.settings.models import Settings

_HEAD = "# The configuration in force: every key, defaults included."


def effective(settings: Settings) -> str:
    """TOML text that `read_settings` reads back to equal settings; secrets only as comments."""
    table = _table(settings)
    lines = [_HEAD]
    lines += [f"# {name}: {shown or 'not set'}" for name, shown in _secrets(settings).items()]
    lines += _lines(table, "")
    for device in table["devices"]:
        lines += ["", "[[devices]]", *_lines(device, "devices.")]
    return "\n".join(lines) + "\n"


def effective_json(settings: Settings) -> str:
    """The same as one JSON object; `secrets` holds stars or null."""
    return json.dumps({**_table(settings), "secrets": _secrets(settings)}, indent=2)


def _table(settings: Settings) -> dict[str, Any]:
    """Plain data; what is absent (None) is left out."""
    table = settings.model_dump(mode="json", exclude_none=True)
    return {**table, "devices": table.get("devices", [])}


def _secrets(settings: Settings) -> dict[str, str | None]:
    return {name: "********" if secret else None for name, secret in settings.secrets}


def _lines(table: Mapping[str, Any], prefix: str) -> Iterator[str]:
    """Plain keys first, because in TOML what follows a header belongs to it."""
    for key, value in table.items():
        if not isinstance(value, dict) and key != "devices":
            yield f"{key} = {_toml(value)}"
    for key, value in table.items():
        if isinstance(value, dict):
            yield from _section(value, f"{prefix}{key}")


def _section(table: Mapping[str, Any], name: str) -> Iterator[str]:
    if not table:
        return
    yield from ("", f"[{name}]")
    yield from _lines(table, f"{name}.")


def _toml(value: Any) -> str:
    """One value on one line; TOML shares the spelling of JSON for all but tables."""
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{_toml(k)} = {_toml(v)}" for k, v in value.items()) + " }"
    if isinstance(value, list):
        return "[" + ", ".join(map(_toml, value)) + "]"
    text = json.dumps(value, ensure_ascii=False)
    return text.replace("\x7f", "\\u007f")
