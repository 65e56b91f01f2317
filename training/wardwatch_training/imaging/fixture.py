"""Writes scoring/imaging/testdata/parity.json.gz: made pictures and what the models say of them, for the program's own test.

`python -m wardwatch_training.imaging.fixture`. No picture is of a person. The file:

  sha256     of model.onnx and gate.onnx, so that a stale fixture shows itself
  pictures   what, rows, cols, bits, inverted, and `made`: the values, or how to make them
  made       {"values": [...]}, row by row, or {"waves": [[down, across, size, phase], ...]}: at row r and column c
             the value is floor(0.5 + (2^bits - 1) * clip(0.5 + sum of size * sin(down * r / rows + across * c / cols + phase), 0, 1))
  children   input: the prepared input of the demonstration model, row by row; logit: its output
  gate       the same of the gate
  resized    the same pictures by each way of resizing and window, for a few inputs: spec and its input
"""

import gzip
import hashlib
import json

import numpy as np
import onnxruntime

from . import phantoms, preprocess
from .files import CHILDREN, GATE, MODELS, ROOT

FILE = ROOT / "scoring" / "imaging" / "testdata" / "parity.json.gz"
SEED = 20191123
SPECS = (
    {"resize": "stretch", "width": 20, "height": 24, "window": {"kind": "full"}},
    {"resize": "pad", "width": 40, "height": 32, "window": {"kind": "percentile", "low": 1, "high": 98}},
    {"resize": "crop", "width": 30, "height": 44, "window": {"kind": "fixed", "center": 120.5, "width": 180.25}},
)


def values_of(picture):
    """A picture of the fixture as [rows, cols]."""
    rows, cols, made = picture["rows"], picture["cols"], picture["made"]
    if "values" in made:
        return np.array(made["values"]).reshape(rows, cols)
    r, c = np.arange(rows)[:, None] / rows, np.arange(cols)[None] / cols
    waves = 0.5 + sum(size * np.sin(down * r + across * c + phase) for down, across, size, phase in made["waves"])
    return np.floor(0.5 + (2 ** picture["bits"] - 1) * np.clip(waves, 0, 1))


def pictures(rng):
    def plain(what, grey, bits=8, inverted=False):
        whole = np.round(grey * (2**bits - 1)).astype(int)
        return {"what": what, "rows": whole.shape[0], "cols": whole.shape[1], "bits": bits, "inverted": inverted, "made": {"values": whole.ravel().tolist()}}

    def waves(what, rows, cols, bits, inverted=False):
        parts = [[round(float(v), 3) for v in (*rng.uniform(-40, 40, 2), rng.uniform(0.05, 0.25), rng.uniform(0, 6))] for _ in range(7)]
        return {"what": what, "rows": rows, "cols": cols, "bits": bits, "inverted": inverted, "made": {"waves": parts}}

    size = lambda kind, rows, cols: np.clip(preprocess.resize(phantoms.KINDS[kind](rng), rows, cols), 0, 1)
    return [
        plain("28 pixels, as the model was trained", chest(rng, 28, 28)),
        plain("a made chest, 61 by 47", chest(rng, 61, 47)),
        plain("the same size as the gate's input", chest(rng, 32, 32)),
        plain("noise, 28 pixels", rng.random((28, 28))),
        plain("a made hand, wide", size("hand", 30, 58)),
        plain("one grey", np.full((33, 29), 0.5)),
        waves("512 by 400, 8 bits", 512, 400, 8),
        waves("16 bits", 300, 301, 16),
        waves("12 bits, small values bright", 97, 131, 12, True),
        waves("smaller than any input in one direction", 29, 200, 8),
    ]


def chest(rng, rows, cols):
    """Something like a chest: two dark fields, a spine, a heart, domes below."""
    e = phantoms.ellipse
    out = 0.55 + 0.15 * e(0, 0, 1.3, 0.95, soft=0.1)
    for side in (-1, 1):
        out -= e(-0.15, side * 0.45, 0.7, 0.32, side * 0.12, 0.08) * 0.4
    out += e(0, 0, 1.4, 0.13) * 0.2 + e(0.3, 0.15, 0.35, 0.3, 0.3, 0.06) * 0.25 + e(1, 0, 0.45, 1.0, 0, 0.06) * 0.2
    return np.clip(preprocess.resize(out, rows, cols) + rng.normal(size=(rows, cols)) * 0.02, 0, 1)


def answer(picture, name, description, model):
    folder = MODELS / name
    spec = json.loads((folder / description).read_text())["input"]
    x = preprocess.prepare(values_of(picture), spec, picture["inverted"], picture["bits"])
    run = onnxruntime.InferenceSession(folder / model, providers=["CPUExecutionProvider"])
    return {"input": _rounded(x), "logit": float(f"{run.run(None, {'image': x[None]})[0][0, 0]:.7g}")}


def build():
    out = []
    for i, picture in enumerate(pictures(np.random.default_rng(SEED))):
        picture["children"] = answer(picture, CHILDREN, "manifest.json", "model.onnx")
        picture["gate"] = answer(picture, GATE, "gate.json", "gate.onnx")
        spec = {"name": "image", "channels": 1, "mean": [0.4], "std": [0.25], **SPECS[i % len(SPECS)]}
        picture["resized"] = {"spec": spec, "input": _rounded(preprocess.prepare(values_of(picture), spec, picture["inverted"], picture["bits"]))}
        out.append(picture)
    sha = lambda *path: hashlib.sha256(MODELS.joinpath(*path).read_bytes()).hexdigest()
    return {"sha256": {CHILDREN: sha(CHILDREN, "model.onnx"), GATE: sha(GATE, "gate.onnx")}, "pictures": out}


def _rounded(x):
    return [float(f"{v:.6g}") for v in x.ravel()]


def main():
    FILE.parent.mkdir(parents=True, exist_ok=True)
    raw = json.dumps(build(), separators=(",", ":"), allow_nan=False).encode()
    FILE.write_bytes(gzip.compress(raw, 9, mtime=0))
    print(f"{FILE}: {FILE.stat().st_size} bytes")


if __name__ == "__main__":
    main()
