"""What single groups of features give or take, and whether a model reads the clock.

Deterioration is far more frequent late in recorded stays than early. A feature that lets trees guess
the hour of the stay therefore raises AUROC and AUPRC and says nothing of the patient. Two figures show it:
`within_hour`, the AUROC among rows of about the same hour of the stay, and `clock`, how well
the prediction tells rows after 48 hours from earlier ones.
"""

import numpy as np

from . import measure, nested

LATE = 48  # hours
FOLDS = 5
# the last hour of each stratum: every hour of the first day, then every four, then wider
ENDS = np.r_[1:25, 28:61:4, 90, 400]
FEW = 3  # a stratum needs at least so many rows with and without event


def run(development, model, rows, at, seed, say):
    """Cross-validated figures of the model's first recipe on each of its feature lists."""
    hour = development.course.hour[at]
    recipe = next(iter(model.recipes.values()))
    out = {}
    keep = np.flatnonzero(rows.event | (np.random.default_rng(seed).random(len(at)) < model.quiet))
    part, hour = rows.pick(keep), hour[keep]
    part.weight = np.where(part.event, 1, 1 / model.quiet)
    for name, features in {"as served": model.features, **model.ablations}.items():
        part.matrix = development.matrix(features, at[keep])
        raw = nested.out_of_fold(part, recipe, FOLDS, seed)
        auroc, auprc = measure.Ranking(part.event, raw).measures(part.weight)
        out[name] = {
            "features": len(features), "auroc": round(float(auroc), 4), "auprc": round(float(auprc), 4),
            "within_hour": within_hour(part.event, raw, hour), "clock": clock(raw, hour),
        }
        say(f"{model.id}: {name}: {out[name]}")
    return out


def within_hour(event, score, hour):
    """The AUROC of each stratum of the stay's hour, weighted by its events."""
    stratum, total, events = np.searchsorted(ENDS, hour), 0.0, 0
    for s in np.unique(stratum):
        own = stratum == s
        count = int(event[own].sum())
        if FEW <= count <= own.sum() - FEW:
            total += count * measure.Ranking(event[own], score[own]).measures()[0]
            events += count
    return round(float(total / events), 4) if events else None


def clock(score, hour):
    """The AUROC of the score for "this row is after 48 hours"."""
    return round(float(measure.Ranking(hour > LATE, score).measures()[0]), 4)
