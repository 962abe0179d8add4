"""Scores broken down by language family, script, region, or how much text of a language there was to train on.

A number is the mean over the languages of a group that were evaluated, with the interval that such a mean has in
``scores.json``: items that are translations of each other vary together.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum

import numpy as np

from xharness.report.gather import NamedRun
from xharness.runs.verify import cell_of
from xharness.submissions.score_parts import Interval, listed_interval
from xharness.submissions.scores import Cell, summarise
from xharness.tables.table import Column, Table, TableCell, TableRow, bounds, number, words
from xharness.tasks.base import FloatArray, Task
from xharness.tasks.common.errors import UserError, suggestion
from xharness.tasks.common.json_types import JsonObject
from xharness.tasks.languages import AMOUNTS, UNKNOWN, language
from xharness.tasks.registry import Benchmark


class Circle(StrEnum):
    """What languages are put together by."""

    FAMILY = "family"
    SCRIPT = "script"
    PRETRAINING = "pretraining"
    REGION = "region"

    @property
    def words(self) -> str:
        """In a sentence: by ..."""
        return "text in CC-100" if self is Circle.PRETRAINING else self.value

    def of(self, code: str) -> str:
        """The group of a language."""
        found: str = getattr(language(code), self.value)
        return found


ON_PAGES = (Circle.FAMILY, Circle.SCRIPT, Circle.PRETRAINING)
"""What a report shows; few languages of the benchmark are of a region that there is a name for."""


@dataclass(frozen=True)
class GroupScore:
    """One task of one run in the languages of one group, in percent.

    Attributes:
        interval: 95 %; None where none can be drawn.
        marked: It is not zero-shot.
    """

    run: str
    circle: str
    task: str
    group: str
    languages: tuple[str, ...]
    score: float
    interval: Interval
    marked: bool = False

    def as_json(self) -> JsonObject:
        """What ``xharness breakdown --json`` prints."""
        return {**asdict(self), "languages": list(self.languages), "interval": listed_interval(self.interval)}


def check_circle(name: str) -> Circle:
    """The circle of this name. Raises UserError with a suggestion."""
    if name not in [*Circle]:
        raise UserError(f"cannot break down by '{name}'", f"--by knows {len(Circle)} circles", suggestion(name, Circle))
    return Circle(name)


def breakdowns(
    runs: Sequence[NamedRun], tasks: Mapping[str, Task], circles: Sequence[Circle]
) -> dict[Circle, list[GroupScore]]:
    """Every group of every task of every run, by circle; tasks whose cells are not single languages are left out."""
    cells = [(run, _cells(run, tasks)) for run in runs]  # once: what is worked out of a cell stays with it
    return {circle: [part for run, found in cells for part in _parts(run, found, circle)] for circle in circles}


def _parts(run: NamedRun, cells: Mapping[str, Sequence[Cell]], circle: Circle) -> Iterator[GroupScore]:
    for task, members in cells.items():
        groups: dict[str, list[Cell]] = {}
        for cell in members:
            groups.setdefault(circle.of(cell.language), []).append(cell)
        for group in sorted(groups, key=_order):
            codes = tuple(sorted(cell.language for cell in groups[group]))
            scores = summarise(groups[group], Benchmark(group, {task: codes}, {}))
            average, interval = scores.average(task), scores.tasks[task].interval.get("avg_metric")
            yield GroupScore(run.name, circle.value, task, group, codes, average, interval, run.marked(task))


def _cells(run: NamedRun, tasks: Mapping[str, Task]) -> dict[str, list[Cell]]:
    """The cells that count, by task."""
    found: dict[str, list[Cell]] = {}
    for record, items in run.whole.cells if run.whole else ():
        task = tasks.get(record.task)
        if task and not task.combination and record.language in run.scores.cells.get(record.task, {}):
            found.setdefault(record.task, []).append(cell_of(task, record, items))
    return {name: found[name] for name in run.scores.cells if name in found}


def table(parts: Sequence[GroupScore], circle: Circle) -> Table:
    """A row a task and group, a column a run; for amounts of text, the rank correlation below each task."""
    runs = list(dict.fromkeys(part.run for part in parts))
    columns = [Column("task"), Column(circle.words), Column("languages")]
    columns += [Column("score" if len(runs) == 1 else run, True) for run in runs]
    at = {(part.run, part.task, part.group): part for part in parts}
    rows = []
    for task in dict.fromkeys(part.task for part in parts):
        groups = sorted({part.group for part in parts if part.task == task}, key=_order)
        for group in groups:
            found = [at.get((run, task, group)) for run in runs]
            codes = sorted({code for part in found if part for code in part.languages})
            rows.append(TableRow([words(task), words(group), words(" ".join(codes)), *map(_shown, found)]))
    caption = f"Means over languages by {circle.words}, in percent, with 95 % intervals"
    return Table(f"breakdown-{circle.value}", caption, columns, rows, filtered=True)


def correlations(runs: Sequence[NamedRun], tasks: Mapping[str, Task]) -> Table:
    """Spearman's rank correlation of score and amount of text over the languages of a task; at least three."""
    columns = [Column("task"), Column("languages", True)]
    columns += [Column("rank correlation" if len(runs) == 1 else run.name, True) for run in runs]
    rows = []
    for name in dict.fromkeys(task for run in runs for task in run.scores.cells):
        if name in tasks and tasks[name].combination:
            continue
        pairs = [_amounts_and_scores(run, name) for run in runs]
        found = [rank_correlation(*zip(*each, strict=True)) if len(each) > 2 else None for each in pairs]
        if any(value is not None for value in found):
            rows.append(
                TableRow([words(name), number(max(map(len, pairs)), 0), *(number(v, sign=True) for v in found)])
            )
    caption = "Rank correlation (Spearman) of the score in a language with the amount of its text in CC-100"
    return Table("breakdown-correlation", caption, columns, rows)


def rank_correlation(first: Sequence[float], second: Sequence[float]) -> float | None:
    """Spearman's: Pearson's correlation of ranks, equal values sharing the mean of theirs; None if all are equal."""
    ranks = [_ranks(np.asarray(values, dtype=np.float64)) for values in (first, second)]
    away = [each - each.mean() for each in ranks]
    size = float(np.sqrt((away[0] ** 2).sum() * (away[1] ** 2).sum()))
    return float((away[0] * away[1]).sum()) / size if size else None


def _ranks(values: FloatArray) -> FloatArray:
    below = (values[:, None] > values[None, :]).sum(axis=1)
    equal = (values[:, None] == values[None, :]).sum(axis=1)
    ranks: FloatArray = below + (equal + 1) / 2
    return ranks


def _amounts_and_scores(run: NamedRun, task: str) -> list[tuple[float, float]]:
    known = [(language(code).gigabytes, cell.score) for code, cell in run.scores.cells.get(task, {}).items()]
    return [(amount, score) for amount, score in known if amount is not None]


def _shown(part: GroupScore | None) -> TableCell:
    if part is None:
        return number(None)
    return number(part.score, detail=bounds(part.interval), marked=part.marked)


def _order(group: str) -> tuple[int, str]:
    """Amounts by size, others by name, what is unknown last."""
    sizes = list(AMOUNTS)
    return (sizes.index(group) if group in AMOUNTS else len(sizes) + (group == UNKNOWN), group)
