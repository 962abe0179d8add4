"""A table for the tests of every renderer."""

from __future__ import annotations

from xharness.tables.table import Column, Emphasis, Table, TableCell, TableRow, number, words

EVIL = "a_b | <c>"
TABLE = Table(
    "made",
    "In percent",
    [Column("name", folds=True), Column("95 % score", numeric=True, stacked=True), Column("empty")],
    [
        TableRow([words(EVIL), number(71.236, detail="[70, 72]", marked=True), words("")], ends_section=True),
        TableRow([TableCell("all", emphasis=Emphasis.TOTAL), number(None), words("")], strong=True),
    ],
)
