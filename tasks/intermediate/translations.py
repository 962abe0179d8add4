"""Machine-translated training data of a task."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from xharness.tasks.base import Split, Task
from xharness.tasks.common.errors import BadFiles, UserError


def all_translations(task: Task, files: Mapping[str, Path]) -> list[Split]:
    """The translated examples of one file a language, for training.

    Raises:
        UserError: as :func:`translations`.
        BadFiles: malformed lines, all of them.
    """
    splits = [translations(task, language, path) for language, path in files.items()]
    if problems := [problem for split in splits for problem in split.problems]:
        raise BadFiles(f"translations of {task.name} cannot be used", problems, "fix the files")
    return splits


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
