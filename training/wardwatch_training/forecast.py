"""Trains the forecast of breathing rate and SpO2 one to six hours ahead, against persistence.

    python -m wardwatch_training.forecast

Targets are the believed values of the hours ahead, where they were measured; rows are those whose
newest value is under three hours old. Honest figures come from nested cross-validation over patients
(results-forecast.json); the exported model is then trained on every row in the same way.
"""

import argparse
import json
from pathlib import Path

import numpy as np
from threadpoolctl import threadpool_limits

from . import data as rows_of
from . import export, inputs, quantile_net
from .features import load_spec
from .quantile_net import LEVELS, Frame, Shape

RESULTS = Path(__file__).resolve().parents[1] / "results-forecast.json"
MODEL, VERSION, TRAINED_AT = "vitals-forecast", "1", "2026-11-22"
SEED = 2019
FOLDS = 5
FRESH = 3  # hours within which the vital must have been measured
LEAST_KNOWN = 3
RESAMPLES = 500

VITALS = ("rr", "spo2")
AHEAD = (1, 2, 3, 4, 5, 6)
TARGETS = [(vital, hours) for vital in VITALS for hours in AHEAD]
UNIT = {"rr": 4.0, "spo2": 2.0}  # about the interval's half width, so that both vitals weigh alike
LOW, HIGH = {"rr": 0.0, "spo2": 0.0}, {"rr": 80.0, "spo2": 100.0}

OTHERS = [
    "hr.last.24", "hr.mean.6", "hr.mean.24", "hr.sd.6", "hr.slope.6", "sbp.last.24", "sbp.mean.24", "map.last.24",
    "map.mean.6", "pulse_pressure.last.24", "temp.last.24", "temp.max.24",
]
LEAN = [
    f"{v}.{op}" for v in VITALS
    for op in ("last.24", "mean.3", "mean.6", "mean.24", "min.24", "max.24", "sd.6", "sd.24", "slope.6", "mean.all")
] + OTHERS
WIDE = LEAN + [
    f"{v}.{op}" for v in VITALS for op in ("min.3", "max.3", "sd.3", "slope.3", "mean.12", "sd.12", "slope.12", "min.12", "max.12", "sd.all")
] + [
    "rr.over.24.24", "rr.over.30.24", "rr.under.12.24",
    "spo2.under.92.24", "spo2.under.94.6", "spo2.over.98.6", "spo2.over.100.6", "spo2.over.100.24",
]
CANDIDATES = {
    "linear, wide": (WIDE, Shape(hidden=0, rate=3e-3, epochs=8)),
    "64 hidden, lean": (LEAN, Shape(hidden=64, rate=4e-3, epochs=12)),
    "64 hidden, wide": (WIDE, Shape(hidden=64, rate=4e-3, epochs=12)),
}


def targets(course):
    """[rows, targets]: the value so many hours ahead; NaN where unmeasured, or where now is too old."""
    n = len(course.person)
    out = np.full((n, len(TARGETS)), np.nan, dtype=np.float32)
    for column, (vital, hours) in enumerate(TARGETS):
        value = course.signals[vital]
        for rows in range(1, hours + 1):
            now = np.arange(n - rows)
            there = now + rows
            met = (course.person[there] == course.person[now]) & (course.hour[there] - course.hour[now] == hours)
            out[now[met], column] = value[there[met]]
        out[np.isnan(course.feature(f"{vital}.last.{FRESH}")), column] = np.nan
    return out


def fit(x, y, features, shape, seed):
    base = [features.index(f"{vital}.last.24") for vital, _ in TARGETS]
    per_target = [[table[vital] for vital, _ in TARGETS] for table in (UNIT, LOW, HIGH)]
    frame = Frame.of(x, base, *(np.float32(t) for t in per_target))
    return quantile_net.train(x, y, frame, shape, seed), frame


def loss(y, centiles):
    """The mean pinball loss over all targets, each in its unit."""
    each = []
    for column, (vital, _) in enumerate(TARGETS):
        known = np.isfinite(y[:, column])
        each.append(quantile_net.pinball(y[known, column], centiles[known, column]).mean() / UNIT[vital])
    return float(np.mean(each))


def choose(matrices, y, person, seed):
    """The candidate with the smallest loss on patients set aside from these rows: (its name, all losses)."""
    aside = rows_of.folds(person, FOLDS, seed) == 0
    losses = {}
    for name, (features, shape) in CANDIDATES.items():
        x = matrices(features)
        weights, frame = fit(x[~aside], y[~aside], features, shape, seed)
        losses[name] = round(loss(y[aside], quantile_net.predict(weights, frame, x[aside])), 5)
    return min(losses, key=losses.get), losses


def nested(matrix, y, person):
    """Centiles of every row by a model that never saw its patient; persistence's likewise; the choices."""
    fold = rows_of.folds(person, FOLDS, SEED)
    own, still = np.empty((*y.shape, 3), np.float32), np.empty((*y.shape, 3), np.float32)
    choices = []
    for k in range(FOLDS):
        test = fold == k
        name, losses = choose(lambda f: matrix(f)[~test], y[~test], person[~test], SEED + 1 + k)
        features, shape = CANDIDATES[name]
        x = matrix(features)
        weights, frame = fit(x[~test], y[~test], features, shape, SEED + k)
        own[test] = quantile_net.predict(weights, frame, x[test])
        still[test] = persistence(frame.fill(x)[:, frame.base], y, ~test)[test]
        choices.append({"chosen": name, "losses": losses})
        print(f"fold {k}: {name} {losses}", flush=True)
    return own, still, choices


def persistence(newest, y, train):
    """The newest value, with the interval that held four of five changes in the training rows."""
    change = np.nanquantile((y - newest)[train], [LEVELS[0], LEVELS[2]], axis=0)
    low, high = [LOW[v] for v, _ in TARGETS], [HIGH[v] for v, _ in TARGETS]
    at = np.stack([newest + change[0], newest, newest + change[1]], -1)
    return np.clip(at, np.array(low)[:, None], np.array(high)[:, None])


def figures(y, own, still, usual, person):
    """One entry a target: error, pinball loss and interval, of the forecast and of persistence.

    usual: each row's mean of 24 h, the other simple forecast. Gains carry 95 % intervals over patients.
    """
    out = []
    for column, (vital, hours) in enumerate(TARGETS):
        known = np.isfinite(y[:, column])
        t, a, b, who = y[known, column], own[known, column], still[known, column], person[known]
        ours, theirs = np.abs(t - a[:, 1]), np.abs(t - b[:, 1])
        pin, pin_still = quantile_net.pinball(t, a), quantile_net.pinball(t, b)
        ranged = {"mae_gain": theirs - ours, "pinball_gain": pin_still - pin, "coverage": (t >= a[:, 0]) & (t <= a[:, 2])}
        plain = {
            "mae": ours, "persistence_mae": theirs, "mean_24h_mae": np.abs(t - usual[vital][known]), "pinball": pin, "persistence_pinball": pin_still,
            "below": t < a[:, 0], "above": t > a[:, 2], "width": a[:, 2] - a[:, 0],
            "persistence_coverage": (t >= b[:, 0]) & (t <= b[:, 2]), "persistence_width": b[:, 2] - b[:, 0],
        }
        out.append({
            "vital": vital, "ahead": hours, "n": int(known.sum()), "patients": len(np.unique(who)),
            **{k: share(v) for k, v in plain.items()}, **{k: mean_and_range(v, who) for k, v in ranged.items()},
        })
    return out


def mean_and_range(values, person):
    """The mean with its 95 % interval over patients drawn again."""
    people, at = np.unique(person, return_inverse=True)
    sums, rows = np.bincount(at, weights=values.astype(np.float64)), np.bincount(at).astype(np.float64)
    times = np.random.default_rng(SEED).multinomial(len(people), np.full(len(people), 1 / len(people)), RESAMPLES)
    low, high = np.quantile((times @ sums) / (times @ rows), [0.025, 0.975])
    return [round(float(v), 4) for v in (sums.sum() / rows.sum(), low, high)]


def by_group(y, own, still, newest, age, male):
    """Error and coverage by the newest value, by age and by sex, three hours ahead."""
    rr, spo2 = newest["rr"], newest["spo2"]
    people = {"under 45": age < 45, "45 to 64": (age >= 45) & (age < 65), "65 and over": age >= 65, "women": male == 0, "men": male == 1}
    groups = {
        "rr": {"rr under 12": rr < 12, "rr 12 to 20": (rr >= 12) & (rr <= 20), "rr over 20 to 24": (rr > 20) & (rr <= 24), "rr over 24": rr > 24} | people,
        "spo2": {"spo2 under 92": spo2 < 92, "spo2 92 to 95": (spo2 >= 92) & (spo2 <= 95), "spo2 over 95": spo2 > 95} | people,
    }
    out = []
    for vital, named in groups.items():
        column = TARGETS.index((vital, 3))
        for name, rows in named.items():
            rows = rows & np.isfinite(y[:, column])
            t, a, b = y[rows, column], own[rows, column], still[rows, column]
            out.append({
                "vital": vital, "group": name, "n": int(rows.sum()), "mae": share(np.abs(t - a[:, 1])), "persistence_mae": share(np.abs(t - b[:, 1])),
                "coverage": share((t >= a[:, 0]) & (t <= a[:, 2])), "below": share(t < a[:, 0]), "above": share(t > a[:, 2]),
            })
    return out


def declines(y, own, newest):
    """Of the declines to come in a person who is well now, how many the forecast saw at all.

    Well now: RR <= 24, SpO2 >= 92. Decline: RR >= 30, or SpO2 <= 90, that many hours ahead.
    """
    well = (newest["rr"] <= 24) & (newest["spo2"] >= 92)
    out = []
    for column, (vital, hours) in enumerate(TARGETS):
        t, a = y[:, column], own[:, column]
        worse, edge, limit = (t >= 30, a[:, 2], 30) if vital == "rr" else (t <= 90, a[:, 0], 90)
        rows = well & np.isfinite(t)
        reaches = (lambda x: x >= limit) if vital == "rr" else (lambda x: x <= limit)
        out.append({
            "vital": vital, "ahead": hours, "n": int(rows.sum()), "declines": int((rows & worse).sum()),
            "median_reached_limit": share(reaches(a[:, 1])[rows & worse]), "interval_reached_limit": share(reaches(edge)[rows & worse]),
            "interval_reached_limit_otherwise": share(reaches(edge)[rows & ~worse]),
        })
    return out


def share(x):
    """A mean, to four places."""
    return round(float(np.mean(x)), 4)


def about(data, features, rows):
    """What the engine must know of the model."""
    told, patterns = inputs.describe(data, features, rows)
    units = {name: rule["unit"] for name, rule in load_spec()["inputs"].items()} | {"bp": "mmHg"}
    return {
        "id": MODEL, "task": "forecast", "version": VERSION, "trained_at": TRAINED_AT, "data_sha256": data.sha256,
        "features": features, "units": {t["input"]: units[t["input"]] for t in told},
        "n": int(rows.sum()), "patients": len(np.unique(data.person[rows])),
        "inputs": told, "patterns": patterns, "reference": inputs.usual(data.matrix(features, rows)), "least": LEAST_KNOWN,
        "vitals": list(VITALS), "hours": list(AHEAD), "levels": [0.1, 0.5, 0.9], "fresh_hours": FRESH,
    }


def export_best(data, y, rows):
    """Chooses on all development rows as each fold did, trains on all of them, and writes the model."""
    person = data.person[rows]
    name, losses = choose(lambda f: data.matrix(f, rows), y, person, SEED)
    features, shape = CANDIDATES[name]
    x = data.matrix(features, rows)
    weights, frame = fit(x, y, features, shape, SEED)
    path = export.write(quantile_net.graph(weights, frame), about(data, features, rows))
    export.write_manifest()
    ran = export.session(path).run(None, {"features": x})[0].reshape(-1, len(TARGETS), 3)
    apart = float(np.abs(ran - quantile_net.predict(weights, frame, x)).max())
    print(f"{path.name}: {name}, {path.stat().st_size} bytes; the graph is within {apart:.1e} of the training code")
    return {"chosen": name, "losses": losses, "features": len(features), "hidden": shape.hidden, "file_sha256": export.sha256(path)}


def evaluate(data, y, rows):
    person = data.person[rows]
    own, still, choices = nested(lambda f: data.matrix(f, rows), y, person)
    newest = {v: data.column(f"{v}.last.24")[rows] for v in VITALS}
    usual = {v: data.column(f"{v}.mean.24")[rows] for v in VITALS}
    return {
        "data_sha256": data.sha256, "seed": SEED, "folds": FOLDS, "rows": int(rows.sum()), "patients": len(np.unique(person)),
        "nested": choices, "hours": figures(y, own, still, usual, person),
        "three_hours_ahead_by_group": by_group(y, own, still, newest, data.age[rows], data.male[rows]),
        "declines_of_the_well": declines(y, own, newest),
    }


def main():
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--export-only", action="store_true", help="train and write the model, without the nested figures")
    only = options.parse_args().export_only
    with threadpool_limits(1):  # the order of sums, and so the model's bytes, depends on the threads
        data = rows_of.load()
        y = targets(data.course)
        rows = np.isfinite(y).any(1)
        exported = export_best(data, y[rows], rows)
        if not only:
            RESULTS.write_text(json.dumps(evaluate(data, y[rows], rows) | {"exported": exported}, indent=1) + "\n")


if __name__ == "__main__":
    main()
