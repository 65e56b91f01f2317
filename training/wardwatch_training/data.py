"""The development rows: people, labels, features and folds."""

import hashlib
import os
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from . import cinc2019, features

FILE = Path("cinc2019-sepsis-setB") / "dev.csv.gz"
LABELS = {"deterioration": cinc2019.deterioration, "respiratory": cinc2019.respiratory}


@dataclass
class Data:
    """Rows of people, one after another, hour by hour. label and eligible are by task."""

    course: features.Course
    person: np.ndarray
    age: np.ndarray
    male: np.ndarray
    label: dict
    eligible: dict
    sha256: str
    inputs: dict  # as measured
    _columns: dict = field(default_factory=dict)

    def column(self, name):
        """One feature of every row, float32."""
        if name not in self._columns:
            self._columns[name] = self.course.feature(name).astype(np.float32)
        return self._columns[name]

    def matrix(self, names, rows=slice(None)):
        """The features in this order, float32."""
        for name in sorted(set(names), key=lambda n: n.split(".")[0]):  # the course holds one signal at a time
            self.column(name)
        return np.column_stack([self.column(name)[rows] for name in names])


def folder():
    """Where the public data lies: the folder named by WARDWATCH_TESTDATA."""
    named = os.environ.get("WARDWATCH_TESTDATA")
    if not named or not (Path(named) / FILE).exists():
        raise SystemExit(f"{FILE} is not in WARDWATCH_TESTDATA={named!r}: see training/README.md on how to obtain it")
    return Path(named)


def load(path=None):
    path = path or folder() / FILE
    table = cinc2019.read(path)
    person = np.unique(table["patient"].to_numpy(), return_inverse=True)[1]
    age, male = table["Age"].to_numpy(np.float64), table["Gender"].to_numpy(np.float64)
    inputs, labs = cinc2019.inputs(table), cinc2019.labs(table)
    course = features.Course(features.load_spec(), person, table["ICULOS"].to_numpy(), inputs, age, male, labs)
    labelled = {task: label(table) for task, label in LABELS.items()}
    return Data(
        course=course, person=person, age=age, male=male,
        label={task: both[0] for task, both in labelled.items()},
        eligible={task: both[1] for task, both in labelled.items()},
        sha256=hashlib.sha256(path.read_bytes()).hexdigest(), inputs=inputs,
    )


def folds(person, count, seed):
    """A fold for each row, whole people together."""
    people = np.unique(person)
    shuffled = np.random.default_rng(seed).permutation(len(people)) % count
    return shuffled[np.searchsorted(people, person)]
