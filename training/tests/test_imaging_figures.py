"""The figures, the cards and the files of the picture models."""

import hashlib
import json
import re

import numpy as np
import onnx
import pytest
from PIL import Image
from sklearn.metrics import roc_auc_score

from wardwatch_training.imaging import adults, cards, children, files, gate, gather, kept, negatives, phantoms, results


def test_shares_by_hand():
    assert results.share(0, 10)[:2] == [0, 0] and results.share(10, 10)[2] == 1
    assert results.share(0, 10)[2] == pytest.approx(0.3085, abs=1e-4)  # Clopper–Pearson, 1 - 0.025 ** (1 / 10)


def test_an_interval_draws_people():
    rng = np.random.default_rng(1)
    y = rng.integers(0, 2, 200)
    score = y + rng.normal(size=200)
    value, low, high = results.interval(roc_auc_score, y, score)
    assert low < value < high
    person = np.repeat(np.arange(10), 20)
    _, low2, high2 = results.interval(roc_auc_score, np.repeat(y[:10], 20), np.repeat(score[:10], 20), person)
    assert high2 - low2 > high - low


def test_calibration_of_what_is_calibrated():
    rng = np.random.default_rng(2)
    logit = rng.normal(size=20000) * 2
    y = (rng.random(20000) < 1 / (1 + np.exp(-logit))).astype(int)
    told = results.calibration(y, 2 * logit + 1)
    assert told["slope"] == pytest.approx(0.5, abs=0.03) and told["intercept"] == pytest.approx(-0.5, abs=0.1)


def test_groups_that_look_alike_hold_both_classes():
    rng = np.random.default_rng(3)
    x = np.float32(rng.random((200, 28, 28)))
    x[::3, :14] += 1
    group = children.unlike(x, np.arange(200) % 2, 3)
    assert all(len(np.unique((np.arange(200) % 2)[group == g])) == 2 for g in range(3))


@pytest.mark.parametrize("name", children.SPOILT)
def test_spoilt_pictures_keep_their_size(name):
    x = np.float32(np.random.default_rng(4).random((3, 28, 28)))
    out = children.SPOILT[name](x)
    assert out.shape == x.shape and np.isfinite(out).all()


def test_edges_and_shades():
    x = np.zeros((2, 64, 64), np.float32)
    x[0, 32:], x[1, :, 32:] = 1, 1
    e = adults.edges(x).reshape(2, 8, 8, 8)
    assert e[0].sum((0, 1)).argmax() == 4 and e[1].sum((0, 1)).argmax() == 0  # across; up and down
    assert adults.shades(x).shape == (2, 1024)


def test_every_kind_of_the_gate_is_in_one_group_and_every_group_is_left_out_once():
    kinds = [k for group in gate.GROUPS.values() for k in group]
    assert len(kinds) == len(set(kinds)) and {*negatives.TWISTS, *phantoms.KINDS} <= set(kinds)
    left = [group for pair in gate.LEFT_OUT for group in pair]
    assert sorted(left) == sorted(gate.GROUPS) and len(gate.LEFT_OUT) == gate.FOLDS


def test_networks_are_kept(tmp_path, monkeypatch):
    made = []
    make = lambda: made.append(1) or {"w": np.ones(2)}
    monkeypatch.delenv("WARDWATCH_KEPT", raising=False)
    kept.get("a", make)
    monkeypatch.setenv("WARDWATCH_KEPT", str(tmp_path / "kept"))
    kept.get("a", make)
    assert kept.get("a", make)["w"].tolist() == [1, 1] and len(made) == 2


def test_pictures_of_other_things_are_gathered_by_kind(tmp_path):
    animals = tmp_path / "from" / "stamps" / "animals"
    animals.mkdir(parents=True)
    Image.fromarray(np.zeros((300, 200, 4), np.uint8)).save(animals / "cow.png")  # wholly transparent: white
    (animals / "broken.png").write_bytes(b"no picture")
    (tmp_path / "from" / "readme.txt").write_text("no picture either")
    for kind, name, picture in (found for file in sorted(tmp_path.rglob("*.*")) for found in gather.pictures(file)):
        gather._keep(tmp_path / "to", kind, name, picture)
    real = negatives.real(tmp_path / "to")
    assert list(real) == ["animal"] and len(real["animal"]) == 1 and max(real["animal"][0].shape) == gather.SIDE
    assert negatives.real(None) == {}


@pytest.mark.parametrize("folder, description, side", [(files.CHILDREN, "manifest.json", 28), (files.GATE, "gate.json", 32)])
def test_the_files_fit_their_descriptions(folder, description, side):
    told = json.loads((files.MODELS / folder / description).read_text())
    raw = (files.MODELS / folder / told["file"]).read_bytes()
    assert hashlib.sha256(raw).hexdigest() == told["sha256"] and len(raw) < 4_000_000
    graph = onnx.load_from_string(raw).graph
    shape = [d.dim_param or d.dim_value for d in graph.input[0].type.tensor_type.shape.dim]
    assert [graph.input[0].name, shape, graph.output[0].name] == [told["input"]["name"], ["N", 1, side, side], told["output"]["name"]]
    assert (files.ROOT / told["card"]).exists()


def test_the_cards_hold_the_figures_of_today():
    told = json.loads(results.FILE.read_text())
    seen = 0
    for card in (files.ROOT / "docs" / "models").glob("*.md"):
        for marked in cards.MARKED.finditer(card.read_text()):
            seen += 1
            want = marked[1] + cards.TABLES[marked[2]](told) + marked[3]
            assert re.sub(r"\s+", " ", marked[0]) == re.sub(r"\s+", " ", want), f"{card.name}: python -m wardwatch_training.imaging.cards"
    assert seen == len(cards.TABLES)
