"""Tables as comma-separated values that a spreadsheet shows and does not compute."""

from __future__ import annotations

import csv
import io

from xharness.tables.escapes import csv_cell
from xharness.tables.table import Table, TableCell


def render(table: Table) -> str:
    """A line of headings and a line a row; numbers as they are, texts as texts."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow([csv_cell(column.label) for column in table.columns])
    writer.writerows([_cell(cell) for cell in row.cells] for row in table.rows)
    return buffer.getvalue()


def _cell(cell: TableCell) -> str:
    return csv_cell(cell.text) if cell.sort is None else cell.text
