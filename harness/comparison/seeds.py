"""Several seeds a side: what items and seeds each add to the uncertainty of a difference.

The multi-bootstrap (Sellam et al. 2022) draws items and seeds together; this is its limit in closed form, without its
bias for few seeds. The variance over items comes from the spread of the runs (which are scored on the same items), the
variance over seeds from how far apart the runs of a side are, with Student's t for how few they are. What a run adds
that is neither (other errors on other items with every seed) is in both, and taken out of one.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from xharness.tasks.base import FloatArray
from xharness.tasks.metrics.intervals import Spread, seed_of, student

PAIRED = 3  # seeds from which pairs say more than they cost: of two pairs a single degree of freedom is left


@dataclass(frozen=True)
class Parts:
    """The variance of a difference over seeds, in squared points, and what items add to it."""

    seeds: float
    items: float


class SeedResamples:
    """Draws of a difference around the one that was measured; the same worlds for every row.

    Args:
        counts: Runs of base and of new.
        order: Runs of new in the order of those of base where both sides share their seeds, else None.
    """

    def __init__(self, counts: tuple[int, int], resamples: int, seed: int, order: list[int] | None = None) -> None:
        generator = np.random.default_rng(seed_of(seed, "seeds"))
        self.counts = counts
        runs = np.eye(sum(counts))
        base, new = runs[: counts[0]], runs[counts[0] :]
        paired = order is not None and len(order) >= PAIRED
        self.paired = paired
        self.sides = [new[order] - base] if paired and order is not None else [base, new]
        self.weight = new.mean(axis=0) - base.mean(axis=0)
        self.freedom = sum(len(side) - 1 for side in self.sides)
        if self.freedom:
            self.student = generator.standard_t(self.freedom, resamples)
            self.normal = generator.standard_normal(resamples)

    def parts(self, spread: Spread) -> Parts:
        """Both variances of one row, from the spread of all runs, base first."""
        squares, both = 0.0, 0.0
        for side in self.sides:
            count, covariance = len(side), side @ spread.covariance @ side.T
            squares += float(np.square(side @ spread.scores - (side @ spread.scores).mean()).sum())
            both += float(np.trace(covariance) - covariance.mean() * count) / (count * (count - 1))
        seeds = squares / self.freedom * sum(1 / len(side) for side in self.sides)
        return Parts(seeds, max(0.0, float(self.weight @ spread.covariance @ self.weight) - both))

    def noise(self, parts: Parts) -> FloatArray:
        """How far off a difference with these variances may be, shape (resamples,)."""
        return math.sqrt(parts.seeds) * self.student + math.sqrt(parts.items) * self.normal

    def half_width(self, parts: Parts) -> float:
        """Half the 95 % interval over seeds alone: of the same items, by Student's t."""
        return student(self.freedom) * math.sqrt(parts.seeds)
