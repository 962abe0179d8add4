"""Machine-translated training data of a task."""

from __future__ import annotations

from pathlib import Path

from xharness.tasks.base import Split, Task
from xharness.tasks.common.errors import UserError


def translations(task: Task, language: str, file: Path) -> Split:
    """The translated examples of one file; ids are ``<language>-<id>``, the fact ``language`` names it as well.

    Raises:
        UserError: the task has no published translations, or the file is not there.
    """
    if not file.is_file():
        raise UserError(f"no translations at {file}", "nothing is there", "check the path")
    if task.translated is None:
        what, why = f"no translations of {task.name} can be read", "no translated training set of it is published"
        raise UserError(what, why, "leave --translations out for this task")
    return task.translated(file, language)
