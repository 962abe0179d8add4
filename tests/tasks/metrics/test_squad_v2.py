"""SQuAD 2.0: answering nothing is an answer."""

from xharness.tasks.metrics.squad_v2 import SquadV2Answers
from xharness.tasks.types.extractive_qa import QuestionGold


def test_no_answer_is_right_only_if_it_is_empty() -> None:
    gold = [QuestionGold(name, ("",), "p") for name in "abcd"] + [QuestionGold("e", ("the cat",), "p")]
    items = SquadV2Answers().measure(gold, {"a": "", "b": "the", "c": "cat", "e": "cat"}, "en")
    assert items.statistics[:, :2].tolist() == [[1, 1], [1, 1], [0, 0], [0, 0], [1, 1]]
    assert SquadV2Answers().aggregate(items.statistics.sum(axis=0))["f1"] == 60
    assert SquadV2Answers().measure(gold[4:], {"e": ""}, "en").statistics[0, :3].tolist() == [0, 0, 0]
