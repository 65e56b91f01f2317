"""A small residual network for small grey pictures, in JAX, without normalisation layers: what is trained is what is exported.

It looks at the picture's shape, not at its exposure: each picture is first brought to mean 0 and
spread 1, inside the network, so that gain and offset of a machine do not matter.
"""

from dataclasses import dataclass

import jax
import jax.numpy as jnp
import numpy as np

FLATTEST = 0.02  # spread of a picture below which it is not stretched further


@dataclass(frozen=True)
class Shape:
    """stem: channels at full size; stages: (channels, residual blocks), each at half the size of the one before."""

    stem: int = 16
    stages: tuple = ((24, 1), (48, 1), (64, 1))


def begin(rng, shape, outputs=1):
    """Fresh weights: kernels [rows, columns, in, out] and offsets."""
    out, width = {}, shape.stem
    _conv(out, rng, "stem", 1, width)
    for s, (channels, blocks) in enumerate(shape.stages):
        _conv(out, rng, f"down{s}", width, channels)
        width = channels
        for b in range(blocks):
            _conv(out, rng, f"block{s}.{b}.in", width, width)
            _conv(out, rng, f"block{s}.{b}.out", width, width, gain=0.2)
    out["head.w"] = rng.normal(0, 0.05, (width, outputs)).astype(np.float32)
    out["head.b"] = np.zeros(outputs, np.float32)
    return out


def _conv(out, rng, name, fan, channels, gain=1.0):
    out[f"{name}.w"] = rng.normal(0, gain * np.sqrt(2 / (9 * fan)), (3, 3, fan, channels)).astype(np.float32)
    out[f"{name}.b"] = np.zeros(channels, np.float32)


def features(weights, shape, x):
    """[pictures, rows, columns] grey 0–1 to [pictures, channels]."""
    middle = x.mean((1, 2), keepdims=True)
    spread = jnp.sqrt(((x - middle) ** 2).mean((1, 2), keepdims=True))
    x = ((x - middle) / jnp.maximum(spread, FLATTEST))[..., None]
    x = jax.nn.relu(_convolve(weights, "stem", x))
    for s, (_, blocks) in enumerate(shape.stages):
        x = jax.nn.relu(_convolve(weights, f"down{s}", x, 2))
        for b in range(blocks):
            more = jax.nn.relu(_convolve(weights, f"block{s}.{b}.in", x))
            x = jax.nn.relu(x + _convolve(weights, f"block{s}.{b}.out", more))
    return x.mean((1, 2))


def head(weights, x):
    return x @ weights["head.w"] + weights["head.b"]


def logits(weights, shape, x):
    """[pictures, outputs]."""
    return head(weights, features(weights, shape, x))


def _convolve(weights, name, x, stride=1):
    out = jax.lax.conv_general_dilated(x, weights[f"{name}.w"], (stride, stride), ((1, 1), (1, 1)), dimension_numbers=("NHWC", "HWIO", "NHWC"))
    return out + weights[f"{name}.b"]
