"""Labels of a task whose label set is whatever its training data has (CCG supertags)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from tasks.base import Example, TaggedSentence, Task
from tasks.errors import UserError
from tasks.metrics.tag_accuracy import TagAccuracy


def learn(task: Task, examples: Iterable[Example]) -> Task:
    """The task with the labels of its training examples, sorted, where it declares none; else the task itself.

    Tag accuracy then leaves out words whose gold tag is none of them: no model could give it.

    Raises:
        UserError: the examples carry no tags.
    """
    if task.labels or not isinstance(task.metric, TagAccuracy):
        return task
    tags = {tag for example in examples if isinstance(example, TaggedSentence) for tag in example.tags or ()}
    if not tags:
        why = "its labels are those of its training set"
        raise UserError(f"no tag in the training data of {task.name}", why, "check the files of the training set")
    return replace(task, labels=tuple(sorted(tags)), metric=TagAccuracy(frozenset(tags)))


def unseen(task: Task, examples: Iterable[Example]) -> dict[str, int]:
    """Tags that are no label of the task, and how many words have them, most frequent first."""
    counts: dict[str, int] = {}
    known = set(task.labels)
    for example in examples:
        for tag in (example.tags or ()) if isinstance(example, TaggedSentence) else ():
            if tag not in known:
                counts[tag] = counts.get(tag, 0) + 1
    return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))
