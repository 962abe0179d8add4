"""Effective robustness: the line, what lies beyond it, coverage of its interval, and what is refused."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from xharness.comparison.effective_robustness import FEWEST, effective_robustness
from xharness.tasks.common.errors import UserError


def shifted(home: float, intercept: float = -1.0, slope: float = 0.8) -> float:
    logit = math.log(home / (100 - home))
    return 100 / (1 + math.exp(-(intercept + slope * logit)))


LINE = [(home, shifted(home)) for home in (55.0, 60.0, 68.0, 75.0, 82.0, 90.0)]


def test_a_model_on_the_line_has_none_and_one_above_has_its_distance() -> None:
    on = effective_robustness(LINE, [(70.0, shifted(70.0))])
    assert on.points == pytest.approx(0, abs=1e-9)
    assert (on.intercept, on.slope) == pytest.approx((-1.0, 0.8))
    above = effective_robustness(LINE, [(70.0, shifted(70.0) + 4), (72.0, shifted(72.0) + 6)])
    assert above.points == pytest.approx(5)
    assert above.interval == pytest.approx((4, 6), abs=1e-6)  # the line is exact, so that only the runs differ
    assert (above.baselines, above.runs) == (6, 2)


def test_the_line_is_that_of_least_squares() -> None:
    rng = np.random.default_rng(0)
    noisy = [(home, min(99.0, max(1.0, score + rng.normal(0, 3)))) for home, score in LINE]
    logits = np.log(np.array(noisy) / (100 - np.array(noisy)))
    slope, intercept = np.polyfit(logits[:, 0], logits[:, 1], 1)
    found = effective_robustness(noisy, [(80.0, 70.0)])
    assert (found.intercept, found.slope) == pytest.approx((intercept, slope))
    expected = 100 / (1 + math.exp(-(intercept + slope * math.log(80 / 20))))
    assert found.points == pytest.approx(70 - expected)


def test_the_same_seed_gives_the_same_interval_and_edges_are_finite() -> None:
    runs = [(100.0, 100.0), (0.0, 0.0)]
    first, again, other = (effective_robustness(LINE, runs, seed=seed, resamples=200) for seed in (1, 1, 2))
    assert first == again
    assert math.isfinite(first.points)
    assert other.interval[0] <= other.interval[1]


def test_the_interval_covers_what_is_true() -> None:
    """Fifteen baselines with noise and eight runs of an arm that is 3 points better: at least 51 of 60 intervals."""
    covered = 0
    for world in range(60):
        rng = np.random.default_rng(world)
        homes = rng.uniform(55, 90, 15)
        baselines = [(float(home), shifted(float(home)) + float(rng.normal(0, 1))) for home in homes]
        runs = [(float(home), shifted(float(home)) + 3 + float(rng.normal(0, 1))) for home in rng.uniform(70, 80, 8)]
        low, high = effective_robustness(baselines, runs, resamples=200, seed=world).interval
        covered += low <= 3 <= high
    assert 51 <= covered <= 60


@pytest.mark.parametrize(
    ("baselines", "runs", "what"),
    [
        (LINE[: FEWEST - 1], LINE, "4 baselines for effective robustness"),
        (LINE, [], "no run for effective robustness"),
        ([(70.0, 50.0)] * 6, LINE, "baselines with one score at home"),
        ([*LINE, (101.0, 50.0)], LINE, "scores of baselines are not percentages"),
        (LINE, [(70.0, math.nan)], "scores of runs are not percentages"),
    ],
)
def test_what_says_nothing_is_refused(baselines: Any, runs: Any, what: str) -> None:
    with pytest.raises(UserError) as caught:
        effective_robustness(baselines, runs)
    assert caught.value.what == what
