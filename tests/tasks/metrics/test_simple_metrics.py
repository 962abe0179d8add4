"""Accuracy, pair sets and reciprocal rank."""

import pytest

from xharness.tasks.metrics.accuracy import Accuracy
from xharness.tasks.metrics.bitext import BitextF1
from xharness.tasks.metrics.ranking import ReciprocalRank


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


def test_pairs_are_sets() -> None:
    gold = [("de-1", "en-1"), ("de-2", "en-2"), ("de-2", "en-3")]
    answers = [("de-1", "en-1"), ("de-1", "en-1"), ("de-2", "en-9"), ("de-5", "en-2"), ("",)]
    items = BitextF1().measure(gold, answers, "de")
    assert dict(zip(items.ids, items.statistics.tolist(), strict=True)) == {
        "": [0, 1, 0], "de-1": [1, 1, 1], "de-2": [0, 1, 2], "de-5": [0, 1, 0],
    }  # fmt: skip
    scores = BitextF1().aggregate(items.statistics.sum(axis=0))
    assert scores["precision"] == 25
    assert scores["recall"] == pytest.approx(100 / 3)
    assert scores["f1"] == pytest.approx(200 / 7)
    assert list(scores) == ["f1", "precision", "recall"]


def test_no_hit_and_no_pair_score_zero() -> None:
    for gold, answers in ([("a", "b")], [("a", "c")]), ([("a", "b")], []), ([], []):
        items = BitextF1().measure(gold, answers, "de")
        assert set(map(float, BitextF1().aggregate(items.statistics.sum(axis=0)).values())) == {0.0}


def test_reciprocal_rank() -> None:
    late = [f"Q{number}" for number in range(100, 119)]
    gold = {"m1": ["Q1 "], "m2": ["Q2"], "m3": ["Q3"], "m4": ["Q4"], "m5": ["Q5"]}
    answers = {"m1": ["Q9", "Q1"], "m2": [*late, "Q2"], "m3": [*late, "Q100", "Q3"], "m5": ["Q5 "], "other": ["Q4"]}
    items = ReciprocalRank().measure(gold, answers, "de")
    assert items.statistics[:, 0].tolist() == [0.5, 1 / 20, 0, 0, 0]
    assert ReciprocalRank().aggregate(items.statistics.sum(axis=0))["map@20"] == pytest.approx(100 * 0.55 / 5)
    assert ReciprocalRank().aggregate(ReciprocalRank().measure({}, {}, "de").statistics.sum(axis=0))["map@20"] == 0
