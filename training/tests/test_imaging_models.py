"""The networks, their graphs and the gate, on small made pictures."""

import dataclasses
from functools import partial

import numpy as np
import onnxruntime
import pytest

from wardwatch_training.imaging import augment, bank, fixture, gate, graph, learn, negatives, net, phantoms, strange
from wardwatch_training.imaging.data import Set

SMALL = net.Shape(4, ((6, 1), (8, 1)))
QUICK = learn.Recipe(shape=SMALL, epochs=4, epoch=512, rate=5e-3, mix=0, strength=augment.Strength(turn=3, scale=0.05, shift=0.03, cut=0.1))


def spots(rng, n=256, side=16):
    """Half of them with a bright spot above, half below."""
    y = np.arange(n) % 2
    x = rng.random((n, side, side)) * 0.3
    for i in range(n):
        x[i, 2 + 8 * y[i] : 6 + 8 * y[i], 5:11] += 0.6
    return np.float32(x), y


def ask(model, x):
    return onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"]).run(None, {"image": x[:, None]})[0]


def test_the_graph_is_the_ensemble():
    rng = np.random.default_rng(1)
    members = [net.begin(rng, SMALL) for _ in range(3)]
    x = np.concatenate([rng.random((5, 16, 16)), np.zeros((1, 16, 16)), np.full((1, 16, 16), 0.5)]).astype(np.float32)
    want = 2 * np.mean([learn.predict(w, SMALL, x) for w in members], 0) - 1
    np.testing.assert_allclose(ask(graph.of_ensemble(members, SMALL, 16, 2, -1), x)[:, 0], want, atol=1e-5)


def test_a_network_learns_and_training_is_repeatable():
    x, y = spots(np.random.default_rng(2))
    one, two = (learn.train(x, y, dataclasses.replace(QUICK, epochs=30, epoch=0), 3) for _ in range(2))
    logit = learn.predict(one, SMALL, x)
    assert np.median(logit[y == 1]) > np.median(logit[y == 0])
    for name in one:
        np.testing.assert_array_equal(one[name], two[name])


def test_exposure_does_not_matter():
    rng = np.random.default_rng(3)
    weights, x = net.begin(rng, SMALL), np.float32(rng.random((4, 16, 16)))
    np.testing.assert_allclose(learn.predict(weights, SMALL, 0.5 * x + 0.2), learn.predict(weights, SMALL, x), atol=1e-4)


def test_changes_keep_pictures_grey():
    import jax

    x = np.float32(np.random.default_rng(4).random((32, 28, 28)))
    out = np.asarray(jax.jit(partial(augment.augment, by=augment.Strength()))(jax.random.PRNGKey(1), x))
    assert out.shape == x.shape and np.isfinite(out).all() and out.min() > -0.5 and out.max() < 1.5
    still = augment.Strength(0, 0, 0, 0, 0, 0, 0, 0, False)
    moved = np.asarray(augment._move(jax.random.PRNGKey(1), x, still))
    np.testing.assert_allclose(moved, x, atol=1e-5)


@pytest.mark.parametrize("kind", phantoms.KINDS)
def test_made_pictures(kind):
    rng = np.random.default_rng(5)
    for _ in range(3):
        x = phantoms.KINDS[kind](rng)
        assert x.shape == (phantoms.SIDE, phantoms.SIDE) and np.isfinite(x).all() and x.min() >= -1e-9 and x.max() <= 1 + 1e-9


@pytest.mark.parametrize("kind", negatives.TWISTS)
@pytest.mark.parametrize("size", [(28, 28), (64, 64), (96, 80)])
def test_twisted_chests_are_not_the_chest(kind, size):
    rng = np.random.default_rng(6)
    x = fixture.chest(rng, *size)
    out = negatives.twisted(rng, kind, x)
    assert min(out.shape) >= 6 and np.isfinite(out).all()
    same = out.shape == x.shape and np.allclose(out, x, atol=0.02)
    assert not same


def chests(rng, n=40):
    pictures = [np.round(255 * fixture.chest(rng, *size)).astype(np.uint8) for size in [(28, 28), (64, 64)] * (n // 2)]
    return [Set("small", pictures[::2], np.arange(n // 2)), Set("large", pictures[1::2], np.arange(n // 2) // 2)]


def test_a_bank_is_drawn_evenly_and_split_by_person():
    rng = np.random.default_rng(7)
    made = bank.build(8, chests(rng), {"real": [rng.random((40, 30))]}, a_kind=6)
    p = made.draw()
    assert made.x.shape[1:] == (bank.SIDE, bank.SIDE) and made.x.min() >= 0 and made.x.max() <= 1
    np.testing.assert_allclose([p.sum(), p[made.y == 1].sum()], [1, 0.5])
    kinds = [p[made.kind == k].sum() for k in negatives.TWISTS]
    np.testing.assert_allclose(kinds, kinds[0])
    fold = gate.folds(made)
    for who in np.unique(made.person[made.person >= 0]):
        assert len(np.unique(fold[made.person == who])) == 1
    first, second = (set(made.person[made.kind == k]) for k in ("small", "large"))
    assert not first & second


def test_the_gate_learns_and_its_graph_is_the_gate():
    rng = np.random.default_rng(9)
    made = bank.build(10, chests(rng), {}, a_kind=12)
    fitted = gate.fit(made, 1, recipe=QUICK)
    logit, residual = gate.answers(fitted, made.x, QUICK)
    least, most = gate.limits(made.kind, made.y, logit, residual)
    want = gate.together(logit, residual, least, most)
    got = ask(gate.graph(fitted, least, most, bank.SIDE, QUICK), made.x)[:, 0]
    np.testing.assert_allclose(got, want, atol=1e-4)
    assert np.median(want[made.y == 1]) > np.median(want[made.y == 0])


def test_what_is_strange_by_hand():
    x = np.float32(np.random.default_rng(11).random((12, 8, 8)))
    whole = strange.Strange.of(x, 12)
    np.testing.assert_allclose(whole.residual(x), 0, atol=1e-5)
    none = strange.Strange(np.zeros(16, np.float32), np.zeros((16, 1), np.float32))
    np.testing.assert_allclose(none.residual(x), 1, rtol=1e-5)


def test_the_fixture_is_of_the_models():
    import gzip
    import json

    kept = json.loads(gzip.decompress(fixture.FILE.read_bytes()))
    made = fixture.build()
    assert made["sha256"] == kept["sha256"], "make it again: python -m wardwatch_training.imaging.fixture"
    for a, b in zip(made["pictures"], kept["pictures"], strict=True):
        assert a["made"] == b["made"], a["what"]
        for name in ("children", "gate"):
            np.testing.assert_allclose(a[name]["input"], b[name]["input"], atol=1e-6)
            np.testing.assert_allclose(a[name]["logit"], b[name]["logit"], atol=1e-4)
        np.testing.assert_allclose(a["resized"]["input"], b["resized"]["input"], atol=1e-6)
    assert fixture.FILE.stat().st_size <= 300_000
