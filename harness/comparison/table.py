"""The rows of a comparison, and the runs behind their means, as tables for every format."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from statistics import fmean, stdev

from xharness.comparison.comparison import SIDES, Comparison, ComparisonRow
from xharness.comparison.wording import columns
from xharness.submissions.zero_shot import with_sign
from xharness.tables.table import Column, Emphasis, Table, TableCell, TableRow, words

HEADER = ("", "base", "new", "difference", "", "95 % interval", "p (Holm)", "detectable", "note")
SHORT_HEADER = ("", "base", "new", "diff", "", "95 % interval", "p", "detects", "note")
LEVELS = {"group": Emphasis.GROUP, "total": Emphasis.TOTAL}


def averages_of(comparison: Comparison) -> list[ComparisonRow]:
    """Tasks, groups and total, in this order."""
    return [*comparison.tasks, *comparison.groups, *([comparison.total] if comparison.total else [])]


def rows_table(title: str, sections: Sequence[Sequence[ComparisonRow]], header: Sequence[str]) -> Table:
    """Rows in sections under one of the headers; the column of notes may be left out where there is none."""
    listed = [Column(name, numeric=name not in ("", "note"), folds=name == "note") for name in header]
    rows = [
        TableRow(_cells(row), row.level == "total", ends_section=row is section[-1])
        for section in sections
        for row in section
    ]
    if header is SHORT_HEADER and not any(row.note for section in sections for row in section):
        listed, rows = listed[:-1], [TableRow(row.cells[:-1], row.strong, row.ends_section) for row in rows]
    return Table("comparison", title, listed, rows)


def _cells(row: ComparisonRow) -> list[TableCell]:
    name, base, new, difference, sign, *rest = columns(row)
    change = Emphasis.NONE if not row.significant else Emphasis.GAIN if row.difference > 0 else Emphasis.LOSS
    return [
        TableCell(name, emphasis=LEVELS.get(row.level, Emphasis.NONE)),
        *(TableCell(text, getattr(row, side)) for text, side in zip((base, new), SIDES, strict=True)),
        TableCell(difference, row.difference, emphasis=change),
        TableCell(sign, emphasis=change),
        *map(words, rest),
    ]


def points_table(comparison: Comparison) -> Table:
    """Every run's score: what the means stand on."""
    header = [Column("", folds=True)]
    for side in SIDES:
        header += [Column(f"{side}: scores by seed", folds=True), Column("mean ± sd", numeric=True)]
    rows = [TableRow([words(row.name), *_points(row)]) for row in comparison.first_family]
    return Table("points", "every run", header, rows)


def _points(row: ComparisonRow) -> Iterator[TableCell]:
    """Scores by seed and their mean, on each side."""
    for side in SIDES:
        points = row.points[side]
        yield words(" ".join(f"{point:.2f}" for point in points))
        yield words(with_sign(f"{fmean(points):.2f} ± {stdev(points):.2f}", side in row.not_zero_shot))
