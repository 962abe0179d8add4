"""The score of somebody who does not read, as a task's type and metric have it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from random import Random
from typing import Any

from xharness.tasks.base import Task


def chance_level(task: Task, language: str, examples: Sequence[Any], gold: Any) -> float | None:
    """The expected score in percent of a guesser on these examples; None where nobody has worked it out.

    Args:
        examples: Of the task's type; ``gold`` likewise.
    """
    metric = task.metric

    def score(answers: object) -> float:
        scores = metric.aggregate(metric.measure(gold, answers, language).statistics.sum(axis=0))
        return float(sum(scores[name] for name in metric.primary_scores) / len(metric.primary_scores))

    return task.type.chance(examples, gold, task.labels, score, Random(f"{task.name}/{language}"))


def tail(right: int, items: int, share: float) -> float:
    """The exact probability of ``right`` or more right ones of ``items``, each right with probability ``share``."""
    if not 0 < share < 1:
        return float(share >= 1 or right <= 0)
    logs = (
        math.lgamma(items + 1) - math.lgamma(k + 1) - math.lgamma(items - k + 1)
        + k * math.log(share) + (items - k) * math.log1p(-share)
        for k in range(right, items + 1)
    )  # fmt: skip
    return min(1.0, math.fsum(map(math.exp, logs)))
