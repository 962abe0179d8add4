"""Student's t and what it says over seeds, against tables and textbook formulas."""

from __future__ import annotations

import math

import numpy as np
import pytest

from xharness.studies.statistics.over_seeds import over_seeds
from xharness.studies.statistics.students_t import quantile, tail

TABLE = {1: (6.3138, 12.7062), 2: (2.9200, 4.3027), 3: (2.3534, 3.1824), 4: (2.1318, 2.7764), 9: (1.8331, 2.2622)}
LARGE = {30: (1.6973, 2.0423), 5_000: (1.6449, 1.9600)}


@pytest.mark.parametrize("freedom", [*TABLE, *LARGE])
def test_quantiles_are_those_of_the_tables(freedom: int) -> None:
    for probability, expected in zip((0.95, 0.975), (TABLE | LARGE)[freedom], strict=True):
        assert quantile(probability, freedom) == pytest.approx(expected, abs=6e-5 if freedom < 100 else 6e-4)
        assert tail(expected, freedom) == pytest.approx(1 - probability, rel=1e-3)
        assert tail(-expected, freedom) == pytest.approx(probability, rel=1e-3)


@pytest.mark.parametrize("freedom", [1, 2, 3, 4, 7, 20])
def test_tails_are_integrals_of_the_density(freedom: int) -> None:
    x = np.linspace(0, 1.5, 20_001)
    norm = math.gamma((freedom + 1) / 2) / (math.sqrt(freedom * math.pi) * math.gamma(freedom / 2))
    inside = float(np.trapezoid(norm * (1 + x**2 / freedom) ** (-(freedom + 1) / 2), x))
    assert tail(1.5, freedom) == pytest.approx(0.5 - inside, abs=1e-8)


def test_one_block_is_the_paired_t_test() -> None:
    found = over_seeds([np.array([1.0, 2.0, 4.0, 5.0])])
    assert found is not None
    error = math.sqrt((4 + 1 + 1 + 4) / 3 / 4)
    assert (found.value, found.freedom) == (3.0, 3)
    assert found.error == pytest.approx(error)
    assert found.interval == pytest.approx((3 - 3.1824 * error, 3 + 3.1824 * error), rel=1e-3)
    assert found.above(0) == pytest.approx(tail(3 / error, 3))
    assert found.above(0) + found.below(0) == pytest.approx(1)
    assert found.unseen == pytest.approx(error**2 / 4)


def test_two_blocks_are_welchs_test() -> None:
    first, second = np.array([10.0, 12.0, 11.0]), -np.array([7.0, 3.0, 5.0, 9.0, 6.0])
    found = over_seeds([first, second])
    assert found is not None
    u, v = 1 / 3, 5 / 5
    assert found.value == pytest.approx(11 - 6)
    assert found.error == pytest.approx(math.sqrt(u + v))
    assert found.freedom == int((u + v) ** 2 / (u**2 / 2 + v**2 / 4))
    assert found.unseen == pytest.approx(u / 3 + v / 5)


def test_one_seed_says_nothing_and_equal_values_are_sure() -> None:
    assert over_seeds([np.array([1.0]), np.array([1.0, 2.0])]) is None
    sure = over_seeds([np.array([2.0, 2.0])])
    assert sure is not None and (sure.above(0), sure.below(0), sure.above(2)) == (0, 1, 1)
    assert sure.interval == (2, 2)
