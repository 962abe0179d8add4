"""MLQA's exact match and F1: SQuAD's with Unicode punctuation and the articles of each language.

Reproduced with its quirks: in Arabic every alef-lam pair goes, also inside words; in Chinese each ideograph is a word.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import ClassVar

from xharness.tasks.base import FloatArray, Items
from xharness.tasks.metrics import answers as shared
from xharness.tasks.metrics.language_aware import remove_punctuation
from xharness.tasks.types.extractive_qa import QuestionGold

_ARTICLES = {
    "en": r"\b(?:a|an|the)\b",
    "es": r"\b(?:un|una|unos|unas|el|la|los|las)\b",
    "de": r"\b(?:ein|eine|einen|einem|eines|einer|der|die|das|den|dem|des)\b",
    "vi": r"\b(?:của|là|cái|chiếc|những)\b",
    "ar": "ال",
}
_PATTERNS = {language: re.compile(pattern) for language, pattern in _ARTICLES.items()}
_IDEOGRAPH = re.compile("([\u4e00-\u9fa5])")

LANGUAGES = ("en", "es", "de", "ar", "hi", "vi", "zh")


@dataclass(frozen=True)
class MlqaAnswers:
    """The official score, and beside it ``f1_language_aware`` under its own name."""

    name: ClassVar[str] = "mlqa"
    columns: ClassVar[tuple[str, ...]] = shared.COLUMNS
    official_scores: ClassVar[tuple[str, ...]] = shared.OFFICIAL
    primary_scores: ClassVar[tuple[str, ...]] = shared.OFFICIAL

    def measure(self, gold: Sequence[QuestionGold], answers: Mapping[str, str], language: str) -> Items:
        """One item a question, clustered by paragraph. Raises ValueError for a language that MLQA has no rules for."""
        if language not in LANGUAGES:
            raise ValueError(f"MLQA has no scoring rules for '{language}', only for {', '.join(LANGUAGES)}")
        return shared.measure(gold, answers, language, partial(mlqa_tokens, language=language))

    def aggregate(self, totals: FloatArray) -> dict[str, FloatArray]:
        """Means in percent from totals of shape (..., 4)."""
        return shared.aggregate(totals)


def mlqa_tokens(text: str, language: str) -> list[str]:
    """Lower case, without punctuation, without this language's articles; split on white space (zh: ideographs too)."""
    text = remove_punctuation(text.lower())
    if language in _PATTERNS:
        text = _PATTERNS[language].sub(" ", text)
    if language == "zh":
        text = _IDEOGRAPH.sub(r" \1 ", text)
    return text.split()
