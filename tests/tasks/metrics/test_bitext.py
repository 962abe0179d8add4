"""Pair sets: precision, recall and F1 of mined pairs."""

import pytest

from xharness.tasks.metrics.bitext import BitextF1


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
