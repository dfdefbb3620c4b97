"""From a file and the environment to `Settings`, telling every fault at once."""

import json
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import SecretStr, ValidationError

from assistant.errors import SettingsError
from assistant.settings.faults import sentences
from assistant.settings.models import Configuration, Secrets, Settings

_REMEDY = "config/assistant.toml shows every key with its default"


def read_settings(path: Path | None, environment: Mapping[str, str]) -> Settings:
    """Read a TOML file (None: all defaults) and the secrets of the environment.

    Raises `SettingsError` that holds every fault as "file: key: sentence".
    """
    faults: list[str] = []
    configuration = Configuration()
    if path is not None:
        configuration = _configuration(path, faults)
    secrets = _secrets(environment, faults)
    if faults:
        raise SettingsError(tuple(faults), _REMEDY)
    sections = {name: getattr(configuration, name) for name in Configuration.model_fields}
    return Settings(**sections, secrets=secrets)


def _configuration(path: Path, faults: list[str]) -> Configuration:
    """The file's content; what is wrong with it joins `faults`."""
    try:
        data = tomllib.loads(path.read_bytes().decode())
    except OSError as error:
        faults.append(f"{path}: cannot be read: {error.strerror}")
    except UnicodeDecodeError as error:
        faults.append(f"{path}: byte {error.start}: is not UTF-8 text")
    except tomllib.TOMLDecodeError as error:
        faults.append(f"{path}: is not TOML: {error}")
    else:
        return _validated(data, path, faults)
    return Configuration()


def _validated(data: dict[str, Any], path: Path, faults: list[str]) -> Configuration:
    # As JSON, because strict pydantic takes lists for tuples and words for enums only there.
    text = json.dumps(data, default=str)
    try:
        return Configuration.model_validate_json(text)
    except ValidationError as error:
        faults += [f"{path}: {told}" for told in sentences(error, Configuration, data)]
    return Configuration()


def _secrets(environment: Mapping[str, str], faults: list[str]) -> Secrets:
    return Secrets(
        openai_api_key=_secret(environment, "OPENAI_API_KEY", "openai_api_key", faults),
        mqtt_password=_secret(environment, "ASSISTANT_MQTT_PASSWORD", "mqtt_password", faults),
    )


def _secret(
    environment: Mapping[str, str], variable: str, credential: str, faults: list[str]
) -> SecretStr | None:
    """A secret of the environment, else of systemd's credentials; None where neither has it."""
    place, found = variable, environment.get(variable, "").strip()
    folder = environment.get("CREDENTIALS_DIRECTORY", "")
    if not found and folder:
        place = str(Path(folder) / credential)
        found = _credential(Path(place), faults)
    if not found.isprintable() or (credential == "openai_api_key" and " " in found):
        faults.append(f"{place}: holds characters that no secret has; copy it again")
        return None
    return SecretStr(found) if found else None


def _credential(path: Path, faults: list[str]) -> str:
    try:
        return path.read_bytes().decode().strip()
    except FileNotFoundError:
        return ""
    except (OSError, UnicodeDecodeError):
        faults.append(f"{path}: cannot be read as text")
        return ""
