"""The forecast's targets and its network."""

import gzip

import numpy as np
import onnxruntime
import pytest
from people import course, together

from wardwatch_training import forecast, forecast_transfer, quantile_net
from wardwatch_training.quantile_net import Frame, Shape

NAN = float("nan")


def column(vital, hours):
    return forecast.TARGETS.index((vital, hours))


def test_targets_are_the_hours_ahead():
    rows = [(0, {"rr": 16, "spo2": 97}), (1, {"rr": 18}), (3, {"spo2": 91}), (6, {"rr": 30, "spo2": 88})]
    y = forecast.targets(course(rows))
    assert y[0, column("rr", 1)] == 18 and y[0, column("rr", 6)] == 30
    assert y[0, column("spo2", 3)] == 91 and y[0, column("spo2", 6)] == 88
    assert np.isnan(y[0, column("rr", 2)]) and np.isnan(y[0, column("spo2", 1)])
    assert y[1, column("rr", 5)] == 30
    assert np.isnan(y[3]).all()


def test_a_target_needs_a_fresh_value_now():
    rows = [(0, {"rr": 16})] + [(h, {"spo2": 97}) for h in range(1, 4)] + [(4, {"rr": 20, "spo2": 97})]
    y = forecast.targets(course(rows))
    assert y[2, column("rr", 2)] == 20  # two hours old is fresh
    assert np.isnan(y[3, column("rr", 1)])  # three is not
    assert y[3, column("spo2", 1)] == 97


def test_a_target_is_believed_and_is_the_same_persons():
    it = together([[(0, {"rr": 16}), (1, {"rr": 99})], [(2, {"rr": 18}), (3, {"rr": 19})]])
    y = forecast.targets(it)
    assert np.isnan(y[0]).all()
    assert y[2, column("rr", 1)] == 19


def test_persistence_is_the_newest_value():
    newest = np.full((1000, 12), 90.0)
    y = newest + np.linspace(-5, 5, 1000)[:, None]
    out = forecast.persistence(newest, y, np.ones(1000, bool))
    np.testing.assert_allclose(out[0, column("spo2", 1)], [86, 90, 94], atol=0.02)
    assert (out[:, column("rr", 1)] == 80).all()  # cut at what can be


def test_pinball_by_hand():
    got = quantile_net.pinball(np.array([20.0]), np.array([[10.0, 18.0, 30.0]]))
    np.testing.assert_allclose(got, [(0.1 * 10 + 0.5 * 2 + 0.1 * 10) / 3])


def small(rng, hidden):
    x = rng.normal(20, 4, (4096, 5)).astype(np.float32)
    x[rng.random(x.shape) < 0.2] = NAN
    filled = np.where(np.isnan(x), 20, x)
    spread = np.abs(filled[:, 2] - 20) + 0.5
    y = (filled[:, [0, 1]] + 0.5 * (filled[:, [3]] - 20) + rng.normal(0, 1, (4096, 2)) * spread[:, None]).astype(np.float32)
    y[rng.random(y.shape) < 0.1] = NAN
    frame = Frame.of(x, [0, 1], np.float32([4, 4]), np.float32([0, 0]), np.float32([80, 80]))
    return x, y, frame, quantile_net.train(x, y, frame, Shape(hidden, 1e-2, 150), 1)


@pytest.mark.parametrize("hidden", [0, 8])
def test_the_network_learns_centiles(hidden):
    x, y, frame, weights = small(np.random.default_rng(4), hidden)
    out = quantile_net.predict(weights, frame, x)
    known = np.isfinite(y)
    assert 0.77 <= ((y >= out[..., 0]) & (y <= out[..., 2]))[known].mean() <= 0.83
    still = np.repeat(frame.fill(x)[:, frame.base][..., None], 3, axis=2)
    for target in (0, 1):
        rows = known[:, target]
        assert quantile_net.pinball(y[rows, target], out[rows, target]).mean() < quantile_net.pinball(y[rows, target], still[rows, target]).mean()


@pytest.mark.parametrize("hidden", [0, 8])
def test_the_graph_is_the_network(hidden):
    x, _, frame, weights = small(np.random.default_rng(5), hidden)
    run = onnxruntime.InferenceSession(quantile_net.graph(weights, frame).SerializeToString(), providers=["CPUExecutionProvider"])
    odd = np.concatenate([x, np.full((1, 5), NAN, np.float32), np.full((1, 5), 1e30, np.float32), np.full((1, 5), -1e30, np.float32)])
    got = run.run(None, {"features": odd})[0].reshape(-1, 2, 3)
    np.testing.assert_allclose(got, quantile_net.predict(weights, frame, odd), atol=1e-4)
    assert (np.diff(got, axis=2) >= 0).all() and np.isfinite(got).all() and got.min() >= 0 and got.max() <= 80


def test_training_is_repeatable():
    a, b = (small(np.random.default_rng(6), 8)[3] for _ in range(2))
    for name in a:
        np.testing.assert_array_equal(a[name], b[name])


@pytest.mark.parametrize("hidden", [0, 4])
def test_the_gradient_is_the_slope_of_the_loss(hidden):
    rng = np.random.default_rng(7)
    z, aim = rng.normal(size=(64, 3)), rng.normal(size=(64, 2))
    aim[rng.random(aim.shape) < 0.2] = NAN
    weights = {k: w.astype(np.float64) + rng.normal(0, 0.1, w.shape) for k, w in quantile_net._begin(rng, 3, hidden, 2).items()}

    def loss():
        centiles = quantile_net._forward(weights, z)[2]
        known = np.isfinite(aim)
        return 3 * quantile_net.pinball(aim[known], centiles[known]).sum() / len(z)

    slopes = quantile_net._gradient(weights, z, aim)
    assert set(slopes) == set(weights)
    for name, w in weights.items():
        for at in [tuple(rng.integers(0, s) for s in w.shape) for _ in range(5)]:
            kept = w[at]
            w[at] = kept + 1e-6
            more = loss()
            w[at] = kept - 1e-6
            less = loss()
            w[at] = kept
            assert abs((more - less) / 2e-6 - slopes[name][at]) < 1e-4, (name, at)


def test_charted_vitals_of_another_hospital(tmp_path):
    rows = [
        "subject_id,icustay_id,minute_from_icu_in,signal,itemid,value,unit",
        "7,70,-30,RR,618,12,insp/min",
        "7,70,5,RR,618,16,insp/min",
        "7,70,50,RR,618,20,insp/min",
        "7,70,55,RR,618,0,insp/min",  # not believed, and not in the mean
        "7,70,61,TempF,678,98.6,Deg. F",
        "7,70,62,O2Device,467,Nasal Cannula,",
        "7,70,63,SpO2,646,,%",
        "8,80,0,SpO2,646,97,%",
    ]
    with gzip.open(tmp_path / "dev_vitals.csv.gz", "wt") as file:
        file.write("\n".join(rows) + "\n")
    it, patient = forecast_transfer.course(tmp_path)
    assert it.hour.tolist() == [-1, 0, 1, 0] and patient.tolist() == [7, 7, 7, 8]
    np.testing.assert_array_equal(it.feature("rr.last.1"), [12, 18, NAN, NAN])
    assert it.feature("temp.last.1")[2] == 37
    np.testing.assert_array_equal(it.feature("spo2.last.24"), [NAN, NAN, NAN, 97])
