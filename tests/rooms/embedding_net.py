"""The embedding net of the installed wheel, and altered copies of it."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from assistant.wake.onnx_file import (
    Graph,
    Node,
    input_field,
    int64_tensor,
    output_field,
    read_graph,
    tensor_field,
    write_model,
)

Edit = Callable[[list[Node]], list[Node]]


def shipped_models() -> Path:
    """The folder of nets in the wheel, found without importing the package."""
    spec = find_spec("openwakeword")
    assert spec is not None
    assert spec.submodule_search_locations is not None
    return Path(spec.submodule_search_locations[0], "resources", "models")


@cache
def shipped_net() -> bytes:
    return (shipped_models() / "embedding_model.onnx").read_bytes()


@cache
def shipped_graph() -> Graph:
    return read_graph(shipped_net())


def altered_net(
    edit: Edit, opset: int = 13, more: Sequence[bytes] = (), ends: Sequence[str] = ()
) -> bytes:
    """The shipped net with other nodes, operators, further tensors or outputs."""
    graph = shipped_graph()
    fields = [node.encoded() for node in edit(list(graph.nodes))]
    fields += [tensor_field(each) for each in (*graph.encoded_tensors, *more)]
    fields += [input_field(name, (1, 76, 32, 1)) for name in graph.inputs]
    fields += [output_field(name, (1, 1, 1, 96)) for name in (*graph.outputs, *ends)]
    return write_model(opset, fields)


def every(op: str, **attributes: bytes) -> Edit:
    """Give attributes to each node of an operator."""

    def edit(nodes: list[Node]) -> list[Node]:
        return [
            replace(node, attributes={**node.attributes, **attributes}) if node.op == op else node
            for node in nodes
        ]

    return edit


def without(number: int) -> Edit:
    """Leave out one node that maps a tensor to one of the same shape."""

    def edit(nodes: list[Node]) -> list[Node]:
        gone = nodes.pop(number)
        return [
            replace(
                node,
                inputs=tuple(gone.inputs[0] if n == gone.outputs[0] else n for n in node.inputs),
            )
            for node in nodes
        ]

    return edit


def numbers_of(op: str, nodes: Sequence[Node] = ()) -> list[int]:
    """Where an operator stands in the shipped net."""
    return [at for at, node in enumerate(nodes or shipped_graph().nodes) if node.op == op]


def sizes(name: str, *values: int) -> bytes:
    """A constant of whole numbers, as `Reshape` and `Pad` read it."""
    return int64_tensor(name, values)
