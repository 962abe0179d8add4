"""The items of a run, one a row: what the model was given, gold, its answer, and what the metric counted of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from xharness.diff.cell import find_task, load_data, open_cell
from xharness.diff.items import answers_in_order
from xharness.runs.reading import Run
from xharness.tasks.common.errors import UserError
from xharness.tasks.common.json_types import Json
from xharness.tasks.registry import Registry

COLUMNS = (
    "task", "language", "split", "id", "cluster", "input", "gold", "answer", "score", "right", "statistics",
    "facts",
)  # fmt: skip
"""Of a row, in their order."""


@dataclass(frozen=True)
class ItemReader:
    """Reads the items of a run cell by cell.

    Attributes:
        data: Where the data are now; None for where the run found them.
        left_out: A line for each cell that has no items, and why; filled while cells are read.
    """

    run: Run
    registry: Registry
    data: Path | None
    left_out: list[str] = field(default_factory=list)

    def cells(self) -> Iterator[tuple[str, str]]:
        """Task and language of each cell that has a score, in their order."""
        for task, languages in self.run.scores.cells.items():
            yield from ((task, language) for language in languages)

    def rows(self) -> Iterator[dict[str, Json]]:
        """All of them, in the order of the data.

        Raises:
            UserError: the data are gone, or are not those that were evaluated.
        """
        for task, language in self.cells():
            yield from self.rows_of(task, language)

    def rows_of(self, name: str, language: str) -> list[dict[str, Json]]:
        """The rows of one cell; none where its task is not known here."""
        if name not in self.registry.tasks:
            self.left_out.append(f"{name} {language}: the task is not known here; --tasks-from names its file")
            return []
        task = find_task(name, language, self.registry)
        cell = open_cell(self.run.path, task, language)
        loaded = load_data([cell], task, self.data)
        counted = zip(cell.items.clusters, cell.items.statistics.tolist(), strict=True)
        return [
            {
                "task": name,
                "language": language,
                "split": cell.record.split,
                "id": item.id,
                "cluster": cluster,
                "input": dict(item.inputs),
                "gold": item.gold,
                "answer": item.answer,
                "score": item.score,
                "right": item.right,
                "statistics": dict(zip(task.metric.columns, row, strict=True)),
                "facts": dict(item.facts),
            }
            for item, (cluster, row) in zip(answers_in_order(cell, loaded), counted, strict=True)
        ]


def require_some(rows: list[dict[str, Json]], reader: ItemReader) -> None:
    """Raise UserError if a run has no items at all."""
    if not rows:
        why = reader.left_out[0] if reader.left_out else "no cell has a score"
        raise UserError(f"{reader.run.path} has no items to export", why, "evaluate with gold labels")
