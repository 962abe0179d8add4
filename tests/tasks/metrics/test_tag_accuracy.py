"""Accuracy of tags, by sentence."""

import pytest

from xharness.tasks.metrics.tag_accuracy import TagAccuracy


def test_tag_accuracy_by_sentence() -> None:
    items = TagAccuracy().measure([["A", "B"], ["C"]], [["A", "C"], ["C"]], "en")
    assert items.statistics.tolist() == [[1, 2, 2], [1, 1, 1]]
    known = TagAccuracy(frozenset("AB")).measure([["A", "B"], ["C"]], [["A", "C"], ["C"]], "en")
    assert known.statistics.tolist() == [[1, 2, 2], [0, 0, 1]]
    with pytest.raises(ValueError, match="differ in sentences"):
        TagAccuracy().measure([["A"]], [["A", "B"]], "en")
