"""95 % intervals of cells and of averages, from what a score does without each cluster.

**Spread.** The jackknife leaves out one cluster at a time (Efron and Tibshirani 1993, chapter 11; of the known
estimates the one to trust with few clusters: MacKinnon, Nielsen and Webb 2023). Items of one cluster go together. Where
languages share their items, a cluster goes in all of them at once, so that an average does not count the same question
as many independent ones.

**Interval.** Wilson's (1927), for as many independent items as would show this spread (effective sample size: Korn and
Graubard 1998), with Student's t for the number of clusters, and beside 0 and 100 the bounds of Brown, Cai and DasGupta
(2001). For an accuracy it is the plain score interval; a score of 100 in 50 items has an interval below 100. What it is
worth is simulated in ``tests/harness/compare/coverage.py``.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from xharness.tasks.base import FloatArray, Items, Metric
from xharness.tasks.common.errors import UserError
from xharness.tasks.metrics.clusters import numbered, sum_rows

NORMAL = 1.959963984540054  # of the standard normal distribution, two-sided 95 %
RARE = (0.0, 0.0513, 0.3554, 0.8177)  # smallest mean of a Poisson count that is not refuted by 0, 1, 2, 3 (5 %)
SURE = 1e-9  # points; nearer to 0 or 100 is there


@dataclass(frozen=True, eq=False)
class Spread:
    """Scores that were measured on the same items, and how they would vary over other items of this kind.

    Attributes:
        scores: Shape (S,), in percent.
        covariance: Shape (S, S), in squared points.
        clusters: How many clusters are behind it; 0 if a part is a single one, which says nothing about the spread.
        freedom: Degrees of freedom of the covariance.
    """

    scores: FloatArray
    covariance: FloatArray
    clusters: int
    freedom: float

    def only(self, index: int) -> Spread:
        """The spread of one score alone, by its place."""
        return replace(self, scores=self.scores[[index]], covariance=self.covariance[np.ix_([index], [index])])

    def interval(self, index: int = 0) -> tuple[float, float]:
        """95 % interval of one of the scores, which needs two clusters."""
        return interval(
            float(self.scores[index]), float(self.covariance[index, index]), self.clusters, freedom=self.freedom
        )


def require_finite(name: str, metric: Metric, *numbers: FloatArray) -> None:
    """Refuse statistics or scores of a cell that are not finite: no comparison with such a number is ever true.

    Args:
        name: Of the cell, for people: ``xnli de``.

    Raises:
        UserError: naming the cell.
    """
    if not all(np.isfinite(array).all() for array in numbers):
        raise UserError(
            f"{name} has numbers that are not finite",
            f"its statistics, or its scores by the metric {metric.name}, hold NaN or infinity",
            "let the metric give a number for every item and total, and evaluate or make the baseline again",
        )


def jackknife(scores: FloatArray, without: FloatArray) -> Spread:
    """The spread of scores of shape (S,) that without each cluster would be those of shape (clusters, S)."""
    clusters = len(without)
    away = without - without.mean(axis=0) if clusters else without
    shrink = (clusters - 1) / clusters if clusters > 1 else 0.0
    # One sum for each pair, in the same order: runs with the same answers get exactly the same number.
    covariance = shrink * np.einsum("ks,kt->st", away, away)
    return Spread(scores, covariance, clusters if clusters > 1 else 0, max(1, clusters - 1))


def spread(items: Items, score: Callable[[FloatArray], FloatArray]) -> Spread:
    """The spread of the scores of one cell.

    Args:
        score: From totals of shape (..., columns) to scores of shape (..., S).
    """
    totals = items.statistics.sum(axis=0)
    return jackknife(score(totals), score(totals - sum_rows(numbered(items.clusters), items.statistics)))


def average(parts: Sequence[Spread]) -> Spread:
    """The mean of scores on different items (Welch 1947 and Satterthwaite 1946 for the degrees of freedom)."""
    count = len(parts)
    sizes = np.array([np.trace(part.covariance) for part in parts])
    freedom = np.array([part.freedom for part in parts])
    total = sizes.sum()
    return Spread(
        np.mean([part.scores for part in parts], axis=0),
        np.sum([part.covariance for part in parts], axis=0) / count**2,
        sum(part.clusters for part in parts) if all(part.clusters for part in parts) else 0,
        float(total**2 / (sizes**2 / freedom).sum()) if total > 0 else float(freedom.sum()),
    )


def unseen(part: Spread) -> Spread:
    """The same with half an error in place of none, so that a perfect language has its share in an average."""
    least = 0.5 * (100 / max(1, part.clusters)) ** 2
    flat = np.diag(part.covariance) < SURE**2
    return replace(part, covariance=part.covariance + np.diag(np.where(flat, least, 0.0)))


def interval(score: float, variance: float, clusters: int, *, freedom: float | None = None) -> tuple[float, float]:
    """95 % interval (low, high) of a score in percent, of which the variance in squared points was estimated.

    Args:
        clusters: At least 2.
        freedom: Degrees of freedom of the variance; those of the clusters by default.
    """
    times = student(clusters - 1 if freedom is None else freedom)
    if not -SURE <= score <= 100 + SURE:  # no share of anything
        return score - times * math.sqrt(variance), score + times * math.sqrt(variance)
    share = min(1.0, max(0.0, score / 100))
    size = _effective_size(share, variance / 100**2, clusters)
    return 100 * _lower(share, size, times), 100 - 100 * _lower(1 - share, size, times)


def _effective_size(share: float, variance: float, clusters: int) -> float:
    """How many independent items, each right or wrong, would have this variance.

    A cluster is at most one item. How much more it is, is not known from the few clusters with an error (or with a
    right answer, where these are rare), so that the fewer these are the less the variance is believed.
    """
    whole = share * (1 - share)
    ratio = variance * (clusters - 1) / whole if whole > 0 and variance > 0 else 1.0
    events = clusters * min(share, 1 - share)
    return clusters / (ratio + max(0.0, 1 - ratio) / (1 + 4 * events**2))


def _lower(share: float, size: float, times: float) -> float:
    """Lower bound of a share among ``size`` independent items."""
    square = times**2 / size
    half = times * math.sqrt(share * (1 - share) / size + square / (4 * size))
    low = (share + square / 2 - half) / (1 + square)
    if share * size < len(RARE) - 0.5:
        low = min(low, float(np.interp(share * size, range(len(RARE)), RARE)) / size)
    return min(share, max(0.0, low))


def student(freedom: float) -> float:
    """Two-sided 95 % quantile of Student's t (Abramowitz and Stegun 26.7.5; exact for 1 and 2; error below 0.15 %)."""
    if freedom < 3:
        return 12.7062 if freedom < 2 else 4.30265
    z, n = NORMAL, freedom
    terms = (
        (z**3 + z) / 4,
        (5 * z**5 + 16 * z**3 + 3 * z) / 96,
        (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384,
        (79 * z**9 + 776 * z**7 + 1482 * z**5 - 1920 * z**3 - 945 * z) / 92160,
    )
    return z + sum(term / n**power for power, term in enumerate(terms, 1))


def seed_of(seed: int, *names: str) -> int:
    """A seed that depends on the names (task, language) and on nothing else that happens to be scored."""
    digest = hashlib.sha256("\0".join((str(seed), *names)).encode()).digest()
    return int.from_bytes(digest[:8], "big")
