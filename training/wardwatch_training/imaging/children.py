"""The demonstration model: pneumonia on chest X-rays of children, 28 pixels. `python -m wardwatch_training.imaging.children`.

The figures are of pictures that the networks did not see: folds at random, folds that leave out whole
groups of pictures that look alike (`unlike`), and the random folds again with the pictures spoilt.
The official test part is not among them; nothing here reads it.
"""

import numpy as np
import onnxruntime
from scipy.ndimage import gaussian_filter
from sklearn.cluster import KMeans
from sklearn.decomposition import PCA
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import StratifiedKFold

from . import data, files, graph, kept, learn, preprocess, results

VERSION = "2"
SEED = 2018
FOLDS = 5
GROUPS = 4
RECIPE = learn.Recipe(epochs=30)
BRIEF = learn.Recipe(epochs=10)  # for the groups left out, which only measure
SPOILT = {
    "as it is": lambda x: x,
    "darker": lambda x: x**1.8,
    "brighter": lambda x: x**0.55,
    "less contrast, veiled": lambda x: 0.4 + 0.4 * x,
    "cut at both ends": lambda x: np.clip((x - 0.15) / 0.7, 0, 1),
    "blurred": lambda x: gaussian_filter(x, (0, 0.9, 0.9), mode="nearest"),
    "grainy": lambda x: x + np.random.default_rng(0).normal(size=x.shape) * 0.06,
    "nearer by 15 %": lambda x: np.float32([preprocess.resize(p[2:-2, 2:-2], 28, 28) for p in x]),
    "farther by 15 %": lambda x: np.float32([preprocess.resize(np.pad(p, 2, mode="edge"), 28, 28) for p in x]),
    "moved by 2 pixels": lambda x: np.pad(x, ((0, 0), (2, 0), (0, 2)), mode="edge")[:, :28, 2:],
    "wider by a seventh": lambda x: np.float32([preprocess.resize(p[:, 2:-2], 28, 28) for p in x]),
}


def pictures():
    values, y = data.children()
    return np.float32([preprocess.grey(v, files.WINDOW) for v in values]), y


def unlike(x, y, groups=GROUPS):
    """A group of each picture: those of one class that look alike are together. A group left out is a shift of both classes."""
    z = (x - x.mean((1, 2), keepdims=True)) / x.std((1, 2), keepdims=True)
    out = np.zeros(len(y), int)
    for c in (0, 1):
        rows = z[y == c].reshape((y == c).sum(), -1)
        out[y == c] = KMeans(groups, n_init=5, random_state=c).fit_predict(PCA(20, random_state=0).fit_transform(rows))
    return out


def cross(x, y, fold, name, recipe=RECIPE):
    """A network for each fold, which did not see it."""
    out = []
    for f in np.unique(fold):
        seen = fold != f
        out.append(kept.get(f"children-{name}-{f}", lambda: learn.train(x[seen], y[seen], recipe, SEED + int(f))))
        print(f"{name} {f}: AUROC {roc_auc_score(y[~seen], learn.predict(out[-1], RECIPE.shape, x[~seen])):.4f}")
    return out


def out_of_fold(networks, fold, x):
    """Each picture's logit by the network that did not see it."""
    out = np.zeros(len(x))
    for f, network in zip(np.unique(fold), networks):
        out[fold == f] = learn.predict(network, RECIPE.shape, x[fold == f])
    return out


def platt(logit, y):
    fitted = LogisticRegression(C=1e6).fit(logit[:, None], y)
    return float(fitted.coef_[0, 0]), float(fitted.intercept_[0])


def measure(x, y, networks, fold):
    """The figures of folds at random."""
    logit = out_of_fold(networks, fold, x)
    out = {"n": len(y), "pneumonia": int(y.sum()), "random_folds": results.discrimination(y, logit)}
    out["spoilt"] = {name: spoilt(y, logit, out_of_fold(networks, fold, np.float32(spoil(x)))) for name, spoil in SPOILT.items()}
    out["calibration"] = dict(zip(("slope", "intercept"), platt(logit, y)))
    out["calibrated"] = crossed_calibration(logit, y, fold)
    return out


def measure_apart(x, y):
    """The figures of groups that were left out."""
    group = unlike(x, y)
    logit = out_of_fold(cross(x, y, group, "group", BRIEF), group, x)
    return [results.auroc(y[group == g], logit[group == g]) | {"pneumonia": int(y[group == g].sum())} for g in np.unique(group)]


def spoilt(y, logit, spoilt_logit):
    """With every picture spoilt, and with those of healthy children only: a shift that the classes do not share is the worse one."""
    return {"all": results.interval(roc_auc_score, y, spoilt_logit), "healthy_only": results.interval(roc_auc_score, y, np.where(y == 0, spoilt_logit, logit))}


def crossed_calibration(logit, y, fold):
    """Calibration and errors at 0.5, each fold calibrated by the others."""
    calm = np.zeros(len(y))
    for f in np.unique(fold):
        slope, intercept = platt(logit[fold != f], y[fold != f])
        calm[fold == f] = slope * logit[fold == f] + intercept
    return results.calibration(y, calm) | results.errors(y, calm >= 0)


def export(x, networks, calibration):
    """Writes the model and checks it against the networks."""
    model = graph.of_ensemble(networks, RECIPE.shape, 28)
    run = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    want = np.mean([learn.predict(w, RECIPE.shape, x) for w in networks], 0)
    apart = np.abs(run.run(None, {"image": x[:, None]})[0][:, 0] - want).max()
    if apart > 1e-5:
        raise SystemExit(f"the graph differs from the networks by {apart}")
    files.write_children(model, VERSION, 0.5, round(calibration["slope"], 4), round(calibration["intercept"], 4))
    return {"members": len(networks), "bytes": len(model.SerializeToString()), "graph_off_by": float(apart)}


def main():
    x, y = pictures()
    fold = np.zeros(len(y), int)
    for f, (_, held) in enumerate(StratifiedKFold(FOLDS, shuffle=True, random_state=SEED).split(x, y)):
        fold[held] = f
    networks = cross(x, y, fold, "fold")
    figures = measure(x, y, networks, fold)
    figures["file"] = export(x, networks, figures["calibration"])
    figures["groups_left_out"] = measure_apart(x, y)
    results.write("demo-pneumonia", figures)


if __name__ == "__main__":
    main()
