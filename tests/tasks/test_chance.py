"""What a guesser scores, and how probable it is that guessing gives as much."""

from __future__ import annotations

from math import comb

import pytest

from xharness.tasks import xcopa, xnli
from xharness.tasks.chance import chance_level, tail
from xharness.tasks.intermediate import qqp


def test_the_label_that_scores_best() -> None:
    assert chance_level(xnli.TASK, "en", [], ["neutral", "neutral", "entailment", "contradiction"]) == 50
    assert chance_level(xcopa.TASK, "en", [], [0, 1, 1, 1]) == 75
    # Mean of accuracy and F1: always "0" gives 60 and 0, always "1" gives 40 and 57.1.
    assert chance_level(qqp.TASK, "en", [], ["0", "0", "0", "1", "1"]) == pytest.approx((40 + 400 / 7) / 2)


@pytest.mark.parametrize(("right", "items", "share"), [(59, 100, 0.5), (0, 7, 0.3), (7, 7, 0.3), (420, 1000, 0.4)])
def test_the_tail_is_exact(right: int, items: int, share: float) -> None:
    plain = sum(comb(items, k) * share**k * (1 - share) ** (items - k) for k in range(right, items + 1))
    assert tail(right, items, share) == pytest.approx(plain, rel=1e-9)


def test_certain_guesses() -> None:
    assert (tail(3, 3, 1.0), tail(1, 3, 0.0), tail(0, 3, 0.0)) == (1.0, 0.0, 1.0)
