"""Effective robustness: how much better a model is on shifted data than its score at home lets expect.

Over baselines, logit(shifted) = a + b logit(home) is fitted by least squares; what a model has beyond that line, in
points, is its effective robustness (Taori et al. 2020, Measuring Robustness to Natural Distribution Shifts, NeurIPS).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from xharness.tasks.base import FloatArray
from xharness.tasks.common.errors import UserError

FEWEST = 5
"""Baselines from which on a line says anything."""

EDGE = 0.01
"""Points by which a score stays away from 0 and 100, where the logit has no value."""

_FLAT = 1e-6
"""Spread of baselines at home, in logits, below which there is no slope."""


@dataclass(frozen=True)
class EffectiveRobustness:
    """Of one arm.

    Attributes:
        points: Mean over its runs of the score on shifted data minus what the line expects.
        interval: 95 %, over resampled baselines and runs.
        intercept, slope: Of the line through the baselines, in logits.
        baselines, runs: How many there were.
    """

    points: float
    interval: tuple[float, float]
    intercept: float
    slope: float
    baselines: int
    runs: int


def effective_robustness(
    baselines: Sequence[tuple[float, float]],
    runs: Sequence[tuple[float, float]],
    *,
    resamples: int = 2000,
    seed: int = 0,
) -> EffectiveRobustness:
    """Compare runs of an arm with the line of the baselines.

    Args:
        baselines: Score at home and on shifted data of each run of every baseline, in percent.
        runs: Of the arm.
        resamples: Draws of baselines and of runs, each with replacement; draws without a slope are drawn again.

    Raises:
        UserError: fewer than :data:`FEWEST` baselines, baselines with one score at home, no run, or no percentages.
    """
    base, own = (_scores(name, pairs) for name, pairs in (("baselines", baselines), ("runs", runs)))
    _check(base, own)
    intercept, slope = _line(base)
    points = float(_beyond(own, intercept, slope).mean())
    generator = np.random.default_rng(seed)
    drawn = [_draw(base, own, generator) for _ in range(resamples)]
    low, high = np.percentile(drawn, (2.5, 97.5))
    return EffectiveRobustness(points, (float(low), float(high)), intercept, slope, len(base), len(own))


def _scores(name: str, pairs: Sequence[tuple[float, float]]) -> FloatArray:
    found = np.asarray(pairs, dtype=np.float64).reshape(len(pairs), 2)
    if not np.all((found >= 0) & (found <= 100)):  # NaN is not, either
        raise UserError(f"scores of {name} are not percentages", "they must lie from 0 to 100", "correct them")
    return found


def _check(base: FloatArray, own: FloatArray) -> None:
    if len(base) < FEWEST:
        why = f"a line through fewer than {FEWEST} says nothing of other models"
        fix = "add baselines, for example early checkpoints, which widen the range"
        raise UserError(f"{len(base)} baselines for effective robustness", why, fix)
    if not len(own):
        raise UserError("no run for effective robustness", "there is nothing to compare", "give one or more")
    if np.ptp(_logit(base[:, 0])) < _FLAT:
        raise UserError("baselines with one score at home", "no line can be fitted", "add weaker or stronger ones")


def _draw(base: FloatArray, own: FloatArray, generator: np.random.Generator) -> float:
    """The points of one resample."""
    while True:
        chosen = base[generator.integers(len(base), size=len(base))]
        if np.ptp(_logit(chosen[:, 0])) >= _FLAT:
            break
    again = own[generator.integers(len(own), size=len(own))]
    return float(_beyond(again, *_line(chosen)).mean())


def _line(scores: FloatArray) -> tuple[float, float]:
    """Intercept and slope by least squares."""
    home, shifted = _logit(scores[:, 0]), _logit(scores[:, 1])
    centred = home - home.mean()
    slope = float(centred @ shifted / (centred @ centred))
    return float(shifted.mean() - slope * home.mean()), slope


def _beyond(scores: FloatArray, intercept: float, slope: float) -> FloatArray:
    """Shifted scores minus what the line expects, in points."""
    expected = 100 / (1 + np.exp(-(intercept + slope * _logit(scores[:, 0]))))
    found: FloatArray = scores[:, 1] - expected
    return found


def _logit(percent: FloatArray) -> FloatArray:
    inside = np.clip(percent, EDGE, 100 - EDGE)
    found: FloatArray = np.log(inside / (100 - inside))
    return found
