"""Almost stochastic order of two sets of scores (del Barrio et al. 2018; Dror et al. 2019).

The first is better at every quantile if its quantile function is nowhere below the second's. How far it is from that is
the violation: the part of the squared distance between both functions that lies where it is below, from 0 (never) to 1
(always). eps_min is an upper confidence bound of it, by the normal approximation with the bootstrap's standard error;
below 0.5 the first is better at this confidence, and below 0.2 convincingly.
"""

from __future__ import annotations

from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from numpy.typing import ArrayLike, NDArray

from xharness.tasks.base import FloatArray

LEAST_SCORES = 5
EQUAL = 0.5  # no distance: neither is better


@dataclass(frozen=True)
class StochasticOrder:
    """``eps_min`` holds at ``confidence``, which is 1 - alpha divided by the number of comparisons (Bonferroni)."""

    eps_min: float
    confidence: float
    violation: float


def almost_stochastic_order(
    first: ArrayLike,
    second: ArrayLike,
    *,
    comparisons: int = 1,
    alpha: float = 0.05,
    resamples: int = 1_000,
    seed: int = 0,
) -> StochasticOrder:
    """Whether the scores of the first are better than those of the second, as distributions over seeds.

    Args:
        first: One score a seed; at least :data:`LEAST_SCORES`, else it says little.
    """
    a, b = np.sort(np.asarray(first, dtype=np.float64)), np.sort(np.asarray(second, dtype=np.float64))
    generator = np.random.default_rng(seed)
    drawn = [np.sort(each[generator.integers(0, len(each), (resamples, len(each)))], axis=1) for each in (a, b)]
    found = float(violations(a[None], b[None])[0])
    error = float(np.std(violations(*drawn)))
    confidence = 1 - alpha / comparisons
    bound = found + NormalDist().inv_cdf(confidence) * error
    return StochasticOrder(min(1.0, max(0.0, bound)), confidence, found)


def violations(first: FloatArray, second: FloatArray) -> FloatArray:
    """The share of the squared distance that lies where the first is below, shape (rows,), of sorted scores by row."""
    steps, widths = _steps(first.shape[1], second.shape[1])
    apart = first[:, steps[0]] - second[:, steps[1]]
    squares = apart**2 * widths
    whole = squares.sum(axis=1)
    below = np.where(apart < 0, squares, 0.0).sum(axis=1)
    found: FloatArray = np.divide(below, whole, out=np.full(len(whole), EQUAL), where=whole > 0)
    return found


def _steps(n: int, m: int) -> tuple[tuple[NDArray[np.int64], NDArray[np.int64]], FloatArray]:
    """The pieces on which both quantile functions are constant: the index of each in both, and how long they are."""
    ends = np.unique(np.concatenate([m * np.arange(n + 1), n * np.arange(m + 1)]))  # in units of 1 / (n m)
    return (ends[:-1] // m, ends[:-1] // n), np.diff(ends) / (n * m)
