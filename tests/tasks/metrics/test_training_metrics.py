"""SQuAD 2.0, accuracy with F1, and accuracy of tags."""

import pytest

from xharness.tasks.metrics.paraphrase import AccuracyAndF1
from xharness.tasks.metrics.squad_v2 import SquadV2Answers
from xharness.tasks.metrics.tag_accuracy import TagAccuracy
from xharness.tasks.types.extractive_qa import QuestionGold


def test_no_answer_is_right_only_if_it_is_empty() -> None:
    gold = [QuestionGold(name, ("",), "p") for name in "abcd"] + [QuestionGold("e", ("the cat",), "p")]
    items = SquadV2Answers().measure(gold, {"a": "", "b": "the", "c": "cat", "e": "cat"}, "en")
    assert items.statistics[:, :2].tolist() == [[1, 1], [1, 1], [0, 0], [0, 0], [1, 1]]
    assert SquadV2Answers().aggregate(items.statistics.sum(axis=0))["f1"] == 60
    assert SquadV2Answers().measure(gold[4:], {"e": ""}, "en").statistics[0, :3].tolist() == [0, 0, 0]


def test_accuracy_and_f1() -> None:
    items = AccuracyAndF1().measure(["1", "1", "0", "0"], ["1", "0", "1", "0"], "en")
    assert AccuracyAndF1().aggregate(items.statistics.sum(axis=0)) == {"accuracy": 50, "f1": 50}
    assert AccuracyAndF1().aggregate(items.statistics[3]) == {"accuracy": 100, "f1": 0}
    with pytest.raises(ValueError, match="1 answers for 2 gold"):
        AccuracyAndF1().measure(["1", "0"], ["1"], "en")


def test_tag_accuracy_by_sentence() -> None:
    items = TagAccuracy().measure([["A", "B"], ["C"]], [["A", "C"], ["C"]], "en")
    assert items.statistics.tolist() == [[1, 2, 2], [1, 1, 1]]
    known = TagAccuracy(frozenset("AB")).measure([["A", "B"], ["C"]], [["A", "C"], ["C"]], "en")
    assert known.statistics.tolist() == [[1, 2, 2], [0, 0, 1]]
    with pytest.raises(ValueError, match="differ in sentences"):
        TagAccuracy().measure([["A"]], [["A", "B"]], "en")
