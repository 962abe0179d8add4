"""One task of ``scores.json``: values by language, averages, intervals and the transfer gap."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from typing import TypeAlias

import numpy as np

from xharness.submissions.files import languages_in
from xharness.submissions.score_parts import CellScores, Interval, TaskSummary
from xharness.tasks.base import FloatArray, Items, Metric, Task
from xharness.tasks.common.json_types import JsonObject
from xharness.tasks.metrics.clusters import joint_clusters, sum_rows
from xharness.tasks.metrics.intervals import Spread, average, jackknife, require_finite, spread, unseen
from xharness.tasks.registry import Benchmark


@dataclass(frozen=True, eq=False)
class Cell:
    """One task in one language, measured or not.

    Attributes:
        items: None if the cell has no score; ``reason`` then says why.
        signature: Names everything that the number depends on.
        variants: Further measurements of the same cell under their own names, such as another direction.
        extra: Further facts for ``scores.json`` that are not scores.
        n: Number of examples.
        gold_is_wrong: No score because of a gold file that is there.
    """

    task: Task
    language: str
    items: Items | None
    signature: str = ""
    variants: Mapping[str, tuple[Metric, Items]] = field(default_factory=dict)
    extra: JsonObject = field(default_factory=dict)
    reason: str = ""
    n: int = 0
    gold_is_wrong: bool = False

    @cached_property
    def scores(self) -> dict[str, float]:
        """Every score by name, in percent, worked out once. Only for a cell with items."""
        assert self.items is not None
        return _aggregate(self.task.metric, self.items)

    @cached_property
    def spread(self) -> Spread:
        """How far its scores are known, worked out once. Only for a cell with items."""
        assert self.items is not None
        return spread(self.items, partial(_scores, self.task.metric))

    @property
    def number(self) -> float:
        """What averages are made of. Only for a cell with items."""
        return mean(self.scores[name] for name in self.task.metric.primary_scores)


Official: TypeAlias = Mapping[str, float | Mapping[str, float]]
"""``{metric: {language: value}, "avg_<metric>": ..., "avg_metric": ...}``, keys as the official scorer has them."""


@dataclass(frozen=True, eq=False)
class TaskScores:
    """One task's part of ``scores.json``.

    Attributes:
        complete: Every language of the benchmark has a score.
        official: The official scorer's object; None if no language of the benchmark has a score.
        cells: Ours by language, also of languages outside the benchmark.
        summary: Ours for the whole task.
        spread: Of ``avg_metric``; None where it is not known.
    """

    task: Task
    complete: bool
    official: Official | None
    cells: Mapping[str, CellScores]
    summary: TaskSummary
    spread: Spread | None

    @property
    def average(self) -> float:
        """The task's number. Only for a task with an official object."""
        assert self.official is not None
        number = self.official["avg_metric"]
        assert isinstance(number, float)
        return number


def score_task(cells: Sequence[Cell], benchmark: Benchmark, *, intervals: bool) -> TaskScores:
    """Scores of the cells of one task. Languages are averaged in the benchmark's order, which is the official one."""
    task = cells[0].task
    wanted = languages_in(benchmark, task)
    by_language = {cell.language: cell for cell in cells if cell.items is not None}
    order = [language for language in dict.fromkeys((*wanted, *by_language)) if language in by_language]
    measured = {language: by_language[language] for language in order}
    counted = {language: cell for language, cell in measured.items() if language in wanted}
    averaged = {language: cell.items for language, cell in counted.items() if cell.items}
    for cell in measured.values():
        _require_finite(cell)
    official = _official(task.metric, counted)
    spreads = {language: cell.spread for language, cell in measured.items()} if intervals else {}
    whole = _average(task, averaged, [spreads[language] for language in averaged]) if spreads and averaged else None
    numbers = {language: cell.number for language, cell in counted.items()}
    missing = [language for language in wanted if language not in averaged]
    summary = TaskSummary(
        complete=not missing,
        languages=len(averaged),
        of=len(wanted),
        missing=missing,
        interval=_average_intervals(task.metric, whole),
        transfer_gap=_transfer_gap(numbers),
    )
    shown = {language: _cell(cell, spreads.get(language), intervals=intervals) for language, cell in measured.items()}
    return TaskScores(task, not missing, official, shown, summary, whole and whole.only(-1))


def interval_of(found: Spread | None, index: int = 0) -> Interval:
    """Low and high; None where the spread is not known."""
    return found.interval(index) if found is not None and found.clusters else None


def mean(values: Iterable[float]) -> float:
    """Plain mean, summed in the order given."""
    listed = list(values)
    return sum(listed) / len(listed)


def _require_finite(cell: Cell) -> None:
    """Raise UserError for a cell, or a further measurement of it, whose numbers are not finite."""
    assert cell.items is not None
    found = {"": (cell.task.metric, cell.items, cell.scores)}
    found |= {name: (metric, items, _aggregate(metric, items)) for name, (metric, items) in cell.variants.items()}
    for name, (metric, items, scores) in found.items():
        told = f"{cell.task.name} {cell.language} {name}".strip()
        require_finite(told, metric, items.statistics, np.array(list(scores.values())))


def _aggregate(metric: Metric, items: Items) -> dict[str, float]:
    return {name: float(value) for name, value in metric.aggregate(items.statistics.sum(axis=0)).items()}


def _number(metric: Metric, items: Items) -> float:
    scores = _aggregate(metric, items)
    return mean(scores[name] for name in metric.primary_scores)


def _official(metric: Metric, cells: Mapping[str, Cell]) -> Official | None:
    """The official object; None without any cell."""
    if not cells:
        return None
    scores = {language: cell.scores for language, cell in cells.items()}
    by_metric = {
        name: {language: values[name] for language, values in scores.items()} for name in metric.official_scores
    }
    averages = {f"avg_{name}": mean(values.values()) for name, values in by_metric.items()}
    return {**by_metric, **averages, "avg_metric": mean(averages[f"avg_{name}"] for name in metric.primary_scores)}


def _scores(metric: Metric, totals: FloatArray) -> FloatArray:
    """Every score and last the metric's number, shape (..., names + 1), from totals of shape (..., columns)."""
    scores = metric.aggregate(totals)
    return np.stack([*scores.values(), np.mean([scores[name] for name in metric.primary_scores], axis=0)], axis=-1)


def _average(task: Task, cells: Mapping[str, Items], parts: Sequence[Spread]) -> Spread:
    """The spread of averages over languages; a cluster goes in all of them at once where they share their items."""
    if len(parts) == 1:
        return parts[0]
    apart = average([unseen(part) for part in parts])
    if not task.parallel:
        return apart
    groups = joint_clusters(cells)
    size = 1 + max(int(group.max(initial=-1)) for group in groups.values())
    without = [
        _scores(task.metric, items.statistics.sum(axis=0) - sum_rows(groups[language], items.statistics, size))
        for language, items in cells.items()
    ]
    joint = jackknife(apart.scores, np.mean(without, axis=0))
    more = apart.covariance - average(parts).covariance
    return replace(joint, covariance=joint.covariance + more, clusters=joint.clusters if apart.clusters else 0)


def _average_intervals(metric: Metric, whole: Spread | None) -> dict[str, Interval]:
    """By name as in the official object; empty where there is none."""
    if whole is None or not whole.clusters:
        return {}
    averages = {f"avg_{name}": interval_of(whole, index) for index, name in enumerate(metric.official_scores)}
    return {**averages, "avg_metric": interval_of(whole, -1)}


def _cell(cell: Cell, found: Spread | None, *, intervals: bool) -> CellScores:
    """Ours for one cell. ``variants`` are the metric's own further scores and then the cell's further measurements."""
    metric, scores = cell.task.metric, cell.scores
    bounds = {name: interval_of(found, index) for index, name in enumerate(scores)}
    further = [name for name in scores if name not in metric.official_scores]
    variants = {name: scores[name] for name in further}
    variant_intervals = {name: bounds[name] for name in further}
    for name, (other, items) in cell.variants.items():
        variants[name] = _number(other, items)
        variant_intervals[name] = interval_of(spread(items, partial(_scores, other)), -1) if intervals else None
    return CellScores(
        n=cell.n,
        score=cell.number,
        score_interval=interval_of(found, -1),
        interval={name: bounds[name] for name in metric.official_scores},
        variants=variants,
        variant_intervals=variant_intervals,
        signature=cell.signature,
        extra=cell.extra,
    )


def _transfer_gap(numbers: Mapping[str, float]) -> float | None:
    """English minus the mean of the other languages, in points; None without English or without others."""
    others = [value for language, value in numbers.items() if language != "en"]
    return numbers["en"] - mean(others) if "en" in numbers and others else None
