"""Measures over permutations against their definitions, stated item by item."""

from __future__ import annotations

import math
from collections import Counter
from statistics import mean

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from xharness.diagnostics.permuted_answers import PermutedAnswers

LABELS = "cen"
LABEL = st.sampled_from(LABELS)
ROWS = st.lists(st.tuples(LABEL, LABEL, st.lists(LABEL, min_size=4, max_size=4)), min_size=1, max_size=12)


def answers(rows: list[tuple[str, str, list[str]]]) -> PermutedAnswers:
    gold, original, permuted = zip(*rows, strict=True)
    return PermutedAnswers(np.array(gold), np.array(original), np.array(permuted), len(LABELS))


def bits(given: list[str]) -> float:
    return -sum(count / len(given) * math.log2(count / len(given)) for count in Counter(given).values())


@given(rows=ROWS)
def test_every_measure_by_its_definition(rows: list[tuple[str, str, list[str]]]) -> None:
    found = answers(rows).measures(resamples=20)
    accepted = {place: mean(each == gold for each in permuted) for place, (gold, _, permuted) in enumerate(rows)}
    right = [place for place, (gold, original, _) in enumerate(rows) if gold == original]
    wrong = [place for place in accepted if place not in right]
    expected: dict[str, float | None] = {
        "original": 100 * len(right) / len(rows),
        "omega_max": 100 * mean(share > 0 for share in accepted.values()),
        "omega_rand": 100 * mean(share > 1 / 3 for share in accepted.values()),
        "p_correct": 100 * mean(accepted[place] for place in right) if right else None,
        "p_flip": 100 * mean(accepted[place] for place in wrong) if wrong else None,
        "consistency": 100 * mean(mean(each == original for each in permuted) for _, original, permuted in rows),
        "entropy": mean(bits(permuted) for _, _, permuted in rows),
    }
    assert found.keys() == expected.keys()
    for name, value in expected.items():
        effect = found[name]
        assert (effect is None) == (value is None), name
        if effect is not None:
            assert effect.value == pytest.approx(value, abs=1e-9), name
            assert (effect.interval is None) == (len(rows) == 1)


def test_intervals_come_from_resampled_items() -> None:
    rng = np.random.default_rng(5)
    covered = 0
    for world in range(60):
        right = rng.random(200) < 0.7
        gold = np.array(["e"] * 200)
        original = np.where(right, "e", "n")
        permuted = np.where(rng.random((200, 5)) < np.where(right, 0.6, 0.2)[:, None], "e", "c")
        effect = PermutedAnswers(gold, original, permuted, 3).measures(resamples=300, seed=world)["p_correct"]
        assert effect is not None
        assert effect.interval is not None
        covered += effect.interval[0] <= 60 <= effect.interval[1]
    assert covered >= 50
    one = answers([("e", "e", ["e", "n", "e", "c"])]).measures()
    assert one["p_correct"] is not None
    assert one["p_correct"].interval is None
