"""Dev evaluation during training: the task's own metric on English dev, 0 to 100, by the evaluation's own paths."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from harness.loading import Loaded
from harness.predict.answer import answer
from harness.predict.choose import choose
from harness.predict.classify import classify
from harness.predict.spans import SpanOptions
from harness.predict.tag import tag
from tasks.base import Answers, Example, Gold, Kind, Task


@dataclass(frozen=True)
class Dev:
    """The dev examples of one task with their gold."""

    task: Task
    examples: Sequence[Example]
    gold: Gold
    labels: Sequence[str]
    max_length: int
    spans: SpanOptions


def dev_score(dev: Dev, loaded: Loaded, batch_tokens: int) -> float:
    """Mean of the task's main scores in percent."""
    answers = _answers(dev, loaded, batch_tokens)
    metric = dev.task.metric
    scores = metric.aggregate(metric.measure(dev.gold, answers, "en").counts.sum(axis=0))
    return float(np.mean([scores[name] for name in metric.main]))


def mean_dev_score(devs: Mapping[str, Dev], heads: Mapping[str, Any], loaded: Loaded, batch_tokens: int) -> float:
    """Unweighted mean over tasks; every task's scale is 0 to 100."""
    scores = [
        dev_score(dev, replace(loaded, model=heads[name]), batch_tokens)
        for name, dev in devs.items()
    ]  # fmt: skip
    return float(np.mean(scores))


def _answers(dev: Dev, loaded: Loaded, batch_tokens: int) -> Answers:
    """Answers in the shape of the task's format."""
    examples: Any = dev.examples
    if dev.task.kind is Kind.PAIR:
        return classify(loaded, examples, dev.labels, max_length=dev.max_length, batch_tokens=batch_tokens)[0]
    if dev.task.kind is Kind.TAGGING:
        return tag(loaded, examples, dev.labels, max_length=dev.max_length, batch_tokens=batch_tokens)[0]
    if dev.task.kind is Kind.CHOICE:
        return choose(loaded, examples, max_length=dev.max_length, batch_tokens=batch_tokens)[0]
    texts = answer(loaded, examples, dev.spans, batch_tokens=batch_tokens)[0]
    return dict(zip((question.id for question in examples), texts, strict=True))
