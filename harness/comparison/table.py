"""A comparison on the screen."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from xharness.comparison.comparison import SIDES, Comparison, Row
from xharness.comparison.render import columns, family, remarks
from xharness.submissions.zero_shot import with_sign

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.table import Table


def comparison_table(comparison: Comparison, *, cells: bool = False) -> list[RenderableType]:
    """As rich renderables: averages, cells (all, or those that differ significantly), runs by seed, remarks."""
    from rich.text import Text

    base, new = comparison.names
    parts: list[RenderableType] = [_averages(comparison, f"{base} → {new}: averages over languages in percent")]
    chosen = [row for row in comparison.cells if cells or row.significant]
    if chosen:
        title = "cells" if cells else f"cells that differ significantly ({len(chosen)} of {len(comparison.cells)})"
        parts.append(_table(title, [chosen]))
    if len(comparison.base) > 1:
        parts.append(_points(comparison))
    parts.append(Text(f"{family(comparison)}\n{_legend(comparison)}", "dim"))
    return [*parts, *(Text(line) for line in remarks(comparison))]


def _averages(comparison: Comparison, title: str) -> Table:
    total = [comparison.total] if comparison.total else []
    return _table(title, [comparison.tasks, [*comparison.groups, *total]])


def _table(title: str, sections: Sequence[Sequence[Row]]) -> Table:
    from rich.box import SIMPLE_HEAD
    from rich.table import Table
    from rich.text import Text

    table = Table(title=title, title_justify="left", box=SIMPLE_HEAD, pad_edge=False, padding=(0, 1))
    noted = any(row.note for section in sections for row in section)
    for name in ("", "base", "new", "diff", "", "95 % interval", "p", "detects", *(["note"] if noted else [])):
        table.add_column(name, justify="left" if name in ("", "note") else "right", no_wrap=name != "note")
    for section in sections:
        for row in section:
            name, base, new, difference, sign, *rest, note = columns(row)
            colour = "" if not row.significant else "bold green" if row.difference > 0 else "bold red"
            style = {"group": "italic", "total": "bold"}.get(row.level, "")
            numbers = Text(difference, colour), Text(sign, colour)
            table.add_row(Text(name, style), base, new, *numbers, *rest, *([note] if noted else []))
        if section:
            table.add_section()
    return table


def _points(comparison: Comparison) -> Table:
    """Every run's score: what the means stand on."""
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    table = Table(title="every run", title_justify="left", box=SIMPLE_HEAD, pad_edge=False)
    table.add_column("")
    for side in SIDES:
        table.add_column(f"{side}: scores by seed")
        table.add_column("mean ± sd", justify="right", no_wrap=True)
    for row in comparison.first_family:
        shown = []
        for side in SIDES:
            points = row.points[side]
            mean = sum(points) / len(points)
            spread = (sum((point - mean) ** 2 for point in points) / (len(points) - 1)) ** 0.5
            shown += [
                " ".join(f"{point:.2f}" for point in points),
                with_sign(f"{mean:.2f} ± {spread:.2f}", side in row.not_zero_shot),
            ]
        table.add_row(row.name, *shown)
    return table


def _legend(comparison: Comparison) -> str:
    options = comparison.options
    return (
        f"▲ ▼: significant at {options.alpha:g}; detects: the true difference that is found with 80 % power; "
        f"{options.resamples:,} resamples"
    )
