"""Accuracy: the share of answers that equal gold."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from xharness.tasks.base import FloatArray, Items
from xharness.tasks.metrics.ratios import percent
from xharness.tasks.types.keyed_gold import item_clusters, item_ids


@dataclass(frozen=True)
class Accuracy:
    """Matches over answers. Strings are compared as strings (``007`` is not ``7``), choices as Python values."""

    name: ClassVar[str] = "accuracy"
    columns: ClassVar[tuple[str, ...]] = ("right", "items")
    official_scores: ClassVar[tuple[str, ...]] = ("accuracy",)
    primary_scores: ClassVar[tuple[str, ...]] = ("accuracy",)

    def measure(self, gold: Sequence[object], answers: Sequence[object], language: str) -> Items:
        """One item a line; its id is the 0-based line number, unless gold has ids and clusters of its own."""
        if len(gold) != len(answers):
            raise ValueError(f"{language}: {len(answers)} answers for {len(gold)} gold labels")
        right = np.array([answer == label for label, answer in zip(gold, answers, strict=True)], dtype=np.float64)
        return Items(item_ids(gold), item_clusters(gold), np.column_stack([right, np.ones_like(right)]))

    def aggregate(self, totals: FloatArray) -> dict[str, FloatArray]:
        """Accuracy in percent from totals of shape (..., 2); 0 without items."""
        return {"accuracy": percent(totals[..., 0], totals[..., 1])}


@dataclass(frozen=True)
class AccuracyByLabel:
    """Accuracy, and beside it the share of right answers to items of each gold label.

    Attributes:
        labels: Their order is that of the columns.
    """

    labels: tuple[str, ...]
    name: ClassVar[str] = "accuracy-by-label"
    official_scores: ClassVar[tuple[str, ...]] = ("accuracy",)
    primary_scores: ClassVar[tuple[str, ...]] = ("accuracy",)

    @property
    def columns(self) -> tuple[str, ...]:
        """Right answers and items, of all and then of each label."""
        endings = ("", *(f"_{label}" for label in self.labels))
        return tuple(f"{what}{ending}" for ending in endings for what in ("right", "items"))

    def measure(self, gold: Sequence[str], answers: Sequence[str], language: str) -> Items:
        """Shape (items, 2 + 2 x labels); otherwise as :meth:`Accuracy.measure`."""
        plain = Accuracy().measure(gold, answers, language)
        own = [plain.statistics * np.array([[given == label] for given in gold]) for label in self.labels]
        return Items(plain.ids, plain.clusters, np.column_stack([plain.statistics, *own]))

    def aggregate(self, totals: FloatArray) -> dict[str, FloatArray]:
        """Percent from totals of shape (..., 2 + 2 x labels): ``accuracy``, then by the label's name."""
        names = ("accuracy", *self.labels)
        return {name: percent(totals[..., 2 * at], totals[..., 2 * at + 1]) for at, name in enumerate(names)}
