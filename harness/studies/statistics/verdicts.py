"""From an estimate and its tests to a verdict, which never says more than the data."""

from __future__ import annotations

import math
from collections.abc import Callable
from enum import StrEnum
from statistics import NormalDist

from xharness.comparison.statistics import POWER, TOLERANCE, share
from xharness.studies.statistics.estimates import Estimate
from xharness.studies.statistics.over_seeds import OverSeeds
from xharness.studies.statistics.students_t import quantile


class Direction(StrEnum):
    """What a hypothesis claims of its contrast."""

    GREATER = "greater"
    LESS = "less"
    DIFFERENT = "different"
    EQUIVALENT = "equivalent"


class Verdict(StrEnum):
    """What the data say of a hypothesis."""

    SUPPORTED = "supported"
    NOT_SUPPORTED = "not supported"
    INCONCLUSIVE = "inconclusive"


class Reason(StrEnum):
    """Why a verdict is what it is."""

    ESTABLISHED = "established"
    TOO_SMALL = "too small"
    OPPOSITE = "opposite"
    DIFFERENT = "different"
    UNDECIDED = "undecided"
    ONE_SEED = "one seed"
    NOT_MEASURED = "not measured"


def bootstrap_p(direction: Direction, found: Estimate, smallest: float) -> float:
    """P of the multi-bootstrap: the share of replicates on the wrong side, (r + 1) / (R + 1).

    Two-sided it is twice the smaller share; for equivalence the larger share beyond either bound (two one-sided tests).
    """

    def above(bound: float) -> float:
        return share(found.draws <= bound + TOLERANCE)

    def below(bound: float) -> float:
        return share(found.draws >= bound - TOLERANCE)

    return _p(direction, smallest, above, below)


def seeds_p(direction: Direction, found: OverSeeds, smallest: float) -> float:
    """The same by Student's t over seeds."""
    return _p(direction, smallest, found.above, found.below)


def _p(
    direction: Direction, smallest: float, above: Callable[[float], float], below: Callable[[float], float]
) -> float:
    """From one-sided p-values of claims that the contrast is above, or below, a bound."""
    match direction:
        case Direction.GREATER:
            return above(0)
        case Direction.LESS:
            return below(0)
        case Direction.DIFFERENT:
            return min(1.0, 2 * min(above(0), below(0)))
        case Direction.EQUIVALENT:
            return max(above(-smallest), below(smallest))


def decide(direction: Direction, found: Estimate, smallest: float, p: float, alpha: float) -> tuple[Verdict, Reason]:
    """The verdict on a contrast that was measured.

    Args:
        smallest: The smallest effect of interest, in points; not negative.
        p: After Holm's correction.
    """
    if found.over_seeds is None:
        return Verdict.INCONCLUSIVE, Reason.ONE_SEED
    low, high = wider_interval(found)
    if direction is Direction.EQUIVALENT:
        if p <= alpha:
            return Verdict.SUPPORTED, Reason.ESTABLISHED
        apart = low > smallest or high < -smallest
        return (Verdict.NOT_SUPPORTED, Reason.DIFFERENT) if apart else (Verdict.INCONCLUSIVE, Reason.UNDECIDED)
    if direction is Direction.LESS:
        low, high = -high, -low
    if direction is not Direction.DIFFERENT and high < 0:
        return Verdict.NOT_SUPPORTED, Reason.OPPOSITE
    if high < smallest and (direction is not Direction.DIFFERENT or low > -smallest):
        return Verdict.NOT_SUPPORTED, Reason.TOO_SMALL
    return (Verdict.SUPPORTED, Reason.ESTABLISHED) if p <= alpha else (Verdict.INCONCLUSIVE, Reason.UNDECIDED)


def wider_interval(found: Estimate) -> tuple[float, float]:
    """From the lower of both lower bounds, of the bootstrap and over seeds, to the higher of the upper ones."""
    intervals = [each for each in (found.interval, found.over_seeds and found.over_seeds.interval) if each]
    return min(low for low, _ in intervals), max(high for _, high in intervals)


def detectable(direction: Direction, found: Estimate, alpha: float, family: int) -> float | None:
    """The true difference that so many items and seeds find with a power of 80 %; None from one seed or without spread.

    What both tests need: the larger of (z(1 - a) + z(0.8)) SE, and t(1 - a) s + t(0.8) SE. Here a is alpha by the size
    of the family (Holm's first step), halved if two-sided; SE is that of the bootstrap, with what it misses of the
    variance over few seeds; s and the degrees of freedom of t are those over seeds.
    """
    seeds = found.over_seeds
    if seeds is None or found.error <= TOLERANCE:
        return None
    level = alpha / family / (2 if direction is Direction.DIFFERENT else 1)
    error, freedom, normal = math.sqrt(found.error**2 + seeds.unseen), seeds.freedom, NormalDist()
    by_bootstrap = (normal.inv_cdf(1 - level) + normal.inv_cdf(POWER)) * error
    return max(by_bootstrap, quantile(1 - level, freedom) * seeds.error + quantile(POWER, freedom) * error)
