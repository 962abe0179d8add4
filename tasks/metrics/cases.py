"""MultiCheckList's measure: the share of test cases in which every answer is right (error rate: 100 minus that).

An answer is right if it equals gold after articles, and marks and spaces at the ends, are taken off both. Letters keep
their case. Rules of google-research/xtreme, ``multichecklist``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from xharness.tasks.base import FloatArray, Items
from xharness.tasks.metrics.ratios import percent
from xharness.tasks.types.extractive_qa import QuestionGold

MARKS = ",. "
_MORE_MARKS = {"bn": "৷", "hi": "৷", "pa": "।", "pl": "„”", "ur": "\u200f"}
_ARTICLES = {
    "af": "’n", "de": "ein eine einen", "el": "Ο ένα μια", "en": "a an the in at",
    "es": "un una unos unas el la los las", "eu": "bat",
    "fa": "یک", "fr": "un une le la en", "hu": "egy", "it": "un una", "nl": "een", "pt": "um uma",
    "tl": "Si", "tr": "bir", "vi": "một", "wo": "dafa", "yo": "kan",
}  # fmt: skip
_BEGINNINGS = {"bn": "একটি একজন", "hi": "एक", "ml": "ഒരു", "mr": "एक", "my": "တစ်ဦး", "pa": "ਇੱਕ ਇਕ", "ta": "ஒரு"}
"""Articles that may be written together with what follows."""
_ANYWHERE = {"ar": "ال"}
_ALTERNATIVES = (
    *((language, rf"\b(?:{'|'.join(words.split())})\b") for language, words in _ARTICLES.items()),
    *((language, rf"\b(?:{'|'.join(words.split())})") for language, words in _BEGINNINGS.items()),
    *_ANYWHERE.items(),
)
_PATTERNS = {language: re.compile(pattern) for language, pattern in _ALTERNATIVES}


@dataclass(frozen=True)
class PassedCases:
    """Cases that are passed. A case is a cluster of questions; its counts stand with the first of them.

    ``right_answers`` is the share of single answers that are right.
    """

    name: ClassVar[str] = "multichecklist"
    columns: ClassVar[tuple[str, ...]] = ("passed", "cases", "right", "questions")
    official_scores: ClassVar[tuple[str, ...]] = ("passed",)
    primary_scores: ClassVar[tuple[str, ...]] = ("passed",)

    def measure(self, gold: Sequence[QuestionGold], answers: Mapping[str, str], language: str) -> Items:
        """One item a question, shape (questions, 4); clusters are cases."""
        counts = np.zeros((len(gold), len(self.columns)))
        first: dict[str, int] = {}
        for place, question in enumerate(gold):
            given = bare(answers.get(question.id, ""), language)
            right = any(given == bare(text, language) for text in question.answers)
            counts[place, 2:] = right, 1
            case = first.setdefault(question.cluster, place)
            if case == place:
                counts[place, :2] = right, 1
            counts[case, 0] = min(counts[case, 0], right)
        return Items(tuple(each.id for each in gold), tuple(each.cluster for each in gold), counts)

    def aggregate(self, totals: FloatArray) -> dict[str, FloatArray]:
        """Shares in percent from totals of shape (..., 4)."""
        return {
            "passed": percent(totals[..., 0], totals[..., 1]),
            "right_answers": percent(totals[..., 2], totals[..., 3]),
        }


def bare(text: str, language: str) -> str:
    """An answer as it is compared."""
    pattern = _PATTERNS.get(language)
    return (pattern.sub(" ", text) if pattern else text).strip(MARKS + _MORE_MARKS.get(language, ""))
