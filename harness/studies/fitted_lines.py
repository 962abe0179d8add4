"""The line behind a test of a slope: the score of each arm over log10 of its amount, and what lies around the line."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from xharness.studies.statistics.contrasts import Endpoint, line_weights, value
from xharness.studies.statistics.estimates import TAILS, Estimate, estimate, lacking
from xharness.studies.statistics.replicates import Replicates


@dataclass(frozen=True, eq=False)
class FittedLine:
    """Least squares over log10 of the amount.

    Attributes:
        hypothesis: Name of the one that is about its slope.
        amounts: By arm.
        scores: By arm, in percent; their ``points`` are the scores by seed.
        intercept: Score at an amount of 1.
        slope: Points gained with ten times as much.
        band: By amount, the 95 % interval of the line there.
    """

    hypothesis: str
    amounts: Mapping[str, float]
    scores: Mapping[str, Estimate]
    intercept: float
    slope: float
    band: Mapping[float, tuple[float, float]]


def fit_line(
    hypothesis: str, amounts: Mapping[str, float], endpoints: Sequence[Endpoint], replicates: Replicates
) -> FittedLine | None:
    """The line through the scores of some arms; None if one of them was not measured."""
    contrasts = {arm: value(arm, *endpoints) for arm in amounts}
    if any(lacking(contrast, replicates) for contrast in contrasts.values()):
        return None
    scores = {arm: estimate(contrast, replicates) for arm, contrast in contrasts.items()}
    weights = line_weights(amounts)
    intercept, slope = (sum(weights[arm][part] * score.value for arm, score in scores.items()) for part in (0, 1))
    band = {amount: _interval(amount, weights, scores) for amount in sorted(set(amounts.values()))}
    return FittedLine(hypothesis, dict(amounts), scores, intercept, slope, band)


def _interval(
    amount: float, weights: Mapping[str, tuple[float, float]], scores: Mapping[str, Estimate]
) -> tuple[float, float]:
    """Of the line at an amount."""
    log = math.log10(amount)
    draws = np.sum([(w[0] + w[1] * log) * scores[arm].draws for arm, w in weights.items()], axis=0)
    low, high = np.quantile(draws, TAILS)
    return float(low), float(high)
