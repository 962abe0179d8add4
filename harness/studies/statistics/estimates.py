"""The estimate of a contrast, with everything that is known of its uncertainty."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from xharness.studies.statistics.contrasts import (
    AgainstBest,
    Contrast,
    Crossing,
    Endpoint,
    LanguageSet,
    Linear,
    difference,
    line_weights,
)
from xharness.studies.statistics.over_seeds import OverSeeds, over_seeds
from xharness.studies.statistics.replicates import DEV, TEST, Replicates
from xharness.tasks.base import FloatArray
from xharness.tasks.common.errors import UserError

TAILS = (0.025, 0.975)
_DIGITS = 9  # of replicates: a matrix product may round otherwise on other processors


@dataclass(frozen=True, eq=False)
class Estimate:
    """A contrast in points; of a crossing, the size at which it is.

    Attributes:
        value: NaN where the crossing is undefined.
        interval: 95 % percentile interval of the multi-bootstrap; None if no replicate has a value.
        error: Standard deviation of the replicates.
        bias: Mean of the replicates minus the value: what a choice of the best adds by chance.
        seeds: k, the fewest of all arms.
        points: Value by seed where all arms have the same seeds, drawn together; else empty.
        over_seeds: None with one seed, and for a crossing.
        draws: The replicates, shape (R,); NaN where undefined.
        chosen: Of the best of several, in which share of the replicates each arm was chosen.
    """

    value: float
    draws: FloatArray
    seeds: int
    points: Mapping[int, float] = field(default_factory=dict)
    over_seeds: OverSeeds | None = None
    chosen: Mapping[str, float] = field(default_factory=dict)

    @property
    def interval(self) -> tuple[float, float] | None:
        """95 % percentile interval."""
        there = self.draws[~np.isnan(self.draws)]
        if not len(there):
            return None
        low, high = np.quantile(there, TAILS)
        return float(low), float(high)

    @property
    def error(self) -> float:
        """Standard error."""
        return float(np.nanstd(self.draws)) if self.undefined < 1 else math.nan

    @property
    def bias(self) -> float:
        """Mean of the replicates minus the value."""
        return float(np.nanmean(self.draws)) - self.value if self.undefined < 1 else math.nan

    @property
    def undefined(self) -> float:
        """Share of the replicates without a value."""
        return float(np.isnan(self.draws).mean())


def endpoints_of(contrast: Contrast) -> Iterator[tuple[str, Endpoint, str]]:
    """Every arm and endpoint whose score a contrast needs, and the split: test or dev."""
    match contrast:
        case Linear():
            yield from ((term.arm, term.endpoint, TEST) for term in contrast.terms)
        case AgainstBest():
            yield from ((arm, contrast.endpoint, TEST) for arm in (contrast.arm, *contrast.candidates))
            yield from ((arm, *_choice(contrast)) for arm in contrast.candidates)
        case Crossing():
            yield from ((arm, contrast.endpoint, TEST) for arm, _ in (*contrast.first, *contrast.second))


def lacking(contrast: Contrast, replicates: Replicates) -> list[str]:
    """What of a contrast was not measured, for people; empty if it can be estimated."""
    found = (
        what for arm, endpoint, split in endpoints_of(contrast) for what in replicates.lacking(arm, endpoint, split)
    )
    return list(dict.fromkeys(found))


def estimate(contrast: Contrast, replicates: Replicates) -> Estimate:
    """The estimate of a contrast.

    Raises:
        UserError: something of it was not measured.
    """
    if missing := lacking(contrast, replicates):
        raise UserError("nothing can be estimated", f"there is no {' and no '.join(missing)}", "finish the study first")
    match contrast:
        case Linear():
            return _linear(contrast, replicates)
        case AgainstBest():
            return _against_best(contrast, replicates)
        case Crossing():
            return _crossing(contrast, replicates)


def _linear(contrast: Linear, replicates: Replicates) -> Estimate:
    values = [(term.weight, replicates.value(term.arm, term.endpoint)) for term in contrast.terms]
    draws = np.sum([weight * value.draws for weight, value in values], axis=0).round(_DIGITS)
    blocks: dict[tuple[str, ...], FloatArray] = {}
    for weight, value in values:
        blocks[value.block] = blocks.get(value.block, 0.0) + weight * value.points
    seeds = values[0][1].seeds
    points = dict(zip(seeds, next(iter(blocks.values())).tolist(), strict=True)) if len(blocks) == 1 else {}
    mean = float(sum(block.mean() for block in blocks.values()))
    return Estimate(mean, draws, min(map(len, blocks.values())), points, over_seeds(list(blocks.values())))


def _against_best(contrast: AgainstBest, replicates: Replicates) -> Estimate:
    """The choice is made in the replicate, on other items and the same seeds; over seeds, it is as it was."""
    arms, endpoint = contrast.candidates, contrast.endpoint
    dev = [replicates.value(arm, *_choice(contrast)) for arm in arms]
    differences = [_linear(difference(contrast.arm, arm, endpoint), replicates) for arm in arms]
    best = differences[int(np.argmax([value.points.mean() for value in dev]))]
    picked = np.argmax([value.draws.round(_DIGITS) for value in dev], axis=0)
    draws = np.array([each.draws for each in differences])[picked, np.arange(len(picked))]
    chosen = {arm: float(np.mean(picked == number)) for number, arm in enumerate(arms)}
    return Estimate(best.value, draws, min(each.seeds for each in differences), best.points, best.over_seeds, chosen)


def _choice(contrast: AgainstBest) -> tuple[Endpoint, str]:
    """Where the best is chosen, and the split."""
    if contrast.chosen_on is not None:
        return contrast.chosen_on, TEST
    endpoint = contrast.endpoint
    return Endpoint(endpoint.target, LanguageSet.ENGLISH, endpoint.task, endpoint.score), DEV


def _crossing(contrast: Crossing, replicates: Replicates) -> Estimate:
    ends = [[size for _, size in sizes] for sizes in (contrast.first, contrast.second)]
    within = max(map(min, ends)), min(map(max, ends))
    first, second = (_line(sizes, contrast.endpoint, replicates) for sizes in (contrast.first, contrast.second))
    (found,) = _meet(first.points[:, None], second.points[:, None], within)
    draws = _meet(first.draws, second.draws, within).round(_DIGITS)
    return Estimate(float(found), draws, min(first.seeds, second.seeds))


@dataclass(frozen=True, eq=False)
class _Line:
    """Intercept and slope, shape (2,), those of the replicates, shape (2, R), and the number of seeds."""

    points: FloatArray
    draws: FloatArray
    seeds: int


def _line(sizes: Sequence[tuple[str, float]], endpoint: Endpoint, replicates: Replicates) -> _Line:
    weights = line_weights(dict(sizes))
    values = [replicates.value(arm, endpoint) for arm in weights]
    by_arm = np.array(list(weights.values())).T
    points = by_arm @ np.array([value.points.mean() for value in values])
    return _Line(points, by_arm @ np.array([value.draws for value in values]), min(len(v.seeds) for v in values))


def _meet(first: FloatArray, second: FloatArray, within: tuple[float, float]) -> FloatArray:
    """Sizes at which lines of shape (2, n) meet, shape (n,); NaN outside of the measured sizes."""
    (above, steeper) = second - first
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        size = 10 ** (-above / steeper)
        return np.where((size >= within[0]) & (size <= within[1]), size, np.nan)
