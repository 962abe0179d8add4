"""SQuAD 1.1's exact match and F1, as XQuAD and TyDiQA are scored: English rules whatever the language."""

from __future__ import annotations

import re
import string
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from xharness.tasks.base import FloatArray, Items
from xharness.tasks.metrics import answers as shared
from xharness.tasks.types.extractive_qa import QuestionGold

_NO_PUNCTUATION = str.maketrans("", "", string.punctuation)
_ARTICLES = re.compile(r"\b(?:a|an|the)\b")


@dataclass(frozen=True)
class SquadScore:
    """The official score, and beside it ``f1_language_aware`` under its own name."""

    name: ClassVar[str] = "squad-1.1"
    columns: ClassVar[tuple[str, ...]] = shared.COLUMNS
    official_scores: ClassVar[tuple[str, ...]] = shared.OFFICIAL
    primary_scores: ClassVar[tuple[str, ...]] = shared.OFFICIAL

    def measure(self, gold: Sequence[QuestionGold], answers: Mapping[str, str], language: str) -> Items:
        """One item a question, clustered by paragraph."""
        return shared.measure(gold, answers, language, squad_tokens)

    def aggregate(self, totals: FloatArray) -> dict[str, FloatArray]:
        """Means in percent from totals of shape (..., 4)."""
        return shared.aggregate(totals)


def squad_tokens(text: str) -> list[str]:
    """Lower case, without ASCII punctuation, without the words a, an and the; split on white space."""
    return _ARTICLES.sub(" ", text.lower().translate(_NO_PUNCTUATION)).split()
