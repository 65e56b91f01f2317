"""A small network for the centiles of several targets, trained by the pinball loss, in plain numpy.

The middle of each target is its newest value plus what the network says; the lower and the upper
centile lie a positive distance away from it, so that they never cross.
"""

from dataclasses import dataclass

import numpy as np
from onnx import TensorProto, checker, helper, numpy_helper

from .graph import IR_VERSION, OPSET

LEVELS = np.array([0.1, 0.5, 0.9], dtype=np.float32)
FARTHEST = 5  # standard deviations: what lies beyond is read as if it lay there
BATCH = 1024


@dataclass(frozen=True)
class Shape:
    """How a network is built and trained. hidden 0: linear."""

    hidden: int
    rate: float
    epochs: int


@dataclass(frozen=True)
class Frame:
    """What surrounds the network: how features are filled and scaled, and where targets lie.

    base: for each target the feature that holds its newest value. unit: a target's scale.
    low, high: what a target can be.
    """

    centre: np.ndarray
    mean: np.ndarray
    spread: np.ndarray
    base: np.ndarray
    unit: np.ndarray
    low: np.ndarray
    high: np.ndarray

    @staticmethod
    def of(x, base, unit, low, high):
        centre = np.nanmedian(x, axis=0)
        filled = np.where(np.isnan(x), centre, x)
        mean = filled.mean(0, dtype=np.float64).astype(np.float32)
        spread = filled.std(0, dtype=np.float64).astype(np.float32) + np.float32(1e-6)
        return Frame(centre, mean, spread, *(np.asarray(a) for a in (base, unit, low, high)))

    def fill(self, x):
        return np.where(np.isnan(x), self.centre, x).astype(np.float32)

    def scale(self, filled):
        return np.clip((filled - self.mean) / self.spread, -FARTHEST, FARTHEST).astype(np.float32)


def train(x, y, frame, shape, seed):
    """The weights, by Adam with a falling rate. y: [rows, targets], NaN where not measured."""
    rng = np.random.default_rng(seed)
    filled = frame.fill(x)
    z, aim = frame.scale(filled), (y - filled[:, frame.base]) / frame.unit
    weights = _begin(rng, z.shape[1], shape.hidden, y.shape[1])
    drift = {k: np.zeros_like(w) for k, w in weights.items()}
    power = {k: np.zeros_like(w) for k, w in weights.items()}
    steps = len(z) // BATCH
    step, total = 0, shape.epochs * steps
    for _ in range(shape.epochs):
        order = rng.permutation(len(z))
        for rows in order[: steps * BATCH].reshape(steps, BATCH):
            step += 1
            rate = shape.rate * 0.5 * (1 + np.cos(np.pi * step / total))
            _adam(weights, _gradient(weights, z[rows], aim[rows]), drift, power, step, rate)
    return weights


def predict(weights, frame, x):
    """[rows, targets, 3]: what the exported graph computes."""
    filled = frame.fill(x)
    _, _, out = _forward(weights, frame.scale(filled))
    base = filled[:, frame.base][..., None]
    centiles = base + out * frame.unit[:, None]
    return np.clip(centiles, frame.low[:, None], frame.high[:, None])


def pinball(y, centiles):
    """The mean pinball loss over the three levels, a row."""
    miss = y[:, None] - centiles
    return np.where(miss >= 0, LEVELS * miss, (LEVELS - 1) * miss).mean(1)


def _begin(rng, features, hidden, targets):
    he = np.sqrt(2 / features)
    weights = {"direct": np.zeros((features, targets * 3)), "offset": np.zeros(targets * 3)}
    if hidden:
        weights["in"], weights["in_offset"] = rng.normal(0, he, (features, hidden)), np.zeros(hidden)
        weights["out"] = rng.normal(0, 0.1 / np.sqrt(hidden), (hidden, targets * 3))
    return {k: w.astype(np.float32) for k, w in weights.items()}


def _forward(weights, z):
    """The hidden layer, the raw outputs in three parts (below, middle, above), and the centiles."""
    raw, hidden = z @ weights["direct"] + weights["offset"], None
    if "in" in weights:
        hidden = np.maximum(z @ weights["in"] + weights["in_offset"], 0)
        raw = raw + hidden @ weights["out"]
    below, middle, above = np.split(raw, 3, axis=1)
    return hidden, (below, middle, above), np.stack([middle - _softplus(below), middle, middle + _softplus(above)], -1)


def _gradient(weights, z, aim):
    hidden, (below, _, above), centiles = _forward(weights, z)
    known = np.isfinite(aim)[..., None]
    slope = np.where(centiles >= aim[..., None], 1 - LEVELS, -LEVELS) * known / len(z)
    raw = np.concatenate([-slope[..., 0] * _sigmoid(below), slope.sum(-1), slope[..., 2] * _sigmoid(above)], 1).astype(np.float32)
    out = {"direct": z.T @ raw, "offset": raw.sum(0)}
    if hidden is not None:
        back = (raw @ weights["out"].T) * (hidden > 0)
        out |= {"out": hidden.T @ raw, "in": z.T @ back, "in_offset": back.sum(0)}
    return out


def _adam(weights, gradient, drift, power, step, rate):
    for k, w in weights.items():
        drift[k] += 0.1 * (gradient[k] - drift[k])
        power[k] += 0.001 * (gradient[k] ** 2 - power[k])
        w -= np.float32(rate) * (drift[k] / (1 - 0.9**step)) / (np.sqrt(power[k] / (1 - 0.999**step)) + 1e-8)


def _softplus(x):
    return np.logaddexp(np.float32(0), x)


def _sigmoid(x):
    return 1 / (1 + np.exp(-x))


def graph(weights, frame):
    """The ONNX graph: features [N,F], NaN where missing, to quantiles [N, targets * 3]."""
    targets = len(frame.base)
    node, parts = helper.make_node, ("below", "middle", "above")
    nodes = [
        node("IsNaN", ["features"], ["missing"]),
        node("Where", ["missing", "centre", "features"], ["filled"]),
        node("Sub", ["filled", "mean"], ["centred"]),
        node("Div", ["centred", "spread"], ["scaled"]),
        node("Clip", ["scaled", "nearest", "farthest"], ["z"]),
        node("Gemm", ["z", "direct", "offset"], ["linear"]),
        *_hidden_nodes(weights),
        node("Split", ["raw", "thirds"], [f"raw_{p}" for p in parts], axis=1),
        node("Gather", ["filled", "base"], ["newest"], axis=1),
        node("Softplus", ["raw_below"], ["gap_below"]),
        node("Softplus", ["raw_above"], ["gap_above"]),
        node("Sub", ["raw_middle", "gap_below"], ["at_below"]),
        node("Identity", ["raw_middle"], ["at_middle"]),
        node("Add", ["raw_middle", "gap_above"], ["at_above"]),
    ]
    for p in parts:
        nodes += [
            node("Mul", [f"at_{p}", "unit"], [f"moved_{p}"]),
            node("Add", ["newest", f"moved_{p}"], [f"free_{p}"]),
            node("Max", [f"free_{p}", "low"], [f"over_{p}"]),
            node("Min", [f"over_{p}", "high"], [f"kept_{p}"]),
            node("Unsqueeze", [f"kept_{p}", "last_axis"], [f"column_{p}"]),
        ]
    nodes += [node("Concat", [f"column_{p}" for p in parts], ["stacked"], axis=2), node("Reshape", ["stacked", "flat"], ["quantiles"])]
    floats = {"nearest": -FARTHEST, "farthest": FARTHEST, **{k: getattr(frame, k) for k in ("centre", "mean", "spread", "unit", "low", "high")}, **weights}
    whole = {"thirds": [targets] * 3, "base": frame.base, "last_axis": [2], "flat": [0, targets * 3]}
    tensors = {k: np.asarray(v, np.float32) for k, v in floats.items()} | {k: np.asarray(v, np.int64) for k, v in whole.items()}
    return _model(nodes, tensors, len(frame.centre), targets * 3)


def _hidden_nodes(weights):
    node = helper.make_node
    if "in" not in weights:
        return [node("Identity", ["linear"], ["raw"])]
    return [
        node("Gemm", ["z", "in", "in_offset"], ["bent"]),
        node("Relu", ["bent"], ["hidden"]),
        node("MatMul", ["hidden", "out"], ["more"]),
        node("Add", ["linear", "more"], ["raw"]),
    ]


def _model(nodes, tensors, features, outputs):
    made = helper.make_graph(
        nodes, "forecast",
        [helper.make_tensor_value_info("features", TensorProto.FLOAT, ["N", features])],
        [helper.make_tensor_value_info("quantiles", TensorProto.FLOAT, ["N", outputs])],
        [numpy_helper.from_array(np.ascontiguousarray(t), name) for name, t in tensors.items()],
    )
    model = helper.make_model(made, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=IR_VERSION, producer_name="wardwatch")
    checker.check_model(model, full_check=True)
    return model
