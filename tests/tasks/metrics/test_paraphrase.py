"""Accuracy with F1."""

import pytest

from xharness.tasks.metrics.paraphrase import AccuracyAndF1


def test_accuracy_and_f1() -> None:
    items = AccuracyAndF1().measure(["1", "1", "0", "0"], ["1", "0", "1", "0"], "en")
    assert AccuracyAndF1().aggregate(items.statistics.sum(axis=0)) == {"accuracy": 50, "f1": 50}
    assert AccuracyAndF1().aggregate(items.statistics[3]) == {"accuracy": 100, "f1": 0}
    with pytest.raises(ValueError, match="1 answers for 2 gold"):
        AccuracyAndF1().measure(["1", "0"], ["1"], "en")
