"""SQuAD 2.0's exact match and F1: a question without an answer is right if, and only if, the answer is empty."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from xharness.tasks.base import FloatArray, Items
from xharness.tasks.metrics import answers as shared
from xharness.tasks.metrics.squad import squad_tokens
from xharness.tasks.types.extractive_qa import QuestionGold


@dataclass(frozen=True)
class SquadV2Answers:
    """As in SQuAD 1.1 where there is an answer. The gold answer of a question without one is ""."""

    name: ClassVar[str] = "squad-2.0"
    columns: ClassVar[tuple[str, ...]] = shared.COLUMNS
    official_scores: ClassVar[tuple[str, ...]] = shared.OFFICIAL
    primary_scores: ClassVar[tuple[str, ...]] = shared.OFFICIAL

    def measure(self, gold: Sequence[QuestionGold], answers: Mapping[str, str], language: str) -> Items:
        """One item a question, clustered by paragraph; a question that is not answered counts 0."""
        items = shared.measure(gold, answers, language, squad_tokens)
        for row, question in zip(items.statistics, gold, strict=True):
            if question.answers == ("",):
                row[:3] = question.id in answers and not squad_tokens(answers[question.id])
        return items

    def aggregate(self, totals: FloatArray) -> dict[str, FloatArray]:
        """Means in percent from totals of shape (..., 4)."""
        return shared.aggregate(totals)
