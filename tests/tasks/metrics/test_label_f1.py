"""MTEB's F1 is scikit-learn's weighted F1 of the rows that were found."""

from __future__ import annotations

import numpy as np
import pytest

from xharness.tasks.metrics.label_f1 import LabelF1


def score(gold: list[int], found: list[int]) -> float:
    return float(LabelF1().aggregate(LabelF1().measure(gold, found, "de").statistics.sum(axis=0))["f1"])


def test_a_sentence_found_twice_is_half_as_precise() -> None:
    items = LabelF1().measure([0, 1, 2], [0, 0, 2], "de")
    assert items.statistics.tolist() == [[2 / 3, 1], [0, 1], [1, 1]]
    assert score([], []) == 0
    with pytest.raises(ValueError, match="2 answers for 1"):
        LabelF1().measure([0], [0, 1], "de")


@pytest.mark.parametrize("seed", range(20))
def test_equals_scikit_learn(seed: int) -> None:
    metrics = pytest.importorskip("sklearn.metrics")
    random = np.random.default_rng(seed)
    size = int(random.integers(1, 60))
    gold = random.permutation(size) if seed % 2 else random.integers(0, size, size)
    found = np.where(random.random(size) < 0.6, gold, random.integers(0, 2 * size, size))
    expected = metrics.f1_score(gold, found, average="weighted", zero_division=0)
    assert score(gold.tolist(), found.tolist()) == pytest.approx(100 * expected)
