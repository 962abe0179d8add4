"""Tables as GitHub's markdown shows them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from xharness.tables.escapes import markdown as escape
from xharness.tables.table import Table, TableCell, TableRow


def render(table: Table) -> list[str]:
    """The lines of a table, without its caption: numbers on the right, sums in bold."""
    header = [escape(column.label) for column in table.columns]
    rows = ([_cell(cell, row) for cell in row.cells] for row in table.rows)
    return piped(header, rows, [column.numeric for column in table.columns])


def piped(header: Sequence[str], rows: Iterable[Sequence[str]], numeric: Sequence[bool] = ()) -> list[str]:
    """The lines of a table of what is markdown already.

    Args:
        numeric: For each column whether it is aligned on the right; by default none is.
    """
    rule = ["---:" if right else "---" for right in numeric] or ["---"] * len(header)
    return [f"| {' | '.join(cells)} |" for cells in (header, rule, *rows)]


def _cell(cell: TableCell, row: TableRow) -> str:
    text = escape(cell.with_detail)
    return f"**{text}**" if row.strong and text else text
