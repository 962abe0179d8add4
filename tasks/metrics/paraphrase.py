"""Accuracy and F1 of the label ``1``, whose mean is GLUE's number for Quora Question Pairs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from xharness.tasks.base import FloatArray, Items
from xharness.tasks.metrics.ratios import f1_precision_recall, percent


@dataclass(frozen=True)
class AccuracyAndF1:
    """Labels are strings; ``1`` is the positive one."""

    name: ClassVar[str] = "accuracy+f1"
    columns: ClassVar[tuple[str, ...]] = ("right", "items", "hits", "predicted", "gold")
    official_scores: ClassVar[tuple[str, ...]] = ("accuracy", "f1")
    primary_scores: ClassVar[tuple[str, ...]] = ("accuracy", "f1")

    def measure(self, gold: Sequence[object], answers: Sequence[object], language: str) -> Items:
        """One item a line; its id is the 0-based line number."""
        if len(gold) != len(answers):
            raise ValueError(f"{language}: {len(answers)} answers for {len(gold)} gold labels")
        ids = tuple(map(str, range(len(gold))))
        right = np.array([answer == label for label, answer in zip(gold, answers, strict=True)], dtype=np.bool_)
        positive = np.array([label == "1" for label in gold], dtype=np.bool_)
        predicted = np.array([answer == "1" for answer in answers], dtype=np.bool_)
        columns = [right, np.ones_like(right), right & positive, predicted, positive]
        return Items(ids, ids, np.column_stack(columns).astype(np.float64))

    def aggregate(self, totals: FloatArray) -> dict[str, FloatArray]:
        """Scores in percent from totals of shape (..., 5); each 0 where its denominator is 0."""
        f1 = f1_precision_recall(totals[..., 2], totals[..., 3], totals[..., 4])["f1"]
        return {"accuracy": percent(totals[..., 0], totals[..., 1]), "f1": f1}
