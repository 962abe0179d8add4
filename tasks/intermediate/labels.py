"""Labels of a task whose label set is whatever its training data has (CCG supertags)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from xharness.tasks.base import Example, Task
from xharness.tasks.common.errors import UserError
from xharness.tasks.metrics.tag_accuracy import TagAccuracy


def learn(task: Task, examples: Iterable[Example]) -> Task:
    """The task with the labels of its training examples, sorted, where it declares none; else the task itself.

    Tag accuracy then leaves out words whose gold tag is none of them: no model could give it.

    Raises:
        UserError: the examples carry no tags.
    """
    if task.labels or not isinstance(task.metric, TagAccuracy):
        return task
    tags = task.type.labels_of(examples)
    if not tags:
        why = "its labels are those of its training set"
        raise UserError(f"no tag in the training data of {task.name}", why, "check the files of the training set")
    return replace(task, labels=tuple(sorted(tags)), metric=TagAccuracy(frozenset(tags)))
