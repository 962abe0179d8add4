"""Adversarial SQuAD's score: of the variants of a question that were made against models, the worst answer counts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from xharness.tasks.base import FloatArray, Items
from xharness.tasks.metrics import answers as shared
from xharness.tasks.metrics.ratios import percent
from xharness.tasks.metrics.squad import squad_tokens
from xharness.tasks.types.extractive_qa import QuestionGold


@dataclass(frozen=True)
class WorstAnswer:
    """Exact match and F1 of the variant with the lowest F1 of each question (Jia and Liang 2017).

    A variant's id is that of its question, ``-`` and more; a question without variants counts as it is. The scores of
    the plain questions stand beside, as ``plain_exact_match`` and ``plain_f1``.
    """

    name: ClassVar[str] = "squad-1.1-worst-variant"
    columns: ClassVar[tuple[str, ...]] = ("exact", "f1", "questions", "plain_exact", "plain_f1", "plain")
    official_scores: ClassVar[tuple[str, ...]] = shared.OFFICIAL
    primary_scores: ClassVar[tuple[str, ...]] = shared.OFFICIAL

    def measure(self, gold: Sequence[QuestionGold], answers: Mapping[str, str], language: str) -> Items:
        """One item a question or variant, shape (items, 6); all counts stand with the first one of a question.

        Clusters are paragraphs of plain questions; variants go with their question.
        """
        scored = shared.measure(gold, answers, language, squad_tokens).statistics
        counts = np.zeros((len(gold), len(self.columns)))
        questions: dict[str, list[int]] = {}
        for place, each in enumerate(gold):
            questions.setdefault(each.id.partition("-")[0], []).append(place)
        clusters = [each.cluster for each in gold]
        for name, places in questions.items():
            plain = [place for place in places if gold[place].id == name]
            worst = min([place for place in places if place not in plain] or plain, key=lambda place: scored[place, 1])
            counts[places[0], :3] = *scored[worst, :2], 1
            if plain:
                counts[places[0], 3:] = *scored[plain[0], :2], 1
            for place in places:
                clusters[place] = gold[(plain or places)[0]].cluster
        return Items(tuple(each.id for each in gold), tuple(clusters), counts)

    def aggregate(self, totals: FloatArray) -> dict[str, FloatArray]:
        """Means in percent from totals of shape (..., 6); 0 without questions."""
        return {
            "exact_match": percent(totals[..., 0], totals[..., 2]),
            "f1": percent(totals[..., 1], totals[..., 2]),
            "plain_exact_match": percent(totals[..., 3], totals[..., 5]),
            "plain_f1": percent(totals[..., 4], totals[..., 5]),
        }
