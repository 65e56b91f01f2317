"""Random changes of training pictures, in JAX: what another machine, another position and another format do to one."""

from dataclasses import dataclass

import jax
import jax.numpy as jnp
from jax.scipy.ndimage import map_coordinates


@dataclass(frozen=True)
class Strength:
    """turn: degrees; scale, aspect: a factor's logarithm; shift: share of a side; gamma: its logarithm;
    blur: pixels; noise: share of the grey range; cut: largest side of the hole, share of a side."""

    turn: float = 12
    scale: float = 0.25
    aspect: float = 0.2
    shift: float = 0.12
    gamma: float = 0.5
    blur: float = 1.0
    noise: float = 0.05
    cut: float = 0.4
    mirror: bool = True


def augment(key, x, by):
    """[pictures, rows, columns] grey 0–1, changed."""
    keys = jax.random.split(key, 4)
    x = _move(keys[0], x, by)
    x = _expose(keys[1], x, by)
    x = _blur(keys[2], x, by)
    return _spoil(keys[3], x, by)


def mixup(key, x, y, alpha):
    """Pictures and labels mixed with one another."""
    a, b = jax.random.split(key)
    share = jax.random.beta(a, alpha, alpha, (len(x),))
    share = jnp.maximum(share, 1 - share)
    other = jax.random.permutation(b, len(x))
    return share[:, None, None] * x + (1 - share)[:, None, None] * x[other], share * y + (1 - share) * y[other]


def _uniform(key, n, low, high):
    return jax.random.uniform(key, (n,), minval=low, maxval=high)


def _move(key, x, by):
    n, rows, columns = x.shape
    k = jax.random.split(key, 6)
    turn = _uniform(k[0], n, -by.turn, by.turn) * jnp.pi / 180
    scale = jnp.exp(_uniform(k[1], n, -by.scale, by.scale))
    aspect = jnp.exp(_uniform(k[2], n, -by.aspect, by.aspect) / 2)
    down, across = (_uniform(k[i], n, -by.shift, by.shift) * side for i, side in ((3, rows), (4, columns)))
    side = jnp.where(by.mirror & (jax.random.uniform(k[5], (n,)) < 0.5), -1.0, 1.0)
    yy, xx = jnp.meshgrid(jnp.arange(rows) - (rows - 1) / 2, jnp.arange(columns) - (columns - 1) / 2, indexing="ij")

    def one(picture, turn, scale, aspect, down, across, side):
        cos, sin = jnp.cos(turn), jnp.sin(turn)
        at_y = (cos * yy + sin * xx) * scale * aspect + down + (rows - 1) / 2
        at_x = (cos * xx - sin * yy) * scale / aspect * side + across + (columns - 1) / 2
        return map_coordinates(picture, [at_y, at_x], 1, mode="nearest")

    return jax.vmap(one)(x, turn, scale, aspect, down, across, side)


def _expose(key, x, by):
    """Another curve from dose to grey, then another window."""
    n = len(x)
    k = jax.random.split(key, 4)
    gamma = jnp.exp(_uniform(k[0], n, -by.gamma, by.gamma))[:, None, None]
    bend = _uniform(k[1], n, -by.gamma, by.gamma)[:, None, None] * 0.3
    x = jnp.clip(x, 1e-4, 1) ** gamma
    x = x + bend * jnp.sin(2 * jnp.pi * x) / (2 * jnp.pi)
    low = _uniform(k[2], n, -0.15, 0.15)[:, None, None]
    high = _uniform(k[3], n, 0.85, 1.15)[:, None, None]
    return jnp.clip((x - low) / (high - low), 0, 1)


def _blur(key, x, by):
    """Softer or sharper, by a 5-pixel bell on each axis."""
    n = len(x)
    a, b, c = jax.random.split(key, 3)
    sigma = jnp.maximum(_uniform(a, n, 0, by.blur), 1e-3)
    taps = jnp.exp(-(jnp.arange(-2, 3) ** 2) / (2 * sigma[:, None] ** 2))
    taps = taps / taps.sum(1, keepdims=True)
    rows, columns = x.shape[1:]
    padded = jnp.pad(x, ((0, 0), (2, 2), (2, 2)), mode="edge")
    soft = sum(padded[:, i : i + rows] * taps[:, i, None, None] for i in range(5))
    soft = sum(soft[:, :, i : i + columns] * taps[:, i, None, None] for i in range(5))
    kind = jax.random.uniform(b, (n,))[:, None, None]
    sharper = jnp.clip(x + _uniform(c, n, 0, 1)[:, None, None] * (x - soft), 0, 1)
    return jnp.where(kind < 0.4, soft, jnp.where(kind < 0.65, sharper, x))


def _spoil(key, x, by):
    """Noise, and a hole of one grey."""
    n, rows, columns = x.shape
    k = jax.random.split(key, 7)
    x = x + jax.random.normal(k[0], x.shape) * _uniform(k[1], n, 0, by.noise)[:, None, None]
    height, width = _uniform(k[2], n, 0, by.cut) * rows, _uniform(k[3], n, 0, by.cut) * columns
    top, left = _uniform(k[4], n, -0.1, 1) * rows, _uniform(k[5], n, -0.1, 1) * columns
    yy, xx = jnp.arange(rows)[None, :, None], jnp.arange(columns)[None, None, :]
    inside = (yy >= top[:, None, None]) & (yy < (top + height)[:, None, None]) & (xx >= left[:, None, None]) & (xx < (left + width)[:, None, None])
    return jnp.where(inside, jax.random.uniform(k[6], (n,))[:, None, None], x)
