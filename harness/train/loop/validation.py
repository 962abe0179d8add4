"""ValidationSet evaluation during training: the task's own metric, 0 to 100, by the evaluation's own paths."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
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


def score_of(dev: ValidationSet, items: Items) -> float:
    """Mean of the task's main scores in percent."""
    metric = dev.task.metric
    scores = metric.aggregate(items.statistics.sum(axis=0))
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


@dataclass
class DevEvaluation:
    """Evaluates all dev sets of a phase.

    The items of English dev are remembered of the step that was the best before and of the last one: of one of them
    the weights are kept, and what is asked of those later needs no second evaluation.

    Attributes:
        sets: By task and language.
        heads: The model of each task as it is now.
    """

    sets: Mapping[str, Mapping[str, ValidationSet]]
    heads: Mapping[str, PreTrainedModel]
    loaded: Loaded
    batch_tokens: int
    _english: dict[int, dict[str, Items]] = field(default_factory=dict)

    def scores(self, step: int, best_step: int) -> DevScores:
        """Scores of all dev sets after a step.

        Args:
            best_step: The best one so far.
        """
        parts: dict[str, float] = {}
        means = []
        self._english = {known: items for known, items in self._english.items() if known == best_step} | {step: {}}
        for name, languages in self.sets.items():
            items = {language: self._answered(name, dev) for language, dev in languages.items()}
            self._english[step] |= {name: items["en"]} if "en" in items else {}
            scores = {language: score_of(dev, items[language]) for language, dev in languages.items()}
            parts |= {f"{name}.{language}": score for language, score in scores.items()}
            means.append(float(np.mean(list(scores.values()))))
        return DevScores(float(np.mean(means)), parts, _measure(self.sets))

    def english(self, name: str, step: int) -> Items:
        """Items of the English dev set of a task, of the weights of a step, which the model has now."""
        known = self._english.get(step, {})
        return known[name] if name in known else self._answered(name, self.sets[name]["en"])

    def first_english(self, name: str, limit: int) -> Items:
        """Items of its first examples, of the weights that the model has now."""
        return self._answered(name, first(self.sets[name]["en"], limit))

    def _answered(self, name: str, dev: ValidationSet) -> Items:
        return dev_items(dev, replace(self.loaded, model=self.heads[name]), self.batch_tokens)


def first(dev: ValidationSet, limit: int) -> ValidationSet:
    """The first examples of a dev set."""
    examples, gold = dev.task.type.first(dev.examples, dev.gold, limit)
    return replace(dev, examples=examples, gold=gold)


def _measure(devs: Mapping[str, Mapping[str, ValidationSet]]) -> str:
    """What is measured, in words."""
    if len(devs) > 1:
        return f"mean of {len(devs)} tasks"
    ((name, languages),) = devs.items()
    scores = next(iter(languages.values())).task.metric.primary_scores
    return f"{name} {' and '.join(map(spelled, scores))}"
