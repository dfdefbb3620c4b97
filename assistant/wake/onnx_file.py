"""The few parts of an ONNX file that wake word nets use: read from bytes, written to bytes.

Field numbers are those of `onnx/onnx.proto`.
"""

import struct
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from assistant.wake.protobuf import Malformed, Message, blob_field, int_field

FLOAT, INT64 = 1, 7
_INTS_ATTRIBUTE = 7
_IR_VERSION = 8
_DEEPEST_GRAPH = 8


@dataclass(frozen=True, slots=True)
class Tensor:
    """A constant of the graph: its shape, its element type, its bytes."""

    dims: tuple[int, ...]
    element: int
    raw: bytes = field(repr=False)

    def int64s(self) -> tuple[int, ...]:
        """The values of an int64 tensor; raises `Malformed` for another."""
        if self.element != INT64 or len(self.raw) % 8:
            raise Malformed("a constant of whole numbers was expected")
        return struct.unpack(f"<{len(self.raw) // 8}q", self.raw)


@dataclass(frozen=True, slots=True)
class Node:
    """One operation; attributes are kept as the bytes they came in."""

    op: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    attributes: Mapping[str, bytes] = field(default_factory=dict)

    def ints(self, attribute: str) -> tuple[int, ...]:
        """The whole numbers of an attribute, empty if it is absent or of another type."""
        if attribute not in self.attributes:
            return ()
        message = Message(self.attributes[attribute])
        return message.ints(8) or message.ints(3)

    def text(self, attribute: str) -> str:
        """The text of an attribute, empty if it is absent or of another type."""
        return Message(self.attributes.get(attribute, b"")).text(4)

    def encoded(self) -> bytes:
        """The node as a field of its graph."""
        inputs = b"".join(blob_field(1, name) for name in self.inputs)
        outputs = b"".join(blob_field(2, name) for name in self.outputs)
        attributes = b"".join(blob_field(5, each) for each in self.attributes.values())
        return blob_field(1, inputs + outputs + blob_field(4, self.op) + attributes)


@dataclass(frozen=True, slots=True)
class Graph:
    """A model's graph, as far as it matters here; raises `Malformed` when read from bad bytes."""

    opset: int
    nodes: tuple[Node, ...]
    tensors: Mapping[str, Tensor]
    encoded_tensors: tuple[bytes, ...] = field(repr=False)
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]


def read_graph(model: bytes) -> Graph:
    """Read the graph of an ONNX file; raises `Malformed`."""
    top = Message(model)
    graph = Message(_only(top.blobs(7), "graph"))
    tensors = graph.blobs(5)
    return Graph(
        opset=_opset_of(top),
        nodes=tuple(_read_node(each) for each in graph.blobs(1)),
        tensors=dict(_read_tensor(each) for each in tensors),
        encoded_tensors=tuple(tensors),
        inputs=tuple(Message(each).text(1) for each in graph.blobs(11)),
        outputs=tuple(Message(each).text(1) for each in graph.blobs(12)),
    )


def write_model(opset: int, fields: Iterable[bytes]) -> bytes:
    """Put encoded fields of a graph into an ONNX file."""
    graph = blob_field(2, "streaming") + b"".join(fields)
    return int_field(1, _IR_VERSION) + blob_field(7, graph) + blob_field(8, int_field(2, opset))


def tensor_field(encoded: bytes) -> bytes:
    """A tensor's own bytes as a field of its graph."""
    return blob_field(5, encoded)


def int64_tensor(name: str, values: Sequence[int]) -> bytes:
    """Encode a list of whole numbers as a named tensor."""
    raw = struct.pack(f"<{len(values)}q", *values)
    head = int_field(1, len(values)) + int_field(2, INT64)
    return head + blob_field(8, name) + blob_field(9, raw)


def input_field(name: str, shape: Sequence[int]) -> bytes:
    """Encode a float input of the graph."""
    return blob_field(11, _value_info(name, shape))


def output_field(name: str, shape: Sequence[int]) -> bytes:
    """Encode a float output of the graph."""
    return blob_field(12, _value_info(name, shape))


def ints_attribute(name: str, values: Sequence[int]) -> bytes:
    """Encode a list of whole numbers as an attribute of a node."""
    ints = b"".join(int_field(8, value) for value in values)
    return blob_field(1, name) + ints + int_field(20, _INTS_ATTRIBUTE)


def int_attribute(name: str, value: int) -> bytes:
    """Encode a whole number as an attribute of a node."""
    return blob_field(1, name) + int_field(3, value) + int_field(20, 2)


def reads_other_files(model: bytes) -> bool:
    """True if any tensor, however deep, has its data outside the file; raises `Malformed`."""
    return any(_graph_reads_files(each, _DEEPEST_GRAPH) for each in Message(model).blobs(7))


def _graph_reads_files(graph: bytes, depth: int) -> bool:
    if not depth:
        raise Malformed("graphs are nested too deeply")
    message = Message(graph)
    if any(_tensor_reads_files(each) for each in message.blobs(5)):
        return True
    attributes = (Message(each) for node in message.blobs(1) for each in Message(node).blobs(5))
    return any(_attribute_reads_files(each, depth - 1) for each in attributes)


def _attribute_reads_files(attribute: Message, depth: int) -> bool:
    tensors = attribute.blobs(5) + attribute.blobs(10)
    graphs = attribute.blobs(6) + attribute.blobs(11)
    return any(_tensor_reads_files(each) for each in tensors) or any(
        _graph_reads_files(each, depth) for each in graphs
    )


def _tensor_reads_files(tensor: bytes) -> bool:
    message = Message(tensor)
    return message.has(13) or any(message.ints(14))


def _only(blobs: list[bytes], what: str) -> bytes:
    if len(blobs) != 1:
        raise Malformed(f"{len(blobs)} parts named {what} where one was expected")
    return blobs[0]


def _opset_of(model: Message) -> int:
    imports = [Message(each) for each in model.blobs(8)]
    versions = [each.ints(2) for each in imports if each.text(1) in {"", "ai.onnx"}]
    if len(versions) != 1 or len(versions[0]) != 1:
        raise Malformed("the version of the operators is not stated")
    return versions[0][0]


def _read_node(encoded: bytes) -> Node:
    message = Message(encoded)
    if message.text(7) not in {"", "ai.onnx"}:
        raise Malformed(f"an operator of another family: {message.text(7)}")
    attributes = {Message(each).text(1): each for each in message.blobs(5)}
    inputs, outputs = tuple(message.texts(1)), tuple(message.texts(2))
    return Node(message.text(4), inputs, outputs, attributes)


def _read_tensor(encoded: bytes) -> tuple[str, Tensor]:
    message = Message(encoded)
    element = (message.ints(2) or (0,))[-1]
    raw = (message.blobs(9) or [b""])[-1]
    return message.text(8), Tensor(message.ints(1), element, raw)


def _value_info(name: str, shape: Sequence[int]) -> bytes:
    dims = b"".join(blob_field(1, int_field(1, size)) for size in shape)
    tensor = int_field(1, FLOAT) + blob_field(2, dims)
    return blob_field(1, name) + blob_field(2, blob_field(1, tensor))
