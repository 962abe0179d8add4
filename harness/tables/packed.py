"""Rows of a table as data for a page's scripts."""

from __future__ import annotations

from typing import TypedDict

from xharness.tables.table import Table, TableCell


class PackedRows(TypedDict):
    """Every piece of text once, and for each cell of each row the places of its pieces."""

    pieces: list[str]
    rows: list[list[list[int]]]


def pack_rows(table: Table) -> PackedRows:
    """The rows: a cell is ``text TAB detail``, cut at ``|``."""
    pieces: dict[str, int] = {}

    def places(cell: TableCell) -> list[int]:
        return [pieces.setdefault(piece, len(pieces)) for piece in f"{cell.shown}\t{cell.detail}".split("|")]

    rows = [[places(cell) for cell in row.cells] for row in table.rows]
    return {"pieces": list(pieces), "rows": rows}
