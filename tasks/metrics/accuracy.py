"""Accuracy: the share of answers that equal gold."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from xharness.tasks.base import FloatArray, Items
from xharness.tasks.metrics.ratios import percent


@dataclass(frozen=True)
class Accuracy:
    """Matches over answers. Strings are compared as strings (``007`` is not ``7``), choices as Python values."""

    name: ClassVar[str] = "accuracy"
    columns: ClassVar[tuple[str, ...]] = ("right", "items")
    official_scores: ClassVar[tuple[str, ...]] = ("accuracy",)
    primary_scores: ClassVar[tuple[str, ...]] = ("accuracy",)

    def measure(self, gold: Sequence[object], answers: Sequence[object], language: str) -> Items:
        """One item a line; its id is the 0-based line number."""
        if len(gold) != len(answers):
            raise ValueError(f"{language}: {len(answers)} answers for {len(gold)} gold labels")
        ids = tuple(map(str, range(len(gold))))
        right = np.array([answer == label for label, answer in zip(gold, answers, strict=True)], dtype=np.float64)
        return Items(ids, ids, np.column_stack([right, np.ones_like(right)]))

    def aggregate(self, totals: FloatArray) -> dict[str, FloatArray]:
        """Accuracy in percent from totals of shape (..., 2); 0 without items."""
        return {"accuracy": percent(totals[..., 0], totals[..., 1])}
