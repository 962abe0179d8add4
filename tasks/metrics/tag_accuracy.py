"""Accuracy over words, for tags that are not spans: supertags and dependency relations."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from xharness.tasks.base import FloatArray, Items
from xharness.tasks.metrics.ratios import percent


@dataclass(frozen=True)
class TagAccuracy:
    """Words with the right tag over words.

    Attributes:
        known: The tags that a model can give; words with any other gold tag do not count in ``accuracy``, only in
            ``accuracy_all_words``. Empty: every tag is known.
    """

    known: frozenset[str] = frozenset()

    name: ClassVar[str] = "tag-accuracy"
    columns: ClassVar[tuple[str, ...]] = ("right", "known", "words")
    official_scores: ClassVar[tuple[str, ...]] = ("accuracy",)
    primary_scores: ClassVar[tuple[str, ...]] = ("accuracy",)

    def measure(self, gold: Sequence[Sequence[str]], answers: Sequence[Sequence[str]], language: str) -> Items:
        """One item a sentence. Sentence lengths must agree."""
        if [len(tags) for tags in gold] != [len(tags) for tags in answers]:
            raise ValueError(f"{language}: answers and gold differ in sentences or in tags of a sentence")
        counts = np.zeros((len(gold), 3))
        for row, right, given in zip(counts, gold, answers, strict=True):
            countable = [not self.known or tag in self.known for tag in right]
            hits = [tag == answer and known for tag, answer, known in zip(right, given, countable, strict=True)]
            row[:] = sum(hits), sum(countable), len(right)
        ids = tuple(map(str, range(len(gold))))
        return Items(ids, ids, counts)

    def aggregate(self, totals: FloatArray) -> dict[str, FloatArray]:
        """Accuracy in percent from totals of shape (..., 3); 0 without words."""
        right = totals[..., 0]
        return {"accuracy": percent(right, totals[..., 1]), "accuracy_all_words": percent(right, totals[..., 2])}
