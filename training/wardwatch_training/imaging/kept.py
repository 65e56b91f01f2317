"""Networks kept between runs, so that a run that was stopped goes on: the folder named by WARDWATCH_KEPT, or nothing is kept."""

import os
from pathlib import Path

import numpy as np


def get(name, make):
    """The kept weights of that name, or those that make gives."""
    folder = os.environ.get("WARDWATCH_KEPT")
    if not folder:
        return make()
    file = Path(folder) / f"{name}.npz"
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        made = make()
        np.savez(file, **made)
        return made
    with np.load(file) as weights:
        return dict(weights)
