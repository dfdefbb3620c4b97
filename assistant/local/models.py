"""Model files of the local speech: found without importing their package, proven, opened."""

import hashlib
import os
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from assistant.errors import SpeechUnavailable


class ModelFile(NamedTuple):
    """A file inside an installed package, with the sum that proves it."""

    module: str
    pin: str
    """What to install, as pip spells it."""
    path: str
    sha256: str


class Tensor(Protocol):
    """What a network says of one of its inputs."""

    name: str
    shape: list[Any]
    """Numbers where the size is fixed, names or None where it is not."""


class Net(Protocol):
    """A loaded network; it computes on the thread that asks."""

    def get_inputs(self) -> list[Tensor]:
        """The inputs it can be fed."""
        ...

    def run(self, outputs: list[str], feeds: dict[str, Any]) -> list[Any]:
        """The wanted outputs, as arrays, for these inputs."""
        ...


def find_model(model: ModelFile) -> Path:
    """The path of a model file whose content is proven. Raises `SpeechUnavailable`."""
    found = find_spec(model.module)
    if found is None or not found.submodule_search_locations:
        raise SpeechUnavailable(f"{model.module} is not installed", _remedy(model.pin))
    path = Path(found.submodule_search_locations[0], model.path)
    if not path.is_file():
        raise SpeechUnavailable(f"{path} is missing", _remedy(model.pin))
    if sha256_of(path) != model.sha256:
        raise SpeechUnavailable(f"{path} is not the file we know (sha256)", _remedy(model.pin))
    return path


def sha256_of(path: Path) -> str:
    """The SHA-256 sum of a file, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def open_model(path: Path) -> Net:
    """Load a network to run on one thread. Raises `SpeechUnavailable`."""
    # Linux wheels from 1.29 on send telemetry unless this is set before the first import.
    os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")
    try:
        import onnxruntime
    except ImportError as error:
        raise SpeechUnavailable(
            f"onnxruntime does not load: {error}", 'install "onnxruntime>=1.22,<1.28"'
        ) from error
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3
    try:
        net: Net = onnxruntime.InferenceSession(
            str(path), options, providers=["CPUExecutionProvider"]
        )
    except Exception as error:  # onnxruntime's exceptions share no head of their own
        raise SpeechUnavailable(
            f"{path} is no usable model: {error}", "install the package that brings it again"
        ) from error
    return net


class BreakableNet:
    """A network of somebody else's, whose computation another thread can break off for good."""

    def __init__(self, session: Any) -> None:
        from onnxruntime import RunOptions

        self._session = session
        self._options = RunOptions()

    def run(self, outputs: Any, feeds: Any) -> Any:
        """Compute as the session does; it raises an error of its own once it is broken off."""
        return self._session.run(outputs, feeds, self._options)

    def break_off(self) -> None:
        """Let `run` end at the net's next node, now and ever after."""
        self._options.terminate = True


def _remedy(pin: str) -> str:
    return f"run: pip install {pin}"
