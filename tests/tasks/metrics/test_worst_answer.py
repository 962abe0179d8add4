"""Adversarial SQuAD: the worst variant of each question counts, and the plain question beside it."""

from __future__ import annotations

import pytest

from xharness.tasks.metrics.squad import SquadScore
from xharness.tasks.metrics.worst_answer import WorstAnswer
from xharness.tasks.types.extractive_qa import QuestionGold

GOLD = [
    QuestionGold("a", ("Ada",), "p1"),
    QuestionGold("a-high-conf-turk0", ("Ada",), "v1"),
    QuestionGold("a-high-conf-turk1", ("Ada",), "v2"),
    QuestionGold("b", ("Bea left",), "p1"),
    QuestionGold("c-high-conf", ("Cid",), "v3"),
]


def score(answers: dict[str, str]) -> dict[str, float]:
    metric = WorstAnswer()
    totals = metric.measure(GOLD, answers, "en").statistics.sum(axis=0)
    return {name: float(value) for name, value in metric.aggregate(totals).items()}


def test_the_worst_variant_counts_and_a_question_without_one_as_it_is() -> None:
    right = {each.id: each.answers[0] for each in GOLD}
    assert score(right) == dict.fromkeys(("exact_match", "f1", "plain_exact_match", "plain_f1"), 100.0)
    fooled = right | {"a-high-conf-turk1": "Zoe", "b": "Bea"}
    assert score(fooled) == pytest.approx(
        {
            "exact_match": 100 / 3,
            "f1": 100 * (0 + 2 / 3 + 1) / 3,
            "plain_exact_match": 50.0,
            "plain_f1": 100 * (1 + 2 / 3) / 2,
        }
    )
    assert score({"a": "Zoe"} | {name: text for name, text in right.items() if name != "a"})["f1"] == 100.0
    assert score({})["f1"] == 0.0


def test_variants_go_with_the_paragraph_of_their_question() -> None:
    items = WorstAnswer().measure(GOLD, {}, "en")
    assert items.ids == tuple(each.id for each in GOLD)
    assert items.clusters == ("p1", "p1", "p1", "p1", "v3")


def test_plain_questions_alone_score_as_squad() -> None:
    plain = [each for each in GOLD if "-" not in each.id]
    answers = {"a": "Ada", "b": "Bea"}
    own, squad = (metric.measure(plain, answers, "en").statistics for metric in (WorstAnswer(), SquadScore()))
    assert (own[:, :2] == squad[:, :2]).all()
