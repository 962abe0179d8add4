"""From per-item counts to ``scores.json``: the official scorer's keys and numbers on top, ours under ``xharness``."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from xharness.submissions.score_parts import FurtherAverage, Interval, Unscored
from xharness.submissions.scores_file import OfficialValue, ScoresFile
from xharness.submissions.task_scores import Cell, TaskScores, interval_of, mean, score_task
from xharness.tasks.common.files import render_json
from xharness.tasks.common.json_types import Json
from xharness.tasks.common.version import VERSION
from xharness.tasks.metrics.intervals import average
from xharness.tasks.registry import XTREME_R, Benchmark

__all__ = ["Cell", "summarise", "to_json"]

NOTES = {
    XTREME_R.name: "The official code can never print a total for XTREME-R, because its list of LAReQA languages is "
    "empty; all_task here is the mean of the nine tasks that have languages. Under averages, ten_tasks is the mean of "
    "all ten, and four_categories that of classification, structured prediction, question answering and retrieval, "
    "each the mean of its tasks."
}


def summarise(
    cells: Iterable[Cell],
    benchmark: Benchmark,
    *,
    resamples: int = 1000,
    seed: int = 0,
) -> ScoresFile:
    """The scores of cells, as ``scores.json`` has them.

    On top stand the official scorer's keys and nothing else: ``all_task`` and the groups where they are complete, then
    one object a task, averaged over the languages that have a score. A group needs all its tasks in all languages of
    the benchmark. Tasks outside the benchmark come last and enter no average. Intervals are 95 %
    (:mod:`xharness.tasks.metrics.intervals`); null with ``resamples=0`` and where a cell is a single cluster. They
    follow from the items alone: no other number of resamples and no seed changes them.
    """
    cells = list(cells)
    tasks = {
        name: score_task(members, benchmark, intervals=resamples > 0)
        for name, members in _by_task(cells, benchmark).items()
    }
    complete = {name: task for name, task in tasks.items() if task.official and task.complete}
    groups = _complete_groups(benchmark, complete)
    counted = benchmark.in_total
    total = [complete[name] for name in counted] if all(name in complete for name in counted) else None
    official: dict[str, OfficialValue] = {"all_task": _value(total)} if total else {}
    official |= {name: _value(members) for name, members in groups.items()}
    official |= {name: task.official for name, task in tasks.items() if task.official}
    return ScoresFile(
        official=official,
        version=VERSION,
        benchmark=benchmark.name,
        resamples=resamples,
        seed=seed,
        notes=[NOTES[benchmark.name]] if benchmark.name in NOTES else [],
        cells={name: task.cells for name, task in tasks.items() if task.cells},
        tasks={name: task.summary for name, task in tasks.items() if task.official},
        groups={name: _interval(members) for name, members in groups.items()},
        all_task=_interval(total) if total else None,
        averages=_averages(benchmark, complete),
        unscored=[
            Unscored(cell.task.name, cell.language, cell.reason, cell.extra) for cell in cells if cell.items is None
        ],
    )


def _complete_groups(benchmark: Benchmark, complete: Mapping[str, TaskScores]) -> dict[str, list[TaskScores]]:
    """The tasks of each group that has all of them."""
    return {
        name: [complete[member] for member in members]
        for name, members in benchmark.groups.items()
        if all(member in complete for member in members)
    }


def _averages(benchmark: Benchmark, complete: Mapping[str, TaskScores]) -> dict[str, FurtherAverage]:
    """The benchmark's further averages by name, those whose tasks are complete."""
    found = {}
    for name, parts in benchmark.averages.items():
        if all(task in complete for part in parts for task in part):
            tasks = [[complete[task] for task in part] for part in parts]
            spreads = [[task.spread for task in part if task.spread is not None] for part in tasks]
            known = all(len(some) == len(part) for some, part in zip(spreads, tasks, strict=True))
            interval = interval_of(average([average(part) for part in spreads])) if known else None
            found[name] = FurtherAverage(mean(map(_value, tasks)), interval)
    return found


def to_json(scores: Mapping[str, Json]) -> str:
    """The text of ``scores.json``."""
    return render_json(scores)


def _by_task(cells: Sequence[Cell], benchmark: Benchmark) -> dict[str, list[Cell]]:
    """The cells of each task that occurs: in the benchmark's order, then the others."""
    occurring: dict[str, list[Cell]] = {}
    for cell in cells:
        occurring.setdefault(cell.task.name, []).append(cell)
    first = [name for name in benchmark.languages if name in occurring]
    return {name: occurring[name] for name in (*first, *occurring)}


def _value(tasks: Sequence[TaskScores]) -> float:
    return mean(task.average for task in tasks)


def _interval(tasks: Sequence[TaskScores]) -> Interval:
    """Interval of the mean of tasks; different tasks hold different items."""
    spreads = [task.spread for task in tasks if task.spread is not None]
    return interval_of(average(spreads)) if len(spreads) == len(tasks) else None
