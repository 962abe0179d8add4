"""Whether label names that a user gave stand in the order that a head was trained with, told by English dev.

The right order is far above all others, because a trained head is; where it is not, that is said.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import permutations

import numpy as np

from xharness.evaluation.answer import answerer_of
from xharness.evaluation.answer.base import AnswerRequest
from xharness.evaluation.answering import Models
from xharness.evaluation.plan import Plan, PlannedCell
from xharness.tasks.base import Task
from xharness.tasks.common.errors import UserError
from xharness.tasks.data import CellData

EXAMPLES = 500  # of English dev: enough for a difference of chance and training
LEAST = 50
MOST_LABELS = 5  # whose orders are all tried
FAR = 10.0  # points

Order = tuple[str, ...]


def check_label_orders(plan: Plan, cells: Sequence[PlannedCell], models: Models) -> dict[str, str]:
    """By task what English dev says of label names that the user gave; empty where none were given.

    Raises:
        UserError: another order is far better.
    """
    named = {cell.task.name: cell for cell in cells if cell.fitting.checkpoint.labels_given and cell.fitting.labels}
    return {name: _checked(plan, cell, models) for name, cell in named.items()}


def _checked(plan: Plan, cell: PlannedCell, models: Models) -> str:
    """What is said about one task."""
    task, given = cell.task, tuple(label for label in cell.fitting.labels if label is not None)
    dev = _dev(plan, task)
    if dev is None or len(given) > MOST_LABELS:
        few = f"there are not {LEAST} examples of English dev with labels"
        why = few if dev is None else f"{len(given)} labels have too many orders"
        return f"the order of the label names was not checked: {why}"
    scores = _scores(task, dev, given, answers_to_dev(plan, cell, dev, models))
    if not scores:
        return f"the order of the label names was not checked: {task.type.title} has no check"
    best = max((order for order in scores if order != given), key=lambda order: scores[order])
    seen = f"of {len(dev.examples)} examples of English dev, the order given scores {scores[given]:.1f}"
    if scores[best] > scores[given] + FAR:
        raise UserError(
            f"--label-names {','.join(given)} is not the order that the head of {task.name} was trained with",
            f"{seen}, and {','.join(best)} {scores[best]:.1f}",
            f"--label-names {','.join(best)}",
        )
    sure = "far above" if scores[given] > scores[best] + FAR else "not far enough from the others to tell:"
    return f"label names: {seen}, {sure} the next best, {','.join(best)} ({scores[best]:.1f})"


def _dev(plan: Plan, task: Task) -> CellData | None:
    """The first examples of English dev; None where they are too few, have no gold or are malformed."""
    if not plan.data.holds(task, "en", "dev"):
        return None
    dev = plan.data.load(task, "en", "dev", limit=EXAMPLES)
    return None if dev.gold is None or dev.problems or len(dev.examples) < LEAST else dev


def answers_to_dev(plan: Plan, cell: PlannedCell, dev: CellData, models: Models) -> object:
    """What the model answers, by the labels as they were given."""
    answerer = answerer_of(cell.task)
    request: AnswerRequest[object] = AnswerRequest(
        task=cell.task,
        labels=cell.fitting.labels,
        loaded=models.load(cell.fitting.checkpoint, answerer.head, 0.0),
        cells=[dev],
        tuning={},
        settings=cell.settings,
        max_length=cell.max_length,
        batch_tokens=plan.batch_tokens,
        progress=lambda _share: None,
        note=lambda _text: None,
    )
    ((answered,), _) = answerer.answer(request)
    return answered.answers


def _scores(task: Task, dev: CellData, given: Order, answers: object) -> Mapping[Order, float]:
    """The task's number under every order; empty where a type's answers cannot be renamed."""
    found = {}
    for order in permutations(given):
        renamed = answerer_of(task).renamed(answers, dict(zip(given, order, strict=True)))
        if renamed is None:
            return {}
        scores = task.metric.aggregate(task.metric.measure(dev.gold, renamed, "en").statistics.sum(axis=0))
        found[order] = float(np.mean([scores[name] for name in task.metric.primary_scores]))
    return found
