"""Ratios with empty denominators."""

import numpy as np
import pytest

from xharness.tasks.metrics.ratios import f1_precision_recall, percent, ratio


def test_nothing_of_nothing_is_zero() -> None:
    assert ratio(np.array([1.0, 0.0]), np.array([2.0, 0.0])).tolist() == [0.5, 0]
    assert percent(np.array(1.0), np.array([4.0, 0.0])).tolist() == [25, 0]


def test_f1_is_the_harmonic_mean() -> None:
    found = f1_precision_recall(np.array([2.0, 0.0]), np.array([4.0, 0.0]), np.array([2.0, 3.0]))
    assert list(found) == ["f1", "precision", "recall"]
    assert found["precision"].tolist() == [50, 0]
    assert found["recall"].tolist() == [100, 0]
    assert found["f1"] == pytest.approx(np.array([200 / 3, 0]))
