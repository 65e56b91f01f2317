"""Prints the features of some real people, for the engine's test: `python -m wardwatch_training.parity N < names`.

names: the features, one a line. Out: one line of JSON with the ids of about N people, spread over
the development file, and the number of rows; then the rows as they stand in the file, each all its
features as little-endian float32.
"""

import json
import sys

import numpy as np

from . import cinc2019, data
from .features import Course, load_spec


def some(table, n):
    """The rows of about n people, evenly spread over the file."""
    ids = table["patient"].unique()
    return table[table["patient"].isin(ids[:: max(1, len(ids) // n)])]


def main():
    names = sys.stdin.read().split()
    table = some(cinc2019.read(data.folder() / data.FILE), int(sys.argv[1]))
    age, male = table["Age"].to_numpy(), table["Gender"].to_numpy()
    person, hour = table["patient"].to_numpy(), table["ICULOS"].to_numpy()
    course = Course(load_spec(), person, hour, cinc2019.inputs(table), age, male, cinc2019.labs(table))
    matrix = np.ascontiguousarray(course.matrix(names), dtype="<f4")
    head = {"people": list(dict.fromkeys(person.tolist())), "rows": len(table)}
    sys.stdout.buffer.write(json.dumps(head).encode() + b"\n" + matrix.tobytes())


if __name__ == "__main__":
    main()
