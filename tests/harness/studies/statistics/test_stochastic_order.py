"""Almost stochastic order against a statement by a fine grid."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import NormalDist

import numpy as np
import pytest

from xharness.studies.statistics.stochastic_order import almost_stochastic_order, violations


def on_a_grid(first: Sequence[float], second: Sequence[float], points: int = 60_060) -> float:
    """Both quantile functions at the middle of each of many small steps; a multiple of both counts is exact."""
    below = whole = 0.0
    a, b = sorted(first), sorted(second)
    for step in range(points):
        level = (step + 0.5) / points
        apart = a[int(level * len(a))] - b[int(level * len(b))]
        whole += apart**2
        below += apart**2 * (apart < 0)
    return below / whole if whole else 0.5


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ([1.0, 2.0, 3.0, 4.0, 5.0], [0.5, 2.5, 2.9, 4.1, 4.2]),
        ([70.1, 69.0, 71.5, 70.7, 68.8], [69.9, 70.0, 70.3, 69.5, 70.2, 69.9, 71.0]),
        ([1.0, 1.0, 1.0, 1.0, 1.0], [1.0, 1.0, 1.0, 1.0, 1.0]),
    ],
)
def test_the_violation_and_its_bound(first: list[float], second: list[float]) -> None:
    found = almost_stochastic_order(first, second, comparisons=4, resamples=50, seed=3)
    expected = on_a_grid(first, second, 3_500)
    assert found.violation == pytest.approx(expected, abs=1e-9)
    generator = np.random.default_rng(3)
    a, b = np.sort(first), np.sort(second)
    drawn = [each[generator.integers(0, len(each), (50, len(each)))] for each in (a, b)]
    again = [on_a_grid(x, y, 3_500) for x, y in zip(*(each.tolist() for each in drawn), strict=True)]
    spread = float(np.std(again))
    bound = expected + NormalDist().inv_cdf(1 - 0.05 / 4) * spread
    assert found.eps_min == pytest.approx(min(1.0, bound), abs=1e-9)
    assert found.confidence == 1 - 0.05 / 4


def test_better_at_every_quantile_and_worse_at_every_one() -> None:
    low, high = np.arange(5.0), np.arange(5.0) + 10
    assert almost_stochastic_order(high, low).eps_min == 0
    assert almost_stochastic_order(low, high).eps_min == 1
    both = violations(low[None], high[None]) + violations(high[None], low[None])
    assert both.tolist() == [1]


def test_equal_distributions_are_rarely_in_order() -> None:
    generator = np.random.default_rng(0)
    found = [almost_stochastic_order(*generator.normal(0, 1, (2, 5)), seed=n).eps_min for n in range(300)]
    assert np.mean(np.array(found) < 0.2) <= 0.1
