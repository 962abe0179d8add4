"""Ranking: reciprocal rank of the one right candidate, and average precision where several are right, both at 20."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from xharness.tasks.base import FloatArray, Items
from xharness.tasks.metrics.ratios import percent
from xharness.tasks.types.ranking import CUTOFF

OWN_LANGUAGE = "own_language@20"


@dataclass(frozen=True)
class ReciprocalRank:
    """Mewsli-X's score. A mention without an answer counts 0, answers to unknown mentions are ignored."""

    name: ClassVar[str] = "map@20"
    columns: ClassVar[tuple[str, ...]] = ("reciprocal_rank", "mentions")
    official_scores: ClassVar[tuple[str, ...]] = ("map@20",)
    primary_scores: ClassVar[tuple[str, ...]] = ("map@20",)

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


@dataclass(frozen=True)
class AveragePrecision:
    """LAReQA's score: precision at each right candidate among the first 20, over as many as could be there.

    A candidate counts once, where it stands first; a question without an answer counts 0, answers to unknown questions
    are ignored. The variant ``own_language@20`` is the share of the ranked candidates that are in the question's
    language: 100 divided by the number of languages where the ranking does not know languages.
    """

    name: ClassVar[str] = "average-precision@20"
    columns: ClassVar[tuple[str, ...]] = ("average_precision", "questions", "own_language", "ranked")
    official_scores: ClassVar[tuple[str, ...]] = ("map@20",)
    primary_scores: ClassVar[tuple[str, ...]] = ("map@20",)

    def measure(self, gold: Mapping[str, Sequence[str]], answers: Mapping[str, Sequence[str]], language: str) -> Items:
        """One item a question of gold; its id without the language, and the paragraph as its cluster.

        Ids are those of XQuAD-R: questions ``<id>_<language>``, candidates ``<language>_<paragraph>_<sentence>``.
        """
        counts = np.empty((len(gold), len(self.columns)))
        for row, (question, right) in enumerate(gold.items()):
            best = answers.get(question, [])[:CUTOFF]
            own = sum(candidate.startswith(f"{language}_") for candidate in best)
            counts[row] = average_precision(right, best), 1, own, len(best)
        ids = tuple(question.removesuffix(f"_{language}") for question in gold)
        clusters = tuple(_paragraph(right) or name for name, right in zip(ids, gold.values(), strict=True))
        return Items(ids, clusters, counts)

    def aggregate(self, totals: FloatArray) -> dict[str, FloatArray]:
        """Means in percent from totals of shape (..., 4); 0 without questions."""
        return {
            "map@20": percent(totals[..., 0], totals[..., 1]),
            OWN_LANGUAGE: percent(totals[..., 2], totals[..., 3]),
        }


def average_precision(right: Sequence[str], ranking: Sequence[str]) -> float:
    """From 0 to 1: the sum of hits / rank over the hits, by the number of right candidates or 20 if they are more."""
    wanted, hits, total = {each.strip() for each in right}, 0, 0.0
    most = min(len(wanted), CUTOFF)
    for rank, candidate in enumerate(ranking[:CUTOFF], 1):
        if candidate in wanted:
            wanted.discard(candidate)
            hits += 1
            total += hits / rank
    return total / most if most else 0.0


def _paragraph(right: Sequence[str]) -> str:
    """The paragraph that a question is about, the same in every language; empty where ids do not tell it."""
    parts = right[0].strip().split("_") if right else []
    return parts[1] if len(parts) == 3 else ""
