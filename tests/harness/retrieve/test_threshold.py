"""The chosen threshold is the best that there is, and what it promises is what it gives."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from xharness.retrieve.threshold import choose_threshold, measure_threshold

PAIRS = [(f"s{i}", f"t{i}") for i in range(12)]


def f1(scores: list[float], right: list[bool], total: int, threshold: float) -> float:
    kept = [r for s, r in zip(scores, right, strict=True) if s >= threshold]
    if not sum(kept):
        return 0.0
    precision, recall = sum(kept) / len(kept), sum(kept) / total
    return 200 * precision * recall / (precision + recall)


@settings(max_examples=300, deadline=None)
@given(st.lists(st.tuples(st.integers(1, 6), st.booleans()), min_size=1, max_size=12), st.integers(0, 3))
def test_no_threshold_is_better(candidates: list[tuple[int, bool]], missed: int) -> None:
    candidates = sorted(candidates, key=lambda c: -c[0])
    scores, right = [float(s) for s, _ in candidates], [r for _, r in candidates]
    gold = [pair for pair, r in zip(PAIRS, right, strict=False) if r] + [("lost", str(i)) for i in range(missed)]
    chosen = choose_threshold(np.array(scores), PAIRS[: len(scores)], gold)
    best = max(f1(scores, right, len(gold), s) for s in scores)
    assert chosen.f1 == pytest.approx(best)
    assert f1(scores, right, len(gold), chosen.value) == pytest.approx(best)
    assert chosen == measure_threshold(chosen.value, np.array(scores), PAIRS[: len(scores)], gold)


def test_it_lies_midway_to_the_next_score() -> None:
    chosen = choose_threshold(np.array([1.5, 1.4, 1.0, 0.9]), PAIRS[:4], [PAIRS[0], PAIRS[1]])
    assert chosen.value == pytest.approx(1.2)
    assert (chosen.f1, chosen.precision, chosen.recall, chosen.kept, chosen.right) == (100, 100, 100, 2, 2)


def test_the_last_score_if_every_candidate_helps() -> None:
    assert choose_threshold(np.array([1.5, 1.4]), PAIRS[:2], PAIRS[:3]).value == 1.4


@pytest.mark.parametrize("scores", [[], [1.5, 1.4]])
def test_zero_if_nothing_is_right(scores: list[float]) -> None:
    chosen = choose_threshold(np.array(scores), PAIRS[: len(scores)], [("a", "b")])
    assert (chosen.value, chosen.f1, chosen.kept) == (0.0, 0.0, len(scores))


def test_equal_scores_are_not_cut() -> None:
    """Best would be to keep only the first of three equals; no threshold can."""
    chosen = choose_threshold(np.array([1.2, 1.2, 1.2, 1.0]), PAIRS[:4], [PAIRS[0]])
    assert chosen.kept == 3
    assert chosen.value == pytest.approx(1.1)


def test_repeated_gold_counts_once() -> None:
    assert choose_threshold(np.array([1.2]), PAIRS[:1], [PAIRS[0], PAIRS[0]]).recall == 100
