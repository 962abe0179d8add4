"""SQuAD's scores."""

import pytest

from tests.tasks.metrics.spans import squad
from xharness.tasks.metrics.squad import SquadScore
from xharness.tasks.types.extractive_qa import QuestionGold


def test_best_gold_answer_counts_for_each_score() -> None:
    got = squad("red brick house", "blue", "house of brick", "red")
    assert got["exact_match"] == 0
    assert got["f1"] == pytest.approx(100 * 2 / 3)


def test_empty_against_empty_is_exact_but_without_f1() -> None:
    got = squad("", "the")
    assert (got["exact_match"], got["f1"]) == (100, 0)


def test_unanswered_counts_zero_and_unknown_ids_are_ignored() -> None:
    gold = [QuestionGold("q1", ("yes",), "p"), QuestionGold("q2", ("no",), "p")]
    items = SquadScore().measure(gold, {"q1": "yes", "other": "no"}, "en")
    assert items.statistics.tolist() == [[1, 1, 1, 1], [0, 0, 0, 1]]
    assert items.clusters == ("p", "p")
    assert SquadScore().aggregate(items.statistics.sum(axis=0))["exact_match"] == 50


def test_no_questions_and_no_gold_answers_give_zero_and_no_error() -> None:
    items = SquadScore().measure([], {}, "en")
    assert items.statistics.shape == (0, 4)
    assert SquadScore().aggregate(items.statistics.sum(axis=0))["f1"] == 0
    assert squad("x")["f1"] == 0
