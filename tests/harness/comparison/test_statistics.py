"""Statistics against textbooks."""

from __future__ import annotations

import pytest

from xharness.comparison.statistics import detectable, holm, mcnemar


def test_mcnemar_is_a_binomial_test() -> None:
    assert mcnemar(0, 0) == 1
    assert mcnemar(0, 5) == 2 / 2**5
    assert mcnemar(2, 8) == pytest.approx(2 * (1 + 10 + 45) / 1024)
    assert 0 < mcnemar(2000, 3000) < 1e-40


def test_holm() -> None:
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm([0.9, 0.8]) == [1.0, 1.0]
    assert holm([]) == []


def test_detectable_is_the_textbook_formula() -> None:
    assert detectable(1.0, 0.05) == pytest.approx(1.959964 + 0.841621, abs=1e-5)
    assert detectable(0.0, 0.05) is None
