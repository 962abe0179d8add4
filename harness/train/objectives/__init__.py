"""What each task type is trained on: one module a type, found by the type's name."""

from __future__ import annotations

from collections.abc import Iterable
from importlib import import_module
from importlib.util import find_spec

from xharness.tasks.base import Task
from xharness.tasks.common.errors import UserError
from xharness.train.objectives.base import Objective

__all__ = ["Objective", "can_be_trained", "objective_class", "trains_dual_encoder"]


def can_be_trained(task: Task) -> bool:
    """Whether the type of a task has an objective."""
    return find_spec(_module(task)) is not None


def objective_class(task: Task) -> type[Objective]:
    """The objective of a task's type.

    Raises:
        UserError: it has none.
    """
    if not can_be_trained(task):
        what, why = f"{task.name} cannot be trained", f"{task.type.title} has no objective"
        raise UserError(what, why, "see: xharness tasks list")
    found: type[Objective] = import_module(_module(task)).OBJECTIVE
    return found


def trains_dual_encoder(tasks: Iterable[Task]) -> bool:
    """Whether a phase of these tasks has negatives."""
    return any(can_be_trained(task) and objective_class(task).contrasts for task in tasks)


def _module(task: Task) -> str:
    return task.type.plugin or f"{__name__}.{task.type.name}"
