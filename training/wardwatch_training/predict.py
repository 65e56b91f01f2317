"""Predicts each row of a file of the CinC 2019 layout, as the engine would at the end of that row's hour:
`python -m wardwatch_training.predict FILE [PATIENT ...]`.

Out: one line of JSON a row, in the order of the file: patient, hour, and for each task the model that
serves it, p (the probability) and withheld (why the engine must not tell it; empty when it may).
"""

import argparse
import json

import numpy as np

from . import cinc2019, export
from .features import Course, load_spec
from .inputs import LOOK_BACK

FIVE = ("hr", "rr", "spo2", "bp", "temp")  # of these some must be known: what every ward has
ADULT = 18


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("file", help="a file of the CinC 2019 layout")
    options.add_argument("patients", nargs="*", help="ids of patients; none: all")
    options = options.parse_args()
    table = cinc2019.read(options.file)
    if options.patients:
        table = table[table["patient"].isin(options.patients)]
    told = {about["task"]: (about["id"], *predict(path, about, table)) for path, about in serving()}
    for i, (patient, hour) in enumerate(zip(table["patient"], table["ICULOS"])):
        said = {task: {"model": model, "p": float(p[i]), "withheld": withheld[i]} for task, (model, p, withheld) in told.items()}
        print(json.dumps({"patient": str(patient), "hour": int(hour), "said": said}))


def serving(folder=export.MODELS):
    """The risk models that serve, with what their files say of them."""
    for one in json.loads((folder / "manifest.json").read_text())["models"]:
        if one["role"] == "serve" and one["task"] in ("deterioration", "respiratory"):
            yield folder / one["file"], export.read_about(folder / one["file"])


def predict(path, about, table):
    """The probability of each row, and why it may not be told."""
    course = Course(
        load_spec(), table["patient"].to_numpy(), table["ICULOS"].to_numpy(), cinc2019.inputs(table),
        table["Age"].to_numpy(np.float64), table["Gender"].to_numpy(np.float64),
    )
    logit = export.predict(path, course.matrix(about["features"]))
    return 1 / (1 + np.exp(-logit)), withheld(about, course)


def withheld(about, course):
    """For each row the first reason, in the engine's order, not to tell what the model says."""
    newest = {one["input"]: course.feature(newest_of(one)).astype(np.float32) for one in about["inputs"]}
    known = {name: ~np.isnan(x) for name, x in newest.items()}
    pattern = np.zeros(len(course.person), dtype=np.int64)
    beyond = np.zeros(len(course.person), dtype=bool)
    for i, one in enumerate(about["inputs"]):
        x = newest[one["input"]]
        pattern |= (~known[one["input"]]).astype(np.int64) << i
        beyond |= known[one["input"]] & ((x < np.float32(one["min"])) | (x > np.float32(one["max"])))
    few = sum(known[name].astype(int) for name in FIVE) < about["least"]
    return np.select(
        [np.isnan(course.age), course.age < ADULT, few, ~np.isin(pattern, about["patterns"]), beyond],
        ["age_unknown", "under_18", "too_little", "unseen_pattern", "out_of_range"], "",
    ).tolist()


def newest_of(one):
    """The feature that holds an input's newest value."""
    if one["input"] in ("age", "sex"):
        return one["signal"]
    return f"{one['signal']}.last.{LOOK_BACK}"


if __name__ == "__main__":
    main()
