"""Several seeds a side: the seed is drawn first, then the clusters (a two-level bootstrap)."""

from __future__ import annotations

import numpy as np

from tasks.base import FloatArray
from tasks.metrics.intervals import seed_of


class SeedDraws:
    """Which seeds of each side a resample draws; the same for every cell, because a run is drawn as a whole."""

    def __init__(self, counts: tuple[int, int], resamples: int, seed: int) -> None:
        generator = np.random.default_rng(seed_of(seed, "seeds"))
        self.counts = counts
        self.weights = [generator.multinomial(n, np.full(n, 1 / n), resamples) / n for n in counts]
        # A spread that is known from few seeds is wide the way Student's t is.
        self.freedom = sum(counts) - 2
        self.student = np.sqrt(self.freedom / generator.chisquare(self.freedom, resamples)) if self.freedom else None

    def difference(self, bootstrap: FloatArray) -> FloatArray:
        """New minus base, shape (R,), from the scores of all runs, shape (R, runs), base first."""
        base, new = np.split(bootstrap, [self.counts[0]], axis=1)
        return self._mean(1, new) - self._mean(0, base)

    def _mean(self, side: int, scores: FloatArray) -> FloatArray:
        plain, count = scores.mean(axis=1), self.counts[side]
        if self.student is None or count == 1:
            return np.asarray(plain)
        drawn = (self.weights[side] * scores).sum(axis=1)
        # The variance of a sample lacks n / (n - 1).
        return np.asarray(plain + self.student * np.sqrt(count / (count - 1)) * (drawn - plain))
