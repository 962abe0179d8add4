"""Several seeds a side: the seed is drawn first, then the clusters (a two-level bootstrap)."""

from __future__ import annotations

import numpy as np

from tasks.base import FloatArray
from tasks.metrics.intervals import seed_of


class SeedDraws:
    """Which seeds of one side each resample draws; the same for every cell, because a run is drawn as a whole."""

    def __init__(self, count: int, resamples: int, seed: int, side: str) -> None:
        generator = np.random.default_rng(seed_of(seed, "seeds", side))
        self.weights = generator.multinomial(count, np.full(count, 1 / count), resamples) / count
        # Few seeds show less than their spread: a sample's variance lacks n / (n - 1), and a spread that is known from
        # few values is wide the way Student's t is.
        if count > 1:
            freedom = count - 1
            self.stretch = np.sqrt(count / freedom * freedom / generator.chisquare(freedom, resamples))
        else:
            self.stretch = np.zeros(resamples)

    def mean(self, bootstrap: FloatArray) -> FloatArray:
        """Scores of the side, shape (R,), from those of its runs, shape (R, runs)."""
        plain = bootstrap.mean(axis=1)
        deviation = (self.weights * bootstrap).sum(axis=1) - plain
        return np.asarray(plain + self.stretch * deviation)
