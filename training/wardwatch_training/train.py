"""Trains every risk model and measures it: `python -m wardwatch_training.train` (see training/README.md)."""

import argparse
import json
import time
from dataclasses import asdict

import numpy as np

from . import ablation, data, export, inputs, masked, measure, nested, news2
from .features import load_spec
from .models import MODELS, SEED, VERSION, TRAINED_AT

RESULTS = export.SPEC_FILE.parents[2] / "training" / "results.json"
PARITY = 1e-5  # log-odds, between the library and the exported graph
AGE_BANDS = ((18, 45), (45, 65), (65, 80), (80, 200))


def main():
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--models-only", action="store_true", help="do not measure again by nested cross-validation")
    options.add_argument("--without-ablations", action="store_true", help="do not measure other feature lists again")
    options.add_argument("--only", nargs="+", metavar="ID", help="the ids of some models")
    options = options.parse_args()
    say = _teller()
    development = data.load()
    points = news2.lower_bound(development)
    say(f"{len(development.person)} rows of {len(np.unique(development.person))} patients")
    keep({"masked_decline": masked.count(development), "news2_lower_bound": reference(development, points)})
    for model in MODELS:
        if not options.only or model.id in options.only:
            keep({model.id: one(development, points, model, options, say)})


def keep(told):
    """Adds to the results; what was measured earlier and not again stays."""
    results = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
    for name, figures in told.items():
        results[name] = {**results.get(name, {}), **figures}
    RESULTS.write_text(json.dumps(results, indent=1, sort_keys=True) + "\n")


def one(development, points, model, options, say):
    """Trains, exports and checks one model; what is to be told of it."""
    measured = not options.models_only
    at = np.flatnonzero(development.eligible[model.task])
    rows = nested.Rows(
        matrix=development.matrix(model.features, at), event=development.label[model.task][at],
        person=development.person[at], news2=points[at], weight=np.ones(len(at)),
    )
    say(f"{model.id}: {len(at)} rows, {rows.event.sum()} events, {len(model.features)} features")
    told = {}
    if measured:
        logit, threshold, chosen = nested.outer(rows, model, SEED, say)
        told["nested"] = nested.figures(rows, logit, threshold, groups(development, at), SEED)
        hour = development.course.hour[at]
        told["nested"]["within_hour"] = ablation.within_hour(rows.event, logit, hour)
        told["nested"]["clock"] = ablation.clock(logit, hour)
        told["nested_choices"] = chosen
        say(f"{model.id}: nested {told['nested']}")
    inside = rows.thinned(model.quiet, SEED)
    chosen = nested.choose(inside, model.recipes, nested.OUTER, SEED)
    final = nested.fit(inside, model.recipes[chosen.recipe], SEED)
    path = export.write(final.onnx(len(model.features), chosen.slope, chosen.intercept), about(development, model, rows, at, chosen))
    apart = np.abs(export.predict(path, rows.matrix) - (chosen.slope * final.raw(rows.matrix) + chosen.intercept)).max()
    if not apart <= PARITY:
        raise SystemExit(f"{model.id}: the exported graph differs from the library by {apart:.2g}")
    told["final"] = {
        "recipe": chosen.recipe, "settings": settings(model.recipes[chosen.recipe]), "scores": chosen.scores,
        "calibration": inputs.tidy([chosen.slope, chosen.intercept]), "threshold": inputs.tidy(probability(chosen.threshold)),
        "parity": float(apart), "bytes": path.stat().st_size, "milliseconds_per_1000_rows": speed(path, rows.matrix),
    }
    say(f"{model.id}: {told['final']}")
    if measured and model.ablations and not options.without_ablations:
        told["ablations"] = ablation.run(development, model, rows, at, SEED, say)
    return told


def about(development, model, rows, at, chosen):
    """What the engine must know of the model."""
    described, patterns = inputs.describe(development, model.features, at)
    return {
        "id": model.id, "task": model.task, "version": VERSION, "trained_at": TRAINED_AT,
        "data_sha256": development.sha256, "features": model.features, "units": inputs.units(described, load_spec()),
        "threshold": inputs.tidy(probability(chosen.threshold)), "base_rate": inputs.tidy(float(rows.event.mean())),
        "n": len(at), "events": int(rows.event.sum()), "patients": len(np.unique(rows.person)),
        "inputs": described, "reference": inputs.usual(rows.matrix), "patterns": patterns, "least": inputs.LEAST_KNOWN,
    }


def reference(development, points):
    """AUROC and AUPRC of NEWS2 without consciousness and oxygen, on the same rows, by task."""
    out = {}
    for task, eligible in development.eligible.items():
        auroc, auprc = measure.Ranking(development.label[task][eligible], points[eligible]).measures()
        out[task] = {"auroc": round(float(auroc), 4), "auprc": round(float(auprc), 4)}
    return out


def groups(development, at):
    """Rows by age band and sex."""
    age, male = development.age[at], development.male[at]
    out = {f"age {low}-{high - 1}" if high < 200 else f"age {low}+": (age >= low) & (age < high) for low, high in AGE_BANDS}
    connected = ~np.isnan(development.column("etco2.last.24")[at])
    return {**out, "male": male == 1, "female": male == 0, "EtCO2 measured": connected, "no EtCO2": ~connected}


def settings(recipe):
    return asdict(recipe) if hasattr(recipe, "__dataclass_fields__") else {"l2": recipe}


def probability(logit):
    return float(1 / (1 + np.exp(-logit)))


def speed(path, matrix, count=1000, runs=20):
    """The least time of a batch of 1,000 rows, one thread."""
    batch = np.ascontiguousarray(matrix[:: max(1, len(matrix) // count)][:count])
    run, best = export.session(path), np.inf
    for _ in range(runs):
        start = time.perf_counter()
        run.run(None, {"features": batch})
        best = min(best, time.perf_counter() - start)
    return round(best * 1000, 2)


def _teller():
    start = time.monotonic()
    return lambda text: print(f"{time.monotonic() - start:6.0f} s  {text}", flush=True)


if __name__ == "__main__":
    main()
