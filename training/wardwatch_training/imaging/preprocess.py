"""From a picture's values to a model's input, as `scoring/imaging` does it in Go.

The order is: window, polarity, crop, resize, pad, normalise. All sums are in double precision; the result
is float32.

- Window: values to 0–1, cut at both ends. Percentiles are of all pixels of the whole picture, between
  neighbours by straight line (numpy's default). A window without width gives 0 everywhere.
- Polarity: where small values are bright, grey becomes 1 - grey: 0 is black (air), 1 is white (dense).
- Resize, each axis by itself: shrinking takes the mean of the stretch of source that an output pixel covers,
  its ends by their share; growing takes the straight line between the two nearest pixel centres (output
  centre i lies at (i + 0.5) * source / target - 0.5), held at the edges; the same size changes nothing.
- "crop" first cuts the middle out in the target's shape, on whole pixels; "pad" shrinks or grows the whole
  picture to fit and lays it in the middle of black.
- Halves round up: floor(x + 0.5).
"""

import math

import numpy as np


def prepare(values, spec, inverted=False, bits=8, window=None):
    """The input of one picture, [channels, height, width] float32.

    values: [rows, columns]. spec: the manifest's `input`. bits: stored bits a value (window "full").
    window: (center, width) that the picture's file proposes, where it does (window "file").
    """
    picture = grey(values, spec["window"], inverted, bits, window)
    picture = fit(picture, spec["height"], spec["width"], spec["resize"])
    mean, std = (np.asarray(spec[k], np.float64).reshape(-1, 1, 1) for k in ("mean", "std"))
    return ((np.repeat(picture[None], spec["channels"], 0) - mean) / std).astype(np.float32)


def grey(values, window, inverted=False, bits=8, proposed=None):
    """Values to grey 0–1, in double precision."""
    values = np.asarray(values, np.float64)
    low, high = _ends(values, window, bits, proposed)
    if not high > low:
        return np.zeros(values.shape)
    out = np.clip((values - low) / (high - low), 0, 1)
    return 1 - out if inverted else out


def _ends(values, window, bits, proposed):
    kind = window["kind"]
    if kind == "percentile":
        return np.percentile(values, [window["low"], window["high"]])
    if kind == "fixed":
        return window["center"] - window["width"] / 2, window["center"] + window["width"] / 2
    if kind == "file" and proposed:
        return proposed[0] - proposed[1] / 2, proposed[0] + proposed[1] / 2
    if kind in ("file", "full"):
        return _full(values, bits)
    raise ValueError(f"window kind {kind!r}: choose file, percentile, fixed or full")


def _full(values, bits):
    """What the stored bits hold; what the values span where rescaling took them out of that."""
    if values.min() < 0 or values.max() > 2**bits - 1:
        return values.min(), values.max()
    return 0, 2**bits - 1


def fit(picture, height, width, how):
    """A picture [rows, columns] in the size asked for."""
    rows, columns = picture.shape
    if how == "stretch":
        return resize(picture, height, width)
    if how == "crop":
        scale = min(rows / height, columns / width)
        r, c = min(rows, rounded(height * scale)), min(columns, rounded(width * scale))
        top, left = (rows - r) // 2, (columns - c) // 2
        return resize(picture[top : top + r, left : left + c], height, width)
    if how == "pad":
        scale = max(rows / height, columns / width)
        r, c = min(height, max(1, rounded(rows / scale))), min(width, max(1, rounded(columns / scale)))
        top, left = (height - r) // 2, (width - c) // 2
        out = np.zeros((height, width))
        out[top : top + r, left : left + c] = resize(picture, r, c)
        return out
    raise ValueError(f"resize {how!r}: choose stretch, pad or crop")


def rounded(x):
    return math.floor(x + 0.5)


def resize(picture, height, width):
    """A picture [..., rows, columns] stretched to height and width."""
    down, across = weights(picture.shape[-2], height), weights(picture.shape[-1], width)
    return down @ np.asarray(picture, np.float64) @ across.T


def weights(source, target):
    """[target, source]: how much each source pixel gives to each output pixel; each row sums to 1."""
    if target == source:
        return np.eye(source)
    if target < source:
        return _covered(source, target)
    return _between(source, target)


def _covered(source, target):
    step = source / target
    begin = np.arange(target)[:, None] * step
    pixel = np.arange(source)[None]
    return np.clip(np.minimum(begin + step, pixel + 1) - np.maximum(begin, pixel), 0, None) / step


def _between(source, target):
    at = np.clip((np.arange(target) + 0.5) * source / target - 0.5, 0, source - 1)
    near = np.minimum(np.floor(at).astype(int), max(source - 2, 0))
    out = np.zeros((target, source))
    out[np.arange(target), near] = 1 - (at - near)
    out[np.arange(target), np.minimum(near + 1, source - 1)] += at - near
    return out
