"""Span F1 over tags by the rules of seqeval 0.0.12, as the official scorer has it, and what stands beside it.

The rules of spans are those of :mod:`xharness.tasks.types.tag_spans`; the newer variant is called ``f1_seqeval_1``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from xharness.tasks.base import FloatArray, Items
from xharness.tasks.metrics.ratios import f1_precision_recall, percent
from xharness.tasks.types.tag_spans import BoolArray, IntArray, encode, spans_of, type_after_dash, type_after_prefix


@dataclass(frozen=True)
class SpanF1:
    """The official span F1, and beside it ``f1_seqeval_1`` and ``token_accuracy`` under their own names."""

    name: ClassVar[str] = "span-f1.seqeval-0.0.12"
    columns: ClassVar[tuple[str, ...]] = (
        "hits", "predicted", "gold", "hits_seqeval_1", "predicted_seqeval_1", "gold_seqeval_1", "right", "tokens",
    )  # fmt: skip
    official_scores: ClassVar[tuple[str, ...]] = ("f1", "precision", "recall")
    primary_scores: ClassVar[tuple[str, ...]] = ("f1",)

    def measure(self, gold: Sequence[Sequence[str]], answers: Sequence[Sequence[str]], language: str) -> Items:
        """One item a sentence; a span belongs to the sentence where it ends. Sentence lengths must agree."""
        lengths = np.array([len(tags) for tags in gold], dtype=np.int64)
        if [len(tags) for tags in answers] != lengths.tolist():
            raise ValueError(f"{language}: answers and gold differ in sentences or in tags of a sentence")
        vocabulary, right, given = encode(gold, answers)
        word = np.ones(len(right), dtype=np.bool_)
        word[np.cumsum(lengths + 1) - 1] = False
        flags = [*_compare(right, given, vocabulary, type_after_dash)]
        flags += [*_compare(right, given, vocabulary, type_after_prefix), word & (right == given), word]
        sentence = np.repeat(np.arange(len(lengths)), lengths + 1)
        counts = [np.bincount(sentence[flag], minlength=len(lengths)) for flag in flags]
        ids = tuple(map(str, range(len(lengths))))
        return Items(ids, ids, np.column_stack(counts).astype(np.float64))

    def aggregate(self, totals: FloatArray) -> dict[str, FloatArray]:
        """Scores in percent from totals of shape (..., 8); each 0 where its denominator is 0."""
        old, new = totals[..., 0:3], totals[..., 3:6]
        scores = f1_precision_recall(old[..., 0], old[..., 1], old[..., 2])
        scores["f1_seqeval_1"] = f1_precision_recall(new[..., 0], new[..., 1], new[..., 2])["f1"]
        scores["token_accuracy"] = percent(totals[..., 6], totals[..., 7])
        return scores


def _compare(
    right: IntArray, given: IntArray, vocabulary: list[str], type_of: Callable[[str], str]
) -> tuple[BoolArray, BoolArray, BoolArray]:
    """Where a common span ends, where a span of the answers ends, where a gold span ends."""
    gold, answer = spans_of(right, vocabulary, type_of), spans_of(given, vocabulary, type_of)
    same = gold.ends & answer.ends & (gold.types == answer.types) & (gold.begins == answer.begins)
    return same, answer.ends, gold.ends
