"""Verdicts by their rules, families, and hypotheses that cannot be judged."""

from __future__ import annotations

import math

import numpy as np
import pytest

from tests.harness.studies.statistics.made_study import exactly, study
from xharness.comparison.statistics import holm
from xharness.studies.statistics.contrasts import Crossing, Endpoint, difference, interaction, value
from xharness.studies.statistics.estimates import Estimate
from xharness.studies.statistics.judge import Hypothesis, judge
from xharness.studies.statistics.over_seeds import OverSeeds, over_seeds
from xharness.studies.statistics.replicates import Replicates
from xharness.studies.statistics.settings import Settings
from xharness.studies.statistics.verdicts import (
    Direction,
    Reason,
    Verdict,
    bootstrap_p,
    decide,
    detectable,
    wider_interval,
)
from xharness.tasks.common.errors import UserError

ENDPOINT = Endpoint("xnli")
G, L, D, E = Direction.GREATER, Direction.LESS, Direction.DIFFERENT, Direction.EQUIVALENT
SUPPORTED, NOT, OPEN = Verdict.SUPPORTED, Verdict.NOT_SUPPORTED, Verdict.INCONCLUSIVE


def between(low: float, high: float, *, wide: float = 0.0) -> Estimate:
    """An estimate with this interval of the bootstrap, and one over seeds that is wider by as much on both sides."""
    middle, half = (low + high) / 2, (high - low) / 2 + wide
    draws = np.repeat([low - 0.01, low, middle, high, high + 0.01], [49, 2, 1_898, 2, 49])
    return Estimate(middle, draws, 3, over_seeds=OverSeeds(middle, half / 4.302653, 2, 0.0))


@pytest.mark.parametrize(
    ("direction", "low", "high", "p", "verdict", "reason"),
    [
        (G, 0.5, 3.0, 0.01, SUPPORTED, Reason.ESTABLISHED),
        (G, 0.5, 3.0, 0.06, OPEN, Reason.UNDECIDED),  # Holm took it away
        (G, -1.0, 3.0, 0.20, OPEN, Reason.UNDECIDED),
        (G, -1.0, 0.9, 0.40, NOT, Reason.TOO_SMALL),
        (G, 0.1, 0.9, 0.01, NOT, Reason.TOO_SMALL),  # there, but too small to matter
        (G, -3.0, -0.1, 1.00, NOT, Reason.OPPOSITE),
        (L, -3.0, -0.5, 0.01, SUPPORTED, Reason.ESTABLISHED),
        (L, -0.9, 1.0, 0.40, NOT, Reason.TOO_SMALL),
        (L, 0.1, 3.0, 1.00, NOT, Reason.OPPOSITE),
        (L, -1.1, 3.0, 0.50, OPEN, Reason.UNDECIDED),
        (D, -3.0, -0.5, 0.01, SUPPORTED, Reason.ESTABLISHED),
        (D, -0.9, 0.9, 0.90, NOT, Reason.TOO_SMALL),
        (D, -1.1, 0.9, 0.90, OPEN, Reason.UNDECIDED),
        (D, -3.0, 0.2, 0.08, OPEN, Reason.UNDECIDED),
        (E, -0.5, 0.5, 0.01, SUPPORTED, Reason.ESTABLISHED),
        (E, -0.5, 1.5, 0.20, OPEN, Reason.UNDECIDED),
        (E, 1.1, 2.0, 0.98, NOT, Reason.DIFFERENT),
        (E, -2.0, -1.1, 0.98, NOT, Reason.DIFFERENT),
    ],
)
def test_a_verdict_with_a_smallest_effect_of_one_point(
    direction: Direction, low: float, high: float, p: float, verdict: Verdict, reason: Reason
) -> None:
    assert decide(direction, between(low, high), 1.0, p, 0.05) == (verdict, reason)


def test_the_wider_of_both_intervals_decides() -> None:
    narrow, wide = between(-0.9, 0.9), between(-0.9, 0.9, wide=0.5)
    assert wider_interval(narrow) == pytest.approx((-0.9, 0.9))
    assert wider_interval(wide) == pytest.approx((-1.4, 1.4))
    assert decide(G, narrow, 1.0, 0.5, 0.05)[0] is NOT
    assert decide(G, wide, 1.0, 0.5, 0.05)[0] is OPEN


def test_p_counts_replicates() -> None:
    draws = np.concatenate([np.full(59, -1.0), np.full(1, 0.0), np.full(1_940, 2.0)])
    found = Estimate(1.0, draws, 3)
    assert bootstrap_p(G, found, 0) == 61 / 2001
    assert bootstrap_p(L, found, 0) == 1942 / 2001
    assert bootstrap_p(D, found, 0) == 122 / 2001
    assert bootstrap_p(E, found, 3) == 1 / 2001
    assert bootstrap_p(E, found, 1.5) == 1941 / 2001


def test_with_one_seed_it_is_inconclusive_however_large() -> None:
    runs = study({"none": 0.1, "a": 0.9}, seeds=(0,))
    (found,) = judge([Hypothesis("h", difference("a", "none", ENDPOINT), G, 1.0)], runs)
    assert (found.verdict, found.reason, found.seeds) == (OPEN, Reason.ONE_SEED, 1)
    assert found.p == 1 / 2001 and (found.p_seeds, found.p_holm, found.detectable) == (None, 1, None)
    assert found.estimate is not None and found.estimate.interval is not None and found.estimate.interval[0] > 50


def test_holm_is_over_the_declared_family_with_what_was_not_measured() -> None:
    runs = study({"none": 0.5, "a": 0.9, "b": 0.62, "c": 0.58}, seeds=range(5), size=300)
    claims = [Hypothesis(arm, difference(arm, "none", ENDPOINT), G, 0.0, "first") for arm in ("a", "b", "gone", "c")]
    other = Hypothesis("other", difference("b", "none", ENDPOINT), G, 0.0, "second")
    *first, second = judge([*claims, other], runs)
    raw = [max(each.p, each.p_seeds) if each.p and each.p_seeds else 1.0 for each in first]
    assert [each.p_holm for each in first] == holm(raw)
    assert [each.tests for each in first] == [4] * 4
    assert (second.p_holm, second.tests) == (raw[1], 1)
    assert (first[2].verdict, first[2].reason, first[2].lacking) == (OPEN, Reason.NOT_MEASURED, ("gone on xnli",))
    assert first[2].estimate is None and first[2].p is None and first[2].seeds == 0
    assert first[0].verdict is SUPPORTED


def test_an_interaction_and_a_tie() -> None:
    runs = exactly(
        lambda arm, seed: {"both": 70, "mlm": 60, "task": 55, "none": 50}[arm] + seed,
        ("both", "mlm", "task", "none"),
        (0, 1),
    )
    endpoint = Endpoint("tatoeba")
    found, tie = judge(
        [
            Hypothesis("2x2", interaction("both", "task", "mlm", "none", endpoint), G, 1.0),
            Hypothesis("tie", difference("none", "none", endpoint), E, 1.0),
        ],
        runs,
    )
    assert found.estimate is not None and found.estimate.value == pytest.approx(5)
    assert (tie.verdict, tie.p_seeds) == (SUPPORTED, 0.0)


def test_the_detectable_difference_by_its_formula() -> None:
    """Of one-sided tests at 5 and 2.5 %; quantiles of a table, for 2 degrees of freedom."""
    draws = np.array([-1.0, 1.0] * 1_000)  # a standard error of 1
    quiet, noisy = over_seeds([np.array([0.0, 0.1, 0.2])]), over_seeds([np.array([0.0, 3.0, 6.0])])
    assert quiet is not None and noisy is not None
    few, many = Estimate(0.0, draws, 3, over_seeds=quiet), Estimate(0.0, draws, 3, over_seeds=noisy)
    assert detectable(G, few, 0.05, 1) == pytest.approx((1.64485 + 0.84162) * math.sqrt(1 + 0.01 / 9), rel=1e-5)
    expected = 2.91999 * math.sqrt(3) + 1.06066 * math.sqrt(1 + 3 / 3)
    assert detectable(G, many, 0.05, 1) == pytest.approx(expected, rel=1e-5)
    two_sided, family = detectable(D, many, 0.05, 1), detectable(G, many, 0.10, 4)
    assert two_sided == family == pytest.approx(4.30265 * math.sqrt(3) + 1.06066 * math.sqrt(2), rel=1e-5)
    assert detectable(G, Estimate(0.0, draws, 1), 0.05, 1) is None


def test_almost_stochastic_order_stands_beside_from_five_seeds_on() -> None:
    better = difference("b", "none", ENDPOINT)
    worse = difference("none", "b", ENDPOINT)
    for seeds, there in ((4, False), (5, True)):
        runs = study(seeds=range(seeds))
        up, down, alike = judge(
            [
                Hypothesis("up", better, G, 0.0),
                Hypothesis("down", worse, L, 0.0),
                Hypothesis("alike", better, E, 1.0),
            ],
            runs,
        )
        assert alike.order is None
        assert (up.order is not None, down.order is not None) == (there, there)
        if up.order and down.order:
            assert up.order.violation == down.order.violation == 0
            assert up.order.confidence == pytest.approx(1 - 0.05 / 3)


def test_claims_that_cannot_be_tested_are_refused() -> None:
    runs = study()
    crossing = Crossing((("a", 1), ("b", 2)), (("a", 1), ("none", 2)), ENDPOINT)
    wrong = [
        Hypothesis("h", crossing, G, 1.0),
        Hypothesis("h", value("a", ENDPOINT), G, -1.0),
        Hypothesis("h", value("a", ENDPOINT), G, math.nan),
        Hypothesis("h", value("a", ENDPOINT), E, 0.0),
    ]
    for hypothesis in wrong:
        with pytest.raises(UserError):
            judge([hypothesis], runs)
    many = [Hypothesis(f"h{n}", value("a", ENDPOINT), G, 0.0) for n in range(51)]
    with pytest.raises(UserError, match="2,000 resamples are too few"):
        judge(many, runs)
    assert len(judge(many, runs, Settings(resamples=2_040))) == 51


def test_the_same_judgement_again_and_from_shared_replicates() -> None:
    claims = [Hypothesis("h", difference("a", "none", ENDPOINT), D, 1.0)]
    runs = study()
    (first,), (again,) = judge(claims, runs), judge(claims, Replicates(dict(reversed(runs.items()))))
    assert first.estimate is not None and again.estimate is not None
    assert np.array_equal(first.estimate.draws, again.estimate.draws)
    (other,) = judge(claims, runs, Settings(seed=1))
    assert other.estimate is not None and not np.array_equal(first.estimate.draws, other.estimate.draws)
