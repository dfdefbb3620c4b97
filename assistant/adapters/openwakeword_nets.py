"""The three nets behind a wake word, run by onnxruntime on one thread."""

import logging
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
import onnxruntime
from onnxruntime.capi import onnxruntime_pybind11_state as failures

from assistant.adapters.openwakeword_files import ModelFile
from assistant.audio.frames import FRAME_SAMPLES
from assistant.wake.onnx_file import reads_other_files
from assistant.wake.protobuf import Malformed
from assistant.wake.streaming_graph import (
    EMBEDDING_SIZE,
    HOP,
    MEL_INPUT,
    MEL_WIDTH,
    WINDOW,
    NotAsExpected,
    StreamingGraph,
    rewrite,
)

Floats = npt.NDArray[np.float32]
Memory = tuple[Floats, ...]
"""What an embedding net needs to know of the past; never changed in place."""

TAIL_SAMPLES = FRAME_SAMPLES + 480
"""Samples of one mel call: the net clips below the loudest value of the call, so never others."""

_PROOF_SEED, _PROOF_BLOCKS, _PROVEN_BLOCKS = 20, 12, 3
_PROOF_TOLERANCE = 1e-3
_LONGEST_WINDOW = 64

_FAILURES: tuple[type[Exception], ...] = (
    failures.Fail,
    failures.InvalidArgument,
    failures.InvalidGraph,
    failures.InvalidProtobuf,
    failures.NotImplemented,
    failures.RuntimeException,
    RuntimeError,
    ValueError,
)

log = logging.getLogger(__name__)


class Embedding(Protocol):
    """Turns the mel rows of one frame into 96 numbers, given what came before."""

    def blank(self) -> Memory:
        """Make the memory of a past that was all zero."""
        ...

    def embed(self, rows: Floats, memory: Memory) -> tuple[Floats, Memory]:
        """Embed 8 new rows, float32 [8, 32]; returns float32 [96] and the next memory."""
        ...


class Melspectrogram:
    """480 + 1,280 samples to 8 rows of 32 mel values."""

    def __init__(self, file: ModelFile) -> None:
        self._net = _Net(file)
        shape = self._net.run(np.zeros((1, TAIL_SAMPLES), np.float32))[0].shape
        if shape != (1, 1, HOP, MEL_WIDTH):
            raise file.unfit(f"makes {shape} of one frame, not 8 rows of 32 mel values")

    def rows(self, tail: Floats) -> Floats:
        """Mel rows, float32 [8, 32], of float32 [1760] with the values of 16-bit samples."""
        decibels: Floats = self._net.run(tail[None])[0][0, 0]
        return decibels / np.float32(10) + np.float32(2)


class FullWindowEmbedding:
    """The embedding net as shipped: it reads 76 rows for every 8 new ones."""

    def __init__(self, file: ModelFile) -> None:
        self._net = _Net(file)
        size = self._net.run(np.zeros((1, WINDOW, MEL_WIDTH, 1), np.float32))[0].size
        if size != EMBEDDING_SIZE:
            raise file.unfit(f"makes {size} values of one window, not {EMBEDDING_SIZE}")

    def blank(self) -> Memory:
        """Make a window of zeros."""
        return (np.zeros((WINDOW, MEL_WIDTH), np.float32),)

    def embed(self, rows: Floats, memory: Memory) -> tuple[Floats, Memory]:
        """Shift the window by 8 rows and embed all of it."""
        window = np.concatenate((memory[0][HOP:], rows))
        return self._net.run(window[None, :, :, None])[0].reshape(EMBEDDING_SIZE), (window,)


class StreamingEmbedding:
    """The embedding net made incremental: the same values for a fifth of the work."""

    def __init__(self, graph: StreamingGraph) -> None:
        try:
            self._session = _open(graph.model)
        except _FAILURES as error:
            raise NotAsExpected(f"the incremental net does not open: {error}") from error
        self._shapes = graph.caches
        self._inputs = (MEL_INPUT, *graph.cache_inputs)

    def blank(self) -> Memory:
        """Make the memory of a past that was all zero."""
        return tuple(np.zeros(shape, np.float32) for shape in self._shapes)

    def embed(self, rows: Floats, memory: Memory) -> tuple[Floats, Memory]:
        """Embed 8 new rows; the memory holds two steps of each layer."""
        given = (rows[None, None], *memory)
        vector, *memory_after = self._session.run(None, dict(zip(self._inputs, given, strict=True)))
        return vector.reshape(EMBEDDING_SIZE), tuple(memory_after)


class Classifier:
    """One word's net: the last `window` embeddings to a score of 0 to 1."""

    def __init__(self, file: ModelFile) -> None:
        self._net = _Net(file)
        self.window = _window_of(self._net)
        if len(self._net.outputs) != 1:
            raise file.unfit("has several outputs; a wake word has one")
        size = self._net.run(np.zeros((1, self.window, EMBEDDING_SIZE), np.float32))[0].size
        if size != 1:
            raise file.unfit(f"gives {size} scores; a wake word has one")

    def score(self, features: Floats) -> float:
        """Score float32 [at least `window`, 96], newest last."""
        return float(self._net.run(features[None, -self.window :])[0].item())


def choose_embedding(file: ModelFile) -> Embedding:
    """The incremental net if it fits and is proven equal, else the full window with a warning."""
    full = FullWindowEmbedding(file)
    try:
        streaming = StreamingEmbedding(rewrite(file.read()))
        _prove_equal(streaming, full)
    except NotAsExpected as error:
        log.warning("wake: %s runs with its full window: %s", file.path, error.problem)
        return full
    return streaming


class _Net:
    """A net with one input, by position since names differ; its faults name the file."""

    def __init__(self, file: ModelFile) -> None:
        model = file.read()
        try:
            if file.own and reads_other_files(model):
                raise file.unfit("keeps its weights in other files; export it as one")
            self._session = _open(model)
        except Malformed as error:
            raise file.unfit(f"is no ONNX file: {error.problem}") from error
        except _FAILURES as error:
            raise file.unfit(f"cannot be opened: {error}") from error
        self.file = file
        self.inputs = self._session.get_inputs()
        self.outputs = self._session.get_outputs()
        if len(self.inputs) != 1:
            raise file.unfit(f"has {len(self.inputs)} inputs instead of one")
        self._input = self.inputs[0].name

    def run(self, value: Floats) -> list[Any]:
        """Run the net on one array."""
        try:
            results: list[Any] = self._session.run(None, {self._input: value})
        except _FAILURES as error:
            raise self.file.unfit(f"cannot be run: {error}") from error
        return results


def _open(model: bytes) -> Any:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.execution_mode = onnxruntime.ExecutionMode.ORT_SEQUENTIAL
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])


def _window_of(net: _Net) -> int:
    """Read how many embeddings the net wants; the batch size may be a name."""
    match net.inputs[0].shape:
        case [1 | str() | None, int() as window, 96] if 1 <= window <= _LONGEST_WINDOW:
            return window
        case shape:
            raise net.file.unfit(f"reads {shape}, not [1, 1 to {_LONGEST_WINDOW}, 96]")


def _prove_equal(streaming: Embedding, full: Embedding) -> None:
    """Run the same noise through both; raises `NotAsExpected` unless the results agree."""
    blocks = np.random.default_rng(_PROOF_SEED).normal(3, 2, (_PROOF_BLOCKS, HOP, MEL_WIDTH))
    pasts, differences = (streaming.blank(), full.blank()), []
    for rows in blocks.astype(np.float32):
        ours, past = streaming.embed(rows, pasts[0])
        theirs, window = full.embed(rows, pasts[1])
        pasts = (past, window)
        differences.append(float(np.max(np.abs(ours - theirs))))
    # Written so that "not a number" fails as well.
    if not all(each <= _PROOF_TOLERANCE for each in differences[-_PROVEN_BLOCKS:]):
        raise NotAsExpected(f"the incremental net differs by {max(differences[-3:]):.2g}")
