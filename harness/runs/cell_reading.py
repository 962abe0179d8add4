"""One cell of a run, finished or not: read without a look at the others."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from xharness.runs.folder import RunFolder
from xharness.runs.manifest import Manifest
from xharness.runs.reading import read_manifest
from xharness.runs.record import DamagedCellError, Record
from xharness.tasks.base import Items
from xharness.tasks.common.errors import UserError

SPLITS = ("test", "dev")  # mining is scored on dev where only that is there


@dataclass(frozen=True, eq=False)
class ScoredCell:
    """A cell that has a score.

    Attributes:
        prediction: The file of its answers.
        items: Statistics by name; ``main`` for the official metric.
    """

    manifest: Manifest
    record: Record
    prediction: Path
    items: Mapping[str, Items]


def read_cell(run: Path, task: str, language: str) -> ScoredCell:
    """Read one cell of a run, every file of it checked.

    Raises:
        UserError: it is not a run; the cell is not there, is damaged, or has no score.
    """
    manifest, folder = read_manifest(run), RunFolder(run)
    split = next((split for split in SPLITS if folder.has_record(task, language, split)), None)
    if split is None:
        raise _no_cell(folder, task, language)
    try:
        record, items = folder.read(task, language, split)
    except DamagedCellError as error:
        raise UserError(f"{task} in '{language}' of {run} is damaged", str(error), "evaluate it again") from error
    if "main" not in items or not record.prediction:
        raise UserError(
            f"{run} has no score for {task} in '{language}'",
            record.reason or "there was no gold",
            "evaluate again with labels; right and wrong need gold",
        )
    return ScoredCell(manifest, record, folder.prediction_path(task, record.prediction), items)


def _no_cell(folder: RunFolder, task: str, language: str) -> UserError:
    """The cell is missing: say which ones are there."""
    names = folder.names()
    languages = sorted({found for name, found, _ in names if name == task})
    there = f"{task} in {' '.join(languages)}" if languages else " ".join(sorted({n for n, _, _ in names}))
    what = f"{folder.path} has no {task} in '{language}'"
    return UserError(what, f"it holds {there or 'no task at all'}", "evaluate it, or choose another cell")
