"""The ONNX graphs: features [N,F] float32, NaN where missing, to calibrated log-odds [N,1]."""

import numpy as np
from onnx import TensorProto, checker, helper, numpy_helper

OPSET, ML_OPSET = 17, 3
IR_VERSION = 8  # the oldest that holds the opset; old runtimes load it


def of_forest(forest, features, slope, intercept):
    """logit = slope * (sum of the trees) + intercept."""
    nodes = [
        forest.onnx_node("features", "sum"),
        helper.make_node("Mul", ["sum", "slope"], ["scaled"]),
        helper.make_node("Add", ["scaled", "intercept"], ["logit"]),
    ]
    tensors = {"slope": np.float32([slope]), "intercept": np.float32([intercept + slope * forest.base])}
    return _model(nodes, tensors, features)


def of_logistic(centre, weights, intercept):
    """logit = weights . (missing -> centre) + intercept."""
    nodes = [
        helper.make_node("IsNaN", ["features"], ["missing"]),
        helper.make_node("Where", ["missing", "centre", "features"], ["filled"]),
        helper.make_node("Sub", ["filled", "centre"], ["centred"]),
        helper.make_node("MatMul", ["centred", "weights"], ["sum"]),
        helper.make_node("Add", ["sum", "intercept"], ["logit"]),
    ]
    tensors = {"centre": np.float32(centre), "weights": np.float32(weights).reshape(-1, 1), "intercept": np.float32([intercept])}
    return _model(nodes, tensors, len(centre))


def _model(nodes, tensors, features):
    graph = helper.make_graph(
        nodes, "risk",
        [helper.make_tensor_value_info("features", TensorProto.FLOAT, ["N", features])],
        [helper.make_tensor_value_info("logit", TensorProto.FLOAT, ["N", 1])],
        [numpy_helper.from_array(value, name) for name, value in tensors.items()],
    )
    opsets = [helper.make_opsetid("", OPSET), helper.make_opsetid("ai.onnx.ml", ML_OPSET)]
    model = helper.make_model(graph, opset_imports=opsets, ir_version=IR_VERSION, producer_name="wardwatch")
    checker.check_model(model)
    return model
