"""Each model that lies beside the engine: what its file says of it, and that it stands odd inputs."""

import json
import math

import numpy as np
import pytest

from wardwatch_training import export, forecast
from wardwatch_training.features import SPEC_FILE, load_spec

MANIFEST = json.loads((export.MODELS / "manifest.json").read_text())["models"]
VITALS = {"hr", "rr", "spo2", "bp", "temp"}
INPUTS = VITALS | {"etco2", "oxygen", "age", "sex"} | set(load_spec()["labs"])
OUTPUT = {"deterioration": ("logit", 1), "respiratory": ("logit", 1), "forecast": ("quantiles", 36)}

each = pytest.mark.parametrize("entry", MANIFEST, ids=lambda m: m["id"])


def path(entry):
    return export.MODELS / entry["file"]


def test_the_manifest_lists_what_lies_there():
    assert sorted(m["file"] for m in MANIFEST) == sorted(p.name for p in export.MODELS.glob("*.onnx"))
    assert {m["id"] for m in MANIFEST} >= {"deterioration-vitals", "respiratory-vitals", "deterioration-logistic", "respiratory-logistic", "vitals-forecast"}


@each
def test_the_file_is_the_one_that_the_manifest_means(entry):
    about = export.read_about(path(entry))
    assert export.sha256(path(entry)) == entry["sha256"], "make it again: python -m wardwatch_training.train"
    assert (about["id"], about["task"]) == (entry["id"], entry["task"])
    assert entry["role"] in ("serve", "reference", "optional")
    assert path(entry).stat().st_size <= 2 << 20


@each
def test_the_metadata_is_complete(entry):
    about = export.read_about(path(entry))
    assert about["spec_sha256"] == export.sha256(SPEC_FILE), "features.json has changed since: train again"
    assert about["spec"] == load_spec()["version"]
    for key in ("version", "trained_at", "data_sha256"):
        assert about[key]
    assert about["n"] > about["patients"] > 0
    assert len(about["reference"]) == len(about["features"])
    assert 1 <= about["least"] <= 5
    if about["task"] == "forecast":
        assert "threshold" not in about
    else:
        assert 0 < about["threshold"] < 1
        assert math.isclose(about["base_rate"], about["events"] / about["n"], rel_tol=1e-3)


@each
def test_each_feature_belongs_to_one_input(entry):
    about = export.read_about(path(entry))
    names = [i["input"] for i in about["inputs"]]
    assert len(set(names)) == len(names) and set(names) <= INPUTS
    assert set(about["units"]) == set(names)
    assert sorted(f for i in about["inputs"] for f in i["features"]) == list(range(len(about["features"])))


@each
def test_each_input_tells_what_training_had(entry):
    for told in export.read_about(path(entry))["inputs"]:
        assert told["min"] <= told["low"] <= told["high"] <= told["max"], told["input"]
        assert len(told["bins"]) == 9 and told["bins"] == sorted(told["bins"]), told["input"]
        assert len(told["shares"]) == 10 and math.isclose(sum(told["shares"]), 1, abs_tol=1e-4), told["input"]
        assert 0 <= told["missing"] < 1
        assert (told["slope_low"] is None) == (told["slope_high"] is None)
        if told["slope_low"] is not None:
            assert told["slope_low"] <= told["slope_high"]


@each
def test_the_patterns_speak_of_the_inputs(entry):
    about = export.read_about(path(entry))
    patterns = about["patterns"]
    assert patterns and len(set(patterns)) == len(patterns)
    assert all(0 <= p < 1 << len(about["inputs"]) for p in patterns)
    everything = [i for i, told in enumerate(about["inputs"]) if told["input"] in VITALS]
    assert any(all(not p >> i & 1 for i in everything) for p in patterns), "somebody has all five vitals"


def odd_rows(about, rng):
    """Rows near the usual with holes, rows of nothing, and rows far beyond any patient."""
    usual = np.array([np.nan if x is None else x for x in about["reference"]], dtype=np.float32)
    near = usual * rng.uniform(0.5, 1.5, (300, len(usual))).astype(np.float32)
    near[rng.random(near.shape) < 0.3] = np.nan
    far = np.where(rng.random((50, len(usual))) < 0.5, -1e9, 1e9).astype(np.float32)
    return np.concatenate([near, np.full((1, len(usual)), np.nan, np.float32), far])


@each
def test_it_answers_whatever_is_missing(entry):
    about = export.read_about(path(entry))
    run = export.session(path(entry))
    name, width = OUTPUT[about["task"]]
    assert [i.name for i in run.get_inputs()] == ["features"] and [o.name for o in run.get_outputs()] == [name]
    rows = odd_rows(about, np.random.default_rng(1))
    out = run.run(None, {"features": rows})[0]
    assert out.shape == (len(rows), width) and out.dtype == np.float32
    assert np.isfinite(out).all()


@each
def test_a_row_is_answered_alike_alone_and_among_others(entry):
    about = export.read_about(path(entry))
    run = export.session(path(entry))
    rows = odd_rows(about, np.random.default_rng(2))[:40]
    together = run.run(None, {"features": rows})[0]
    alone = np.concatenate([run.run(None, {"features": rows[i : i + 1]})[0] for i in range(len(rows))])
    np.testing.assert_allclose(alone, together, rtol=1e-5, atol=1e-5)


def test_the_forecast_never_crosses_nor_leaves_what_can_be():
    entry = next(m for m in MANIFEST if m["id"] == "vitals-forecast")
    about = export.read_about(path(entry))
    rows = odd_rows(about, np.random.default_rng(3))
    out = export.session(path(entry)).run(None, {"features": rows})[0].reshape(-1, len(forecast.TARGETS), 3)
    assert (np.diff(out, axis=2) >= 0).all()
    for column, (vital, _) in enumerate(forecast.TARGETS):
        assert (out[:, column] >= forecast.LOW[vital]).all() and (out[:, column] <= forecast.HIGH[vital]).all()


def test_the_forecast_says_in_what_order_it_answers():
    about = export.read_about(export.MODELS / "vitals-forecast.onnx")
    assert (about["vitals"], about["hours"], about["levels"]) == (["rr", "spo2"], [1, 2, 3, 4, 5, 6], [0.1, 0.5, 0.9])
    assert {"rr.last.24", "spo2.last.24"} <= set(about["features"])
