"""The graph rewrites that setup applies once; each says what it keeps equal.

Arithmetic on weights is done in float64, element by element, and rounded to float32 once, so that
every machine and every numpy gives the same bytes.
"""
import math

import numpy as np
from onnx import helper

from onnx_graph import attribute


def fold_dequantised(graph):
    """Computes block-quantised weights (DequantizeLinear, Reshape) now: (q - zero) * scale."""
    weights = graph.weights
    for node in list(graph.nodes):
        if node.op_type not in ("DequantizeLinear", "Reshape") or node.input[0] not in weights:
            continue
        if node.op_type == "Reshape":
            value = weights[node.input[0]].reshape(weights[node.input[1]])
        else:
            quantised, scale, zero = (weights[i].astype(np.float32) for i in node.input)
            axis, block = attribute(node, "axis", 1), attribute(node, "block_size", 0)
            if not block or scale.ndim != quantised.ndim:
                raise ValueError(f"{node.output[0]}: only blocked quantisation is expected here")
            size = quantised.shape[axis]
            zero, scale = (np.repeat(t, block, axis).take(range(size), axis) for t in (zero, scale))
            value = (quantised - zero) * scale
        weights[node.output[0]] = value
        graph.remove(node)


def drop_no_ops(graph):
    """Dropout and Identity do nothing at inference."""
    for node in graph.of_type("Dropout") + graph.of_type("Identity"):
        graph.bypass(node, node.input[0])


def fold_input_scale(graph):
    """Mul by a power of two in front of a Conv moves into its weights: exact, padding is zero."""
    for mul in graph.of_type("Mul"):
        factor = graph.weights[mul.input[1]].item()
        (conv,) = graph.consumers(mul.output[0])
        if conv.op_type != "Conv" or math.frexp(factor)[0] != 0.5:
            raise ValueError(f"{mul.output[0]}: expected a power of two in front of a Conv")
        scale_input(graph, conv, np.full(1, factor))
        graph.bypass(mul, mul.input[0])


def fold_batch_norms(graph):
    """Moves each BatchNormalization into the Conv or Gemm before it, or the Gemm behind it."""
    for norm in graph.of_type("BatchNormalization"):
        gamma, beta, mean, var = (graph.weights[i].astype(np.float64) for i in norm.input[1:5])
        factor = gamma / np.sqrt(var + attribute(norm, "epsilon"))
        offset = beta - mean * factor
        before = graph.producer(norm.input[0])
        if before.op_type in ("Conv", "Gemm"):
            scale_output(graph, before, factor, offset)
        else:
            (flatten,) = graph.consumers(norm.output[0])
            (gemm,) = graph.consumers(flatten.output[0])
            span = graph.weights[gemm.input[1]].shape[1] // factor.size
            scale_input(graph, gemm, np.repeat(factor, span), np.repeat(offset, span))
        graph.bypass(norm, norm.input[0])


def rename(graph, node):
    """Gives a node's weight (and bias) names of its own before they are changed."""
    for slot, suffix in ((1, "weight"), (2, "bias")):
        if len(node.input) > slot:
            fresh = f"{node.output[0]}.{suffix}"
            graph.weights[fresh] = graph.weights[node.input[slot]]
            node.input[slot] = fresh


def scale_output(graph, node, factor, offset=0.0):
    """Makes a Conv or Gemm (transB) give `factor * y + offset`, per output channel."""
    rename(graph, node)
    weight = graph.weights[node.input[1]].astype(np.float64)
    column = factor.reshape((-1,) + (1,) * (weight.ndim - 1))
    graph.weights[node.input[1]] = (weight * column).astype(np.float32)
    if len(node.input) < 3:
        node.input.append(f"{node.output[0]}.bias")
        graph.weights[node.input[2]] = np.zeros(factor.size, np.float32)
    bias = graph.weights[node.input[2]].astype(np.float64)
    graph.weights[node.input[2]] = (bias * factor + offset).astype(np.float32)


def scale_input(graph, node, factor, offset=None):
    """Makes a Conv or Gemm (transB) behave as if it read `factor * x + offset`, per channel.

    An offset is only for Gemm: a Conv's zero padding would not carry it.
    """
    rename(graph, node)
    weight = graph.weights[node.input[1]].astype(np.float64)
    depthwise = node.op_type == "Conv" and attribute(node, "group", 1) > 1
    row = factor.reshape((-1, 1, 1, 1)) if depthwise else \
        factor.reshape((1, -1) + (1,) * (weight.ndim - 2))
    graph.weights[node.input[1]] = (weight * row).astype(np.float32)
    if offset is not None:
        # fsum is exact before its one rounding: a BLAS dot product would differ between machines.
        extra = np.array([math.fsum(line * offset) for line in weight])
        bias = graph.weights[node.input[2]].astype(np.float64)
        graph.weights[node.input[2]] = (bias + extra).astype(np.float32)


def rewrite_prelu(graph):
    """PReLU as Relu and one depthwise 1x1 Conv: prelu(x) / a = x + ((1 - a) / a) * relu(x).

    ONNX Runtime has no blocked-layout PReLU and reorders memory around each one; these two it keeps
    blocked, and it fuses the Add into the Conv. The layer behind takes over the factor `a`, which
    works for slopes of any sign and above 1. Two passes where `a*x + (1-a)*relu(x)` needs three.
    """
    for node in graph.of_type("PRelu"):
        source, result = node.input[0], node.output[0]
        slope = graph.weights[node.input[1]].reshape(-1).astype(np.float64)
        if not slope.all():
            raise ValueError(f"{result}: a slope of exactly zero cannot be divided out")
        (behind,) = graph.consumers(result)
        if behind.op_type == "Flatten":
            (behind,) = graph.consumers(behind.output[0])
        columns = graph.weights[behind.input[1]].shape[1]
        span = columns // slope.size if behind.op_type == "Gemm" else 1
        scale_input(graph, behind, np.repeat(slope, span))
        graph.weights[f"{result}.factor"] = ((1 - slope) / slope).astype(np.float32).reshape(-1, 1, 1, 1)
        graph.insert_after(
            node,
            helper.make_node("Relu", [source], [f"{result}.positive"]),
            helper.make_node("Conv", [f"{result}.positive", f"{result}.factor"], [f"{result}.bent"],
                             group=slope.size, kernel_shape=[1, 1]),
            helper.make_node("Add", [f"{result}.bent", source], [result]))
        graph.remove(node)


def free_size(graph):
    """Lets the detector take any height and width that are multiples of 32."""
    for value in graph.inputs:
        for axis, name in ((2, "height"), (3, "width")):
            value.type.tensor_type.shape.dim[axis].dim_param = name
    for value in graph.outputs:
        value.type.tensor_type.shape.dim[1].dim_param = "anchors_" + value.name.rsplit("_", 1)[1]


HEADS = {"cls": 1, "obj": 1, "bbox": 4, "kps": 10}


def merge_heads(graph):
    """The four heads of a stride read one map with pairs of Convs (1x1, depthwise 3x3): one pair
    with 1 + 1 + 4 + 10 = 16 channels, exactly a block, does it, and the answer is split last.

    Replaces 4 Convs padded to a block each, 4 transposes and 4 reshapes; per channel the same sums.
    """
    for stride in (8, 16, 32):
        firsts, seconds = [], []
        for head in HEADS:
            node = graph.producer(f"{head}_{stride}")
            chain = []
            while node.op_type != "Conv" or attribute(node, "kernel_shape") != [1, 1]:
                chain.append(node)
                node = graph.producer(node.input[0])
            firsts.append(node)
            seconds.append(chain[-1])
            for old in chain[:-1]:
                graph.remove(old)
        stem = f"heads_{stride}"
        for step, convs in (("point", firsts), ("depth", seconds)):
            for slot, kind in ((1, "weight"), (2, "bias")):
                graph.weights[f"{stem}.{step}.{kind}"] = np.concatenate(
                    [graph.weights[c.input[slot]] for c in convs])
            for conv in convs:
                graph.remove(conv)
        graph.weights.setdefault("heads.shape", np.array([1, -1, sum(HEADS.values())], np.int64))
        graph.weights.setdefault("heads.split", np.array(list(HEADS.values()), np.int64))
        parts = [f"{h}_{stride}" if h in ("bbox", "kps") else f"{h}_{stride}.logit" for h in HEADS]
        make = helper.make_node
        graph.nodes += [
            make("Conv", [firsts[0].input[0], f"{stem}.point.weight", f"{stem}.point.bias"],
                 [f"{stem}.point"], kernel_shape=[1, 1]),
            make("Conv", [f"{stem}.point", f"{stem}.depth.weight", f"{stem}.depth.bias"],
                 [f"{stem}.depth"], kernel_shape=[3, 3], pads=[1] * 4, group=sum(HEADS.values())),
            make("Transpose", [f"{stem}.depth"], [f"{stem}.last"], perm=[0, 2, 3, 1]),
            make("Reshape", [f"{stem}.last", "heads.shape"], [f"{stem}.rows"]),
            make("Split", [f"{stem}.rows", "heads.split"], parts, axis=2),
        ] + [make("Sigmoid", [p], [p.removesuffix(".logit")]) for p in parts if p.endswith(".logit")]
