"""What a model's inputs are to a nurse, and what the training rows had of each.

An input is a group of features under one name. The engine withholds a prediction where an input is
beyond its training range or a set of missing inputs was never seen, watches for drift by the bins,
and says low, high, rising or falling by the centiles.
"""

import numpy as np

# input: the signal whose newest value stands for it, then every signal whose features belong to it
VITAL_INPUTS = {
    "hr": ["hr"],
    "rr": ["rr", "rate_ratio"],
    "spo2": ["spo2"],
    "bp": ["sbp", "dbp", "map", "pulse_pressure", "shock_index"],
    "temp": ["temp"],
    "etco2": ["etco2"],
    "oxygen": ["fio2", "sf"],
}
PERSON_INPUTS = {"age": "age", "sex": "male"}
_PERSON_UNITS = {"age": "a", "sex": "1"}
LOOK_BACK = 24  # hours in which an input must have a value, not to be missing
LEAST_KNOWN = 3  # of the five vitals that every ward has
SLOPE_HOURS = 6
LEAST_PATIENTS = 50  # with a set of missing inputs, for it to count as seen


def input_of(feature):
    """The input that a feature belongs to."""
    head = feature.split(".")[0]
    if head == "lab":
        return feature.split(".")[1]
    for name, own in PERSON_INPUTS.items():
        if head == own:
            return name
    for name, signals in VITAL_INPUTS.items():
        if head in signals:
            return name
    raise ValueError(f"{feature}: no input has it; add its signal to VITAL_INPUTS")


def units(described, spec):
    """The unit of the newest value of each input."""
    out = {}
    for one in described:
        name = one["input"]
        out[name] = _PERSON_UNITS.get(name) or spec["labs" if one["signal"].startswith("lab.") else "inputs"][one["signal"].removeprefix("lab.")]["unit"]
    return out


def describe(data, features, rows):
    """The inputs of these features over the training rows: (inputs, patterns, reference)."""
    names = list(dict.fromkeys(input_of(f) for f in features))
    told, missing = [], []
    for name in names:
        newest = _newest(data, name, features)
        told.append(_one(data, name, newest[rows], [i for i, f in enumerate(features) if input_of(f) == name], rows))
        missing.append(np.isnan(newest[rows]))
    return told, _patterns(missing, data.person[rows])


def _newest(data, name, features):
    return data.column(_newest_feature(name, features))


def _newest_feature(name, features):
    if name in PERSON_INPUTS:
        return PERSON_INPUTS[name]
    if name in VITAL_INPUTS:
        return f"{VITAL_INPUTS[name][0]}.last.{LOOK_BACK}"
    return next(f for f in features if input_of(f) == name)


def _one(data, name, x, at, rows):
    known = x[~np.isnan(x)].astype(np.float64)
    if len(known) == 0:
        raise ValueError(f"{name}: no training row has it; leave its features out")
    edges = np.quantile(known, np.arange(1, 10) / 10)
    shares = np.bincount(np.searchsorted(edges, known, side="right"), minlength=10) / len(known)
    out = {
        "input": name, "signal": _signal(name), "features": at,
        "min": known.min(), "max": known.max(), "low": np.quantile(known, 0.1), "high": np.quantile(known, 0.9),
        "slope_low": None, "slope_high": None,
        "bins": edges.tolist(), "shares": shares.tolist(), "missing": float(np.isnan(x).mean()),
    }
    if name in VITAL_INPUTS:
        slope = data.column(f"{_signal(name)}.slope.{SLOPE_HOURS}")[rows]
        out["slope_low"], out["slope_high"] = np.nanquantile(slope, [0.1, 0.9])
    return {k: tidy(v) for k, v in out.items()}


def _signal(name):
    if name in PERSON_INPUTS:
        return PERSON_INPUTS[name]
    return VITAL_INPUTS[name][0] if name in VITAL_INPUTS else f"lab.{name}"


def _patterns(missing, person):
    bits = np.zeros(len(person), dtype=np.int64)
    for i, gone in enumerate(missing):
        bits |= gone.astype(np.int64) << i
    pairs = np.unique(np.c_[bits, person], axis=0)
    patterns, patients = np.unique(pairs[:, 0], return_counts=True)
    return patterns[patients >= LEAST_PATIENTS].tolist()


def usual(matrix):
    """The median of each feature; None where most rows have none: missing is what is usual."""
    with np.errstate(invalid="ignore"):
        return [None if np.isnan(column).mean() > 0.5 else tidy(float(np.nanmedian(column))) for column in matrix.T]


def tidy(value):
    """Numbers rounded to seven significant figures, so that files compare."""
    if isinstance(value, list):
        return [tidy(v) for v in value]
    if isinstance(value, (float, np.floating)):
        return float(f"{value:.7g}")
    return value
