"""A picture's way into a model, by hand."""

import numpy as np
import pytest

from wardwatch_training.imaging import preprocess

PLAIN = {"channels": 1, "mean": [0], "std": [1], "window": {"kind": "full"}, "resize": "stretch"}


def test_the_same_size_changes_nothing():
    x = np.random.default_rng(1).integers(0, 256, (28, 28))
    np.testing.assert_array_equal(preprocess.prepare(x, PLAIN | {"width": 28, "height": 28})[0], (x / 255).astype(np.float32))


def test_shrinking_is_the_mean_of_what_is_covered():
    np.testing.assert_allclose(preprocess.resize(np.array([[0, 4, 8, 12]]), 1, 2), [[2, 10]])
    np.testing.assert_allclose(preprocess.resize(np.array([[3, 6, 9]]), 1, 2), [[(3 + 3) / 1.5, (3 + 9) / 1.5]])
    x = np.random.default_rng(2).random((37, 53))
    np.testing.assert_allclose(preprocess.resize(x, 11, 7).mean(), x.mean())


def test_growing_is_a_straight_line_between_centres():
    np.testing.assert_allclose(preprocess.resize(np.array([[0, 4]]), 1, 4), [[0, 1, 3, 4]])
    np.testing.assert_allclose(preprocess.resize(np.array([[5]]), 3, 2), np.full((3, 2), 5))


@pytest.mark.parametrize("source, target", [(1, 1), (1, 7), (5, 5), (28, 32), (29, 28), (400, 28), (13, 200)])
def test_shares_sum_to_one(source, target):
    w = preprocess.weights(source, target)
    assert w.shape == (target, source) and w.min() >= 0
    np.testing.assert_allclose(w.sum(1), 1)


def test_windows():
    x = np.array([[0, 50], [100, 200]])
    grey = lambda **w: preprocess.grey(x, w).tolist()
    assert grey(kind="fixed", center=100, width=100) == [[0, 0], [0.5, 1]]
    assert grey(kind="percentile", low=0, high=100) == [[0, 0.25], [0.5, 1]]
    assert grey(kind="fixed", center=100, width=0) == [[0, 0], [0, 0]]
    assert preprocess.grey(x, {"kind": "file"}, proposed=(100, 100)).tolist() == [[0, 0], [0.5, 1]]
    np.testing.assert_allclose(preprocess.grey(x, {"kind": "full"}, inverted=True), 1 - x / 255)
    np.testing.assert_allclose(preprocess.grey(x - 100, {"kind": "full"}), x / 200)  # rescaled out of what the bits hold
    with pytest.raises(ValueError, match="choose"):
        preprocess.grey(x, {"kind": "auto"})


def test_crop_takes_the_middle_and_pad_adds_black():
    x = np.zeros((4, 8))
    x[:, 2:6] = 1
    np.testing.assert_array_equal(preprocess.fit(x, 4, 4, "crop"), np.ones((4, 4)))
    padded = preprocess.fit(np.ones((4, 8)), 4, 4, "pad")
    np.testing.assert_array_equal(padded, [[0] * 4, [1] * 4, [1] * 4, [0] * 4])
    with pytest.raises(ValueError, match="choose"):
        preprocess.fit(x, 4, 4, "bend")


def test_channels_are_normalised_each():
    out = preprocess.prepare(np.full((2, 2), 255), PLAIN | {"width": 2, "height": 2, "channels": 3, "mean": [0, 0.5, 1], "std": [1, 0.5, 2]})
    np.testing.assert_allclose(out[:, 0, 0], [1, 1, 0])
