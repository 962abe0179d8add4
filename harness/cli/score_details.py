"""What is behind the averages of a run: scores by language, and every cell."""

from __future__ import annotations

from typing import TYPE_CHECKING

from xharness.cli.screen import console
from xharness.submissions.scores_file import ScoresFile
from xharness.submissions.zero_shot import LEGEND, with_sign
from xharness.tables.table import Column, Table, TableRow, words
from xharness.tables.terminal import is_wider, render

if TYPE_CHECKING:
    from rich.table import Table as RichTable

ROOM = 6  # lines of a screen that title, headings and the prompt take


def languages_table(scores: ScoresFile) -> Table:
    """Languages down, tasks across, in percent."""
    languages = dict.fromkeys(language for cells in scores.cells.values() for language in cells)
    names = [with_sign(task, task in scores.not_zero_shot) for task in scores.cells]
    columns = [Column("language"), *(Column(name, numeric=True) for name in names)]
    found = [[cells.get(language) for cells in scores.cells.values()] for language in languages]
    rows = [
        TableRow([words(language), *(words("" if cell is None else f"{cell.score:.1f}") for cell in cells)])
        for language, cells in zip(languages, found, strict=True)
    ]
    sign = f"; {LEGEND}" if scores.not_zero_shot else ""
    return Table("languages", f"scores by language, in percent{sign}", columns, rows, dense=True)


def cells_table(scores: ScoresFile) -> Table:
    """Every cell with its interval and its number of examples; ``scores.json`` has the signatures."""
    columns = [
        Column("task"), Column("language"), Column("score", numeric=True), Column("95 % interval", numeric=True),
        Column("n", numeric=True),
    ]  # fmt: skip
    rows = []
    for task, cells in scores.cells.items():
        for language, cell in cells.items():
            bounds = cell.score_interval
            interval = "" if bounds is None else f"[{bounds[0]:.2f}, {bounds[1]:.2f}]"
            texts = (task, language, f"{cell.score:.2f}", interval, f"{cell.n:,}")
            rows.append(TableRow([*map(words, texts)]))
    return Table("cells", "every cell, in percent", columns, rows).without_empty_columns()


def fitting(table: Table) -> RichTable | None:
    """The table as a screen shows it; None where it has one row, or more columns or lines than the screen."""
    screen, part = console(), render(table)
    too_long = screen.is_terminal and len(table.rows) + ROOM > screen.height
    return None if len(table.rows) < 2 or too_long or is_wider(screen, part) else part
