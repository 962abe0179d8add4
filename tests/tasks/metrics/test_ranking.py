"""Ranking metrics against an independent statement of both, on ten thousand random rankings."""

from __future__ import annotations

import random

import numpy as np
import pytest

from xharness.tasks.lareqa import TASK as LAREQA
from xharness.tasks.metrics.ranking import AveragePrecision, ReciprocalRank, average_precision


def stated_average_precision(right: set[str], ranking: list[str]) -> float:
    """The mean, over the right ones that could be in the first 20, of the precision at the place of each."""
    places = [place for place, name in enumerate(ranking[:20]) if name in right and name not in ranking[:place]]
    precisions = [sum(other <= place for other in places) / (place + 1) for place in places]
    return sum(precisions) / min(20, len(right))


def stated_reciprocal_rank(right: str, ranking: list[str]) -> float:
    return next((1 / rank for rank in range(1, 21) if ranking[rank - 1 : rank] == [right]), 0.0)


def test_ten_thousand_random_rankings() -> None:
    chance = random.Random(7)
    names = [f"{chance.choice(['de', 'en'])}_{number}_0" for number in range(60)]
    gold, answers = {}, {}
    for number in range(10_000):
        question = f"q{number}_de"
        gold[question] = chance.sample(names, chance.choice([1, 2, 11, 25]))
        answers[question] = chance.choices(names, k=chance.randrange(30)) if number % 10 else chance.sample(names, 20)
    several = AveragePrecision().measure(gold, answers, "de")
    single = ReciprocalRank().measure(gold, answers, "de")
    for row, (question, right) in enumerate(gold.items()):
        ranking = answers[question]
        assert several.statistics[row, 0] == pytest.approx(stated_average_precision(set(right), ranking), abs=1e-12)
        assert single.statistics[row, 0] == pytest.approx(stated_reciprocal_rank(right[0], ranking), abs=1e-12)
        assert several.statistics[row, 2] == sum(name.startswith("de_") for name in ranking[:20])
    totals = several.statistics.sum(axis=0)
    scores = AveragePrecision().aggregate(totals)
    assert scores["map@20"] == pytest.approx(100 * several.statistics[:, 0].mean())
    own = [name.startswith("de_") for ranking in answers.values() for name in ranking[:20]]
    assert scores["own_language@20"] == pytest.approx(100 * np.mean(own))


@pytest.mark.parametrize(
    ("right", "ranking", "value"),
    [
        (["a", "b"], ["a", "b"], 1.0),
        (["a", "b"], ["a", "a", "b"], (1 + 2 / 3) / 2),
        (["a", "b"], ["x", "a"], 0.25),
        (["a"], [], 0.0),
        ([], ["a"], 0.0),
        (["a"], ["x"] * 20 + ["a"], 0.0),
        ([str(number) for number in range(30)], [str(number) for number in range(20)], 1.0),
    ],
)
def test_average_precision_by_hand(right: list[str], ranking: list[str], value: float) -> None:
    assert average_precision(right, ranking) == pytest.approx(value)


def test_items_are_the_same_in_every_language_and_clusters_are_paragraphs() -> None:
    gold = {"q1_zh": ["de_7_0", "zh_7_0"], "q2_zh": ["de_9_1", "zh_9_2"]}
    items = LAREQA.metric.measure(gold, {"q1_zh": ["zh_7_0"], "other_zh": ["de_7_0"]}, "zh")
    assert (items.ids, items.clusters) == (("q1", "q2"), ("7", "9"))
    assert items.statistics.tolist() == [[0.5, 1, 1, 1], [0, 1, 0, 0]]
    none = LAREQA.metric.aggregate(np.zeros(4))
    assert {name: float(value) for name, value in none.items()} == {"map@20": 0, "own_language@20": 0}


def test_reciprocal_rank() -> None:
    late = [f"Q{number}" for number in range(100, 119)]
    gold = {"m1": ["Q1 "], "m2": ["Q2"], "m3": ["Q3"], "m4": ["Q4"], "m5": ["Q5"]}
    answers = {"m1": ["Q9", "Q1"], "m2": [*late, "Q2"], "m3": [*late, "Q100", "Q3"], "m5": ["Q5 "], "other": ["Q4"]}
    items = ReciprocalRank().measure(gold, answers, "de")
    assert items.statistics[:, 0].tolist() == [0.5, 1 / 20, 0, 0, 0]
    assert ReciprocalRank().aggregate(items.statistics.sum(axis=0))["map@20"] == pytest.approx(100 * 0.55 / 5)
    assert ReciprocalRank().aggregate(ReciprocalRank().measure({}, {}, "de").statistics.sum(axis=0))["map@20"] == 0
