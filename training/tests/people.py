"""Small courses for tests: tables of hours, and generated people."""

import numpy as np

from wardwatch_training.features import Course, load_spec

SPEC = load_spec()


def course(rows, age=60.0, male=1.0, labs=None):
    """A Course of one person from rows (hour, {input: value})."""
    return together([rows], age, male, labs)


def together(people, age=60.0, male=1.0, labs=None):
    """A Course of several people; labs: for each person a list of {name: value}, one a row."""
    who = np.concatenate([np.full(len(rows), i) for i, rows in enumerate(people)])
    flat = [row for rows in people for row in rows]
    hour = np.array([h for h, _ in flat])
    inputs = {name: np.array([values.get(name, np.nan) for _, values in flat], dtype=float) for name in SPEC["inputs"]}
    results = [result for person in labs or [[{}] * len(flat)] for result in person]
    named = {name: np.array([r.get(name, np.nan) for r in results], dtype=float) for name in SPEC["labs"]}
    return Course(SPEC, who, hour, inputs, np.full(len(flat), age), np.full(len(flat), male), named)


def hourly(name, values, start=0):
    """Rows of one input, hour after hour; None: a row in which it was not measured."""
    return [(start + h, {} if v is None else {name: v}) for h, v in enumerate(values)]


def from_fixture(person):
    """The rows and results of a generated person of the parity fixture."""
    rows = [(r["hour"], r["inputs"]) for r in person["rows"]]
    return rows, [r["labs"] for r in person["rows"]]
