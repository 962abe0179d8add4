"""Where a submission's files are."""

from __future__ import annotations

from pathlib import Path

from xharness.tasks.base import Task
from xharness.tasks.common.errors import UserError
from xharness.tasks.registry import Benchmark, built_in


def predictions_folder(folder: Path) -> Path:
    """The folder that holds one folder a task: the one given, or ``predictions/`` inside a run folder.

    Raises:
        UserError: there is no such folder.
    """
    if not folder.is_dir():
        why = "this is a file" if folder.exists() else "it does not exist"
        raise UserError(
            f"no predictions at {folder}",
            f"{why}; a folder with one folder a task is needed",
            "give a run folder, or a folder that holds files like xnli/test-de.tsv",
        )
    inside = folder / "predictions"
    return inside if inside.is_dir() else folder


def tasks_of(benchmark: Benchmark) -> list[Task]:
    """The tasks of a benchmark in its order."""
    return [built_in()[name] for name in benchmark.languages]


def languages_in(benchmark: Benchmark, task: Task) -> tuple[str, ...]:
    """The languages that a benchmark scores for a task; a task outside it is scored in its own."""
    return benchmark.languages.get(task.name, task.languages)


def cell_file(folder: Path, task: Task, language: str) -> Path:
    """The file of one cell in a folder of predictions or of labels."""
    return folder / task.name / task.file_name(language)
