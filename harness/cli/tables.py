"""The final table: tasks, groups and total with their intervals."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from xharness.cli.screen import console
from xharness.submissions.files import languages_in
from xharness.submissions.zero_shot import SIGN, marks
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


def scores_table(scores: Mapping[str, Any], tasks: Mapping[str, Task]) -> list[RenderableType]:
    """What ``scores.json`` says, as rich renderables: one table, then what has no score and why.

    Args:
        scores: The content of ``scores.json``.
        tasks: Tasks by name, for their groups and published averages.
    """
    from rich.box import SIMPLE_HEAD
    from rich.table import Table
    from rich.text import Text

    ours = scores["xharness"]
    benchmark = BENCHMARKS[ours["benchmark"]]
    table = Table(
        title=f"{benchmark.name}: averages over languages in percent",
        title_justify="left",
        box=SIMPLE_HEAD,
        pad_edge=False,
    )
    for column in ("task", "score", "95 % interval", "langs", REFERENCE.replace(" ", "\n"), "transfer\ngap"):
        table.add_column(column, justify="left" if column == "task" else "right", no_wrap=True)
    seen = marks(scores)
    for name, summary in ours["tasks"].items():
        shown = f"{name} {SIGN}" if name in seen else name
        table.add_row(*_task_row(shown, scores[name]["avg_metric"], summary, _published(benchmark, tasks.get(name))))
    if ours["groups"] or ours["all_task"]:
        table.add_section()
    for name, group in ours["groups"].items():
        table.add_row(Text(name, "italic"), _points(scores[name]), _interval(group["interval"]), "", "", "")
    if ours["all_task"]:
        interval = _interval(ours["all_task"]["interval"])
        table.add_row(Text("all tasks", "bold"), Text(_points(scores["all_task"]), "bold"), interval, "", "", "")
    for name, found in ours.get("averages", {}).items():
        shown = Text(name.replace("_", " "), "bold")
        table.add_row(shown, Text(_points(found["score"]), "bold"), _interval(found["interval"]), "", "", "")
    lines = [
        *_why_no_total(ours, benchmark),
        *_unscored(ours["unscored"]),
        *(f"note: {note}" for note in ours["notes"]),
    ]
    return [table, *(Text(line) for line in lines)]


def _task_row(name: str, score: float, summary: Mapping[str, Any], published: str) -> tuple[str, ...]:
    languages = f"{summary['languages']}/{summary['of']}"
    gap = "" if summary["transfer_gap"] is None else f"{summary['transfer_gap']:+.2f}"
    return name, _points(score), _interval(summary["interval"].get("avg_metric")), languages, published, gap


def _published(benchmark: Benchmark, task: Task | None) -> str:
    """The published average, where it is one over the same languages."""
    if task is None or REFERENCE not in task.reference:
        return ""
    return f"{task.reference[REFERENCE]:.1f}" if languages_in(benchmark, task) == task.languages else ""


def _points(score: float) -> str:
    return f"{score:.2f}"


def _interval(bounds: list[float] | None) -> str:
    """``± 1.05 [78.15, 80.25]``; empty where none can be drawn."""
    if bounds is None:
        return ""
    low, high = bounds
    return f"± {(high - low) / 2:.2f} [{low:.2f}, {high:.2f}]"


def _why_no_total(ours: Mapping[str, Any], benchmark: Benchmark) -> list[str]:
    """One line that says what an average over all tasks still lacks."""
    if ours["all_task"]:
        return []
    lacking = []
    for name in (each for each in benchmark.languages if each not in benchmark.not_in_total):
        summary = ours["tasks"].get(name)
        if summary is None:
            lacking.append(name)
        elif not summary["complete"]:
            lacking.append(f"{name} ({summary['languages']} of {summary['of']} languages)")
    return [f"no average over all tasks without: {', '.join(lacking)}"] if lacking else []


def _unscored(cells: list[Mapping[str, str]]) -> list[str]:
    """One line for each task and reason, with the languages it holds for."""
    languages: dict[tuple[str, str], list[str]] = {}
    for cell in cells:
        languages.setdefault((cell["task"], cell["reason"]), []).append(cell["language"])
    lines = [f"not scored: {task} {' '.join(names)}: {reason}" for (task, reason), names in languages.items()]
    if len(lines) > SHOWN_REASONS + 1:
        rest = len(lines) - SHOWN_REASONS
        lines = [*lines[:SHOWN_REASONS], f"not scored: {rest} more, see xharness.unscored in scores.json"]
    return lines


def sweep_tables(scores: Mapping[str, Any]) -> list[RenderableType]:
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
