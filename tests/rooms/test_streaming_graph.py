"""The incremental net: the same values as the full window, and refusal of all that is unknown."""

from contextlib import suppress
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt
import onnxruntime
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.wake.onnx_file import Node, int_attribute, ints_attribute, read_graph
from assistant.wake.protobuf import blob_field, int_field
from assistant.wake.streaming_graph import NotAsExpected, StreamingGraph, rewrite
from tests.rooms.embedding_net import (
    Edit,
    altered_net,
    every,
    numbers_of,
    shipped_graph,
    shipped_net,
    sizes,
    without,
)

Floats = npt.NDArray[np.float32]


def as_shipped(nodes: list[Node]) -> list[Node]:
    return nodes


def text_attribute(name: str, value: str) -> bytes:
    return blob_field(1, name) + blob_field(4, value) + int_field(20, 3)


def with_the_pad_folded_in(nodes: list[Node]) -> list[Node]:
    """The form of openwakeword 0.5.1: no Pad, and a Conv that pads and states that it does."""
    _, reshape, conv, *rest = nodes
    pads = {
        "pads": ints_attribute("pads", (0, 1, 0, 1)),
        "auto_pad": text_attribute("auto_pad", "NOTSET"),
    }
    opened = replace(reshape, inputs=("input_1", "unpadded"))
    return [opened, replace(conv, attributes={**conv.attributes, **pads}), *rest]


def net_without_pad() -> bytes:
    return altered_net(with_the_pad_folded_in, more=[sizes("unpadded", -1, 1, 76, 32)])


def opened(model: bytes) -> Any:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])


def streamed(graph: StreamingGraph, blocks: Floats) -> list[Floats]:
    session, embeddings = opened(graph.model), []
    caches = [np.zeros(shape, np.float32) for shape in graph.caches]
    for rows in blocks:
        given = dict(zip(graph.cache_inputs, caches, strict=True))
        vector, *caches = session.run(None, {"mel": rows[None, None], **given})
        embeddings.append(vector.ravel())
    return embeddings


def through_the_window(model: bytes, blocks: Floats) -> list[Floats]:
    session, rows = opened(model), blocks.reshape(-1, 32)
    ends = range(8, len(rows) + 1, 8)
    windows = [rows[max(0, end - 76) : end] for end in ends]
    return [
        session.run(None, {"input_1": window[None, :, :, None]})[0].ravel()
        for window in windows
        if len(window) == 76
    ]


@pytest.mark.parametrize("model", [shipped_net(), net_without_pad()], ids=["0.4.0", "0.5.1"])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_streaming_gives_the_embeddings_of_the_full_window(model: bytes, seed: int) -> None:
    blocks = np.random.default_rng(seed).normal(3, 3, (30, 8, 32)).astype(np.float32)
    theirs = through_the_window(model, blocks)
    ours = streamed(rewrite(model), blocks)[-len(theirs) :]
    assert len(theirs) == 21
    assert np.max(np.abs(theirs)) > 1
    np.testing.assert_allclose(ours, theirs, rtol=0, atol=1e-3)


def test_the_rewritten_net_keeps_eleven_short_memories_of_38_kilobytes() -> None:
    graph = rewrite(shipped_net())
    assert len(graph.caches) == len(graph.cache_inputs) == 11
    assert sum(4 * int(np.prod(shape)) for shape in graph.caches) == 37_888
    assert graph.caches[0] == (1, 1, 2, 32)
    assert graph.caches[-1] == (1, 96, 2, 1)


def test_the_rewritten_net_carries_every_weight_and_no_pad() -> None:
    before, after = shipped_graph(), read_graph(rewrite(shipped_net()).model)
    assert set(before.encoded_tensors) < set(after.encoded_tensors)
    assert not numbers_of("Pad", after.nodes)
    assert len(numbers_of("Conv", after.nodes)) == len(numbers_of("Conv", before.nodes))


def test_a_net_written_again_without_changes_is_still_accepted() -> None:
    assert rewrite(altered_net(as_shipped)).caches == rewrite(shipped_net()).caches


FIRST_POOL = numbers_of("MaxPool")[0]
THIRD_CONV = numbers_of("Conv")[2]
BATCH_NORM = numbers_of("BatchNormalization")[0]


def changed(number: int, **changes: Any) -> Edit:
    return lambda nodes: [
        replace(node, **changes) if at == number else node for at, node in enumerate(nodes)
    ]


def pool(**ints: tuple[int, ...]) -> Edit:
    """All pools with other attributes."""
    return every("MaxPool", **{name: ints_attribute(name, each) for name, each in ints.items()})


def every_pool_with(attributes: dict[str, bytes]) -> Edit:
    """All pools with these attributes alone."""
    return lambda nodes: [
        replace(node, attributes=attributes) if node.op == "MaxPool" else node for node in nodes
    ]


def weighed_with(weights: str) -> Edit:
    """One convolution with the weights of another, or with new ones."""
    return changed(THIRD_CONV, inputs=(shipped_graph().nodes[THIRD_CONV].inputs[0], weights))


def weights(name: str, *dims: int) -> bytes:
    """A tensor of floats by its shape alone."""
    shape = b"".join(int_field(1, size) for size in dims)
    return shape + int_field(2, 1) + blob_field(8, name)


def conv(**ints: tuple[int, ...]) -> Edit:
    """All convolutions with other attributes."""
    return every("Conv", **{name: ints_attribute(name, each) for name, each in ints.items()})


def joined_with_an_earlier_tensor(nodes: list[Node]) -> list[Node]:
    at = numbers_of("Max")[1]
    earlier = nodes[numbers_of("Max")[0]].outputs[0]
    return changed(at, inputs=(nodes[at].inputs[0], earlier))(nodes)


def beside_the_path(nodes: list[Node]) -> list[Node]:
    at = numbers_of("LeakyRelu")[3]
    return changed(at, inputs=(nodes[numbers_of("LeakyRelu")[1]].inputs[0],))(nodes)


def behind_the_end(nodes: list[Node]) -> list[Node]:
    return [*nodes, Node("Relu", (nodes[-1].outputs[0],), ("later",))]


def padded_twice(nodes: list[Node]) -> list[Node]:
    pad = nodes[0]
    again = Node("Pad", (pad.outputs[0], pad.inputs[1]), ("again",))
    return [pad, again, replace(nodes[1], inputs=("again", nodes[1].inputs[1])), *nodes[2:]]


def norm_between_pad_and_conv(nodes: list[Node]) -> list[Node]:
    reshape, first = nodes[1], nodes[2]
    relu = Node("Relu", (reshape.outputs[0],), ("early",))
    weights = first.inputs[1:]
    return [*nodes[:2], relu, replace(first, inputs=("early", *weights)), *nodes[3:]]


def relu_on_the_raw_input(nodes: list[Node]) -> list[Node]:
    relu = Node("Relu", ("input_1",), ("early",))
    return [relu, replace(nodes[0], inputs=("early", nodes[0].inputs[1])), *nodes[1:]]


def larger_max(nodes: list[Node]) -> list[Node]:
    at = numbers_of("Max")[0]
    norm = nodes[BATCH_NORM].inputs[1]
    return changed(at, inputs=(nodes[at].inputs[0], norm))(nodes)


def pools_in_another_order(nodes: list[Node]) -> list[Node]:
    first, second = numbers_of("MaxPool")[:2]
    kinds = nodes[second].attributes, nodes[first].attributes
    return changed(second, attributes=kinds[1])(changed(first, attributes=kinds[0])(nodes))


ALTERATIONS: dict[str, tuple[Edit, str]] = {
    "a pool of three steps": (pool(kernel_shape=(3, 2), strides=(3, 2)), "a pool of"),
    "a pool of time only": (pool(kernel_shape=(2, 1), strides=(2, 1)), "a pool of"),
    "a pool with one side": (pool(kernel_shape=(2,)), "a kernel of 1 sides"),
    "a pool that overlaps": (pool(strides=(1, 1)), "strides"),
    "a pool that says no stride": (
        every_pool_with({"kernel_shape": ints_attribute("kernel_shape", (1, 2))}),
        "overlaps",
    ),
    "a padded pool": (pool(pads=(1, 0, 0, 0)), "pads"),
    "a pool that rounds up": (every("MaxPool", ceil_mode=int_attribute("ceil_mode", 1)), "ceil"),
    "a pool that dilates": (pool(dilations=(1, 1)), "MaxPool with dilations"),
    "pools of two steps throughout": (
        changed(
            numbers_of("MaxPool")[1],
            attributes={
                "kernel_shape": ints_attribute("kernel_shape", (2, 2)),
                "strides": ints_attribute("strides", (2, 2)),
            },
        ),
        "across the edge",
    ),
    "time halved later": (pools_in_another_order, "a window of 72 rows"),
    "a dilated convolution": (conv(dilations=(2, 1)), "dilations"),
    "a convolution in strides": (conv(strides=(2, 1)), "strides"),
    "a convolution in groups": (every("Conv", group=int_attribute("group", 2)), "group"),
    "another kernel than the weights": (conv(kernel_shape=(5, 1)), "kernel_shape"),
    "a convolution padded in time": (conv(pads=(1, 0, 1, 0)), "padded in time"),
    "a convolution padded after the fact": (conv(pads=(0, 0, 1, 0)), "padded in time"),
    "a convolution that crops": (conv(pads=(0, -1, 0, 1)), "unknown padding"),
    "a convolution padded on one side of the list": (conv(pads=(0, 0)), "unknown padding"),
    "a convolution padded beside a Pad": (conv(pads=(0, 1, 0, 1)), "padded twice"),
    "a convolution that pads by itself": (
        every("Conv", auto_pad=text_attribute("auto_pad", "SAME_UPPER")),
        "pads by itself",
    ),
    "a convolution padded without end": (
        changed(THIRD_CONV, attributes={"pads": ints_attribute("pads", (0, 10**9, 0, 0))}),
        "columns",
    ),
    "a convolution without weights": (
        changed(THIRD_CONV, inputs=(shipped_graph().nodes[THIRD_CONV].inputs[0],)),
        "shape",
    ),
    "weights for other channels": (
        weighed_with("model/conv2d_4/Conv2D_weights_fused_bn"),
        "a Conv for 48 channels",
    ),
    "weights without end": (weighed_with("huge"), "a Conv to 1000000 channels"),
    "weights of no width": (weighed_with("thin"), "a Conv of shape"),
    "weights of five steps": (weighed_with("long"), "a Conv of shape"),
    "weights of one dimension": (weighed_with("flat"), "a Conv of shape"),
    "a layer less": (without(numbers_of("Conv")[4]), "10 convolutions along time"),
    "a pool less": (without(FIRST_POOL), "values at the end"),
    "two results of one node": (
        changed(BATCH_NORM, outputs=("model/batch_normalization/FusedBatchNormV3:0", "mean")),
        "several results",
    ),
    "a norm in training": (
        every("BatchNormalization", training_mode=int_attribute("training_mode", 1)),
        "another kind",
    ),
    "an operator that looks elsewhere": (changed(THIRD_CONV + 1, op="Softmax"), "Softmax"),
    "a second path": (joined_with_an_earlier_tensor, "joins"),
    "a node beside the path": (beside_the_path, "beside the path"),
    "a Max of three": (
        changed(numbers_of("Max")[0], inputs=("a", "b", "c")),
        "a Max of several",
    ),
    "a Max with a vector": (larger_max, "more than a number"),
    "a node behind the end": (behind_the_end, "behind the embedding"),
    "a second Pad": (padded_twice, "a second Pad"),
    "a Relu between Pad and Conv": (norm_between_pad_and_conv, "between Pad and Conv"),
    "a Relu on the raw input": (relu_on_the_raw_input, "on the raw input"),
    "a Pad by reflection": (
        changed(0, attributes={"mode": text_attribute("mode", "reflect")}),
        "mode",
    ),
    "a Pad of other sizes": (changed(0, inputs=("input_1", "other_pads")), "a Pad of another"),
    "a Pad with a value": (
        changed(0, inputs=("input_1", "other_pads", "other_pads")),
        "another kind",
    ),
    "a Reshape of other sizes": (
        changed(1, inputs=(shipped_graph().nodes[1].inputs[0], "other_sizes")),
        "an input of another shape",
    ),
    "a Reshape by weights": (
        changed(1, inputs=(shipped_graph().nodes[1].inputs[0], "const_fold_opt__286")),
        "whole numbers",
    ),
    "a result of other sizes": (
        changed(
            -1 % len(shipped_graph().nodes), inputs=("model/conv2d_19/Conv2D:0", "other_sizes")
        ),
        "a result of another shape",
    ),
    "no end": (lambda nodes: nodes[:-1], "no embedding at the end"),
    "an operator of another family": (as_shipped, "version 14"),
    "a second result": (as_shipped, "more than one way"),
}


MORE_TENSORS = [
    sizes("other_pads", 0, 0, 2, 0, 0, 0, 0, 0),
    sizes("other_sizes", -1, 1, 38, 68),
    weights("huge", 10**6, 24, 3, 1),
    weights("thin", 24, 24, 3, 0),
    weights("long", 24, 24, 5, 1),
    weights("flat", 24),
]


@pytest.mark.parametrize("alteration", ALTERATIONS)
def test_an_altered_net_is_refused_with_the_reason(alteration: str) -> None:
    edit, reason = ALTERATIONS[alteration]
    opset = 14 if "family" in alteration else 13
    ends = ["more"] if "second result" in alteration else []
    with pytest.raises(NotAsExpected, match=reason):
        rewrite(altered_net(edit, opset, MORE_TENSORS, ends))


@pytest.mark.parametrize("size", [0, 1, 10, 1000, 20_000, 500_000, -1])
def test_a_truncated_file_is_refused(size: int) -> None:
    with pytest.raises(NotAsExpected):
        rewrite(shipped_net()[:size])


@given(at=st.integers(0, 14_000), value=st.integers(0, 255))
@settings(derandomize=True, deadline=None, max_examples=80)
def test_a_damaged_file_is_rewritten_or_refused_and_nothing_else(at: int, value: int) -> None:
    damaged = bytearray(shipped_net())
    damaged[at] = value
    with suppress(NotAsExpected):
        assert len(rewrite(bytes(damaged)).caches) == 11
