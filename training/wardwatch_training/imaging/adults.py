"""An experiment on adults: what 64-pixel pictures say of fourteen findings. `python -m wardwatch_training.imaging.adults`.

Nothing of it is shipped. Ridge logistic regression on two plain descriptions of the picture, its
strength chosen inside; folds by patient. Beside it: what age, sex and view alone say, and what the
children's model says of adults.
"""

import json

import numpy as np
import onnxruntime
from sklearn.decomposition import PCA
from sklearn.linear_model import LogisticRegressionCV
from sklearn.model_selection import StratifiedGroupKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from . import data, files, preprocess, results

SEED = 2017
FOLDS = 5
FEWEST = 20  # pictures with the finding, for a figure
CELLS, ANGLES = 8, 8


def greys(pictures):
    return np.float32([preprocess.grey(p, files.WINDOW) for p in pictures])


def shades(x):
    """32 × 32 greys at mean 0 and spread 1."""
    small = np.float32([preprocess.resize(p, 32, 32) for p in x]).reshape(len(x), -1)
    return (small - small.mean(1, keepdims=True)) / (small.std(1, keepdims=True) + 1e-3)


def edges(x):
    """How much edge runs in each direction in each cell of a raster."""
    down, across = np.gradient(x, axis=(1, 2))
    size, angle = np.hypot(down, across), np.mod(np.arctan2(down, across), np.pi) / np.pi * ANGLES
    side = x.shape[1] // CELLS
    out = [(size * ((angle.astype(int) % ANGLES) == a)).reshape(len(x), CELLS, side, CELLS, side).sum((2, 4)) for a in range(ANGLES)]
    out = np.stack(out, -1).reshape(len(x), CELLS * CELLS, ANGLES)
    return (out / (np.linalg.norm(out, axis=2, keepdims=True) + 1e-3)).reshape(len(x), -1)


def who(table):
    return np.stack([table.age, table.sex == "M", table.view == "PA"], 1).astype(float)


def out_of_fold(x, y, person, components):
    """Log-odds of each picture by a model that did not see its patient."""
    out = np.zeros(len(y))
    for seen, held in StratifiedGroupKFold(FOLDS, shuffle=True, random_state=SEED).split(x, y, person):
        steps = [StandardScaler()] + ([PCA(components, whiten=True, random_state=0)] if components else [])
        model = make_pipeline(*steps, LogisticRegressionCV(Cs=np.logspace(-5, 1, 7), l1_ratios=(0,), cv=4, scoring="roc_auc", max_iter=500, use_legacy_attributes=False))
        out[held] = model.fit(x[seen], y[seen]).decision_function(x[held])
    return out


def of_children(pictures):
    """The demonstration model's logit of adults, for whom it was not made."""
    folder = files.MODELS / files.CHILDREN
    spec = json.loads((folder / "manifest.json").read_text())["input"]
    run = onnxruntime.InferenceSession(folder / "model.onnx", providers=["CPUExecutionProvider"])
    return run.run(None, {"image": np.stack([preprocess.prepare(p, spec) for p in pictures])})[0][:, 0]


def main():
    pictures, table = data.adults()
    x, person = greys(pictures), table.patient.to_numpy()
    described = {"shades": (shades(x), 40), "edges": (edges(x), 60), "age, sex, view": (who(table), 0)}
    findings = [c for c in table.columns[5:] if table[c].sum() >= FEWEST]
    child = of_children(pictures)
    out = {"n": len(table), "patients": int(table.patient.nunique()), "findings": {}}
    for finding in findings:
        y = table[finding].to_numpy()
        told = {name: out_of_fold(d, y, person, components) for name, (d, components) in described.items()}
        told["children's model"] = child
        out["findings"][finding] = {"with": int(y.sum())} | {name: results.interval(results.roc_auc_score, y, logit, person) for name, logit in told.items()}
        print(finding, out["findings"][finding])
    results.write("adult-chest-experiment", out)


if __name__ == "__main__":
    main()
