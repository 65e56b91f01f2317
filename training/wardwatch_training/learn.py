"""Fits: boosted trees averaged over seeds, and the plain logistic regression; each gives raw log-odds."""

from dataclasses import dataclass, field

import lightgbm
import numpy as np

from . import graph
from .forest import Forest

FIXED = {
    "objective": "binary", "verbose": -1, "num_threads": 1, "deterministic": True, "force_row_wise": True,
    "bagging_freq": 1, "max_bin": 127,
}

NEWTON_STEPS = 30


@dataclass(frozen=True)
class Recipe:
    """How boosted trees are grown."""

    name: str
    rounds: int
    leaves: int
    rate: float
    members: int = 1
    least_rows: int = 60
    features: float = 0.3
    rows: float = 0.5
    l2: float = 10.0

    def parameters(self, seed):
        return {
            **FIXED, "num_leaves": self.leaves, "learning_rate": self.rate, "min_data_in_leaf": self.least_rows,
            "feature_fraction": self.features, "bagging_fraction": self.rows, "lambda_l2": self.l2, "seed": seed,
        }


@dataclass
class Trees:
    """The mean of boosters of different seeds."""

    boosters: list = field(default_factory=list)

    def raw(self, matrix):
        return sum(b.predict(matrix, raw_score=True) for b in self.boosters) / len(self.boosters)

    def onnx(self, features, slope, intercept):
        forest = Forest()
        for booster in self.boosters:
            forest.add(booster, 1 / len(self.boosters))
        return graph.of_forest(forest, features, slope, intercept)


def trees(matrix, event, recipe, seed):
    rows = lightgbm.Dataset(matrix, event.astype(np.float32), params={"max_bin": FIXED["max_bin"], "verbose": -1}, free_raw_data=False)
    return Trees([lightgbm.train(recipe.parameters(seed + 1000 * member), rows, recipe.rounds) for member in range(recipe.members)])


@dataclass
class Logistic:
    """Log-odds linear in the features; a missing feature counts as its training median."""

    centre: np.ndarray
    weights: np.ndarray
    intercept: float

    def raw(self, matrix):
        filled = np.where(np.isnan(matrix), self.centre, matrix)
        return (filled - self.centre) @ self.weights + self.intercept

    def onnx(self, features, slope, intercept):
        assert features == len(self.weights)
        return graph.of_logistic(self.centre, self.weights * slope, self.intercept * slope + intercept)


def logistic(matrix, event, penalty):
    """L2-penalised on standardised features by Newton's method; penalty is on the mean log-likelihood."""
    centre = np.nanmedian(matrix, axis=0).astype(np.float64)
    x = np.where(np.isnan(matrix), centre, matrix) - centre
    sd = x.std(axis=0)
    sd[sd == 0] = 1
    x = np.column_stack([np.ones(len(x)), x / sd])
    shrink = np.r_[0.0, np.full(len(sd), penalty * len(x))]
    beta = np.r_[np.log(event.mean() / (1 - event.mean())), np.zeros(len(sd))]
    for _ in range(NEWTON_STEPS):
        p = 1 / (1 + np.exp(-(x @ beta)))
        gradient = x.T @ (event - p) - shrink * beta
        hessian = (x.T * (p * (1 - p))) @ x + np.diag(shrink)
        step = np.linalg.solve(hessian, gradient)
        beta += step
        if np.abs(step).max() < 1e-8:
            break
    return Logistic(centre, beta[1:] / sd, float(beta[0]))
