"""What a score is worth on labelled rows: discrimination, calibration, alerts at equal sensitivity."""

import numpy as np

RESAMPLES = 100
ROWS_PER_PATIENT_DAY = 24


class Ranking:
    """Rows sorted once by score, so that many weightings of them are cheap."""

    def __init__(self, event, score):
        self.order = np.argsort(-score, kind="stable")
        ranked = score[self.order]
        self.event = event[self.order].astype(np.float64)
        self.ends = np.flatnonzero(np.r_[ranked[1:] != ranked[:-1], True])  # last row of each tie

    def measures(self, weight=None):
        """(AUROC, average precision); ties count half, and enter together."""
        w = np.ones(len(self.event)) if weight is None else weight[self.order]
        hit = np.cumsum(w * self.event)[self.ends]
        false = np.cumsum(w * (1 - self.event))[self.ends]
        if hit[-1] == 0 or false[-1] == 0:
            return np.nan, np.nan
        step = np.diff(np.r_[0.0, hit])
        auroc = np.sum(np.diff(np.r_[0.0, false]) * (hit - step / 2)) / (hit[-1] * false[-1])
        with np.errstate(invalid="ignore"):
            precision = np.where(hit + false > 0, hit / (hit + false), 0.0)
        return auroc, np.sum(step * precision) / hit[-1]


def calibration(event, logit, weight=None):
    """(slope, intercept) of the logistic regression of the event on the log-odds, both free."""
    x = np.column_stack([np.ones(len(logit)), logit])
    w = np.ones(len(logit)) if weight is None else weight
    beta = np.array([0.0, 1.0])
    for _ in range(25):
        p = 1 / (1 + np.exp(-(x @ beta)))
        gradient = x.T @ (w * (event - p))
        hessian = (x * (w * p * (1 - p))[:, None]).T @ x
        step = np.linalg.solve(hessian, gradient)
        beta = beta + step
        if np.abs(step).max() < 1e-9:
            break
    return beta[1], beta[0]


def resampled(person, statistic, seed, count=RESAMPLES):
    """Percentile 95 % intervals of statistic(weight of each row), whole patients drawn again."""
    people, at = np.unique(person, return_inverse=True)
    rng = np.random.default_rng(seed)
    draws = []
    for _ in range(count):
        times = np.bincount(rng.integers(0, len(people), len(people)), minlength=len(people))
        draws.append(statistic(times[at].astype(np.float64)))
    return np.nanpercentile(np.array(draws), [2.5, 97.5], axis=0)


def report(event, logit, person, seed, resamples=RESAMPLES):
    """AUROC, AUPRC, calibration slope and intercept, each with its interval over patients."""
    ranking = Ranking(event, logit)

    def statistic(weight=None):
        return np.r_[ranking.measures(weight), calibration(event, logit, weight)]

    value = statistic()
    low, high = resampled(person, statistic, seed, resamples)
    out = {"n": len(event), "events": int(event.sum()), "patients": len(np.unique(person))}
    for i, name in enumerate(("auroc", "auprc", "calibration_slope", "calibration_intercept")):
        out[name] = [round(float(v), 4) for v in (value[i], low[i], high[i])]
    return out


def best_per_patient(event, score, person):
    """The highest score that each event patient had on a row labelled event."""
    rows = np.flatnonzero(event)
    people, at = np.unique(person[rows], return_inverse=True)
    best = np.full(len(people), -np.inf)
    np.maximum.at(best, at, score[rows])
    return best


def threshold_at(event, score, person, sensitivity):
    """The highest threshold that warns of at least this share of the event patients."""
    best = np.sort(best_per_patient(event, score, person))[::-1]
    need = max(1, int(np.ceil(sensitivity * len(best) - 1e-9)))
    return best[need - 1]


def alerts_at_equal_sensitivity(event, score, other, limit, person):
    """Alert rows of score over those of other >= limit, at the share of event patients that other warns of.

    An alert is a row at or over the threshold; a patient is warned of by an alert on a row labelled event.
    """
    sensitivity = float((best_per_patient(event, other, person) >= limit).mean())
    threshold = threshold_at(event, score, person, sensitivity)
    per_day = ROWS_PER_PATIENT_DAY / len(score)
    own, theirs = float((score >= threshold).sum()), float((other >= limit).sum())
    return {
        "sensitivity": round(sensitivity, 4), "threshold": float(threshold),
        "alerts_per_patient_day": round(own * per_day, 4), "other_alerts_per_patient_day": round(theirs * per_day, 4),
        "ratio": round(own / theirs, 4),
    }
