"""Entity ranking: mean reciprocal rank at 20, which with one gold entity a mention is mean average precision."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from xharness.tasks.base import FloatArray, Items
from xharness.tasks.metrics.ratios import percent

CUTOFF = 20


@dataclass(frozen=True)
class ReciprocalRank:
    """Mewsli-X's score. A mention without an answer counts 0, answers to unknown mentions are ignored."""

    name: ClassVar[str] = "map@20"
    columns: ClassVar[tuple[str, ...]] = ("reciprocal_rank", "mentions")
    official: ClassVar[tuple[str, ...]] = ("map@20",)
    main: ClassVar[tuple[str, ...]] = ("map@20",)

    def measure(self, gold: Mapping[str, Sequence[str]], answers: Mapping[str, Sequence[str]], language: str) -> Items:  # noqa: ARG002 - the same call for every metric
        """One item a mention of gold. The gold entity is stripped of white space, answers are not."""
        ranks = [_reciprocal(entities, answers.get(mention, [])) for mention, entities in gold.items()]
        counts = np.column_stack([np.array(ranks, dtype=np.float64), np.ones(len(ranks))])
        return Items(tuple(gold), tuple(gold), counts)

    def aggregate(self, totals: FloatArray) -> dict[str, FloatArray]:
        """The mean in percent from totals of shape (..., 2); 0 without mentions."""
        return {"map@20": percent(totals[..., 0], totals[..., 1])}


def _reciprocal(gold: Sequence[str], ranking: Sequence[str]) -> float:
    best = ranking[:CUTOFF]
    entity = gold[0].strip() if gold else None
    return 1 / (best.index(entity) + 1) if entity in best else 0.0
