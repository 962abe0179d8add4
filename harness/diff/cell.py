"""One cell of a run as it lies on disk: answers, per-item statistics, and the data that it was made from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from xharness.comparison.source import require_fit
from xharness.runs.cell_reading import read_cell
from xharness.runs.items import SIMILARITY
from xharness.runs.manifest import Manifest
from xharness.runs.record import Record
from xharness.submissions.signature import Signature
from xharness.tasks.base import Answers, Items, Task
from xharness.tasks.common.errors import UserError, suggestion
from xharness.tasks.data import CellData, DataFolder
from xharness.tasks.registry import Registry, languages_of

HASH_DIGITS = 8  # of the data, in a signature


@dataclass(frozen=True, eq=False)
class RunCell:
    """A scored cell of one run.

    Attributes:
        items: Statistics of the official metric.
        similarity: Similarity of what was found, by query or by ``source TAB target``; empty for other kinds of task
            and for runs of versions that did not keep it.
    """

    path: Path
    record: Record
    answers: Answers
    items: Items
    similarity: Mapping[str, float]
    manifest: Manifest

    def signed(self, part: str) -> str:
        """One part of the cell's signature, such as ``data``; empty if it has no such part."""
        return _part(self.record, part)


def find_task(task: str, language: str, registry: Registry | None = None) -> Task:
    """The task by its name. Raises UserError for names that are not known."""
    found = (registry or Registry()).task(task)
    if language not in languages_of(found):
        raise UserError(
            f"unknown language '{language}'", f"{task} does not have it", suggestion(language, languages_of(found))
        )
    return found


def open_cell(run: Path, task: Task, language: str) -> RunCell:
    """Read one cell of a run.

    Raises:
        UserError: it is not a run; the cell is not there, is damaged, or has no score, or that of another metric.
    """
    read = read_cell(run, task.name, language)
    record, items = read.record, read.items
    if record.signature and _part(record, "metric") != task.metric.name:
        raise UserError(
            f"{task.name} in '{language}' of {run} was scored by {_part(record, 'metric')}",
            f"this version scores it by {task.metric.name}",
            "evaluate again: predictions stay, only the scores are new",
        )
    require_fit(task, items["main"], f"{task.name} in '{language}' of {run}")
    kept = items.get(SIMILARITY)
    similarity = dict(zip(kept.ids, kept.statistics[:, 0].tolist(), strict=True)) if kept else {}
    parsed = task.type.parse_answers(read.prediction)
    return RunCell(run, record, parsed.answers, items["main"], similarity, read.manifest)


def check_pair(base: RunCell, new: RunCell) -> None:
    """Refuse two cells whose items are not the same ones."""
    name = f"{base.record.task} in '{base.record.language}'"
    for part in ("data", "split", "limit", "quirks"):
        left, right = base.signed(part), new.signed(part)
        if left != right:
            raise UserError(
                f"{base.path} and {new.path} answered other items of {name}",
                f"{part} is {left or 'not set'} in the first and {right or 'not set'} in the second",
                "evaluate both on the same data with the same options",
            )


def load_data(cells: Sequence[RunCell], task: Task, data: Path | None) -> CellData:
    """Examples and gold that the cells were made from.

    Args:
        data: Where they are now; None for the folder that the first run remembers.

    Raises:
        UserError: they are gone, or no longer the same.
    """
    first = cells[0]
    record, manifest = first.record, first.manifest
    folder = _remembered(first) if data is None else DataFolder.open(data, names=[task.name])
    loaded = folder.load(
        task,
        record.language,
        record.split,
        keep_csv_quotes=manifest.reference_quirks,
        limit=manifest.limit,
    )
    if (signed := first.signed("data")) and loaded.sha[:HASH_DIGITS] != signed:
        raise UserError(
            f"{folder.download} is not what {first.path} was evaluated on",
            f"{task.name} in '{record.language}' has the hash {loaded.sha[:HASH_DIGITS]} there, {signed} in the run",
            "name the old data with --data DIR, or evaluate again",
        )
    return loaded


def _remembered(cell: RunCell) -> DataFolder:
    """The data folder of a run, if it is still there."""
    download, labels = Path(cell.manifest.data.get("download") or "."), cell.manifest.data.get("labels")
    if not cell.manifest.data.get("download") or not download.is_dir():
        raise UserError(
            f"the data of {cell.path} are gone",
            f"the run was evaluated on {download}, and no such folder is here",
            "name them with --data DIR",
        )
    return DataFolder(download, Path(labels) if labels else None)


def _part(record: Record, part: str) -> str:
    """One part of a signature such as ``task:xnli.de|metric:accuracy``; empty if it has no such part."""
    return Signature.parse(record.signature)[part]
