"""The top of the page: title, and for each run what a reader wants first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from xharness.report import origins, score_tables
from xharness.report.gather import NamedRun
from xharness.tables.table import TableCell, number
from xharness.tasks.registry import BENCHMARKS

NAMED = 3  # runs in the title
FEW = 4  # tasks whose averages fit where there is no total


@dataclass(frozen=True)
class Tile:
    """What a reader wants first of a run: its total and groups, or the averages of its few tasks."""

    name: str
    numbers: Sequence[tuple[str, TableCell]]
    lacking: str
    remarks: Sequence[str]


def heading(runs: Sequence[NamedRun]) -> dict[str, object]:
    """Values of the template, by their names there."""
    return {
        "title": _title(runs),
        "subtitle": _subtitle(runs),
        "beside": "columns" if len(runs) == 1 else "stacked",
        "tiles": [_tile(run) for run in runs],
        "unlike": origins.option_differences(runs),
    }


def _title(runs: Sequence[NamedRun]) -> str:
    more = f" and {len(runs) - NAMED} more" if len(runs) > NAMED else ""
    names = ", ".join(run.name for run in runs[:NAMED])
    return f"{names}{more} on {_measured(runs)}"


def _measured(runs: Sequence[NamedRun]) -> str:
    """The benchmark; where no run has a task of it, the tasks that there are."""
    benchmark = runs[0].scores.benchmark
    tasks = score_tables.task_names(runs)
    if not tasks or {*tasks} & BENCHMARKS[benchmark].languages.keys():
        return benchmark.upper()
    more = f" and {len(tasks) - NAMED} more" if len(tasks) > NAMED else ""
    return f"{', '.join(tasks[:NAMED])}{more}"


def _subtitle(runs: Sequence[NamedRun]) -> str:
    """Models, size and date of the first run."""
    kinds = dict.fromkeys(model.architecture for run in runs for model in run.manifest.models.values())
    cells = sum(len(languages) for run in runs for languages in run.scores.cells.values())
    days = sorted({run.manifest.started[:10] for run in runs} - {""})
    when = " to ".join(dict.fromkeys([days[0], days[-1]])) if days else ""
    runs_ = f"{len(runs)} runs, " if len(runs) > 1 else ""
    return f"{runs_}{', '.join(kinds)}, {cells} cells, {when}".rstrip(", ")


def _tile(run: NamedRun) -> Tile:
    scores, numbers, lacking = run.scores, [], ""
    if scores.has_total:
        numbers = [("all tasks", score_tables.total_cell(run))]
        numbers += [(name, score_tables.group_cell(run, name)) for name in scores.groups]
    else:
        numbers = [(name, score_tables.task_cells(run, name)[0]) for name in list(scores.tasks)[:FEW]]
        more = len(scores.tasks) - len(numbers)
        own = scores.tasks.keys().isdisjoint(BENCHMARKS[scores.benchmark].languages)
        missing = f"no task of {scores.benchmark}" if own else "no total: not all tasks and languages are there"
        lacking = missing + (f"; {more} more tasks below" if more else "")
    return Tile(run.name, numbers or [("no score", number(None))], lacking, origins.remarks(run))
