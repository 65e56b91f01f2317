"""Nested cross-validation by patient: honest figures, and what is chosen from inside.

The outer folds give the figures. Inside each, inner folds choose the recipe, calibrate it and choose
the alert threshold; the outer fold is only predicted.
"""

from dataclasses import dataclass

import numpy as np

from . import learn, measure
from .data import folds

OUTER, INNER = 5, 3
LIMIT = 5  # points of NEWS2 that call for an urgent review


@dataclass
class Rows:
    """The eligible rows of one task, ready to learn from."""

    matrix: np.ndarray
    event: np.ndarray
    person: np.ndarray
    news2: np.ndarray
    weight: np.ndarray  # how many rows each stands for

    def pick(self, rows):
        return Rows(self.matrix[rows], self.event[rows], self.person[rows], self.news2[rows], self.weight[rows])

    def thinned(self, quiet, seed):
        """All rows with event and a share of those without, which then stand for the rest.

        Trees are grown and log-odds ranked without weights; calibration and thresholds use them.
        """
        rows = self.pick(self.event | (np.random.default_rng(seed).random(len(self.event)) < quiet))
        rows.weight = np.where(rows.event, rows.weight, rows.weight / quiet)
        return rows


@dataclass
class Chosen:
    """What the development rows chose: recipe, calibration of its raw log-odds, alert threshold."""

    recipe: object
    slope: float
    intercept: float
    threshold: float  # log-odds
    scores: dict


def fit(rows, recipe, seed):
    if isinstance(recipe, learn.Recipe):
        return learn.trees(rows.matrix, rows.event, recipe, seed)
    return learn.logistic(rows.matrix, rows.event, recipe)


def out_of_fold(rows, recipe, count, seed):
    """Raw log-odds of each row by a model that did not see its patient."""
    fold, raw = folds(rows.person, count, seed), np.empty(len(rows.event))
    for k in range(count):
        model = fit(rows.pick(fold != k), recipe, seed + k)
        raw[fold == k] = model.raw(rows.matrix[fold == k])
    return raw


def choose(rows, recipes, count, seed):
    """The recipe with the best average precision out of fold, its calibration and its threshold."""
    raws, scores = {}, {}
    for name, recipe in recipes.items():
        raws[name] = out_of_fold(rows, recipe, count, seed)
        auroc, auprc = measure.Ranking(rows.event, raws[name]).measures(rows.weight)
        scores[name] = {"auroc": round(float(auroc), 4), "auprc": round(float(auprc), 4)}
    best = max(scores, key=lambda name: scores[name]["auroc"] + scores[name]["auprc"])
    slope, intercept = measure.calibration(rows.event, raws[best], rows.weight)
    logit = slope * raws[best] + intercept
    sensitivity = (measure.best_per_patient(rows.event, rows.news2, rows.person) >= LIMIT).mean()
    threshold = measure.threshold_at(rows.event, logit, rows.person, sensitivity)
    return Chosen(best, slope, intercept, threshold, scores)


def outer(rows, model, seed, say):
    """Calibrated log-odds of every row by the outer folds, the threshold for each, what each fold chose."""
    fold = folds(rows.person, OUTER, seed)
    logit, threshold, chosen = np.empty(len(rows.event)), np.empty(len(rows.event)), []
    for k in range(OUTER):
        inside = rows.pick(fold != k).thinned(model.quiet, seed + k)
        found = choose(inside, model.recipes, INNER, seed + 100 * (k + 1))
        fitted = fit(inside, model.recipes[found.recipe], seed + k)
        test = fold == k
        logit[test] = found.slope * fitted.raw(rows.matrix[test]) + found.intercept
        threshold[test] = found.threshold
        chosen.append({"recipe": found.recipe, "scores": found.scores})
        say(f"outer fold {k + 1} of {OUTER}: {found.recipe} {found.scores}")
    return logit, threshold, chosen


def figures(rows, logit, threshold, groups, seed):
    """Everything that is told of a model's out-of-fold predictions."""
    out = {"all": measure.report(rows.event, logit, rows.person, seed)}
    for name, group in groups.items():
        if rows.event[group].sum() >= 20:
            out[name] = measure.report(rows.event[group], logit[group], rows.person[group], seed, resamples=50)
    out["alerts_vs_news2_5"] = measure.alerts_at_equal_sensitivity(rows.event, logit, rows.news2, LIMIT, rows.person)
    out["at_inner_threshold"] = at_threshold(rows, logit >= threshold)
    return out


def at_threshold(rows, alert):
    warned = measure.best_per_patient(rows.event, alert.astype(float), rows.person) > 0
    return {
        "patient_sensitivity": round(float(warned.mean()), 4),
        "row_sensitivity": round(float(alert[rows.event].mean()), 4),
        "ppv": round(float(rows.event[alert].mean()), 4),
        "alerts_per_patient_day": round(float(alert.mean()) * measure.ROWS_PER_PATIENT_DAY, 4),
        "ratio_vs_news2_5": round(float(alert.sum() / (rows.news2 >= LIMIT).sum()), 4),
    }
