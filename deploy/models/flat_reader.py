"""Reads a published ONNX graph into convolution units, refusing whatever CFaceNet would not reproduce."""
import numpy as np
from onnx import helper, numpy_helper

PLAIN, POOLED, RAISED = 0, 1, 2
NONE, RELU, PRELU = 0, 1, 2


class Refused(Exception):
    pass


def require(truth, node, why):
    if not truth:
        raise Refused(f"{node.op_type} {node.name or node.output[0]}: {why}")


def attributes(node):
    return {a.name: helper.get_attribute_value(a) for a in node.attribute}


class Quantised:
    """Rows of int8 with one scale and zero per `block` columns."""

    def __init__(self, values, scale, zero):
        self.values, self.scale, self.zero = values, scale.astype(np.float64), zero
        self.block = values.shape[1] // scale.shape[1]

    def scaled(self, factors):
        return Quantised(self.values, self.scale * factors[:, None], self.zero)


class Constants:
    """Initialisers and what follows from them alone. `quantised` remembers how a matrix was published."""

    def __init__(self, graph):
        self.value = {i.name: numpy_helper.to_array(i) for i in graph.initializer}
        self.quantised = {}

    def take(self, node):
        """Evaluates a node that depends on constants only; false if this is not one."""
        if node.op_type == "Constant":
            self.value[node.output[0]] = numpy_helper.to_array(attributes(node)["value"])
            return True
        if node.op_type not in ("DequantizeLinear", "Reshape") or node.input[0] not in self.value:
            return False
        source, target = node.input[0], node.output[0]
        if node.op_type == "Reshape":
            self.value[target] = self.value[source].reshape(self.value[node.input[1]])
            if source in self.quantised:
                self.quantised[target] = self.quantised[source]
            return True
        values, scale, zero = (self.value[x] for x in node.input)
        found = attributes(node)
        axis, block = found["axis"], found["block_size"]
        require(values.dtype == np.int8 and zero.dtype == np.int8, node, "not int8")
        require(axis == values.ndim - 1 and scale.shape == zero.shape, node, "not quantised along its last axis")
        require(set(found) <= {"axis", "block_size", "output_dtype", "saturate"}, node, f"attributes {found}")
        size = values.shape[axis]
        spread = lambda t: np.repeat(t.astype(np.float32), block, axis=axis)[..., :size]
        self.value[target] = ((values.astype(np.float32) - spread(zero)) * spread(scale)).astype(np.float32)
        if values.ndim == 2 and block % 8 == 0 and size == block * scale.shape[1]:
            self.quantised[target] = Quantised(values, scale, zero)
        return True


class Unit:
    """A convolution with the normalisation and activation after it."""

    def __init__(self, shape, source, weights, bias, stride, quantised):
        self.shape, self.source, self.weights, self.bias = shape, source, weights, bias
        self.stride, self.quantised, self.activation, self.slope = stride, quantised, NONE, None
        self.name = None

    def normalise(self, scale, shift):
        self.weights = self.weights * scale.reshape(-1, *[1] * (self.weights.ndim - 1))
        self.bias = self.bias * scale + shift
        self.quantised = self.quantised and self.quantised.scaled(scale)


def convolution(node, constants):
    found = attributes(node)
    weights = constants.value[node.input[1]].astype(np.float64)
    bias = constants.value[node.input[2]].astype(np.float64) if len(node.input) > 2 else np.zeros(weights.shape[0])
    kernel, group, stride = weights.shape[2], found.get("group", 1), found["strides"][0]
    require(found["dilations"] == [1, 1] and found["strides"] in ([1, 1], [2, 2]), node, "dilations or strides")
    require(found["kernel_shape"] == [kernel, kernel] and kernel in (1, 3), node, "kernel")
    require(found["pads"] == [kernel // 2] * 4 and set(found) <= {"dilations", "group", "kernel_shape", "pads", "strides"}, node, "padding")
    if kernel == 1:
        require(group == 1 and stride == 1, node, "a 1×1 convolution must be plain")
        shape = "point"
    elif group == weights.shape[0] and weights.shape[1] == 1:
        shape = "depth"
    else:
        require(group == 1 and weights.shape[1] == 3, node, "a full 3×3 convolution must read three colours")
        shape = "stem"
    return Unit(shape, node.input[0], weights, bias, stride, constants.quantised.get(node.input[1]) if kernel == 1 else None)


def normalisation(node, constants):
    found = attributes(node)
    require(set(found) <= {"epsilon", "momentum"}, node, "attributes")
    gamma, beta, mean, variance = (constants.value[x].astype(np.float64) for x in node.input[1:])
    scale = gamma / np.sqrt(variance + found["epsilon"])
    return scale, beta - mean * scale


class Reader:
    """Groups the graph's nodes into units, and remembers what lies between them."""

    def __init__(self, graph):
        self.constants = Constants(graph)
        self.graph = graph
        # The published SFace also declares its unpacked weights as inputs, which no node reads.
        read = {name for node in graph.node for name in node.input}
        inputs = [i for i in graph.input if i.name in read and i.name not in self.constants.value]
        if len(inputs) != 1:
            raise Refused(f"expected one input, found {[i.name for i in inputs]}")
        dims = [d.dim_value for d in inputs[0].type.tensor_type.shape.dim]
        if len(dims) != 4 or dims[1] != 3:
            raise Refused(f"expected an input [1, 3, height, width], found {dims}")
        self.input, self.dims = inputs[0].name, dims
        self.mean, self.scale = 0.0, 1.0
        self.units, self.by_name = [], {}   # by the name of the tensor a unit makes
        self.form = {}                      # tensor → (form, source, other)
        self.raised, self.same, self.sigmoid, self.shift = {}, {}, set(), {}
        self.dense, self.transposed = None, set()
        self.readers = {}
        for node in graph.node:
            if not self.constants.take(node):
                self.read(node)

    def resolve(self, name):
        while name in self.same:
            name = self.same[name]
        return name

    def read(self, node):
        source, target = self.resolve(node.input[0]), node.output[0]
        constant = self.constants.value
        self.readers[source] = self.readers.get(source, 0) + 1
        unit = self.by_name.get(source)
        kind, found = node.op_type, attributes(node)
        if kind in ("Sub", "Mul"):
            require(source == self.input and not self.units and constant[node.input[1]].size == 1, node, "only expected on the picture")
            value = float(constant[node.input[1]].reshape(-1)[0])
            if kind == "Sub":
                require(self.scale == 1, node, "expected before the scale")
                self.mean += value
            else:
                self.scale *= value
            self.same[target] = self.input
        elif kind == "Conv":
            made = convolution(node, self.constants)
            made.source, made.name = source, target
            self.units.append(made)
            self.by_name[target] = made
        elif kind == "BatchNormalization":
            scale, shift = normalisation(node, self.constants)
            if self.dense and source == self.dense["name"]:
                self.dense["after"] = (scale, shift)
                self.same[target] = source
            elif unit and unit.activation == NONE:
                unit.normalise(scale, shift)
                self.rename(unit, target)
            else:
                require(unit is not None, node, "follows nothing known")
                self.shift[target] = (unit, scale, shift)
        elif kind in ("Relu", "PRelu"):
            require(unit is not None and unit.activation == NONE, node, "expected after a convolution")
            unit.activation = RELU if kind == "Relu" else PRELU
            if kind == "PRelu":
                unit.slope = constant[node.input[1]].reshape(-1)
                require(unit.slope.size == unit.bias.size, node, "one slope per channel expected")
            self.rename(unit, target)
        elif kind == "MaxPool":
            require(found == {"ceil_mode": 0, "kernel_shape": [2, 2], "pads": [0] * 4, "strides": [2, 2]}, node, f"attributes {found}")
            self.form[target] = (POOLED, source, None)
        elif kind == "Resize":
            require(found.get("mode") == b"nearest" and found.get("nearest_mode") == b"floor"
                    and found.get("coordinate_transformation_mode") == b"asymmetric"
                    and list(constant[node.input[2]]) == [1, 1, 2, 2] and len(node.input) == 3, node, f"attributes {found}")
            self.raised[target] = source
        elif kind == "Add":
            other = self.resolve(node.input[1])
            require(other in self.raised, node, "expected to add an enlarged map")
            self.form[target] = (RAISED, source, self.raised[other])
        elif kind == "Transpose":
            require(found == {"perm": [0, 2, 3, 1]} and unit is not None, node, f"attributes {found}")
            self.transposed.add(target)
            self.same[target] = source
        elif kind == "Reshape":
            require(node.input[0] in self.transposed and list(constant[node.input[1]][:2]) == [1, -1]
                    and constant[node.input[1]][2] == unit.bias.size, node, "only expected on a transposed result")
            self.same[target] = source
        elif kind == "Sigmoid":
            require(any(target == o.name for o in self.graph.output), node, "only expected on a result")
            self.sigmoid.add(target)
            self.same[target] = source
        elif kind in ("Dropout", "Flatten"):
            require(source in self.shift and (kind == "Dropout" or found.get("axis", 1) == 1), node, "only expected before the dense layer")
            if kind == "Dropout":  # does nothing unless training
                require(len(node.input) < 3 or not np.any(constant[node.input[2]]), node, "training mode")
            self.same[target] = source
        elif kind == "Gemm":
            require(found.get("alpha", 1) == 1 and found.get("beta", 1) == 1 and found.get("transA", 0) == 0 and found.get("transB") == 1,
                    node, f"attributes {found}")
            require(source in self.shift and self.dense is None, node, "expected once, after a normalisation")
            matrix = self.constants.quantised.get(node.input[1])
            require(matrix is not None, node, "weights are not block-quantised")
            self.dense = {"name": target, "input": self.shift[source], "matrix": matrix, "after": None,
                          "bias": constant[node.input[2]].astype(np.float64)}
        else:
            require(False, node, "not known to CFaceNet")

    def rename(self, unit, target):
        """A normalisation or activation now belongs to the unit: its result is the unit's."""
        self.readers.pop(unit.name)
        del self.by_name[unit.name]
        unit.name = target
        self.by_name[target] = unit
