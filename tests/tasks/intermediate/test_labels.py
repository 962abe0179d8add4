"""CCG's labels come from its training set; what it lacks does not count."""

import pytest

from xharness.tasks.common.errors import UserError
from xharness.tasks.intermediate import INTERMEDIATE
from xharness.tasks.intermediate.labels import learn
from xharness.tasks.types.tagging import TaggedSentence

TRAIN = [TaggedSentence("1", ("a", "b"), ("NP", "N")), TaggedSentence("2", ("c",), ("N",))]
DEV = [TaggedSentence("1", ("a", "b", "c"), ("NP", "S", "S")), TaggedSentence("2", ("d",), ("X",))]


def test_labels_of_the_training_set() -> None:
    task = learn(INTERMEDIATE["ccg"], TRAIN)
    assert task.labels == ("N", "NP")
    assert learn(task, DEV) is task


def test_words_with_an_unknown_tag_do_not_count() -> None:
    task = learn(INTERMEDIATE["ccg"], TRAIN)
    gold = [["NP", "S"], ["N", "N"]]
    totals = task.metric.measure(gold, [["NP", "S"], ["N", "NP"]], "en").statistics.sum(axis=0)
    scores = task.metric.aggregate(totals)
    assert scores["accuracy"] == pytest.approx(100 * 2 / 3)
    assert scores["accuracy_all_words"] == pytest.approx(50)


def test_without_tags() -> None:
    with pytest.raises(UserError, match="no tag in the training data of ccg"):
        learn(INTERMEDIATE["ccg"], [TaggedSentence("1", ("a",))])
