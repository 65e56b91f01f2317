"""The gate's training pictures: chests and what is none, brought to the gate's size."""

from dataclasses import dataclass

import numpy as np

from . import negatives, preprocess

SIDE = 32
SMALL = 28  # pixels of the smallest pictures that must pass
SHARES = {"twisted": 0.45, "made": 0.3, "real": 0.25}  # of the negatives, as they are drawn
CHEST_SHARES = (0.5, 0.35, 0.15)  # of the sets of chests, as they are drawn


@dataclass
class Bank:
    """x: [n, SIDE, SIDE]; y: 1 a frontal chest; kind: what it is; family: how it was come by; person: whose chest it is or was, -1 of nobody."""

    x: np.ndarray
    y: np.ndarray
    kind: np.ndarray
    family: np.ndarray
    person: np.ndarray

    def take(self, rows):
        return Bank(self.x[rows], self.y[rows], self.kind[rows], self.family[rows], self.person[rows])

    def draw(self):
        """The chance of each picture to be drawn: half chests, half others, each kind of a family alike."""
        p = np.zeros(len(self.y))
        for family in np.unique(self.family):
            rows = self.family == family
            kinds = np.unique(self.kind[rows])
            for kind in kinds:
                these = rows & (self.kind == kind)
                share = SHARES[family] / len(kinds) if family in SHARES else CHEST_SHARES[int(family[-1])]
                p[these] = share / these.sum()
        for side in (0, 1):
            p[self.y == side] /= 2 * p[self.y == side].sum()
        return p


def sized(rng, picture):
    """A picture at the gate's size, half of the time by way of a very small one."""
    if min(picture.shape) > SMALL and rng.random() < 0.5:
        picture = preprocess.resize(picture, SMALL, SMALL)
    return preprocess.resize(picture, SIDE, SIDE)


def greys(sets):
    """The chests as grey 0–1: lists of pictures, a list a set."""
    return [[preprocess.grey(p, negatives.WINDOW) for p in s.pictures] for s in sets]


def build(seed, sets, real, a_kind=1500):
    """A bank. sets: data.Set; real: negatives.real; a_kind: pictures of each kind that is no chest."""
    rng = np.random.default_rng(seed)
    grey, rows = greys(sets), []
    offset = np.cumsum([0, *(int(s.person.max()) + 1 for s in sets)])
    person = [s.person + at for s, at in zip(sets, offset)]
    for i, (pictures, s) in enumerate(zip(grey, sets)):
        copies = max(1, 1500 // len(pictures))
        rows += [(sized(rng, p), 1, s.name, f"chest{i}", who) for p, who in zip(pictures, person[i]) for _ in range(copies)]
    for kind in negatives.TWISTS:
        for _ in range(a_kind):
            i = int(rng.choice(len(sets), p=CHEST_SHARES[: len(sets)] / np.sum(CHEST_SHARES[: len(sets)])))
            at = int(rng.integers(len(grey[i])))
            chest = grey[i][at] if max(grey[i][at].shape) <= 128 else preprocess.resize(grey[i][at], 96, 96)
            rows.append((sized(rng, negatives.twisted(rng, kind, chest)), 0, kind, "twisted", person[i][at]))
    for kind in negatives.phantoms.KINDS:
        rows += [(sized(rng, negatives.made(rng, kind)), 0, kind, "made", -1) for _ in range(a_kind)]
    for kind, pictures in real.items():
        each = -(-a_kind // len(pictures)) if len(pictures) > 5 else 20
        rows += [(sized(rng, negatives.cut(rng, p)), 0, kind, "real", -1) for p in pictures for _ in range(each)]
    x, y, kind, family, who = zip(*rows)
    return Bank(np.float32(x), np.array(y), np.array(kind), np.array(family), np.array(who))
