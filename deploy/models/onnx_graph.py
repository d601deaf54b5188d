"""A small editable view of an ONNX graph, and its deterministic writer.

Weights are held as numpy arrays by name; nodes keep their order, which stays topological. Whatever
no output needs is left out on writing, so that an engine has nothing to warn about.
"""
import numpy as np
import onnx
from onnx import helper, numpy_helper


class Graph:
    """One model being rewritten: `nodes` in topological order, `weights` by name."""

    def __init__(self, path, input_name):
        model = onnx.load(path)
        self.opset = next(o.version for o in model.opset_import if o.domain == "")
        self.nodes = list(model.graph.node)
        self.weights = {w.name: numpy_helper.to_array(w) for w in model.graph.initializer}
        self.inputs = [i for i in model.graph.input if i.name == input_name]
        self.outputs = list(model.graph.output)

    def producer(self, name):
        """The node that computes `name`, or None for an input or a weight."""
        return next((n for n in self.nodes if name in n.output), None)

    def consumers(self, name):
        return [n for n in self.nodes if name in n.input]

    def of_type(self, kind):
        return [n for n in self.nodes if n.op_type == kind]

    def insert_after(self, anchor, *nodes):
        at = next(i for i, n in enumerate(self.nodes) if n is anchor) + 1
        self.nodes[at:at] = nodes

    def remove(self, node):
        self.nodes = [n for n in self.nodes if n is not node]

    def bypass(self, node, replacement):
        """Removes `node`; whoever read its first output reads `replacement` from now on.

        A graph output keeps its name: then the producer of `replacement` takes it over.
        """
        self.remove(node)
        if any(o.name == node.output[0] for o in self.outputs):
            self.producer(replacement).output[:] = [node.output[0]]
            return
        for other in self.nodes:
            other.input[:] = [replacement if i == node.output[0] else i for i in other.input]

    def save(self, path, name):
        """Writes live nodes and weights in order of first use: same graph, same bytes."""
        wanted, live = {o.name for o in self.outputs}, []
        for node in reversed(self.nodes):
            if wanted.intersection(node.output):
                live.insert(0, node)
                wanted.update(node.input)
        order = dict.fromkeys(i for n in live for i in n.input if i in self.weights)
        weights = [numpy_helper.from_array(np.ascontiguousarray(self.weights[w]), w) for w in order]
        graph = helper.make_graph(live, name, self.inputs, self.outputs, initializer=weights)
        # IR 6 is what the shipped files carry; OpenCV and ONNX Runtime both read it.
        model = helper.make_model(graph, producer_name="vultus", ir_version=6,
                                  opset_imports=[helper.make_opsetid("", self.opset)])
        onnx.checker.check_model(model)
        with open(path, "wb") as out:
            out.write(model.SerializeToString(deterministic=True))


def attribute(node, name, default=None):
    return next((helper.get_attribute_value(a) for a in node.attribute if a.name == name), default)


def set_attribute(node, name, value):
    kept = [a for a in node.attribute if a.name != name]
    del node.attribute[:]
    node.attribute.extend(kept + [helper.make_attribute(name, value)])
