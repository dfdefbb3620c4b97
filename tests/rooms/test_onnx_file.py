"""ONNX files: read back as written, and searched for weights that lie elsewhere."""

import pytest

from assistant.wake.onnx_file import (
    INT64,
    Node,
    Tensor,
    int64_tensor,
    int_attribute,
    ints_attribute,
    read_graph,
    reads_other_files,
    tensor_field,
    write_model,
)
from assistant.wake.protobuf import Malformed, blob_field, int_field
from tests.rooms.embedding_net import shipped_models

ELSEWHERE = int64_tensor("w", [1]) + int_field(14, 1)
SAID_TO_BE_ELSEWHERE = int64_tensor("w", [1]) + blob_field(13, blob_field(1, "location"))


def node_with(attribute: bytes) -> bytes:
    return blob_field(1, blob_field(4, "Constant") + blob_field(5, attribute))


def nested(levels: int, inside: bytes) -> bytes:
    """The fields of a graph, wrapped into so many If-like nodes."""
    for _ in range(levels):
        inside = node_with(blob_field(6, inside))
    return inside


def test_what_is_written_is_read() -> None:
    attributes = {
        "axis": int_attribute("axis", -2),
        "pads": ints_attribute("pads", (0, 1, -1)),
    }
    node = Node("Concat", ("a", "b"), ("c",), attributes)
    graph = read_graph(write_model(13, [node.encoded(), tensor_field(int64_tensor("t", [-1, 9]))]))
    assert graph.opset == 13
    assert graph.nodes == (node,)
    assert graph.tensors["t"].int64s() == (-1, 9)
    assert graph.tensors["t"].dims == (2,)
    assert node.ints("axis") == (-2,)
    assert node.ints("pads") == (0, 1, -1)
    assert node.ints("absent") == ()
    assert node.text("absent") == ""


@pytest.mark.parametrize("tensor", [Tensor((1,), 1, bytes(8)), Tensor((1,), INT64, bytes(7))])
def test_a_constant_of_other_values_gives_no_whole_numbers(tensor: Tensor) -> None:
    with pytest.raises(Malformed, match="whole numbers"):
        tensor.int64s()


@pytest.mark.parametrize(
    ("model", "complaint"),
    [
        (b"", "0 parts named graph"),
        (2 * write_model(13, []), "2 parts named graph"),
        (blob_field(7, b""), "version of the operators"),
        (write_model(13, []) + blob_field(8, int_field(2, 12)), "version of the operators"),
        (write_model(13, [blob_field(1, blob_field(7, "mine"))]), "another family: mine"),
    ],
)
def test_a_file_that_is_no_plain_net_is_refused(model: bytes, complaint: str) -> None:
    with pytest.raises(Malformed, match=complaint):
        read_graph(model)


def test_operators_of_further_families_may_be_announced() -> None:
    further = blob_field(8, blob_field(1, "ai.onnx.ml") + int_field(2, 2))
    assert read_graph(write_model(13, []) + further).opset == 13


@pytest.mark.parametrize(
    "fields",
    [
        tensor_field(ELSEWHERE),
        tensor_field(SAID_TO_BE_ELSEWHERE),
        node_with(blob_field(5, ELSEWHERE)),
        node_with(blob_field(10, ELSEWHERE)),
        node_with(blob_field(11, tensor_field(ELSEWHERE))),
        nested(1, tensor_field(ELSEWHERE)),
        nested(6, tensor_field(ELSEWHERE)),
    ],
)
def test_weights_in_other_files_are_noticed_wherever_they_are_named(fields: bytes) -> None:
    assert reads_other_files(write_model(13, [fields]))


def test_graphs_nested_without_end_are_refused() -> None:
    with pytest.raises(Malformed, match="too deeply"):
        reads_other_files(write_model(13, [nested(40, b"")]))


def test_the_shipped_nets_keep_their_weights_inside() -> None:
    nets = sorted(shipped_models().glob("*.onnx"))
    assert len(nets) > 5
    assert not any(reads_other_files(net.read_bytes()) for net in nets)
