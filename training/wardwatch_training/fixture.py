"""Writes scoring/course/testdata/parity.json: generated people and their features, for the engine's test.

No row is of a real person. The file:

  spec_sha256   of features.json, so that a stale fixture shows itself
  features      names, in the order of every `expected`
  people        each with `what` it is for, age and male (null: unknown), and rows
  rows          hour (whole Unix hour), inputs as measured, `dropped` (the inputs among them that are
                not to be believed), labs, and at some rows `expected` (null: missing)

A row stands for everything that became known in its hour; `expected` is what is known at its end.
"""

import hashlib
import json

import numpy as np

from .features import SPEC_FILE, Course, believe, load_spec

FILE = SPEC_FILE.parent / "testdata" / "parity.json"
SEED = 20191122
MIDNIGHT = 495_888  # a whole Unix hour

FEATURES = [
    "age", "male",
    *[f"{s}.last.24" for s in ("hr", "rr", "spo2", "sbp", "dbp", "map", "temp", "etco2", "fio2")],
    *[f"{s}.last.24" for s in ("shock_index", "pulse_pressure", "rate_ratio", "sf")],
    "hr.last.1", "rr.last.3", "spo2.last.6", "sf.last.12", "shock_index.last.8",
    "hr.mean.1", "hr.mean.3", "rr.mean.6", "spo2.mean.24", "temp.mean.12", "rate_ratio.mean.6", "pulse_pressure.mean.24",
    "sbp.min.6", "spo2.min.24", "sf.min.24", "map.min.3", "dbp.min.12", "temp.min.24",
    "hr.max.6", "rr.max.24", "temp.max.12", "shock_index.max.24", "fio2.max.24", "etco2.max.6",
    "hr.sd.1", "hr.sd.6", "rr.sd.12", "spo2.sd.24", "temp.sd.24", "sbp.sd.3", "sf.sd.24",
    "hr.slope.2", "hr.slope.3", "rr.slope.6", "spo2.slope.6", "spo2.slope.24", "sbp.slope.12", "temp.slope.24",
    "shock_index.slope.6", "sf.slope.24", "etco2.slope.24",
    "rr.over.30.24", "rr.over.24.6", "hr.over.110.12", "temp.over.38.3.24", "shock_index.over.0.9.24", "fio2.over.0.6.24",
    "spo2.under.90.24", "spo2.under.92.6", "sbp.under.100.6", "map.under.65.24", "temp.under.36.24", "sf.under.235.24",
    *[f"{s}.{op}.all" for s in ("hr", "rr", "spo2", "temp") for op in ("mean", "min", "max", "sd")],
    "sbp.mean.all", "map.min.all", "shock_index.max.all", "sf.mean.all", "etco2.sd.all",
    "lab.lactate.24", "lab.lactate.48", "lab.creatinine.24", "lab.base_excess.12", "lab.ph.1", "lab.platelets.72",
]

USUAL = {"hr": 88, "pr": 88, "rr": 18, "spo2": 96, "sbp": 122, "dbp": 66, "map": 84, "temp": 37, "etco2": 36, "fio2": 0.4}
STEP = {"hr": 4, "pr": 4, "rr": 2, "spo2": 1.2, "sbp": 7, "dbp": 2, "map": 3, "temp": 0.25, "etco2": 2, "fio2": 0.06}
LIMIT = {"spo2": (50, 100), "fio2": (0.21, 1)}
LABS = {"lactate": 1.9, "creatinine": 1.1, "base_excess": -2, "ph": 7.36, "platelets": 190}
VITALS = ("hr", "rr", "spo2", "sbp", "dbp", "map", "temp")


def walk(rng, name, n):
    """A random walk about the usual value, with as many decimals as monitors send and more."""
    x = USUAL[name] + np.cumsum(rng.normal(0, STEP[name], n)) * 0.6
    low, high = LIMIT.get(name, (0.55 * USUAL[name], 1.9 * USUAL[name]))
    return [round(float(v), int(d)) for v, d in zip(np.clip(x, low, high), rng.choice([0, 1, 2, 3], n))]


def person(rng, what, hours, names=VITALS, holes=0.2, labs=(), age=None, male=None):
    """One generated person; an input is missing from a row with chance `holes`."""
    hours = list(hours)
    rows = [{"hour": MIDNIGHT + h, "inputs": {}, "labs": {}} for h in hours]
    for name in names:
        for row, value in zip(rows, walk(rng, name, len(rows))):
            if rng.random() >= holes:
                row["inputs"][name] = max(value, 0.21) if name == "fio2" else value
    for name in labs:
        for row in rows:
            if rng.random() < 0.15:
                row["labs"][name] = round(float(LABS[name] + rng.normal(0, 0.2)), 3)
    return {"what": what, "age": age, "male": male, "rows": rows}


def people():
    rng = np.random.default_rng(SEED)
    p = lambda *a, **k: person(rng, *a, **k)
    out = [
        p("everything measured each hour", range(30), [*VITALS, "etco2", "fio2"], 0, age=64, male=1),
        p("a stay of sixty hours, with results", range(60), [*VITALS, "fio2"], 0.3, LABS, age=81.5, male=0),
        p("hours without a row", sorted(rng.choice(70, 26, replace=False).tolist()), labs=LABS, age=47, male=1),
        p("two days away, and back", [0, 1, 2, 3, 51, 52, 53, 55], holes=0.1, labs=LABS, age=55, male=0),
        p("gaps of exactly 23, 24 and 25 hours", [0, 23, 47, 72, 96, 121], holes=0, labs=("lactate",), age=39, male=1),
        p("one row", [7], holes=0, age=70, male=0),
        p("one row, nothing measured", [7], (), age=None, male=None),
        p("nothing known of age and sex", range(5), holes=0.3),
        p("pulse rate where there is no heart rate", range(8), [*VITALS, "pr"], 0.5, age=33, male=0),
        p("no blood pressure ever", range(8), ("hr", "rr", "spo2", "temp"), 0.1, age=58, male=1),
        p("only the breathing rate", range(8), ("rr",), 0.3, age=66, male=0),
        p("results only", range(0, 80, 6), (), labs=LABS, age=77, male=1),
    ]
    constant = p("the same values every hour", range(12), (), age=50, male=0)
    for row in constant["rows"]:
        row["inputs"] = {"hr": 80.1, "rr": 16, "spo2": 97, "temp": 36.7, "sbp": 120, "dbp": 80, "map": 93.333, "fio2": 0.21}
    return [*out, constant, _impossible(p), _edges(p), _disordered(p), _fine(p)]


def _impossible(p):
    """Values that nobody has, one input after the other."""
    out = p("impossible values among good ones", range(14), [*VITALS, "etco2", "fio2"], 0.05, age=61, male=1)
    wrong = {"hr": (0, 300.5), "rr": (0, 80.25), "spo2": (49.9, 100.5), "sbp": (301, 12), "temp": (24.9, 45.1), "etco2": (-1, 151), "fio2": (0.2, 40), "map": (19, 400)}
    for i, (name, values) in enumerate(wrong.items()):
        for k, value in enumerate(values):
            out["rows"][1 + (i + 5 * k) % 13]["inputs"][name] = value
    return out


def _edges(p):
    """Values at the limits of belief and at the limits of the shares: both count."""
    out = p("values at the limits", range(6), (), age=18, male=0)
    low = {"hr": 15, "rr": 1, "spo2": 50, "sbp": 30, "dbp": 10, "map": 20, "temp": 25, "etco2": 0, "fio2": 0.21}
    high = {"hr": 300, "rr": 80, "spo2": 100, "sbp": 300, "dbp": 200, "map": 250, "temp": 45, "etco2": 150, "fio2": 1}
    share = {"hr": 110, "rr": 30, "spo2": 90, "sbp": 100, "dbp": 50, "map": 65, "temp": 38.3, "fio2": 0.6}
    other = {"hr": 90, "rr": 24, "spo2": 92, "sbp": 100, "dbp": 60, "map": 75, "temp": 36, "fio2": 0.4}
    for row, inputs in zip(out["rows"], (low, high, share, other, share, low)):
        row["inputs"] = dict(inputs)
    return out


def _disordered(p):
    """Pressures that contradict each other: none of the three is to be believed."""
    out = p("pressures out of order", range(10), ("hr", "rr"), 0, age=72, male=0)
    triples = [(120, 80, 93), (120, 111, 115), (120, 110, 115), (90, 95, 92), (120, 70, 70), (120, 70, 120), (120, 80, None), (None, 80, 70), (100, None, 110), (130, 75, 95)]
    for row, triple in zip(out["rows"], triples):
        row["inputs"].update({n: v for n, v in zip(("sbp", "dbp", "map"), triple) if v is not None})
    return out


def _fine(p):
    """More decimals than a slot keeps."""
    out = p("more decimals than are kept", range(9), [*VITALS, "fio2"], 0, age=29.25, male=1)
    for i, row in enumerate(out["rows"]):
        row["inputs"] = {n: round(v - 0.0002 + 0.0001 * (i % 5), 4) for n, v in row["inputs"].items() if n != "fio2"} | {"fio2": 0.33337}
    return out


def columns(spec, person):
    """The rows of one person as the arrays that Course takes."""
    rows = person["rows"]
    column = lambda kind, name: np.array([r[kind].get(name, np.nan) for r in rows], dtype=np.float64)
    inputs = {name: column("inputs", name) for name in spec["inputs"]}
    labs = {name: column("labs", name) for name in spec["labs"]}
    known = lambda x: np.full(len(rows), np.nan if x is None else x)
    hour = np.array([r["hour"] for r in rows])
    return np.zeros(len(rows), int), hour, inputs, known(person["age"]), known(person["male"]), labs


def answer(spec, person):
    """Adds to a person's rows what is not believed and, at most fifteen times, what is expected."""
    who, hour, inputs, age, male, labs = columns(spec, person)
    believed = believe(spec, inputs)
    course = Course(spec, who, hour, inputs, age, male, labs)
    values = np.stack([course.feature(name) for name in FEATURES], 1)
    rows = person["rows"]
    every = -(-len(rows) // 15)
    for i, row in enumerate(rows):
        row["dropped"] = sorted(n for n in row["inputs"] if np.isnan(believed[n][i]))
        if (len(rows) - 1 - i) % every == 0:
            row["expected"] = [None if np.isnan(x) else float(f"{x:.9g}") for x in values[i]]
    return person


def build():
    spec = load_spec()
    return {
        "spec_sha256": hashlib.sha256(SPEC_FILE.read_bytes()).hexdigest(),
        "features": FEATURES,
        "people": [answer(spec, p) for p in people()],
    }


def text(fixture):
    """One line a row, so that a change can be read."""
    dump = lambda x: json.dumps(x, separators=(",", ":"), allow_nan=False)
    out = ['{"spec_sha256":' + dump(fixture["spec_sha256"]) + ",", '"features":' + dump(fixture["features"]) + ",", '"people":[']
    last = len(fixture["people"]) - 1
    for i, p in enumerate(fixture["people"]):
        head = dump({k: p[k] for k in ("what", "age", "male")})[:-1]
        out.append(head + ',"rows":[\n' + ",\n".join(dump(r) for r in p["rows"]) + "]}" + ("," if i < last else ""))
    return "\n".join(out) + "\n]}\n"


def main():
    FILE.parent.mkdir(parents=True, exist_ok=True)
    FILE.write_text(text(build()))
    print(f"{FILE}: {FILE.stat().st_size} bytes")


if __name__ == "__main__":
    main()
