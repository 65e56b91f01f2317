"""Runs the exported forecast, as it is, on people of another hospital: the MIMIC-III demo.

    python -m wardwatch_training.forecast_transfer

Adds `transfer` to results-forecast.json. An hour's value is the mean of what was charted in it.
"""

import json

import numpy as np
import pandas as pd

from . import data as rows_of
from . import export, forecast
from .features import Course, load_spec

FOLDER = "mimic3-demo-vitals"
SIGNALS = {"HR": "hr", "RR": "rr", "SpO2": "spo2", "SBP": "sbp", "DBP": "dbp", "MBP": "map", "TempC": "temp", "TempF": "temp"}


def course(folder):
    """Each stay's hours, those in which some vital was charted."""
    table = pd.read_csv(folder / "dev_vitals.csv.gz", low_memory=False)
    table = table[table["signal"].isin(SIGNALS)]
    value = pd.to_numeric(table["value"], errors="coerce")
    fahrenheit = table["signal"] == "TempF"
    table = pd.DataFrame({
        "patient": table["subject_id"], "stay": table["icustay_id"], "hour": table["minute_from_icu_in"] // 60,
        "input": table["signal"].map(SIGNALS), "value": np.where(fahrenheit, (value - 32) * 5 / 9, value),
    })
    spec = load_spec()
    for name, rule in spec["inputs"].items():  # an artefact must not spoil the hour's mean
        low, high = rule["believe"]
        table = table[(table["input"] != name) | table["value"].between(low, high)]
    hours = table.groupby(["patient", "stay", "hour", "input"])["value"].mean().unstack("input").reset_index()
    inputs = {name: hours.get(name, pd.Series(np.nan, hours.index)).to_numpy(np.float64) for name in spec["inputs"]}
    unknown = np.full(len(hours), np.nan)
    return Course(spec, hours["stay"].to_numpy(), hours["hour"].to_numpy(), inputs, unknown, unknown), hours["patient"].to_numpy()


def main():
    path = export.MODELS / f"{forecast.MODEL}.onnx"
    whole, patient = course(rows_of.folder() / FOLDER)
    y = forecast.targets(whole)
    x = whole.matrix(export.read_about(path)["features"])
    own = export.session(path).run(None, {"features": x})[0].reshape(-1, len(forecast.TARGETS), 3)
    out = []
    for column, (vital, hours) in enumerate(forecast.TARGETS):
        known = np.isfinite(y[:, column])
        t, a, still = y[known, column], own[known, column], whole.feature(f"{vital}.last.24")[known]
        gain, low, high = forecast.mean_and_range(np.abs(t - still) - np.abs(t - a[:, 1]), patient[known])
        out.append({
            "vital": vital, "ahead": hours, "n": int(known.sum()), "patients": len(np.unique(patient[known])),
            "mae": forecast.share(np.abs(t - a[:, 1])), "persistence_mae": forecast.share(np.abs(t - still)), "mae_gain": [gain, low, high],
            "coverage": forecast.share((t >= a[:, 0]) & (t <= a[:, 2])),
        })
    results = json.loads(forecast.RESULTS.read_text())
    forecast.RESULTS.write_text(json.dumps(results | {"transfer": {"set": FOLDER, "hours": out}}, indent=1) + "\n")


if __name__ == "__main__":
    main()
