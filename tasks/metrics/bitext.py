"""Mined sentence pairs against gold pairs: F1, precision and recall of two sets."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from xharness.tasks.base import FloatArray, Items
from xharness.tasks.metrics.ratios import f1_precision_recall


@dataclass(frozen=True)
class BitextF1:
    """BUCC's score. Repeated lines collapse; a malformed line is one wrong pair, as for the official scorer."""

    name: ClassVar[str] = "pair-f1"
    columns: ClassVar[tuple[str, ...]] = ("hits", "predicted", "gold")
    official_scores: ClassVar[tuple[str, ...]] = ("f1", "precision", "recall")
    primary_scores: ClassVar[tuple[str, ...]] = ("f1",)

    def measure(self, gold: Sequence[tuple[str, ...]], answers: Sequence[tuple[str, ...]], language: str) -> Items:  # noqa: ARG002 - the same call for every metric
        """One item for each source sentence that occurs in gold or answers; sorted by id."""
        right, mined = set(map(tuple, gold)), set(map(tuple, answers))
        ids = tuple(sorted({pair[0] for pair in right | mined}))
        row = {source: index for index, source in enumerate(ids)}
        counts = np.zeros((len(ids), 3))
        for column, pairs in enumerate((right & mined, mined, right)):
            counts[:, column] = _count(pairs, row)
        return Items(ids, ids, counts)

    def aggregate(self, totals: FloatArray) -> dict[str, FloatArray]:
        """Scores in percent from totals of shape (..., 3); each 0 where its denominator is 0."""
        return f1_precision_recall(totals[..., 0], totals[..., 1], totals[..., 2])


def _count(pairs: Iterable[tuple[str, ...]], row: dict[str, int]) -> FloatArray:
    """Number of pairs of each source sentence."""
    rows = [row[pair[0]] for pair in pairs]
    return np.bincount(np.array(rows, dtype=np.intp), minlength=len(row)).astype(np.float64)
