"""Cases that are passed, against a plain statement of the rule."""

from __future__ import annotations

import random

import numpy as np
import pytest

from xharness.tasks.metrics.cases import PassedCases, bare
from xharness.tasks.types.extractive_qa import QuestionGold


def test_a_case_is_passed_if_every_answer_is_right() -> None:
    chance = random.Random(5)
    for _ in range(200):
        cases = [[chance.random() < 0.7 for _ in range(chance.randint(1, 4))] for _ in range(chance.randint(1, 9))]
        named = [(f"{number}-{place}", str(number), right)
                 for number, case in enumerate(cases) for place, right in enumerate(case)]  # fmt: skip
        chance.shuffle(named)
        gold = [QuestionGold(name, ("yes",), case) for name, case, _ in named]
        items = PassedCases().measure(gold, {name: "yes" if right else "no" for name, _, right in named}, "en")
        scores = PassedCases().aggregate(items.statistics.sum(axis=0))
        assert scores["passed"] == pytest.approx(100 * np.mean([all(case) for case in cases]))
        assert scores["right_answers"] == pytest.approx(100 * np.mean([right for case in cases for right in case]))
        assert items.clusters == tuple(case for _, case, _ in named)


def test_an_answer_that_is_missing_is_wrong() -> None:
    gold = [QuestionGold("0-0", ("a goat",), "0"), QuestionGold("1-0", ("a goat",), "1")]
    items = PassedCases().measure(gold, {"1-0": "the goat."}, "en")
    assert items.statistics.tolist() == [[0, 1, 0, 1], [1, 1, 1, 1]]


@pytest.mark.parametrize(
    ("language", "text", "told"),
    [
        ("en", "a goat, ", "goat"),
        ("en", "A goat", "A goat"),  # letters keep their case
        ("de", "einen Hut.", "Hut"),
        ("de", "Einhorn", "Einhorn"),
        ("ar", "الكلب", "كلب"),
        ("fi", "vuohi", "vuohi"),
        ("pl", "„koza”", "koza"),
        ("ta", "ஒரு நாய்", "நாய்"),
        ("xx", " the goat ", "the goat"),
    ],
)
def test_articles_and_marks_at_the_ends_are_taken_off(language: str, text: str, told: str) -> None:
    assert bare(text, language) == told
