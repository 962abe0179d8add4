"""Tables on the screen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from xharness.tables.table import Column, Emphasis, Table

if TYPE_CHECKING:
    from rich.table import Table as RichTable

STYLES = {Emphasis.GROUP: "italic", Emphasis.TOTAL: "bold", Emphasis.GAIN: "bold green", Emphasis.LOSS: "bold red"}


def render(table: Table) -> RichTable:
    """The table as rich prints it: numbers on the right, details behind them, sums below a line and in bold.

    No cell is folded unless its column may be.
    """
    from rich.box import HEAVY_HEAD, SIMPLE_HEAD
    from rich.table import Table as RichTable
    from rich.text import Text

    box = HEAVY_HEAD if table.framed else SIMPLE_HEAD
    found = RichTable(title=table.caption, title_justify="left", box=box, pad_edge=table.framed)
    for column in table.columns:
        side, width = "right" if column.numeric else "left", column.narrowest
        found.add_column(_label(column), justify=side, no_wrap=not column.folds, min_width=width)  # type: ignore[arg-type]
    for row in table.rows:
        if row.strong:
            found.add_section()
        cells = (Text(cell.with_detail, STYLES.get(cell.emphasis, "")) for cell in row.cells)
        found.add_row(*cells, style="bold" if row.strong else None)
        if row.ends_section:
            found.add_section()
    return found


def _label(column: Column) -> str:
    return column.label.replace(" ", "\n") if column.stacked else column.label
