"""Dev evaluation during training: the task's own metric, 0 to 100, by the evaluation's own paths."""

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
    """The dev examples of one task in one language with their gold."""

    task: Task
    language: str
    examples: Sequence[Example]
    gold: Gold
    labels: Sequence[str]
    max_length: int
    spans: SpanOptions


def dev_score(dev: Dev, loaded: Loaded, batch_tokens: int) -> float:
    """Mean of the task's main scores in percent."""
    answers = _answers(dev, loaded, batch_tokens)
    metric = dev.task.metric
    scores = metric.aggregate(metric.measure(dev.gold, answers, dev.language).counts.sum(axis=0))
    return float(np.mean([scores[name] for name in metric.main]))


@dataclass(frozen=True)
class DevScores:
    """What one evaluation on dev found.

    Attributes:
        mean: Unweighted mean over tasks of the mean over their languages; every scale is 0 to 100, higher is better.
        parts: The score of each dev set, under names such as ``xnli.en``.
    """

    mean: float
    parts: Mapping[str, float]


def dev_scores(
    devs: Mapping[str, Mapping[str, Dev]], heads: Mapping[str, Any], loaded: Loaded, batch_tokens: int
) -> DevScores:
    """Scores of all dev sets, given by task and language."""
    parts: dict[str, float] = {}
    means = []
    for name, languages in devs.items():
        head = replace(loaded, model=heads[name])
        scores = {language: dev_score(dev, head, batch_tokens) for language, dev in languages.items()}
        parts |= {f"{name}.{language}": score for language, score in scores.items()}
        means.append(float(np.mean(list(scores.values()))))
    return DevScores(float(np.mean(means)), parts)


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
