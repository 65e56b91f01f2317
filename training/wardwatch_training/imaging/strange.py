"""How far a picture lies from the chests: the share of it that a few principal pictures of chests cannot draw.

It needs no picture of anything else, so it also speaks on kinds of pictures that the network never saw.
"""

from dataclasses import dataclass

import numpy as np

from .net import FLATTEST

POOL = 2  # pixels a side that are taken together first: grain and sharpness do not count


@dataclass(frozen=True)
class Strange:
    """centre [pixels], basis [pixels, components]."""

    centre: np.ndarray
    basis: np.ndarray

    @staticmethod
    def of(chests, components, draw=None, seed=0):
        """The principal pictures of chests [n, rows, columns] grey 0–1."""
        rng = np.random.default_rng(seed)
        z = flat(chests[rng.choice(len(chests), 8000, p=draw)]).astype(np.float64)
        centre = z.mean(0)
        _, _, rows = np.linalg.svd(z - centre, full_matrices=False)
        return Strange(centre.astype(np.float32), np.ascontiguousarray(rows[:components].T, np.float32))

    def residual(self, x):
        """[n]: 0 drawn wholly, about 1 not at all."""
        away = flat(x) - self.centre
        left = away - away @ self.basis @ self.basis.T
        return (left**2).mean(1)


def flat(x):
    """[n, rows, columns] to [n, pixels], pooled, at mean 0 and spread 1."""
    n, rows, columns = x.shape
    small = np.asarray(x, np.float32).reshape(n, rows // POOL, POOL, columns // POOL, POOL).mean((2, 4)).reshape(n, -1)
    away = small - small.mean(1, keepdims=True)
    return away / np.maximum(np.sqrt((away**2).mean(1, keepdims=True)), FLATTEST)
