"""Training of a network: AdamW, a falling rate, an average of the weights over the last steps."""

from dataclasses import dataclass, field
from functools import lru_cache, partial

import jax
import jax.numpy as jnp
import numpy as np
import optax

from . import net
from .augment import Strength, augment, mixup

BATCH = 128


@dataclass(frozen=True)
class Recipe:
    """How a network is built and trained."""

    shape: net.Shape = field(default_factory=net.Shape)
    strength: Strength = field(default_factory=Strength)
    epochs: int = 30
    epoch: int = 0  # pictures an epoch; 0: all
    rate: float = 2e-3
    decay: float = 0.02
    mix: float = 0.3  # Beta of mixup; 0: none
    drop: float = 0.2  # share of features left out
    smooth: float = 0.05  # labels moved towards the middle
    average: float = 0.995  # of the weights, a step


def train(x, y, recipe, seed, draw=None):
    """Weights of one network. x: [pictures, rows, columns] grey 0–1; y: 0 or 1.

    draw: the chance of each picture to be drawn; without it each is seen once an epoch.
    """
    rng = np.random.default_rng(seed)
    steps = (recipe.epoch or len(x)) // BATCH
    optimiser, step = _ready(recipe, steps)
    weights = {k: jnp.asarray(v) for k, v in net.begin(rng, recipe.shape).items()}
    state, mean, key = optimiser.init(weights), weights, jax.random.PRNGKey(seed)
    x, y = np.asarray(x, np.float32), np.asarray(y, np.float32)
    for _ in range(recipe.epochs):
        order = rng.permutation(len(x)) if draw is None else rng.choice(len(x), steps * BATCH, p=draw)
        for rows in order[: steps * BATCH].reshape(steps, BATCH):
            key, now = jax.random.split(key)
            weights, mean, state = step(weights, mean, state, now, x[rows], y[rows])
    return {k: np.asarray(v) for k, v in mean.items()}


def predict(weights, shape, x, batch=1024):
    """Logits of pictures [pictures, rows, columns]."""
    run = _answering(shape)
    return np.concatenate([np.asarray(run(weights, x=np.asarray(x[i : i + batch], np.float32)))[:, 0] for i in range(0, len(x), batch)])


@lru_cache(4)
def _ready(recipe, steps):
    """The optimiser and the compiled step; compiling takes longer than many steps."""
    schedule = optax.warmup_cosine_decay_schedule(0, recipe.rate, steps, recipe.epochs * steps)
    optimiser = optax.chain(optax.clip_by_global_norm(1.0), optax.adamw(schedule, weight_decay=recipe.decay, mask=_kernels))
    return optimiser, jax.jit(partial(_step, recipe, optimiser))


@lru_cache(8)
def _answering(shape):
    return jax.jit(partial(net.logits, shape=shape))


def _kernels(weights):
    return {k: k.endswith(".w") for k in weights}


def _step(recipe, optimiser, weights, mean, state, key, x, y):
    slope = jax.grad(_loss)(weights, recipe, key, x, y)
    change, state = optimiser.update(slope, state, weights)
    weights = optax.apply_updates(weights, change)
    mean = jax.tree.map(lambda m, w: recipe.average * m + (1 - recipe.average) * w, mean, weights)
    return weights, mean, state


def _loss(weights, recipe, key, x, y):
    a, b, c = jax.random.split(key, 3)
    x = augment(a, x, recipe.strength)
    y = y * (1 - 2 * recipe.smooth) + recipe.smooth
    if recipe.mix:
        x, y = mixup(b, x, y, recipe.mix)
    seen = net.features(weights, recipe.shape, x)
    kept = jax.random.bernoulli(c, 1 - recipe.drop, seen.shape)
    out = net.head(weights, jnp.where(kept, seen / (1 - recipe.drop), 0))[:, 0]
    return optax.sigmoid_binary_cross_entropy(out, y).mean()
