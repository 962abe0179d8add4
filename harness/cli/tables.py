"""The final table: tasks, groups and total with their intervals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from xharness.cli.screen import console
from xharness.submissions.files import languages_in
from xharness.submissions.score_parts import Interval, TaskSummary, Unscored
from xharness.submissions.scores_file import ScoresFile
from xharness.submissions.zero_shot import SIGN
from xharness.tasks.base import Task
from xharness.tasks.registry import BENCHMARKS, Benchmark

if TYPE_CHECKING:
    from rich.console import RenderableType

REFERENCE = "XLM-R Large"
SHOWN_REASONS = 12


def print_whole(part: RenderableType) -> None:
    """Print on stdout, never cutting a cell: the words of a table fold, columns that must not make it wider."""
    from rich.measure import Measurement
    from rich.table import Table

    screen = console()
    if isinstance(part, Table):
        for column in part.columns:
            column.overflow = "fold"
        needed = Measurement.get(screen, screen.options.update(width=10_000), part)
        whole = all(column.no_wrap for column in part.columns)
        screen.width = max(screen.width, needed.maximum if whole else needed.minimum + 2 * len(part.columns))
    screen.print(part)


def scores_table(scores: ScoresFile, tasks: Mapping[str, Task]) -> list[RenderableType]:
    """What scores say, as rich renderables: one table, then what has no score and why.

    Args:
        tasks: Tasks by name, for their groups and published averages.
    """
    from rich.box import SIMPLE_HEAD
    from rich.table import Table
    from rich.text import Text

    benchmark = BENCHMARKS[scores.benchmark]
    table = Table(
        title=f"{benchmark.name}: averages over languages in percent",
        title_justify="left",
        box=SIMPLE_HEAD,
        pad_edge=False,
    )
    for column in ("task", "score", "95 % interval", "langs", REFERENCE.replace(" ", "\n"), "transfer\ngap"):
        table.add_column(column, justify="left" if column == "task" else "right", no_wrap=True)
    for name, summary in scores.tasks.items():
        shown = f"{name} {SIGN}" if name in scores.not_zero_shot else name
        table.add_row(*_task_row(shown, scores.average(name), summary, _published(benchmark, tasks.get(name))))
    if scores.groups or scores.has_total:
        table.add_section()
    for name, interval in scores.groups.items():
        table.add_row(Text(name, "italic"), _points(scores.average(name)), _interval(interval), "", "", "")
    if scores.has_total:
        total = Text(_points(scores.average("all_task")), "bold")
        table.add_row(Text("all tasks", "bold"), total, _interval(scores.all_task), "", "", "")
    lines = [
        *_why_no_total(scores, benchmark),
        *_unscored(scores.unscored),
        *(f"note: {note}" for note in scores.notes),
    ]
    return [table, *(Text(line) for line in lines)]


def _task_row(name: str, score: float, summary: TaskSummary, published: str) -> tuple[str, ...]:
    languages = f"{summary.languages}/{summary.of}"
    gap = "" if summary.transfer_gap is None else f"{summary.transfer_gap:+.2f}"
    return name, _points(score), _interval(summary.interval.get("avg_metric")), languages, published, gap


def _published(benchmark: Benchmark, task: Task | None) -> str:
    """The published average, where it is one over the same languages."""
    if task is None or REFERENCE not in task.reference:
        return ""
    return f"{task.reference[REFERENCE]:.1f}" if languages_in(benchmark, task) == task.languages else ""


def _points(score: float) -> str:
    return f"{score:.2f}"


def _interval(bounds: Interval) -> str:
    """``± 1.05 [78.15, 80.25]``; empty where none can be drawn."""
    if bounds is None:
        return ""
    low, high = bounds
    return f"± {(high - low) / 2:.2f} [{low:.2f}, {high:.2f}]"


def _why_no_total(scores: ScoresFile, benchmark: Benchmark) -> list[str]:
    """One line that says what an average over all tasks still lacks."""
    if scores.has_total:
        return []
    lacking = []
    for name in benchmark.languages:
        summary = scores.tasks.get(name)
        if summary is None:
            lacking.append(name)
        elif not summary.complete:
            lacking.append(f"{name} ({summary.languages} of {summary.of} languages)")
    return [f"no average over all tasks without: {', '.join(lacking)}"] if lacking else []


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
    from rich.table import Table
    from rich.text import Text

    from xharness.retrieve.sweeps import sweeps

    tables: list[RenderableType] = []
    for (task, measure), sweep in sweeps(scores).items():
        table = Table(title=f"{task}: {measure} by block, in percent", title_justify="left")
        table.add_column("language", no_wrap=True)
        for layer in sweep.layers:
            table.add_column(str(layer), justify="right", no_wrap=True)
        for language, row in zip(sweep.languages, sweep.scores, strict=True):
            table.add_row(language, *(f"{score:.1f}" for score in row))
        table.add_section()
        table.add_row(*(Text(cell, "bold") for cell in ("mean", *(f"{score:.1f}" for score in sweep.mean))))
        tables.append(table)
    return tables
