"""Makes the speech embedding net incremental: 8 new mel rows in, one new embedding out.

The net as shipped reads a window of 76 mel rows for every 8 new ones. Every convolution along
time is 3 long, stride 1 and unpadded, and the pools halve time three times, so that the hop of 8
rows is the total stride. A layer's new outputs therefore need its new inputs and the two before
them: those two become a cache, given in and handed out with every call. The rewritten graph
computes the same sums in the same order. Whatever does not fit this description is refused,
never guessed at: the caller still has the full window.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from assistant.errors import AssistantError
from assistant.wake.onnx_file import (
    Graph,
    Node,
    input_field,
    int64_tensor,
    int_attribute,
    ints_attribute,
    output_field,
    read_graph,
    tensor_field,
    write_model,
)
from assistant.wake.protobuf import Malformed

HOP = 8
"""Mel rows of one 80 ms frame."""
MEL_WIDTH = 32
WINDOW = 76
"""Mel rows that one embedding depends on."""
EMBEDDING_SIZE = 96
MEL_INPUT = "mel"
EMBEDDING_OUTPUT = "embedding"

Shape = tuple[int, ...]

_OPSET = 13
_CACHES = 11
_CACHED_STEPS = 2
_MOST_CHANNELS = 1024
_WIDEST = 2 * MEL_WIDTH
_TIME = 2
_MEL_SHAPE = (1, 1, HOP, MEL_WIDTH)
_END_SHAPE = (1, EMBEDDING_SIZE, 1, 1)
_UNPADDED = (0, 0, 0, 0)
_MEL_PADS = (0, 0, 1, 0, 0, 0, 1, 0)
"""One mel column before and one behind, as `Pad` says it for [batch, time, mel, 1]."""
_ONE_COLUMN_EACH_SIDE = ints_attribute("pads", (0, 1, 0, 1))
_TIME_AXIS = int_attribute("axis", _TIME)
_FROM, _TO, _AXIS = "last_steps_from", "last_steps_to", "last_steps_axis"
_BOUNDS = ((_FROM, (-_CACHED_STEPS,)), (_TO, (2**63 - 1,)), (_AXIS, (_TIME,)))


class NotAsExpected(AssistantError):  # noqa: N818 - named by what happened
    """The net cannot be made incremental; its full window still serves."""


@dataclass(frozen=True, slots=True)
class StreamingGraph:
    """An ONNX file with inputs `mel` and the caches, outputs `embedding` and the next caches."""

    model: bytes = field(repr=False)
    caches: tuple[Shape, ...]

    @property
    def cache_inputs(self) -> tuple[str, ...]:
        """Names of the cache inputs; outputs follow `embedding` in the same order."""
        return tuple(_cache_name(number) for number in range(len(self.caches)))


def rewrite(model: bytes) -> StreamingGraph:
    """Make the embedding net of an ONNX file incremental; raises `NotAsExpected`."""
    try:
        return _Walk(read_graph(model)).rewritten()
    except Malformed as error:
        raise NotAsExpected(error.problem) from error


@dataclass(frozen=True, slots=True)
class _Place:
    """How far the walk has come, and what the tensor there looks like."""

    tensor: str
    """Its name in the graph as shipped."""
    written: str = MEL_INPUT
    """Its name in the incremental graph."""
    channels: int = 1
    steps: int = HOP
    width: int = MEL_WIDTH
    mel_padding: int = 0
    """Columns on each side that a dropped `Pad` would have added."""
    field: int = 1
    stride: int = 1
    begun: bool = False
    ended: bool = False

    def after(self, node: Node, **changes: int) -> "_Place":
        """The place behind a node that the incremental graph keeps."""
        tensor = node.outputs[0]
        return replace(self, tensor=tensor, written=tensor, **changes)  # type: ignore[arg-type]


class _Walk:
    """Follows the one path from mel to embedding and writes the incremental graph beside it."""

    def __init__(self, graph: Graph) -> None:
        _expect(graph.opset == _OPSET, f"operators of version {graph.opset}")
        _expect(len(graph.inputs) == len(graph.outputs) == 1, "more than one way in or out")
        self._graph = graph
        self._place = _Place(graph.inputs[0])
        self._nodes: list[Node] = []
        self._caches: list[Shape] = []

    def rewritten(self) -> StreamingGraph:
        """Walk to the end and encode the result; raises `NotAsExpected`."""
        for node in self._graph.nodes:
            self._pass(node)
        self._confirm_the_end()
        return StreamingGraph(self._encoded(), tuple(self._caches))

    def _pass(self, node: Node) -> None:
        _expect(len(node.outputs) == 1, f"a {node.op} with several results")
        _expect(not self._place.ended, f"a {node.op} behind the embedding")
        opening = node.op in {"Pad", "Reshape"}
        _expect(self._place.begun or opening, f"a {node.op} on the raw input")
        match node.op:
            case "Pad":
                self._pad(node)
            case "Reshape":
                self._reshape(node)
            case "Conv":
                self._convolve(node)
            case "MaxPool":
                self._pool(node)
            case "Max":
                self._clip_from_below(node)
            case "Relu" | "LeakyRelu" | "BatchNormalization":
                self._judge_each_value(node)
            case unknown:
                raise NotAsExpected(f"the embedding net has an operator {unknown}")

    def _confirm_the_end(self) -> None:
        place = self._place
        _expect(place.ended and place.tensor == self._graph.outputs[0], "no embedding at the end")
        _expect(len(self._caches) == _CACHES, f"{len(self._caches)} convolutions along time")
        _expect(place.field == WINDOW, f"a window of {place.field} rows")

    def _pad(self, node: Node) -> None:
        _expect(not self._place.begun and not self._place.mel_padding, "a second Pad")
        self._demand(node, {})
        _expect(self._sizes_of(node) == _MEL_PADS, "a Pad of another kind")
        self._place = replace(self._place, tensor=node.outputs[0], mel_padding=1)

    def _reshape(self, node: Node) -> None:
        self._demand(node, {})
        if self._place.begun:
            self._end(node)
        else:
            self._begin(node)

    def _begin(self, node: Node) -> None:
        padded = MEL_WIDTH + 2 * self._place.mel_padding
        _expect(self._sizes_of(node) == (-1, 1, WINDOW, padded), "an input of another shape")
        self._place = replace(self._place, tensor=node.outputs[0], begun=True)

    def _end(self, node: Node) -> None:
        place = self._place
        _expect(self._sizes_of(node) == (-1, 1, 1, EMBEDDING_SIZE), "a result of another shape")
        reached = (place.channels, place.steps, place.width)
        _expect(reached == (EMBEDDING_SIZE, 1, 1), f"{reached} values at the end")
        self._nodes.append(Node("Identity", (place.written,), (EMBEDDING_OUTPUT,)))
        self._place = replace(place, tensor=node.outputs[0], ended=True)

    def _convolve(self, node: Node) -> None:
        kernel = self._kernel_of(node)
        left, right = self._mel_pads_of(node)
        if self._place.mel_padding:
            node = replace(node, attributes={**node.attributes, "pads": _ONE_COLUMN_EACH_SIDE})
        if kernel.height == 1:
            self._keep(node)
        else:
            self._remember_two_steps(node)
        width = self._place.width + left + right - kernel.width + 1
        _expect(0 < width <= _WIDEST, f"a Conv to {width} columns")
        field = self._place.field + (kernel.height - 1) * self._place.stride
        self._place = self._place.after(
            node, channels=kernel.channels, width=width, field=field, mel_padding=0
        )

    def _kernel_of(self, node: Node) -> "_Kernel":
        constants = self._constants_of(node)
        dims = self._graph.tensors[constants[0]].dims if constants else ()
        _expect(len(dims) == 4 and dims[2] in {1, 3} and dims[3] > 0, f"a Conv of shape {dims}")
        _expect(0 < dims[0] <= _MOST_CHANNELS, f"a Conv to {dims[0]} channels")
        _expect(dims[1] == self._place.channels, f"a Conv for {dims[1]} channels")
        plain = {"dilations": (1, 1), "strides": (1, 1), "group": (1,), "kernel_shape": dims[2:]}
        self._demand(node, {**plain, "pads": node.ints("pads")})
        return _Kernel(dims[0], dims[2], dims[3])

    def _mel_pads_of(self, node: Node) -> tuple[int, int]:
        pads = node.ints("pads") or _UNPADDED
        _expect(len(pads) == 4 and min(pads) == 0, "a Conv with unknown padding")
        _expect(pads[0] == pads[2] == 0, "a Conv padded in time")
        _expect(not (self._place.mel_padding and any(pads)), "a Conv padded twice")
        return pads[1] + self._place.mel_padding, pads[3] + self._place.mel_padding

    def _remember_two_steps(self, node: Node) -> None:
        """Put the two steps before the new ones in front, and hand the last two out again."""
        place, cache = self._place, _cache_name(len(self._caches))
        longer = f"{cache}_and_new"
        bounds = (_FROM, _TO, _AXIS)
        joined = Node("Concat", (cache, place.written), (longer,), {"axis": _TIME_AXIS})
        kept = Node("Slice", (longer, *bounds), (_next_name(cache),))
        self._caches.append((1, place.channels, _CACHED_STEPS, place.width))
        self._nodes += [joined, kept, replace(node, inputs=(longer, *node.inputs[1:]))]

    def _pool(self, node: Node) -> None:
        height, width = kernel = _pair(node.ints("kernel_shape"))
        _expect(kernel in {(2, 2), (1, 2)}, f"a pool of {kernel}")
        plain = {"kernel_shape": kernel, "strides": kernel, "pads": _UNPADDED, "ceil_mode": (0,)}
        self._demand(node, plain)
        _expect(node.ints("strides") == kernel, "a pool that overlaps")
        place = self._place
        _expect(place.steps % height == place.width % width == 0, "a pool across the edge")
        self._constants_of(node)
        self._keep(node)
        self._place = place.after(
            node,
            steps=place.steps // height,
            width=place.width // width,
            field=place.field + (height - 1) * place.stride,
            stride=place.stride * height,
        )

    def _judge_each_value(self, node: Node) -> None:
        """Pass an operator that sees one value (or one channel's) at a time."""
        _expect(not self._place.mel_padding, f"a {node.op} between Pad and Conv")
        allowed = {"alpha", "epsilon", "momentum"}
        _expect(set(node.attributes) <= allowed, f"a {node.op} of another kind")
        self._constants_of(node)
        self._keep(node)
        self._place = self._place.after(node)

    def _clip_from_below(self, node: Node) -> None:
        _expect(len(node.inputs) == 2, "a Max of several")
        path_first = sorted(node.inputs, key=lambda name: name != self._place.tensor)
        (limit,) = self._constants_of(replace(node, inputs=tuple(path_first)))
        _expect(math.prod(self._graph.tensors[limit].dims) == 1, "a Max with more than a number")
        self._judge_each_value(replace(node, inputs=tuple(path_first)))

    def _keep(self, node: Node) -> None:
        self._nodes.append(replace(node, inputs=(self._place.written, *node.inputs[1:])))

    def _constants_of(self, node: Node) -> tuple[str, ...]:
        """The inputs beside the path, all constants; so that no second path is overlooked."""
        path, *constants = node.inputs or ("",)
        _expect(path == self._place.tensor, f"a {node.op} beside the path")
        _expect(all(name in self._graph.tensors for name in constants), f"a {node.op} that joins")
        return tuple(constants)

    def _sizes_of(self, node: Node) -> tuple[int, ...]:
        constants = self._constants_of(node)
        _expect(len(constants) == 1, f"a {node.op} of another kind")
        return self._graph.tensors[constants[0]].int64s()

    def _demand(self, node: Node, only: Mapping[str, tuple[int, ...]]) -> None:
        """Refuse any attribute that is not named, or that has another value."""
        for name in node.attributes.keys() - {"auto_pad"}:
            _expect(name in only, f"a {node.op} with {name}")
            _expect(node.ints(name) == only[name], f"a {node.op} with {name} {node.ints(name)}")
        _expect(node.text("auto_pad") in {"", "NOTSET"}, f"a {node.op} that pads by itself")

    def _encoded(self) -> bytes:
        names = [_cache_name(number) for number in range(len(self._caches))]
        inputs = [(MEL_INPUT, _MEL_SHAPE), *zip(names, self._caches, strict=True)]
        following = [(_next_name(name), shape) for name, shape in inputs[1:]]
        fields = [node.encoded() for node in self._nodes]
        fields += [tensor_field(each) for each in self._graph.encoded_tensors]
        fields += [tensor_field(int64_tensor(*bound)) for bound in _BOUNDS]
        fields += [input_field(*each) for each in inputs]
        fields += [output_field(*each) for each in [(EMBEDDING_OUTPUT, _END_SHAPE), *following]]
        return write_model(_OPSET, fields)


class _Kernel(NamedTuple):
    """A convolution's extent: values per point, steps of time, columns of mel."""

    channels: int
    height: int
    width: int


def _pair(values: tuple[int, ...]) -> tuple[int, int]:
    _expect(len(values) == 2, f"a kernel of {len(values)} sides")
    return values[0], values[1]


def _cache_name(number: int) -> str:
    return f"cache_{number}"


def _next_name(cache: str) -> str:
    return f"next_{cache}"


def _expect(holds: bool, otherwise: str) -> None:
    if not holds:
        raise NotAsExpected(f"the embedding net has {otherwise}")
