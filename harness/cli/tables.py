"""The final table: tasks, groups and total with their intervals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from xharness.cli.screen import console, print_text
from xharness.retrieve.sweeps import scored_block, sweeps
from xharness.submissions.published import REFERENCE, published_average
from xharness.submissions.score_parts import FurtherAverage, Interval, Unscored
from xharness.submissions.scores_file import ScoresFile
from xharness.submissions.zero_shot import with_sign
from xharness.tables.table import Column, Emphasis, Table, TableCell, TableRow, spelled, words
from xharness.tables.terminal import fit, render
from xharness.tasks.base import Task
from xharness.tasks.registry import BENCHMARKS

if TYPE_CHECKING:
    from rich.console import RenderableType

    from xharness.retrieve.sweep import Sweep

SHOWN_REASONS = 12


def print_whole(part: RenderableType) -> None:
    """Print on stdout, never cutting a cell of a table, nor a path in a line of text."""
    from rich.text import Text

    screen = console()
    if isinstance(part, Text):
        print_text(screen, part)
        return
    fit(screen, part)
    screen.print(part)


def scores_table(scores: ScoresFile, tasks: Mapping[str, Task]) -> list[RenderableType]:
    """What scores say, as rich renderables: one table, then what has no score and why.

    Args:
        tasks: Tasks by name, for their groups and published averages.
    """
    from rich.text import Text

    lines = [
        *_why_no_total(scores),
        *_why_no_interval(scores),
        *_in_no_average(scores.beside),
        *_unscored(scores.unscored),
        *(f"note: {note}" for note in scores.notes),
    ]
    return [render(_averages(scores, tasks)), *map(Text, lines)]


def _averages(scores: ScoresFile, tasks: Mapping[str, Task]) -> Table:
    benchmark = BENCHMARKS[scores.benchmark]
    columns = [
        Column("task"), Column("score", numeric=True), Column("95 % interval", numeric=True),
        Column("langs", numeric=True), Column(REFERENCE, numeric=True, stacked=True),
        Column("transfer gap", numeric=True, stacked=True),
    ]  # fmt: skip
    rows = [_task_row(scores, name, _published(scores, tasks.get(name))) for name in scores.tasks]
    rows += [_beside_row(scores, *cell) for cell in scores.beside]
    if rows and (scores.groups or scores.has_total):
        rows[-1] = replace(rows[-1], ends_section=True)
    rows += [_average_row(scores, name, name, interval, Emphasis.GROUP) for name, interval in scores.groups.items()]
    if scores.has_total:
        rows.append(_average_row(scores, "all_task", "all tasks", scores.all_task, Emphasis.TOTAL))
    rows += [_further_row(name, found) for name, found in scores.averages.items()]
    whose = f"{benchmark.name}: " if {*benchmark.languages} & {*scores.cells} else ""
    title = f"{whose}averages over languages in percent"
    return Table("scores", title, columns, rows).without_empty_columns()


def _task_row(scores: ScoresFile, name: str, published: str) -> TableRow:
    summary = scores.tasks[name]
    gap = "" if summary.transfer_gap is None else f"{summary.transfer_gap:+.2f}"
    texts = (_interval(summary.interval.get("avg_metric")), f"{summary.languages}/{summary.of}", published, gap)
    named = words(with_sign(name, name in scores.not_zero_shot))
    return TableRow([named, TableCell(_points(scores.average(name))), *map(words, texts)])


def _beside_row(scores: ScoresFile, name: str, language: str) -> TableRow:
    """One language that is in no average."""
    cell = scores.cells[name][language]
    named = words(with_sign(f"{name} {language}", name in scores.not_zero_shot))
    return TableRow(
        [named, TableCell(_points(cell.score)), words(_interval(cell.score_interval)), *map(words, ("", "", ""))]
    )


def _in_no_average(beside: Sequence[tuple[str, str]]) -> list[str]:
    """One line for the rows of single languages."""
    return [f"in no average: {', '.join(' '.join(cell) for cell in beside)}"] if beside else []


def _average_row(scores: ScoresFile, key: str, name: str, interval: Interval, emphasis: Emphasis) -> TableRow:
    """A group, of which only the name stands out, or the total, whose number does as well."""
    score = TableCell(_points(scores.average(key)), emphasis=emphasis if emphasis is Emphasis.TOTAL else Emphasis.NONE)
    return TableRow([TableCell(name, emphasis=emphasis), score, words(_interval(interval)), *map(words, ("", "", ""))])


def _further_row(name: str, found: FurtherAverage) -> TableRow:
    """A further average of the benchmark, set as the total is."""
    named, score = (TableCell(text, emphasis=Emphasis.TOTAL) for text in (spelled(name), _points(found.score)))
    return TableRow([named, score, words(_interval(found.interval)), *map(words, ("", "", ""))])


def _published(scores: ScoresFile, task: Task | None) -> str:
    """The published average, where it is one over the same data."""
    found = published_average(scores, task)
    return "" if found is None else f"{found:.1f}"


def _points(score: float) -> str:
    return f"{score:.2f}"


def _interval(bounds: Interval) -> str:
    """``± 1.05 [78.15, 80.25]``; empty where none can be drawn."""
    if bounds is None:
        return ""
    low, high = bounds
    return f"± {(high - low) / 2:.2f} [{low:.2f}, {high:.2f}]"


def _why_no_total(scores: ScoresFile) -> list[str]:
    """One line that says what an average over all tasks still lacks."""
    counted = BENCHMARKS[scores.benchmark].in_total
    if scores.has_total or not {*counted} & {*scores.cells}:
        return []
    lacking = []
    for name in counted:
        summary = scores.tasks.get(name)
        if summary is None:
            lacking.append(name)
        elif not summary.complete:
            lacking.append(f"{name} ({summary.languages} of {summary.of} languages)")
    return [f"no overall average; missing: {', '.join(lacking)}"] if lacking else []


def _why_no_interval(scores: ScoresFile) -> list[str]:
    """One line for each task with a language whose items are one cluster, so that nothing tells how they vary."""
    if not scores.resamples:
        return []
    alone = {
        task: [language for language, cell in cells.items() if cell.score_interval is None]
        for task, cells in scores.cells.items()
    }
    why = "an interval needs items of two texts, and these are of one"
    return [f"no interval: {task} {' '.join(languages)}: {why}" for task, languages in alone.items() if languages]


def _unscored(cells: Sequence[Unscored]) -> list[str]:
    """One line for each task and reason, with the languages it holds for."""
    languages: dict[tuple[str, str], list[str]] = {}
    for cell in cells:
        languages.setdefault((cell.task, cell.reason), []).append(cell.language)
    lines = [f"not scored: {task} {' '.join(names)}: {reason}" for (task, reason), names in languages.items()]
    if len(lines) > SHOWN_REASONS + 1:
        rest = len(lines) - SHOWN_REASONS
        lines = [*lines[:SHOWN_REASONS], f"not scored: {rest} more, see xharness.unscored in scores.json"]
    return lines


def sweep_tables(scores: ScoresFile) -> list[RenderableType]:
    """One table for each swept task and measure: languages by block, with the mean below."""
    return [
        render(_sweep_table(task, measure, sweep, scored_block(scores, task)))
        for (task, measure), sweep in sweeps(scores).items()
    ]


def _sweep_table(task: str, measure: str, sweep: Sweep, scored: int | None) -> Table:
    """The block that the task is scored by has a star."""
    names = [f"{layer}*" if layer == scored else str(layer) for layer in sweep.layers]
    columns = [Column("language"), *(Column(name, numeric=True) for name in names)]
    rows = [
        TableRow([words(language), *(words(f"{score:.1f}") for score in row)])
        for language, row in zip(sweep.languages, sweep.scores, strict=True)
    ]
    rows[-1] = replace(rows[-1], ends_section=True)
    means = ("mean", *(f"{score:.1f}" for score in sweep.mean))
    rows.append(TableRow([TableCell(text, emphasis=Emphasis.TOTAL) for text in means]))
    star = f" (* {scored} is the task's own)" if scored in sweep.layers else ""
    return Table("sweep", f"{task}: {measure} by block, in percent{star}", columns, rows)
