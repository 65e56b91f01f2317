"""Writes a model with what the engine must know of it, and the list of all models."""

import hashlib
import json

import numpy as np
import onnxruntime

from .features import SPEC_FILE, load_spec

MODELS = SPEC_FILE.parents[1] / "risk" / "models"
ROLES = {
    "deterioration-vitals": "serve", "respiratory-vitals": "serve", "vitals-forecast": "serve",
    "deterioration-labs": "optional", "deterioration-logistic": "reference", "respiratory-logistic": "reference",
}


def sha256(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def write(model, about, folder=MODELS):
    """Writes the model under its id with `about` in its metadata, and the list of models anew.

    The same input gives the same bytes.
    """
    about = {**about, "spec": load_spec()["version"], "spec_sha256": sha256(SPEC_FILE)}
    del model.metadata_props[:]
    model.metadata_props.add(key="wardwatch", value=json.dumps(about, ensure_ascii=False, separators=(",", ":"), sort_keys=True, allow_nan=False))
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{about['id']}.onnx"
    path.write_bytes(model.SerializeToString(deterministic=True))
    write_manifest(folder)
    return path


def write_manifest(folder=MODELS):
    """Lists every model that lies in the folder."""
    models = []
    for path in sorted(folder.glob("*.onnx")):
        about = read_about(path)
        models.append({"id": about["id"], "task": about["task"], "role": ROLES[about["id"]], "file": path.name, "sha256": sha256(path)})
    (folder / "manifest.json").write_text(json.dumps({"models": models}, indent=2) + "\n")


def session(path):
    """The model in onnxruntime with one thread, as the engine runs it."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


def read_about(path):
    return json.loads(session(path).get_modelmeta().custom_metadata_map["wardwatch"])


def predict(path, matrix, batch=20000):
    """The log-odds of many rows."""
    run = session(path)
    parts = [run.run(None, {"features": matrix[i : i + batch]})[0][:, 0] for i in range(0, len(matrix), batch)]
    return np.concatenate(parts).astype(np.float64)
