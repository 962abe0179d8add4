"""The later runs against the first one, as tables and as numbers for the chart."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from xharness.comparison.comparison import SIDES, CompareOptions, Comparison, ComparisonRow
from xharness.comparison.pairing import pair
from xharness.comparison.source import source_of
from xharness.comparison.table import averages_of
from xharness.report.gather import NamedRun
from xharness.tables.table import MISSING, Column, Table, TableCell, TableRow, bounds, number, words
from xharness.tasks.common.errors import UserError
from xharness.tasks.common.json_types import JsonObject
from xharness.tasks.registry import Registry

MARK = "*"


@dataclass(frozen=True)
class Compared:
    """Comparisons by the name of the later run, and for which runs there is none, and why."""

    base: str
    options: CompareOptions
    by_run: dict[str, Comparison] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)

    @property
    def notes(self) -> list[str]:
        """What the comparisons have to say beside their numbers, each once."""
        notes = []
        for name, comparison in self.by_run.items():
            notes += [f"{name}: {note}" for note in comparison.notes]
            for side, cells in comparison.missing.items():
                if cells:
                    notes.append(f"{name}: {len(cells)} cells are missing in {'the base' if side == 'base' else name}")
            if row := next((row for row in comparison.cells if row.across), None):
                notes.append(f"{name}: measured differently: {', '.join(row.across)}")
        return list(dict.fromkeys(notes))


def compare_runs(runs: Sequence[NamedRun], options: CompareOptions, registry: Registry) -> Compared | None:
    """Every later run against the first, corrected as one family; None for a single run.

    Raises:
        UserError: a run is damaged.
    """
    from xharness.comparison.compare import compare_all

    if len(runs) == 1:
        return None
    compared = Compared(runs[0].name, options)
    base, *news = [source_of(run.whole, registry) for run in runs if run.whole]
    comparable = {}
    for run, new in zip(runs[1:], news, strict=True):
        try:
            pair([base], [new], across=options.across)
            comparable[run.name] = [new]
        except UserError as error:
            compared.problems.append(f"{run.name} is not compared: {error.what}: {error.why}; {error.fix}")
    found = compare_all([base], list(comparable.values()), options) if comparable else []
    compared.by_run.update(zip(comparable, found, strict=True))
    return compared


def averages(compared: Compared) -> Table:
    """Tasks, groups and total of every comparison."""
    return _table(
        compared, "compare", averages_of, f"Differences to {compared.base} in points; {MARK} marks {_level(compared)}"
    )


def short_averages(compared: Compared) -> Table:
    """The same without what fits on no page: the star stands by the difference, and notes are left out."""
    several = len(compared.by_run) > 1
    columns = [
        *([Column("run")] if several else []), Column("task"), Column("base", True), Column("new", True),
        Column("difference", True), Column("p (Holm)", True), Column("detectable", True),
    ]  # fmt: skip
    lines = []
    for run, comparison in compared.by_run.items():
        for row in averages_of(comparison):
            task, base, new, difference, _, p, mark, detectable, _ = _cells(row)
            starred = replace(difference, detail=f"{difference.detail}{mark.text}")
            cells = [task, base, new, starred, p, detectable]
            lines.append(TableRow([*([words(run)] if several else []), *cells], row.level in ("group", "total")))
    caption = f"Differences to {compared.base} in points, with 95 % intervals; {MARK} marks {_level(compared)}"
    return Table("compare", caption, columns, lines)


def cells(compared: Compared) -> Table:
    """Every cell of every comparison."""
    caption = f"Differences to {compared.base} cell by cell; {MARK} marks {_level(compared)}"
    return _table(compared, "compare-cells", lambda comparison: comparison.cells, caption, filtered=True)


def _level(compared: Compared) -> str:
    return f"p ≤ {compared.options.alpha:g} after Holm's correction"


def _table(
    compared: Compared,
    name: str,
    rows: Callable[[Comparison], Sequence[ComparisonRow]],
    caption: str,
    filtered: bool = False,
) -> Table:
    columns = [
        *([Column("run")] if len(compared.by_run) > 1 else []),
        Column("cell" if filtered else "task"), Column("base", True), Column("new", True),
        Column("difference", True, "new minus base, with its 95 % interval"),
        Column("p", True, "two-sided, not corrected"), Column("p (Holm)", True, "corrected for its family"),
        Column("sig.", help=f"{MARK} where the corrected p is small enough"),
        Column("detectable", True, "true difference that would be found with a power of 80 %"), Column("note"),
    ]  # fmt: skip
    lines = []
    for run, comparison in compared.by_run.items():
        for row in rows(comparison):
            cells = _cells(row)
            lines.append(
                TableRow([*([words(run)] if len(compared.by_run) > 1 else []), *cells], row.level in ("group", "total"))
            )
    return Table(name, caption, columns, lines, filtered)


def _cells(row: ComparisonRow) -> list[TableCell]:
    note = "; ".join([row.note] * bool(row.note) + ["regression"] * row.regression)
    return [
        words(row.name), *(number(getattr(row, side), marked=side in row.not_zero_shot) for side in SIDES),
        number(row.difference, sign=True, detail=bounds(row.interval, sign=True)),
        probability_cell(row.p), probability_cell(row.p_holm), words(MARK if row.significant else ""),
        number(row.minimum_detectable) if row.minimum_detectable is not None else words(MISSING), words(note),
    ]  # fmt: skip


def probability_cell(p: float) -> TableCell:
    """``0.0312``; with four digits, as 10,000 resamples allow."""
    return TableCell("< 0.0001" if p < 0.0001 else f"{p:.4f}", p)


def differences(compared: Compared) -> list[JsonObject]:
    """For the chart: tasks, groups and total of every comparison."""
    return [
        {
            "run": run,
            "name": row.name,
            "difference": round(row.difference, 3),
            **({"low": round(row.interval[0], 3), "high": round(row.interval[1], 3)} if row.interval else {}),
            "significant": row.significant,
        }
        for run, comparison in compared.by_run.items()
        for row in averages_of(comparison)
    ]
