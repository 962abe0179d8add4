"""What SQuAD's and MLQA's scores share: exact match and bag-of-words F1, the best over the gold answers of a question.

Only the tokeniser differs between them: a function from a text to its normalised tokens.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TypeAlias

import numpy as np

from xharness.tasks.base import FloatArray, Items
from xharness.tasks.metrics.language_aware import words
from xharness.tasks.metrics.ratios import percent
from xharness.tasks.types.extractive_qa import QuestionGold

Tokens: TypeAlias = Sequence[str]
Tokenize: TypeAlias = Callable[[str], Tokens]

COLUMNS = ("exact", "f1", "f1_language_aware", "questions")
OFFICIAL = ("exact_match", "f1")


def measure(gold: Sequence[QuestionGold], answers: Mapping[str, str], language: str, tokenize: Tokenize) -> Items:
    """Counts of shape (questions, 4), see ``COLUMNS``; clusters are paragraphs.

    A question without an answer counts 0 in every score, answers to unknown questions are ignored.
    """
    aware = partial(words, language=language)
    counts = np.zeros((len(gold), len(COLUMNS)))
    for row, question in zip(counts, gold, strict=True):
        row[3] = 1
        if question.id in answers and question.answers:
            answer = answers[question.id]
            exact, f1 = _best(answer, question.answers, tokenize)
            row[:3] = exact, f1, _best(answer, question.answers, aware)[1]
    return Items(tuple(q.id for q in gold), tuple(q.cluster for q in gold), counts)


def aggregate(totals: FloatArray) -> dict[str, FloatArray]:
    """Means in percent from totals of shape (..., 4); 0 without questions."""
    names = (*OFFICIAL, "f1_language_aware")
    return {name: percent(totals[..., column], totals[..., 3]) for column, name in enumerate(names)}


def token_f1(answer: Tokens, gold: Tokens) -> float:
    """F1 of two bags of tokens; 0 without a common token, also when both are empty."""
    if set(answer).isdisjoint(gold):
        return 0.0
    common = sum((Counter(answer) & Counter(gold)).values())
    precision, recall = common / len(answer), common / len(gold)
    return 2 * precision * recall / (precision + recall)


def _best(answer: str, golds: Sequence[str], tokenize: Tokenize) -> tuple[bool, float]:
    """Exact match and F1, each the best over the gold answers."""
    given = tokenize(answer)
    if answer in golds:
        return True, float(bool(given))
    right = [tokenize(gold) for gold in dict.fromkeys(golds)]
    return given in right, max(token_f1(given, gold) for gold in right)
