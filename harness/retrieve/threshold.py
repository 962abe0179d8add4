"""The score from which on mined pairs are kept, chosen for the best F1 on gold pairs."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np

from xharness.tasks.base import FloatArray

Pair = tuple[str, str]


@dataclass(frozen=True)
class Threshold:
    """A threshold and what it gives on the gold that it is measured on; scores in percent.

    Attributes:
        value: Pairs with at least this score are kept.
        kept: Number of pairs that it keeps.
        right: How many of those are gold.
    """

    value: float
    f1: float
    precision: float
    recall: float
    kept: int
    right: int


def choose_threshold(scores: FloatArray, pairs: Sequence[Pair], gold: Collection[Pair]) -> Threshold:
    """The threshold with the best F1; the highest such on a tie.

    It lies midway between the last score that is kept and the next; it is the last score itself if every pair helps,
    and 0 if no pair is right. Equal scores are kept or dropped together.

    Args:
        scores: Scores of the pairs, falling, all above 0.
        pairs: Distinct pairs of ids in the same order.
        gold: Gold pairs.
    """
    right = np.cumsum(_right(pairs, gold))
    if not right.size or not right[-1]:
        return Threshold(0.0, 0.0, 0.0, 0.0, len(pairs), 0)
    kept = np.arange(1, len(right) + 1)
    cut_here = np.append(scores[:-1] > scores[1:], True)
    last = int(np.where(cut_here, 2 * right / (kept + len(set(gold))), -1.0).argmax())
    value = scores[last] if last + 1 == len(scores) else (scores[last] + scores[last + 1]) / 2
    return measure_threshold(float(value), scores, pairs, gold)


def measure_threshold(value: float, scores: FloatArray, pairs: Sequence[Pair], gold: Collection[Pair]) -> Threshold:
    """What a given threshold gives; each score 0 if nothing that is kept is right."""
    hits = _right(pairs, gold)[np.asarray(scores) >= value]
    kept, right, total = len(hits), int(hits.sum()), len(set(gold))
    if not right:
        return Threshold(value, 0.0, 0.0, 0.0, kept, 0)
    return Threshold(value, 200 * right / (kept + total), 100 * right / kept, 100 * right / total, kept, right)


def _right(pairs: Sequence[Pair], gold: Collection[Pair]) -> FloatArray:
    """1 for each pair that is gold, else 0."""
    known = set(gold)
    return np.fromiter((pair in known for pair in pairs), dtype=np.float64, count=len(pairs))
