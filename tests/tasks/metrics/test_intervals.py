"""Bootstrap intervals: determinism, independence of other cells, and coverage by simulation."""

import numpy as np
import pytest

from tasks.base import Items
from tasks.metrics.accuracy import Accuracy
from tasks.metrics.intervals import draws, interval, joint_draws, seed_of
from tasks.metrics.squad import SquadAnswers
from tasks.metrics.tag_spans import TagSpans

RESAMPLES = 300
TRIALS = 500


def accuracy_cell(right: np.ndarray, clusters: list[str] | None = None) -> Items:
    ids = tuple(map(str, range(len(right))))
    counts = np.column_stack([right, np.ones(len(right))]).astype(np.float64)
    return Items(ids, tuple(clusters) if clusters else ids, counts)


def coverage(covered: list[bool]) -> float:
    return sum(covered) / len(covered)


def contains(values: np.ndarray, truth: float) -> bool:
    low, high = interval(values)
    return low <= truth <= high


def test_accuracy_cells_are_covered() -> None:
    generator = np.random.default_rng(1)
    hits = []
    for trial in range(TRIALS):
        cell = accuracy_cell(generator.random(400) < 0.7)
        hits.append(contains(draws(cell, Accuracy(), RESAMPLES, trial)["accuracy"], 70))
    assert 0.93 <= coverage(hits) <= 0.97


def test_clustered_cells_are_covered_and_would_not_be_without_clusters() -> None:
    """Questions of a paragraph are right or wrong together: the paragraph's rate is 0.9 or 0.3."""
    generator = np.random.default_rng(2)
    paragraphs, size = 120, 5
    clusters = [str(number) for number in range(paragraphs) for _ in range(size)]
    ids = tuple(map(str, range(len(clusters))))
    clustered, ignored = [], []
    for trial in range(TRIALS):
        rate = np.repeat(np.where(generator.random(paragraphs) < 0.5, 0.9, 0.3), size)
        right = (generator.random(len(ids)) < rate).astype(np.float64)
        counts = np.column_stack([right, right, right, np.ones(len(ids))])
        for groups, hits in ((tuple(clusters), clustered), (ids, ignored)):
            drawn = draws(Items(ids, groups, counts), SquadAnswers(), RESAMPLES, trial)
            hits.append(contains(drawn["exact_match"], 60))
    assert 0.93 <= coverage(clustered) <= 0.97
    assert coverage(ignored) < 0.90


def test_averages_over_shared_items_are_covered_and_would_not_be_if_drawn_apart() -> None:
    """Three languages answer translations of the same items, which are easy (0.95) or hard (0.45) in all of them."""
    generator = np.random.default_rng(3)
    languages = ("de", "en", "sw")
    joint, apart = [], []
    for trial in range(TRIALS):
        rate = np.where(generator.random(200) < 0.5, 0.95, 0.45)
        cells = {language: accuracy_cell(generator.random(200) < rate) for language in languages}
        together = joint_draws(cells, Accuracy(), RESAMPLES, trial)
        joint.append(contains(np.mean([one["accuracy"] for one in together.values()], axis=0), 70))
        single = [
            draws(cell, Accuracy(), RESAMPLES, seed_of(trial, language))["accuracy"] for language, cell in cells.items()
        ]
        apart.append(contains(np.mean(single, axis=0), 70))
    assert 0.93 <= coverage(joint) <= 0.97
    assert coverage(apart) < 0.90


def test_few_distinct_rows_are_drawn_from_the_same_distribution() -> None:
    """An accuracy cell takes the multinomial path; a hair of noise in an unused column takes the other one."""
    right = np.random.default_rng(4).random(2000) < 0.8
    ids = tuple(map(str, range(2000)))
    noise = np.random.default_rng(5).random(2000)
    plain = np.column_stack([right, np.ones(2000)]).astype(np.float64)
    fast = draws(Items(ids, ids, plain), Accuracy(), 4000, 1)["accuracy"]
    slow = draws(Items(ids, ids, np.column_stack([plain, noise])), Accuracy(), 4000, 2)["accuracy"]
    assert fast.mean() == pytest.approx(slow.mean(), abs=0.1)
    assert fast.std() == pytest.approx(slow.std(), rel=0.07)


def test_same_seed_same_draws_and_seed_depends_on_names_only() -> None:
    cell = accuracy_cell(np.arange(50) % 3 == 0)
    first, again = (draws(cell, Accuracy(), 100, seed_of(0, "xnli", "de"))["accuracy"] for _ in range(2))
    assert first.tolist() == again.tolist()
    other = draws(cell, Accuracy(), 100, seed_of(0, "xnli", "fr"))["accuracy"]
    assert first.tolist() != other.tolist()
    assert seed_of(0, "xnli", "de") != seed_of(1, "xnli", "de")
    assert seed_of(0, "ab", "c") != seed_of(0, "a", "bc")


def test_languages_with_the_same_answers_move_together() -> None:
    right = np.random.default_rng(6).random(100) < 0.5
    drawn = joint_draws({"de": accuracy_cell(right), "fr": accuracy_cell(right)}, Accuracy(), 50, 0)
    assert drawn["de"]["accuracy"].tolist() == drawn["fr"]["accuracy"].tolist()


def test_clusters_are_merged_where_ids_connect_them() -> None:
    """q2 stands with q1 in one language and with q3 in the other: all three move as one, q4 alone."""
    counts = np.array([[1, 1], [1, 1], [0, 1]], dtype=np.float64)
    cells = {
        "de": Items(("q1", "q2", "q4"), ("p", "p", "x"), counts),
        "fr": Items(("q2", "q3"), ("p", "p"), counts[1:]),
    }
    drawn = joint_draws(cells, Accuracy(), 200, 0)
    assert set(np.round(drawn["de"]["accuracy"], 6)) <= {100.0, round(200 / 3, 6), 0.0}
    assert set(drawn["fr"]["accuracy"]) <= {50.0, 0.0}  # without the cluster there is nothing: 0 by definition


def test_equal_cluster_names_in_two_languages_are_not_the_same_cluster() -> None:
    counts = np.array([[1, 1]] * 30 + [[0, 1]] * 30, dtype=np.float64)
    names = tuple(f"p{number % 20}" for number in range(60))
    cells = {
        "de": Items(tuple(f"d{n}" for n in range(60)), names, counts),
        "fr": Items(tuple(f"f{n}" for n in range(60)), names, counts),
    }
    drawn = joint_draws(cells, Accuracy(), 100, 0)
    assert drawn["de"]["accuracy"].tolist() != drawn["fr"]["accuracy"].tolist()


def test_empty_cell_draws_zero() -> None:
    empty = Items((), (), np.zeros((0, 8)))
    drawn = draws(empty, TagSpans(), 10, 0)
    assert drawn["f1"].tolist() == [0.0] * 10


def test_interval_is_a_percentile_interval() -> None:
    assert interval(np.arange(101.0), 0.9) == pytest.approx((5, 95))
