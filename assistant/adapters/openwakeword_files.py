"""Where the wake word nets lie: in the openwakeword wheel, or in the user's own folder.

The wheel is only looked into, never imported: that would load scipy and scikit-learn.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from assistant.errors import AssistantError, DetectorUnavailable, SettingsError

INSTALL = 'pip install "openwakeword>=0.4.0,<0.5" brings the model files.'
LARGEST_FILE = 20 * 2**20
"""Bytes; the nets of the wheel have 0.5 to 1.7 MB."""

_MELSPECTROGRAM, _EMBEDDING = "melspectrogram", "embedding_model"
_NO_WORDS = frozenset({_MELSPECTROGRAM, _EMBEDDING, "silero_vad", "timer"})
_VERSION = re.compile(r"_v\d+(\.\d+)*$")


@dataclass(frozen=True, slots=True)
class ModelFile:
    """One net on disk."""

    path: Path
    own: bool
    """True if the user put it there; a fault is then one of the settings."""

    def read(self) -> bytes:
        """Hand out the whole file; raises as `unfit` says when absent or too large."""
        try:
            with self.path.open("rb") as file:
                model = file.read(LARGEST_FILE + 1)
        except OSError as error:
            raise self.unfit(f"cannot be read: {error.strerror}") from error
        if len(model) > LARGEST_FILE:
            raise self.unfit(f"is larger than {LARGEST_FILE} bytes")
        return model

    def unfit(self, why: str) -> AssistantError:
        """Make the error that names the file and what to do about it."""
        if self.own:
            remedy = "Put an .onnx file from openWakeWord's training there, or take it away."
            return SettingsError((f"{self.path}: {why}",), remedy)
        return DetectorUnavailable(f"{self.path} {why}", INSTALL)


@dataclass(frozen=True, slots=True)
class ModelFiles:
    """The nets that hearing some words takes."""

    melspectrogram: ModelFile
    embedding: ModelFile
    words: Mapping[str, ModelFile]


def find_models(words: tuple[str, ...], folder: Path | None) -> ModelFiles:
    """Find a net for each word; a file in the user's folder goes before the wheel's.

    Raises `DetectorUnavailable` if the wheel lacks its files, `SettingsError` for unknown words.
    """
    shipped = _shipped_nets()
    nets = shipped | (_own_nets(folder) if folder else {})
    for needed in (_MELSPECTROGRAM, _EMBEDDING):
        if needed not in nets:
            raise DetectorUnavailable(f"openwakeword's {needed}.onnx is not installed", INSTALL)
    found = {word: nets[word] for word in words if word in nets.keys() - _NO_WORDS}
    faults = tuple(_fault_of(word, folder) for word in words if word not in found)
    if faults or not words:
        known = ", ".join(sorted(nets.keys() - _NO_WORDS))
        raise SettingsError(faults or ("no wake word is named",), f"Known words: {known}.")
    return ModelFiles(nets[_MELSPECTROGRAM], nets[_EMBEDDING], found)


def _shipped_nets() -> dict[str, ModelFile]:
    spec = find_spec("openwakeword")
    places = list(spec.submodule_search_locations or ()) if spec else []
    return _nets_in(Path(places[0], "resources", "models"), own=False) if places else {}


def _own_nets(folder: Path) -> dict[str, ModelFile]:
    if not folder.is_dir():
        fault = f"{folder}: the folder for wake words does not exist"
        raise SettingsError((fault,), "Create the folder, or take the key out of the settings.")
    return _nets_in(folder, own=True)


def _nets_in(folder: Path, *, own: bool) -> dict[str, ModelFile]:
    paths = sorted(folder.glob("*.onnx"))
    return {_word_of(path, own=own): ModelFile(path, own) for path in paths}


def _word_of(path: Path, *, own: bool) -> str:
    return path.stem if own else _VERSION.sub("", path.stem)


def _fault_of(word: str, folder: Path | None) -> str:
    # The listing is compared, so that a word is never taken for a path.
    if folder and f"{word}.tflite" in {path.name for path in folder.glob("*.tflite")}:
        return f"{folder / word}.tflite: use the .onnx file of the same training"
    return f"the wake word {word!r} is unknown"
