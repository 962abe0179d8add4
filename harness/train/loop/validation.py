"""ValidationSet evaluation during training: the task's own metric, 0 to 100, by the evaluation's own paths."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from xharness.compute.loading import Loaded
from xharness.evaluation.answer import answerer_of
from xharness.evaluation.answer.base import AnswerRequest
from xharness.tables.table import spelled
from xharness.tasks.base import Example, Gold, Items, Task
from xharness.tasks.data import CellData

if TYPE_CHECKING:
    from transformers import PreTrainedModel


@dataclass(frozen=True)
class ValidationSet:
    """The dev examples of one task in one language with their gold.

    Attributes:
        settings: Of the answerer of the task's type.
    """

    task: Task
    language: str
    examples: Sequence[Example]
    gold: Gold
    labels: Sequence[str]
    max_length: int
    settings: object


def dev_items(dev: ValidationSet, loaded: Loaded, batch_tokens: int) -> Items:
    """What the task's metric measures of every item."""
    request = AnswerRequest(
        dev.task, dev.labels, loaded, [_cell(dev)], {}, dev.settings, dev.max_length, batch_tokens, _quiet, _quiet
    )
    ((answered,), _) = answerer_of(dev.task).answer(request)
    return dev.task.metric.measure(dev.gold, answered.answers, dev.language)


def dev_score(dev: ValidationSet, loaded: Loaded, batch_tokens: int) -> float:
    """Mean of the task's main scores in percent."""
    metric = dev.task.metric
    scores = metric.aggregate(dev_items(dev, loaded, batch_tokens).statistics.sum(axis=0))
    return float(np.mean([scores[name] for name in metric.primary_scores]))


def _cell(dev: ValidationSet) -> CellData:
    """The dev set as evaluation takes it."""
    return CellData(dev.task, dev.language, "dev", dev.examples, dev.gold, "", (), (), (), "")


def _quiet(_said: object) -> None:
    """Progress of a dev evaluation is not shown."""


@dataclass(frozen=True)
class DevScores:
    """What one evaluation on dev found.

    Attributes:
        mean: Unweighted mean over tasks of the mean over their languages; every scale is 0 to 100, higher is better.
        parts: The score of each dev set, under names such as ``xnli.en``.
        measure: What the mean is one of: ``xnli accuracy``, or of all tasks.
    """

    mean: float
    parts: Mapping[str, float]
    measure: str = "mean"


def dev_scores(
    devs: Mapping[str, Mapping[str, ValidationSet]],
    heads: Mapping[str, PreTrainedModel],
    loaded: Loaded,
    batch_tokens: int,
) -> DevScores:
    """Scores of all dev sets, given by task and language."""
    parts: dict[str, float] = {}
    means = []
    for name, languages in devs.items():
        head = replace(loaded, model=heads[name])
        scores = {language: dev_score(dev, head, batch_tokens) for language, dev in languages.items()}
        parts |= {f"{name}.{language}": score for language, score in scores.items()}
        means.append(float(np.mean(list(scores.values()))))
    return DevScores(float(np.mean(means)), parts, _measure(devs))


def _measure(devs: Mapping[str, Mapping[str, ValidationSet]]) -> str:
    """What is measured, in words."""
    if len(devs) > 1:
        return f"mean of {len(devs)} tasks"
    ((name, languages),) = devs.items()
    scores = next(iter(languages.values())).task.metric.primary_scores
    return f"{name} {' and '.join(map(spelled, scores))}"
