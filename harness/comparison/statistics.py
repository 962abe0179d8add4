"""Tests and what goes with them: p-values from draws, Holm's correction, McNemar's test, the detectable effect."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import NormalDist

import numpy as np

from xharness.tasks.base import FloatArray

TOLERANCE = 1e-9  # points; sums of the same numbers in another order count as equal
POWER = 0.8


def two_sided(difference: float, null: FloatArray) -> float:
    """Share of draws without a difference that are at least as far from 0; (r + 1) / (R + 1)."""
    return share(np.abs(null) >= abs(difference) - TOLERANCE)


def loss(difference: float, null: FloatArray, margin: float) -> float:
    """One-sided p of the claim that new loses more than ``margin`` points."""
    return share(null <= difference + margin + TOLERANCE)


def share(extreme: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> float:
    """Share of draws that are extreme; (r + 1) / (R + 1)."""
    return (int(extreme.sum()) + 1) / (len(extreme) + 1)


def holm(values: Sequence[float]) -> list[float]:
    """P-values adjusted for their number by Holm's step-down procedure (1979), in the order given."""
    adjusted = [0.0] * len(values)
    highest = 0.0
    for rank, index in enumerate(sorted(range(len(values)), key=values.__getitem__)):
        highest = max(highest, min(1.0, (len(values) - rank) * values[index]))
        adjusted[index] = highest
    return adjusted


def mcnemar(only_base: int, only_new: int) -> float:
    """Exact two-sided p of McNemar's test: items that only one side has right are a fair coin."""
    flips, fewer = only_base + only_new, min(only_base, only_new)
    tail = ways = 1
    for k in range(fewer):
        ways = ways * (flips - k) // (k + 1)  # flips over k + 1
        tail += ways
    return float(min(1.0, 2 * tail / 2**flips))


def adjust_bonett_price(difference: FloatArray, variance: FloatArray, items: int) -> tuple[FloatArray, FloatArray]:
    """Centre and variance for the interval of a paired difference: as if two more items had changed, one each way.

    Without them, few changes have too narrow an interval, and no change has none (Bonett and Price 2012).

    Args:
        variance: Of the difference, in squared points.
        items: Number of items of which each could have changed.
    """
    shrink = items / (items + 2)
    return difference * shrink, np.maximum(0, variance) * shrink**2 + 2 * (100 / (items + 2)) ** 2


def detectable(error: float, alpha: float) -> float | None:
    """The true difference that a two-sided test at ``alpha`` finds with a power of 80 %; None if nothing varies.

    Args:
        error: Standard error of the paired difference.
    """
    normal = NormalDist()
    return (normal.inv_cdf(1 - alpha / 2) + normal.inv_cdf(POWER)) * error if error > TOLERANCE else None
