"""Intervals: textbook values, what belongs together, and coverage by simulation (seeded)."""

import math

import numpy as np
import pytest

from tests.tasks.metrics.coverage import SETTINGS, TASKS, Setting, bootstrap, coverage
from xharness.submissions.scores import Cell, summarise
from xharness.tasks.base import Items
from xharness.tasks.common.errors import UserError
from xharness.tasks.metrics.accuracy import Accuracy
from xharness.tasks.metrics.intervals import Spread, average, interval, jackknife, seed_of, spread, student, unseen
from xharness.tasks.registry import XTREME

TRIALS = 300


def accuracy_cell(right: np.ndarray, clusters: list[str] | None = None) -> Items:
    ids = tuple(map(str, range(len(right))))
    counts = np.column_stack([right, np.ones(len(right))]).astype(np.float64)
    return Items(ids, tuple(clusters) if clusters else ids, counts)


def score(totals: np.ndarray) -> np.ndarray:
    return Accuracy().aggregate(totals)["accuracy"][..., None]


def of_cell(items: Items) -> tuple[float, float]:
    return spread(items, score).interval()


# --- textbook values -------------------------------------------------------------------------------------------------


def test_an_accuracy_has_the_plain_score_interval() -> None:
    """120 of 200, by Wilson's formula with Student's t for 199 degrees of freedom."""
    t, n, p = 1.971957, 200, 0.6
    half = t * math.sqrt(p * (1 - p) / n + t**2 / (4 * n**2))
    expected = [100 * (p + t**2 / (2 * n) + sign * half) / (1 + t**2 / n) for sign in (-1, 1)]
    assert of_cell(accuracy_cell(np.arange(200) < 120)) == pytest.approx(expected, abs=1e-3)


@pytest.mark.parametrize(("freedom", "expected"), [(1, 12.706), (2, 4.303), (3, 3.182), (7, 2.365), (30, 2.042)])
def test_student_is_that_of_the_tables(freedom: int, expected: float) -> None:
    assert student(freedom) == pytest.approx(expected, rel=1.5e-3)
    assert student(10**6) == pytest.approx(1.95996, abs=1e-5)


def test_beside_100_the_bounds_are_those_of_rare_errors() -> None:
    """Brown, Cai and DasGupta (2001): one error in 200 does not refute a rate of 0.0513 / 200."""
    low, high = of_cell(accuracy_cell(np.arange(200) < 199))
    assert high == pytest.approx(100 - 100 * 0.0513 / 200)
    assert 97 < low < 97.5


def test_nothing_seen_to_vary_is_no_width_of_0() -> None:
    everything, nothing = (of_cell(accuracy_cell(np.full(50, value))) for value in (1.0, 0.0))
    assert everything == pytest.approx((100 * 50 / (50 + student(49) ** 2), 100))
    assert nothing == pytest.approx((0, 100 - everything[0]))
    halves = accuracy_cell(np.arange(80) % 2 == 0, [str(row // 2) for row in range(80)])
    low, high = of_cell(halves)  # every cluster has exactly one half
    assert 0 < low < 50 < high < 100


def test_a_perfect_cluster_counts_as_one_item() -> None:
    clustered = of_cell(accuracy_cell(np.ones(60), [str(row // 5) for row in range(60)]))
    assert clustered == of_cell(accuracy_cell(np.ones(12)))


def test_scores_that_are_no_shares_have_a_symmetric_interval() -> None:
    assert interval(120, 4, 31) == pytest.approx((120 - 2 * student(30), 120 + 2 * student(30)))


def test_the_jackknife_of_a_mean_is_its_textbook_error() -> None:
    values = np.random.default_rng(0).random(40)
    without = ((values.sum() - values) / 39)[:, None]
    found = jackknife(np.array([values.mean()]), without)
    assert found.covariance[0, 0] == pytest.approx(values.var(ddof=1) / 40)
    assert (found.clusters, found.freedom) == (40, 39)


def test_an_average_has_the_degrees_of_freedom_of_welch() -> None:
    parts = [Spread(np.array([50.0]), np.array([[v]]), n, n - 1) for v, n in ((4.0, 10), (1.0, 30))]
    found = average(parts)
    assert found.covariance[0, 0] == pytest.approx(5 / 4)
    assert found.freedom == pytest.approx(25 / (16 / 9 + 1 / 29))
    assert found.clusters == 40


def test_a_perfect_language_has_its_share_in_an_average() -> None:
    perfect = spread(accuracy_cell(np.ones(20)), score)
    assert perfect.covariance[0, 0] == 0
    assert unseen(perfect).covariance[0, 0] == pytest.approx(0.5 * 5**2)
    other = spread(accuracy_cell(np.arange(20) < 15), score)
    assert unseen(other).covariance[0, 0] == other.covariance[0, 0]


# --- what belongs together -------------------------------------------------------------------------------------------


def test_few_clusters_of_the_same_answers_have_a_wider_interval() -> None:
    right = np.repeat(np.random.default_rng(2).random(30) < 0.6, 5)
    low, high = of_cell(accuracy_cell(right, [str(row // 5) for row in range(150)]))
    ignored = of_cell(accuracy_cell(right))
    assert high - low > 2 * (ignored[1] - ignored[0])


def test_the_seed_depends_on_names_only() -> None:
    assert seed_of(0, "xnli", "de") != seed_of(1, "xnli", "de")
    assert seed_of(0, "ab", "c") != seed_of(0, "a", "bc")


# --- what no gate may pass -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_numbers_that_are_not_finite_name_their_cell(value: float) -> None:
    items = accuracy_cell(np.array([1.0, value, 0.0]))
    with pytest.raises(UserError, match="xnli de has numbers that are not finite"):
        summarise([Cell(TASKS["xnli"], "de", items)], XTREME)
    more = {"to English": (Accuracy(), items)}
    with pytest.raises(UserError, match="xnli de to English has numbers"):
        summarise([Cell(TASKS["xnli"], "de", accuracy_cell(np.ones(3)), variants=more)], XTREME, resamples=0)


# --- coverage --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("setting", SETTINGS, ids=lambda setting: setting.name)
def test_intervals_hold_the_truth_and_never_have_width_0(setting: Setting) -> None:
    """At least 93 % of them, as far as so few trials can tell (three standard errors)."""
    held, narrow = coverage(setting, TRIALS)
    assert held >= 0.93 - 3 * math.sqrt(0.93 * 0.07 / TRIALS)
    assert narrow == 0


def test_the_percentile_bootstrap_would_not() -> None:
    setting = next(setting for setting in SETTINGS if setting.name == "accuracy, 200 items, 99 %")
    held, narrow = coverage(setting, TRIALS, bootstrap)
    assert held < 0.9
    assert narrow > 0.08
