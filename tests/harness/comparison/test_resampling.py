"""Exchanges of items between two runs."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from tests.harness.comparison.made import QUICK, right, source
from xharness.comparison.compare import CompareOptions, compare
from xharness.comparison.resampling import deciding_columns, exchange_sums
from xharness.tasks.registry import built_in


def test_exchanges_give_the_exact_p_of_all_sign_flips() -> None:
    """Six clusters, so that all 64 exchanges can be counted."""
    values = np.array([1, 1, 0, 1, 1, 1, 0, 1], dtype=float)
    other = np.array([0, 0, 1, 0, 0, 1, 0, 0], dtype=float)
    clusters = ["a", "a", "b", "c", "d", "d", "e", "f"]
    change = [sum((other - values)[[c == name for c in clusters]]) for name in "abcdef"]
    flips = [abs(sum(s * d for s, d in zip(signs, change, strict=True))) for signs in product((1, -1), repeat=6)]
    exact = np.mean([flip >= abs(sum(change)) for flip in flips])
    options = CompareOptions(resamples=20_000)
    cells = {("tatoeba", "de"): right(values, clusters)}, {("tatoeba", "de"): right(other, clusters)}
    (row,) = compare([source("base", cells[0])], [source("new", cells[1])], options).cells
    assert row.p == pytest.approx(exact, abs=0.01)
    assert (row.items, row.clusters) == (8, 6)


def test_which_columns_decide() -> None:
    expected = {
        "span-f1.seqeval-0.0.12": [0, 1, 2], "squad-1.1": [0, 1, 3], "mlqa": [0, 1, 3], "accuracy": [0, 1],
        "pair-f1": [0, 1, 2], "map@20": [0, 1], "average-precision@20": [0, 1],
    }  # fmt: skip
    for task in built_in().values():
        totals = np.full((2, len(task.metric.columns)), 100.0)
        assert deciding_columns(task.metric, totals) == expected[task.metric.name], task.name


def test_few_distinct_rows_are_exchanged_from_the_same_distribution() -> None:
    change = np.random.default_rng(0).choice([-1.0, 0.0, 1.0], 400, p=[0.1, 0.8, 0.1])[:, None]
    noise = np.random.default_rng(1).random(400)[:, None]
    fast = exchange_sums(change, 4000, np.random.default_rng(2))[:, 0]
    slow = exchange_sums(np.hstack([change, noise]), 4000, np.random.default_rng(3))[:, 0]
    assert fast.mean() == pytest.approx(slow.mean(), abs=0.5)
    assert fast.std() == pytest.approx(slow.std(), rel=0.07)


@pytest.mark.parametrize("columns", [1, 3])
def test_whole_numbers_in_fp32_and_in_parts_are_the_sums_of_the_definition(columns: int) -> None:
    rows = np.random.default_rng(0).integers(-9, 10, (1201, columns)).astype(np.float64)
    rows = np.hstack([rows, np.arange(1201.0)[:, None]])  # so that no two are equal
    found = exchange_sums(rows, 700, np.random.default_rng(1))
    moved = rows[rows.any(axis=1)]
    packed = np.random.default_rng(1).integers(0, 256, (700, -(-len(moved) // 8)), dtype=np.uint8)
    np.testing.assert_array_equal(found, np.unpackbits(packed, axis=1, count=len(moved)).astype(np.float64) @ moved)


def test_distinct_rows_of_a_single_column_are_those_of_all_columns() -> None:
    """Draws go through distinct rows in order, so the order is part of every result."""
    rows = np.zeros((400, 2))
    rows[:, 0] = np.random.default_rng(0).integers(-1, 2, 400)
    moved = rows[rows.any(axis=1)]
    distinct, times = np.unique(moved, axis=0, return_counts=True)
    wanted = np.random.default_rng(1).binomial(times, 0.5, (300, len(distinct))).astype(np.float64) @ distinct
    np.testing.assert_array_equal(exchange_sums(rows, 300, np.random.default_rng(1)), wanted)


def test_counts_that_are_far_from_each_other() -> None:
    """As a metric of the user's own may give them: whole numbers are not counted out one by one."""
    base = source("base", {("xnli", "de"): right([1.0, 0.0] * 50)})
    new = source("new", {("xnli", "de"): right([1.0, 1e15] * 50)})
    (row,) = compare([base], [new], QUICK).cells
    assert row.difference == pytest.approx(100 * 0.5 * (1e15 - 0), rel=1e-6)
