"""Accuracy."""

import pytest

from xharness.tasks.metrics.accuracy import Accuracy


def test_accuracy_compares_strings_as_strings() -> None:
    items = Accuracy().measure(["7", "entailment", "1"], ["007", "Entailment", "1"], "de")
    assert items.statistics.tolist() == [[0, 1], [0, 1], [1, 1]]
    assert items.ids == ("0", "1", "2")


def test_accuracy_compares_choices_as_values() -> None:
    items = Accuracy().measure([1, 1, 1, 0], [True, 1.0, "1", 0], "et")
    assert items.statistics[:, 0].tolist() == [1, 1, 0, 1]


def test_accuracy_of_nothing_is_zero_and_counts_must_agree() -> None:
    assert Accuracy().aggregate(Accuracy().measure([], [], "de").statistics.sum(axis=0)) == {"accuracy": 0}
    with pytest.raises(ValueError, match="2 answers for 1 gold"):
        Accuracy().measure(["a"], ["a", "b"], "de")
