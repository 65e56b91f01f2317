"""The files that the program loads: a model's directory, and the gate's."""

import hashlib
import json
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
MODELS = ROOT / "scoring" / "imaging" / "models"
WINDOW = {"kind": "percentile", "low": 0.5, "high": 99.5}
CHILDREN = "demo-pneumonia"
GATE = "frontal-chest"
LICENCE = (
    "Weights: as this repository. Trained on PneumoniaMNIST (MedMNIST v2; Yang et al., Sci Data 2023;10:41), made of the chest X-rays "
    "of Kermany et al. (Cell 2018;172:1122; doi 10.17632/rscbjbr9sj), CC BY 4.0, changed: 28 pixels, grey."
)
GATE_LICENCE = (
    LICENCE + " Adults: NIH ChestX-ray14 (NIH Clinical Center, https://nihcc.app.box.com/v/ChestXray-NIHCC; Wang et al., CVPR 2017), use unrestricted; "
    "Hannover Medical School (doi 10.6084/m9.figshare.12275009) and others of the covid-chestxray-dataset, CC BY; changed: small, grey."
)


def input_of(side, resize):
    """The manifest's `input`: grey 0–1 as it is, for the networks set the exposure themselves."""
    return {"name": "image", "channels": 1, "width": side, "height": side, "resize": resize, "window": WINDOW, "mean": [0.0], "std": [1.0]}


def write_children(model, version, threshold, slope, intercept, models=MODELS):
    """The demonstration model's directory. threshold: of the calibrated probability."""
    return _write(models / CHILDREN, "manifest.json", "model.onnx", model, {
        "id": CHILDREN, "version": version, "demonstration": True, "licence": LICENCE, "card": f"docs/models/{CHILDREN}.md",
        "file": "", "sha256": "",
        "input": input_of(28, "crop"),
        "output": {"name": "logits", "kind": "logit"},
        "findings": [{
            "output": 0, "label": "pneumonia", "system": "http://snomed.info/sct", "code": "233604007", "laterality": "", "threshold": threshold,
            "calibration": {"slope": slope, "intercept": intercept}, "calibrated": True,
        }],
        "population": {
            "modalities": ["CR", "DX"], "region": "chest", "body_parts": ["CHEST", "THORAX", "LUNG"], "views": ["AP", "PA"],
            "age_from": 1, "age_to": 6, "species": ["human"],
        },
        "picture": "frontal_chest",
    })


def write_gate(model, version, threshold, models=MODELS):
    """The gate's directory. threshold: of its logit."""
    return _write(models / GATE, "gate.json", "gate.onnx", model, {
        "id": GATE, "version": version, "licence": GATE_LICENCE, "card": f"docs/models/{GATE}.md",
        "file": "", "sha256": "",
        "input": input_of(32, "stretch"),
        "output": {"name": "logits", "kind": "logit"},
        "threshold": threshold, "min_side": 28, "min_aspect": 0.5, "max_aspect": 2.0,
    })


def _write(folder, name, file, model, description):
    folder.mkdir(parents=True, exist_ok=True)
    raw = model.SerializeToString()
    (folder / file).write_bytes(raw)
    description |= {"file": file, "sha256": hashlib.sha256(raw).hexdigest()}
    (folder / name).write_text(json.dumps(description, indent=1, ensure_ascii=False) + "\n")
    return folder
