"""What is done to each shipped model, in order. Names, shapes and meaning of inputs and outputs stay.

- YuNet 2023mar: `input` [1, 3, height, width] BGR 0–255, both multiples of 32; outputs `cls`, `obj`
  [1, n, 1] (0…1), `bbox` [1, n, 4], `kps` [1, n, 10] at strides 8, 16, 32 (`cls_8` …), n anchors
  row by row.
- SFace 2021dec: `data` [1, 3, 112, 112] RGB 0–255; output `fc1` [1, 128], not normalised.

`flat` writes either of them as the file Shared/CFaceNet reads, weights still quantised.
"""
from flatten import flatten
from onnx_graph import Graph
from rewrites import (drop_no_ops, fold_batch_norms, fold_dequantised, fold_input_scale, free_size,
                      merge_heads, rewrite_prelu)


def yunet(source, target, folded):
    graph = Graph(source, "input")
    fold_dequantised(graph)
    free_size(graph)
    if not folded:
        merge_heads(graph)
    graph.save(target, "yunet_2023mar")


def sface(source, target, folded):
    graph = Graph(source, "data")
    fold_dequantised(graph)
    if not folded:
        drop_no_ops(graph)
        fold_input_scale(graph)
        fold_batch_norms(graph)
        rewrite_prelu(graph)
    graph.save(target, "sface_2021dec")


def flat(source, target, folded):
    data = flatten(source)
    with open(target, "wb") as out:
        out.write(data)


REWRITES = {"yunet": yunet, "sface": sface, "flat": flat}
