"""The gate: is a picture an upright frontal chest X-ray of a person? `python -m wardwatch_training.imaging.gate`.

A picture passes when the networks say so and it lies near the chests (`strange`). The figures are of
pictures that neither saw: chests of people left out, and kinds of other pictures left out by group.
"""

import os

import numpy as np
import onnxruntime

from . import data, files, kept, learn, negatives, net, results
from .augment import Strength
from .bank import SIDE, Bank, build
from .graph import Graph, exposed, member
from .strange import POOL, Strange

VERSION = "2"
SEED = 2022
BANK_SEED = 1
COMPONENTS = 10
PASSES = 0.985  # of each set of chests, by the networks
NEAR = 0.995  # of each set of chests, by the residual
STEEP = 40.0  # logits a residual of 1 is worth
MEMBERS = 3
FOLDS = 5
RECIPE = learn.Recipe(
    shape=net.Shape(12, ((16, 1), (24, 1), (32, 1))),
    strength=Strength(turn=6, scale=0.12, aspect=0.25, shift=0.06, gamma=0.5, blur=0.8, noise=0.05, cut=0.25),
    epochs=8, epoch=8192, rate=3e-3, mix=0, smooth=0.01,
)
GROUPS = {  # kinds that are like one another
    "turned chests": ("turned 90", "upside down", "aslant"),
    "inverted chests": ("inverted",),
    "pieces of chests": ("piece", "half", "lost", "shifted", "tiled"),
    "noise and patterns": ("drowned", "noise", "gradient", "blank", "pattern"),
    "text and drawings": ("text", "shapes", "drawing"),
    "slices of CT and MR": ("body slice", "head slice", "head slice, real", "chest CT, across", "chest CT, front", "chest CT, side", "CT file", "MR file"),
    "other bones": ("limb", "hand", "skull", "spine", "pelvis", "teeth"),
    "chests from the side": ("side of chest", "chest shadow"),
    "other machines": ("breast", "ultrasound", "cells", "US file", "NM file"),
    "photos": ("photo", "animal", "object"),
}
LEFT_OUT = (  # two groups at a time, a fold of the chests with them
    ("turned chests", "other machines"), ("inverted chests", "slices of CT and MR"), ("pieces of chests", "other bones"),
    ("noise and patterns", "chests from the side"), ("text and drawings", "photos"),
)


def folds(bank, seed=0):
    """A fold for each picture; all pictures of a person have one."""
    rng = np.random.default_rng(seed)
    return np.where(bank.person >= 0, bank.person % FOLDS, rng.integers(0, FOLDS, len(bank.y)))


def fit(bank, seed, members=1, recipe=RECIPE):
    """Networks and residual of a bank."""
    draw = bank.draw()
    networks = [kept.get(f"gate-{seed + i}", lambda: learn.train(bank.x, bank.y, recipe, seed + i, draw)) for i in range(members)]
    chests = bank.y == 1
    return networks, Strange.of(bank.x[chests], COMPONENTS, draw[chests] / draw[chests].sum(), seed)


def answers(fitted, x, recipe=RECIPE):
    """Logits of the networks, and residuals."""
    networks, strange = fitted
    return np.mean([learn.predict(w, recipe.shape, x) for w in networks], 0), strange.residual(x)


def limits(kind, y, logit, residual):
    """The lowest logit and the highest residual that pass, by the set of chests that finds it hardest."""
    sets = [kind == k for k in np.unique(kind[y == 1])]
    return min(np.quantile(logit[s], 1 - PASSES) for s in sets), max(np.quantile(residual[s], NEAR) for s in sets)


def together(logit, residual, least, nearest):
    """What the exported graph says: the worse of both, at or over 0 where the picture passes."""
    return np.minimum(logit - least, STEEP * (nearest - residual))


def left_out(bank, recipe=RECIPE, tell=print):
    """What networks say of the groups that they never saw the like of, and of the chests of one fold; a dictionary a pair."""
    fold, out = folds(bank), []
    for i, pair in enumerate(LEFT_OUT):
        unseen = np.isin(bank.kind, [kind for group in pair for kind in GROUPS[group]])
        held = fold == i
        fitted = fit(bank.take(~unseen & ~held), SEED + 10 * i, recipe=recipe)
        judged = bank.take(held & (bank.y == 1) | unseen)
        logit, residual = answers(fitted, judged.x, recipe)
        out.append({"kind": judged.kind, "y": judged.y, "person": judged.person, "logit": logit, "residual": residual})
        tell(pair, refusals(out[-1]))
    return out


def refusals(part):
    """The share of each kind that is refused, and by the networks alone."""
    least, most = limits(part["kind"], part["y"], part["logit"], part["residual"])
    by_network = part["logit"] < least
    both = by_network | (part["residual"] > most)
    return {str(k): [round(float(r[part["kind"] == k].mean()), 3) for r in (both, by_network)] for k in np.unique(part["kind"])}


def graph(fitted, least, nearest, side, recipe=RECIPE):
    """The ONNX graph: image [N,1,side,side] to one logit."""
    networks, strange = fitted
    g = Graph()
    grey = exposed(g, "image")
    seen = g.node("Mul", [g.node("Sum", [member(g, w, recipe.shape, grey, f"m{i}.") for i, w in enumerate(networks)]), g.tensor("share", [1 / len(networks)])])
    seen = g.node("Sub", [seen, g.tensor("least", [least])])
    small = exposed(g, g.node("AveragePool", ["image"], kernel_shape=[POOL, POOL], strides=[POOL, POOL]))
    away = g.node("Sub", [g.node("Flatten", [small], axis=1), g.tensor("centre", strange.centre)])
    drawn = g.node("MatMul", [g.node("MatMul", [away, g.tensor("basis", strange.basis)]), g.tensor("basis_back", strange.basis.T)])
    left = g.node("Sub", [away, drawn])
    residual = g.node("ReduceMean", [g.node("Mul", [left, left])], axes=[1], keepdims=1)
    near = g.node("Mul", [g.node("Sub", [g.tensor("nearest", [nearest]), residual]), g.tensor("steep", [STEEP])])
    return g.finish(g.node("Min", [seen, near]), side, 1)




def figures(parts):
    """Of kinds and people that were left out: what is refused, by group and kind, and what passes, by set of chests."""
    out = {"refused": {}, "passed": {}}
    told = [refusals(part) for part in parts]
    for group, kinds in GROUPS.items():
        out["refused"][group] = {k: {"n": int((p["kind"] == k).sum()), "share": t[k][0], "networks_alone": t[k][1]}
                                 for k in kinds for p, t in zip(parts, told) if k in t}
    for name in np.unique(np.concatenate([p["kind"][p["y"] == 1] for p in parts])):
        rows = [(t[name][0], len(np.unique(p["person"][p["kind"] == name]))) for p, t in zip(parts, told) if name in t]
        out["passed"][str(name)] = {"people": sum(n for _, n in rows), "share": round(1 - sum(r * n for r, n in rows) / sum(n for _, n in rows), 4)}
    return out


def export(fitted, bank, parts):
    """Writes the gate and checks it against the networks. The limits are those of chests that were left out."""
    limit = [limits(p["kind"], p["y"], p["logit"], p["residual"]) for p in parts]
    least, nearest = float(np.median([a for a, _ in limit])), float(np.median([b for _, b in limit]))
    logit, residual = answers(fitted, bank.x)
    want = together(logit, residual, least, nearest)
    model = graph(fitted, least, nearest, SIDE)
    run = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    apart = np.abs(np.concatenate([run.run(None, {"image": x[:, None]})[0][:, 0] for x in np.array_split(bank.x, 64)]) - want).max()
    if apart > 1e-4:
        raise SystemExit(f"the graph differs from the networks by {apart}")
    files.write_gate(model, VERSION, 0.0)
    return {"least_logit": least, "nearest": nearest, "members": len(fitted[0]), "bytes": len(model.SerializeToString()), "graph_off_by": float(apart)}


def main():
    real = negatives.real(os.environ.get("WARDWATCH_NEGATIVES"))
    bank = Bank(**kept.get("bank", lambda: vars(build(BANK_SEED, data.chests(), real))))
    parts = left_out(bank)
    told = {"pictures": int(len(bank.y)), "real_pictures_of_other_things": {k: len(v) for k, v in real.items()}} | figures(parts)
    told["file"] = export(fit(bank, SEED + 100, MEMBERS), bank, parts)
    results.write("frontal-chest", told)


if __name__ == "__main__":
    main()
