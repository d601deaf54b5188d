#!/usr/bin/env python3
"""Writes a published YuNet or SFace ONNX file as the flat file CFaceNet reads.

    flatten.py SOURCE.onnx TARGET.facenet

Takes the block-quantised files as published. What the graph does is read from the graph; a node, an attribute
or a connection that CFaceNet would not reproduce stops the conversion with its name. The same source gives the
same bytes. The format is described in Shared/CFaceNet/format.h; the numbers below are its enumerations.
Needs numpy and onnx.
"""
import struct
import sys
import zlib

import numpy as np
import onnx

from flat_reader import NONE, PLAIN, PRELU, Quantised, Reader, Refused, Unit

STEM, DEPTH_POINT, POINT_DEPTH, DENSE = 1, 2, 3, 4
HEAD_ORDER = ("cls_", "obj_", "bbox_", "kps_")  # channels 0, 1, 2…5, 6…15; the first two through a sigmoid


class Layer:
    def __init__(self, kind, reader, first, second=None):
        self.kind, self.first, self.second = kind, first, second
        self.form, self.source, self.other = reader.form.get(first.source, (PLAIN, first.source, None))
        self.name = (second or first).name
        self.sigmoids = 0
        self.is_output = False


def layers_of(reader):
    """Pairs the units the way CFaceNet runs them."""
    result, done = [], set()
    for unit in reader.units:
        if unit.name in done:
            continue
        if unit.shape == "stem":
            if unit.source != reader.input or result:
                raise Refused(f"stem {unit.name}: expected first and once")
            result.append(Layer(STEM, reader, unit))
            continue
        followers = [u for u in reader.units if u.source == unit.name]
        if len(followers) != 1 or reader.readers.get(unit.name) != 1:
            raise Refused(f"{unit.name}: expected exactly one reader")
        second = followers[0]
        pair = (unit.shape, second.shape)
        if pair == ("depth", "point"):
            result.append(Layer(DEPTH_POINT, reader, unit, second))
        elif pair == ("point", "depth") and unit.activation == NONE and second.stride == 1:
            result.append(Layer(POINT_DEPTH, reader, unit, second))
        else:
            raise Refused(f"{unit.name}, {second.name}: a pair {pair} CFaceNet does not run")
        done.add(second.name)
    return result


def joined(reader, parts):
    """The heads over one map as one layer: same source, channels side by side."""
    point, depth = [p.first for p in parts], [p.second for p in parts]
    first = Unit("point", point[0].source, np.concatenate([u.weights for u in point]), np.concatenate([u.bias for u in point]), 1, None)
    if all(u.quantised and u.quantised.block == point[0].quantised.block for u in point):
        first.quantised = Quantised(*(np.concatenate([getattr(u.quantised, k) for u in point]) for k in ("values", "scale", "zero")))
    second = Unit("depth", None, np.concatenate([u.weights for u in depth]), np.concatenate([u.bias for u in depth]), 1, None)
    if any(u.activation != NONE for u in depth):
        raise Refused("a head ends in an activation")
    first.name, second.name = parts[0].first.name, parts[0].name
    layer = Layer(POINT_DEPTH, reader, first, second)
    layer.is_output, layer.sigmoids = True, 2
    return layer


def with_outputs(reader, layers):
    """Joins the heads of each map; the results then follow in order of stride."""
    names = [o.name for o in reader.graph.output]
    if reader.dense:
        if len(names) != 1 or reader.resolve(names[0]) != reader.dense["name"]:
            raise Refused(f"results {names}: expected the dense layer's alone")
        return layers
    made = {layer.name: layer for layer in layers}
    heads = {}
    for name in names:
        prefix = next((p for p in HEAD_ORDER if name.startswith(p)), None)
        layer = made.get(reader.resolve(name))
        if not prefix or not layer or (name in reader.sigmoid) != (prefix in HEAD_ORDER[:2]):
            raise Refused(f"result {name} is not a detector's")
        heads.setdefault(int(name[len(prefix):]), {})[prefix] = layer
    used = {id(layer) for group in heads.values() for layer in group.values()}
    result = [layer for layer in layers if id(layer) not in used]
    for stride in sorted(heads):
        if tuple(sorted(heads[stride])) != tuple(sorted(HEAD_ORDER)):
            raise Refused(f"stride {stride}: results {sorted(heads[stride])}")
        parts = [heads[stride][p] for p in HEAD_ORDER]
        if len({p.source for p in parts}) != 1 or [p.second.bias.size for p in parts] != [1, 1, 4, 10]:
            raise Refused(f"stride {stride}: heads differ in source or size")
        result.append(joined(reader, parts))
    return result


def floats(array):
    return np.ascontiguousarray(array, "<f4").tobytes()


def activation_bytes(unit):
    return floats(unit.bias) + (floats(unit.slope) if unit.activation == PRELU else b"")


def quantised_bytes(q):
    zero = q.zero.tobytes()
    return floats(q.scale) + zero + bytes(-len(zero) % 4) + q.values.tobytes()


def point_bytes(unit):
    matrix = unit.weights.reshape(unit.weights.shape[0], -1)
    return (quantised_bytes(unit.quantised) if unit.quantised else floats(matrix)) + activation_bytes(unit)


def depth_bytes(unit):
    return floats(unit.weights.reshape(-1, 9).T) + activation_bytes(unit)


def record(kind, form, source, other, ins, outs, stride, depthwise, pointwise, is_output, sigmoids, block, features):
    for channels in (outs, *([] if kind == STEM else [ins])):
        if channels % 16:
            raise Refused(f"{channels} channels: CFaceNet counts in sixteens")
    return struct.pack("<2I2i9I12x", kind, form, source, other, ins, outs, stride, depthwise, pointwise, is_output, sigmoids, block, features)


def encode(reader, layers):
    records, tensors, index = [], [], {}
    for layer in layers:
        a, b = layer.first, layer.second
        if layer.kind == STEM:
            outs = a.bias.size
            records.append(record(STEM, PLAIN, -1, -1, 3, outs, a.stride, NONE, a.activation, 0, 0, 0, 0))
            tensors.append(floats(a.weights.transpose(2, 3, 1, 0)) + activation_bytes(a))
        else:
            source, other = index[layer.source], index[layer.other] if layer.other else -1
            point, depth = (b, a) if layer.kind == DEPTH_POINT else (a, b)
            outs, ins = point.weights.shape[:2]
            if depth.bias.size != (ins if layer.kind == DEPTH_POINT else outs) or (layer.form != PLAIN and layer.kind == DEPTH_POINT):
                raise Refused(f"{layer.name}: parts do not fit")
            block = point.quantised.block if point.quantised else 0
            records.append(record(layer.kind, layer.form, source, other, ins, outs, depth.stride, depth.activation,
                                  point.activation, int(layer.is_output), layer.sigmoids, block, 0))
            parts = [depth_bytes(depth), point_bytes(point)]
            tensors.append(b"".join(parts if layer.kind == DEPTH_POINT else parts[::-1]))
        index[layer.name] = len(records) - 1
    if reader.dense:
        unit, scale, shift = reader.dense["input"]
        matrix, bias = reader.dense["matrix"], reader.dense["bias"]
        if reader.dense["after"]:
            factor, offset = reader.dense["after"]
            matrix, bias = matrix.scaled(factor), bias * factor + offset
        outs, features = matrix.values.shape
        records.append(record(DENSE, PLAIN, index[unit.name], -1, scale.size, outs, 1, NONE, NONE, 1, 0, matrix.block, features))
        tensors.append(floats(scale) + floats(shift) + quantised_bytes(matrix) + floats(bias))
    # SFace was trained on red first, YuNet on blue first; the graphs do not say, their publisher does.
    is_bgr = 0 if reader.dense else 1
    fixed = reader.dims[2:] if reader.dense else (0, 0)
    rest = struct.pack("<2f3I12x", reader.mean, reader.scale, is_bgr, *fixed) + b"".join(records) + b"".join(tensors)
    return struct.pack("<8s2IQ2I", b"VULTFACE", 1, len(records), 32 + len(rest), zlib.adler32(rest), 0) + rest


def flatten(source):
    reader = Reader(onnx.load(source).graph)
    return encode(reader, with_outputs(reader, layers_of(reader)))


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__.strip())
    try:
        data = flatten(sys.argv[1])
    except (Refused, KeyError) as error:
        sys.exit(f"flatten: {sys.argv[1]}: {error}. CFaceNet cannot run this graph; is it the file models.lock names?")
    with open(sys.argv[2], "wb") as file:
        file.write(data)


if __name__ == "__main__":
    main()
