"""Figures with 95 % intervals, and their file, training/results-imaging.json."""

import json

import numpy as np
from scipy.special import expit
from scipy.stats import beta
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score, roc_auc_score

from .files import ROOT

FILE = ROOT / "training" / "results-imaging.json"
DRAWS = 500


def write(name, figures):
    """Sets one model's part of the file."""
    told = json.loads(FILE.read_text()) if FILE.exists() else {}
    told[name] = figures
    FILE.write_text(json.dumps(dict(sorted(told.items())), indent=1, ensure_ascii=False, default=float) + "\n")


def share(hits, n):
    """[share, lower, upper], exact (Clopper–Pearson)."""
    hits, n = int(hits), int(n)
    low = beta.ppf(0.025, hits, n - hits + 1) if hits else 0.0
    high = beta.ppf(0.975, hits + 1, n - hits) if hits < n else 1.0
    return [round(float(v), 4) for v in (hits / n, low, high)]


def auroc(y, logit, person=None):
    return {"n": len(y), "auroc": interval(roc_auc_score, y, logit, person)}


def discrimination(y, logit, person=None):
    return auroc(y, logit, person) | {"auprc": interval(average_precision_score, y, logit, person)}


def interval(figure, y, score, person=None):
    """[value, lower, upper] by drawing people (pictures where nobody knows whose they are) again."""
    rng = np.random.default_rng(0)
    person = np.arange(len(y)) if person is None else np.unique(person, return_inverse=True)[1]
    order = np.argsort(person, kind="stable")
    rows = np.split(order, np.flatnonzero(np.diff(person[order])) + 1)
    drawn = []
    for _ in range(DRAWS):
        again = np.concatenate([rows[i] for i in rng.integers(0, len(rows), len(rows))])
        if 0 < y[again].sum() < len(again):
            drawn.append(figure(y[again], score[again]))
    return [round(float(v), 4) for v in (figure(y, score), *np.quantile(drawn, [0.025, 0.975]))]


def calibration(y, logit):
    """Slope and intercept of a straight line on the log-odds; the mean squared error; the share expected and found in tenths."""
    fitted = LogisticRegression(C=1e6).fit(logit[:, None], y)
    p = expit(logit)
    tenths = np.array_split(np.argsort(p, kind="stable"), 10)
    return {
        "slope": round(float(fitted.coef_[0, 0]), 3), "intercept": round(float(fitted.intercept_[0]), 3), "brier": round(float(((p - y) ** 2).mean()), 4),
        "tenths": [[round(float(p[t].mean()), 3), round(float(y[t].mean()), 3)] for t in tenths],
    }


def errors(y, says):
    return {"sensitivity": share((says & (y == 1)).sum(), (y == 1).sum()), "specificity": share((~says & (y == 0)).sum(), (y == 0).sum())}
