"""A comparison as text for people: markdown, HTML for notebooks, and parts for a screen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from xharness.comparison.comparison import Comparison
from xharness.comparison.table import HEADER, SHORT_HEADER, averages_of, points_table, rows_table
from xharness.comparison.wording import DOWN, UP, family, remarks
from xharness.tables import escapes
from xharness.tables import markdown as markdown_table
from xharness.tables.html import bullets, notebook
from xharness.tables.table import Table
from xharness.tables.terminal import render

if TYPE_CHECKING:
    from rich.console import RenderableType


def markdown(comparison: Comparison, *, cells: bool = False) -> str:
    """A table that GitHub shows, with the remarks below."""
    table = _whole_table(comparison, cells=cells)
    lines = [f"### {escapes.markdown(table.caption)}", "", *markdown_table.render(table)]
    lines += ["", f"{family(comparison)}. {UP} {DOWN}: significant at {comparison.options.alpha:g}."]
    lines += [f"- {escapes.markdown(remark)}" for remark in remarks(comparison)]
    return "\n".join(lines) + "\n"


def html(comparison: Comparison) -> str:
    """A table for notebooks."""
    return notebook(_whole_table(comparison)) + bullets(remarks(comparison))


def _whole_table(comparison: Comparison, *, cells: bool = False) -> Table:
    """Tasks, groups and total; then all cells, or those that differ significantly."""
    shown = [row for row in comparison.cells if cells or row.significant]
    return rows_table(" → ".join(comparison.names), [[*averages_of(comparison), *shown]], HEADER)


def screen(comparison: Comparison, *, cells: bool = False) -> list[RenderableType]:
    """Averages, cells (all, or those that differ significantly), runs by seed, remarks."""
    from rich.text import Text

    legend = f"{family(comparison)}\n{_legend(comparison)}"
    return [
        *map(render, _screen_tables(comparison, cells=cells)),
        Text(legend, "dim"),
        *map(Text, remarks(comparison)),
    ]


def _screen_tables(comparison: Comparison, *, cells: bool) -> list[Table]:
    base, new = comparison.names
    total = [comparison.total] if comparison.total else []
    sections = [comparison.tasks, [*comparison.groups, *total]]
    tables = [rows_table(f"{base} → {new}: averages over languages in percent", sections, SHORT_HEADER)]
    if chosen := [row for row in comparison.cells if cells or row.significant]:
        title = "cells" if cells else f"cells that differ significantly ({len(chosen)} of {len(comparison.cells)})"
        tables.append(rows_table(title, [chosen], SHORT_HEADER))
    tables += [points_table(comparison)] if len(comparison.base) > 1 else []
    return tables


def _legend(comparison: Comparison) -> str:
    options = comparison.options
    return (
        f"▲ ▼: significant at {options.alpha:g}; detects: the true difference that is found with 80 % power; "
        f"{options.resamples:,} resamples"
    )
