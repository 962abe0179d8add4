"""How each task type is answered: one module a type, found by the type's name."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec

from xharness.evaluation.answer.base import Answerer
from xharness.tasks.base import Task

__all__ = ["Answerer", "answerer_of", "can_be_answered"]


def can_be_answered(task: Task) -> bool:
    """Whether models answer this task here, rather than predictions being scored only."""
    return task.reader is not None and find_spec(_module(task)) is not None


def answerer_of(task: Task) -> Answerer[object]:
    """The answerer of a task's type. Its settings are a class of its own, which only it reads.

    Raises:
        ModuleNotFoundError: the type has none; ask :func:`can_be_answered` first.
    """
    found: Answerer[object] = import_module(_module(task)).ANSWERER
    return found


def _module(task: Task) -> str:
    return task.type.plugin or f"{__name__}.{task.type.name}"
