"""A network, or several of one shape, as an ONNX graph: image [N,channel,rows,columns] to logits [N,outputs], N free."""

import numpy as np
from onnx import TensorProto, checker, helper, numpy_helper

from ..graph import IR_VERSION, OPSET
from .net import FLATTEST


class Graph:
    """Nodes and tensors of a graph while it grows."""

    def __init__(self):
        self.nodes, self.tensors = [], {}

    def node(self, kind, inputs, **attributes):
        """Adds a node and returns the name of its output."""
        name = f"{kind.lower()}_{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, inputs, [name], **attributes))
        return name

    def tensor(self, name, value, dtype=np.float32):
        self.tensors[name] = np.ascontiguousarray(np.asarray(value, dtype))
        return name

    def finish(self, output, side, outputs):
        self.nodes.append(helper.make_node("Identity", [output], ["logits"]))
        made = helper.make_graph(
            self.nodes, "picture",
            [helper.make_tensor_value_info("image", TensorProto.FLOAT, ["N", 1, side, side])],
            [helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["N", outputs])],
            [numpy_helper.from_array(value, name) for name, value in self.tensors.items()],
        )
        model = helper.make_model(made, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=IR_VERSION, producer_name="wardwatch")
        checker.check_model(model, full_check=True)
        return model


def of_ensemble(members, shape, side, slope=1.0, intercept=0.0):
    """logit = slope * (mean of the members' logits) + intercept."""
    g = Graph()
    grey = exposed(g, "image")
    outs = [member(g, weights, shape, grey, f"m{i}.") for i, weights in enumerate(members)]
    total = g.node("Sum", outs)
    scaled = g.node("Mul", [total, g.tensor("slope", [slope / len(members)])])
    outputs = members[0]["head.b"].shape[0]
    return g.finish(g.node("Add", [scaled, g.tensor("intercept", [intercept])]), side, outputs)


def exposed(g, image):
    """Each picture at mean 0 and spread 1."""
    middle = g.node("ReduceMean", [image], axes=[2, 3], keepdims=1)
    away = g.node("Sub", [image, middle])
    spread = g.node("Sqrt", [g.node("ReduceMean", [g.node("Mul", [away, away])], axes=[2, 3], keepdims=1)])
    return g.node("Div", [away, g.node("Max", [spread, g.tensor("flattest", [FLATTEST])])])


def member(g, weights, shape, x, prefix):
    """One network from the exposed picture to its logits."""

    def convolve(name, x, stride=1):
        kernel = g.tensor(f"{prefix}{name}.w", weights[f"{name}.w"].transpose(3, 2, 0, 1))
        offset = g.tensor(f"{prefix}{name}.b", weights[f"{name}.b"])
        return g.node("Conv", [x, kernel, offset], kernel_shape=[3, 3], pads=[1, 1, 1, 1], strides=[stride, stride])

    x = g.node("Relu", [convolve("stem", x)])
    for s, (_, blocks) in enumerate(shape.stages):
        x = g.node("Relu", [convolve(f"down{s}", x, 2)])
        for b in range(blocks):
            more = g.node("Relu", [convolve(f"block{s}.{b}.in", x)])
            x = g.node("Relu", [g.node("Add", [x, convolve(f"block{s}.{b}.out", more)])])
    seen = g.node("Flatten", [g.node("GlobalAveragePool", [x])], axis=1)
    return g.node("Gemm", [seen, g.tensor(f"{prefix}head.w", weights["head.w"]), g.tensor(f"{prefix}head.b", weights["head.b"])])
