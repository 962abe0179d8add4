"""The F1 that MTEB's bitext tasks print: every sentence of gold is a label, the one that was found its prediction."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from xharness.tasks.base import FloatArray, Items
from xharness.tasks.metrics.ratios import percent


@dataclass(frozen=True)
class LabelF1:
    """F1 of each label, averaged with the labels' counts in gold (scikit-learn's ``average="weighted"``).

    A sentence that is found for many queries is a label of low precision, so that this is lower than accuracy. An
    item's number depends on the others' answers through that: intervals take it as it is.
    """

    name: ClassVar[str] = "weighted-label-f1"
    columns: ClassVar[tuple[str, ...]] = ("f1", "items")
    official_scores: ClassVar[tuple[str, ...]] = ("f1",)
    primary_scores: ClassVar[tuple[str, ...]] = ("f1",)

    def measure(self, gold: Sequence[object], answers: Sequence[object], language: str) -> Items:
        """One item a query: the F1 of its gold label; its id is the 0-based row."""
        if len(gold) != len(answers):
            raise ValueError(f"{language}: {len(answers)} answers for {len(gold)} gold labels")
        right = Counter(label for label, answer in zip(gold, answers, strict=True) if label == answer)
        wanted, given = Counter(gold), Counter(answers)
        f1 = [2 * right[label] / (wanted[label] + given[label]) for label in gold]
        ids = tuple(map(str, range(len(f1))))
        return Items(ids, ids, np.column_stack([np.array(f1, dtype=np.float64), np.ones(len(f1))]))

    def aggregate(self, totals: FloatArray) -> dict[str, FloatArray]:
        """F1 in percent from totals of shape (..., 2); 0 without items."""
        return {"f1": percent(totals[..., 0], totals[..., 1])}
