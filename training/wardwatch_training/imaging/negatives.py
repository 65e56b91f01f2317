"""Pictures that are no upright frontal chest X-ray: chests that were twisted, made ones, and real ones of other things."""

from pathlib import Path

import numpy as np
from PIL import Image
from scipy.ndimage import rotate

from . import phantoms, preprocess

WINDOW = {"kind": "percentile", "low": 0.5, "high": 99.5}


def quarter(rng, x):
    return np.rot90(x, int(rng.choice([1, 3])))


def upside_down(rng, x):
    return x[::-1] if rng.random() < 0.5 else x[::-1, ::-1]


def aslant(rng, x):
    turned = rotate(x, float(rng.choice([-1, 1]) * rng.uniform(40, 140)), reshape=False, order=1, mode=str(rng.choice(["constant", "nearest"])))
    return turned


def inverted(rng, x):
    return 1 - x


def piece(rng, x):
    """A small part of a chest, blown up."""
    share = rng.uniform(0.15, 0.4)
    rows, columns = (max(6, int(n * share)) for n in x.shape)
    top, left = rng.integers(0, x.shape[0] - rows + 1), rng.integers(0, x.shape[1] - columns + 1)
    return x[top : top + rows, left : left + columns]


def lost(rng, x):
    """A chest that fills a small part of the picture."""
    share = rng.uniform(0.15, 0.45)
    side = 64
    small = preprocess.resize(x, int(side * share), int(side * share * rng.uniform(0.8, 1.25)))
    out = np.full((side, side), rng.choice([0.0, rng.random(), 1.0])) + rng.normal(size=(side, side)) * rng.choice([0, 0.05])
    top, left = (int(rng.integers(0, side - n + 1)) for n in small.shape)
    out[top : top + small.shape[0], left : left + small.shape[1]] = small
    return out


def shifted(rng, x):
    """The halves change places."""
    return np.roll(x, int(x.shape[1] * rng.uniform(0.35, 0.65)), 1) if rng.random() < 0.6 else np.roll(x, int(x.shape[0] * rng.uniform(0.35, 0.65)), 0)


def tiled(rng, x):
    """Several chests, or pieces of one in the wrong order."""
    if rng.random() < 0.4:
        return np.tile(x, (int(rng.integers(1, 3)), 2))
    n = int(rng.integers(2, 5))
    rows, columns = (m // n for m in x.shape)
    parts = [x[i * rows : (i + 1) * rows, j * columns : (j + 1) * columns] for i in range(n) for j in range(n)]
    order = rng.permutation(n * n)
    return np.vstack([np.hstack([parts[order[i * n + j]] for j in range(n)]) for i in range(n)])


def half(rng, x):
    """One side only, or only the top or the bottom."""
    kind = rng.integers(4)
    rows, columns = x.shape
    part = (x[:, : columns // 2], x[:, columns // 2 :], x[: int(rows * 0.4)], x[int(rows * 0.6) :])[kind]
    return part if rng.random() < 0.7 else np.kron(part, np.ones((1, 2))) if kind < 2 else part


def drowned(rng, x):
    """Too much noise to see anything."""
    return np.clip(x * rng.uniform(0, 0.3) + rng.normal(0.5, rng.uniform(0.3, 1), x.shape), 0, 1)


TWISTS = {
    "turned 90": quarter, "upside down": upside_down, "aslant": aslant, "inverted": inverted, "piece": piece,
    "lost": lost, "shifted": shifted, "tiled": tiled, "half": half, "drowned": drowned,
}


def twisted(rng, kind, chest):
    """A chest [rows, columns], grey 0–1, made wrong."""
    return np.clip(TWISTS[kind](rng, chest), 0, 1)


def made(rng, kind):
    return phantoms.KINDS[kind](rng)


def real(folder):
    """{kind: [grey pictures]} of a folder with a sub-folder a kind; empty without one."""
    out = {}
    for file in sorted(Path(folder).glob("*/*.png")) if folder else ():
        out.setdefault(file.parent.name, []).append(preprocess.grey(np.asarray(Image.open(file).convert("L")), WINDOW))
    return out


def cut(rng, picture):
    """A part of a real picture, perhaps turned, perhaps with black and white changed."""
    rows, columns = picture.shape
    share = rng.uniform(0.35, 1)
    r, c = max(8, int(rows * share)), max(8, int(columns * min(1, share * rng.uniform(0.8, 1.25))))
    top, left = rng.integers(0, max(1, rows - r + 1)), rng.integers(0, max(1, columns - c + 1))
    out = picture[top : top + r, left : left + c]
    out = np.rot90(out, int(rng.choice([0, 0, 0, 1, 2, 3])))
    if rng.random() < 0.5:
        out = out[:, ::-1]
    return 1 - out if rng.random() < 0.25 else out
