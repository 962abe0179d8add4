"""One task of ``scores.json``: values by language, averages, intervals and the transfer gap."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from submissions.files import languages_in
from tasks.base import FloatArray, Items, Metric, Task
from tasks.metrics.intervals import Draws, draws, interval, joint_draws, seed_of
from tasks.registry import Benchmark


@dataclass(frozen=True, eq=False)
class Cell:
    """One task in one language, measured or not.

    Attributes:
        items: None if the cell has no score; ``reason`` then says why.
        signature: Names everything that the number depends on.
        variants: Further measurements of the same cell under their own names, such as another direction.
        extra: Further facts for ``scores.json`` that are no scores.
        n: Number of examples.
    """

    task: Task
    language: str
    items: Items | None
    signature: str = ""
    variants: Mapping[str, tuple[Metric, Items]] = field(default_factory=dict)
    extra: Mapping[str, Any] = field(default_factory=dict)
    reason: str = ""
    n: int = 0


@dataclass(frozen=True)
class Sampling:
    """How intervals are drawn; ``resamples=0`` draws none, so that every interval is None."""

    resamples: int
    seed: int


Interval = list[float] | None


@dataclass(frozen=True, eq=False)
class TaskScores:
    """One task's part of ``scores.json``.

    Attributes:
        complete: Every language of the benchmark has a score.
        official: The official scorer's object; None if no language of the benchmark has a score.
        cells: Ours by language, also of languages outside the benchmark.
        summary: Ours for the whole task.
        draws: Resampled ``avg_metric``, shape (resamples,).
    """

    task: Task
    complete: bool
    official: dict[str, Any] | None
    cells: dict[str, Any]
    summary: dict[str, Any]
    draws: FloatArray


def score_task(cells: Sequence[Cell], benchmark: Benchmark, sampling: Sampling) -> TaskScores:
    """Scores of the cells of one task. Languages are averaged in the benchmark's order, which is the official one."""
    task = cells[0].task
    wanted = languages_in(benchmark, task)
    by_language = {cell.language: cell for cell in cells if cell.items is not None}
    order = [language for language in dict.fromkeys((*wanted, *by_language)) if language in by_language]
    measured = {language: by_language[language] for language in order}
    averaged = {language: cell.items for language, cell in measured.items() if language in wanted and cell.items}
    official = _official(task.metric, averaged)
    resampled = _average_draws(task, averaged, sampling)
    numbers = {language: _number(task.metric, items) for language, items in averaged.items()}
    missing = [language for language in wanted if language not in averaged]
    summary = {
        "complete": not missing,
        "languages": len(averaged),
        "of": len(wanted),
        "missing": missing,
        "interval": {name: interval_of(values) for name, values in resampled.items()},
        "transfer_gap": _transfer_gap(numbers),
    }
    shown = {language: _cell(cell, sampling) for language, cell in measured.items()}
    return TaskScores(task, not missing, official, shown, summary, resampled.get("avg_metric", np.zeros(0)))


def interval_of(values: FloatArray) -> Interval:
    """``[low, high]`` of the draws; None without draws."""
    return list(interval(values)) if len(values) else None


def mean(values: Iterable[float]) -> float:
    """Plain mean, summed in the order given."""
    listed = list(values)
    return sum(listed) / len(listed)


def _aggregate(metric: Metric, items: Items) -> dict[str, float]:
    return {name: float(value) for name, value in metric.aggregate(items.counts.sum(axis=0)).items()}


def _number(metric: Metric, items: Items) -> float:
    scores = _aggregate(metric, items)
    return mean(scores[name] for name in metric.main)


def _official(metric: Metric, cells: Mapping[str, Items]) -> dict[str, Any] | None:
    """``{metric: {language: value}, "avg_<metric>": ..., "avg_metric": ...}``, keys as the official scorer has them."""
    if not cells:
        return None
    scores = {language: _aggregate(metric, items) for language, items in cells.items()}
    official: dict[str, Any] = {
        name: {language: values[name] for language, values in scores.items()} for name in metric.official
    }
    official |= {f"avg_{name}": mean(official[name].values()) for name in metric.official}
    official["avg_metric"] = mean(official[f"avg_{name}"] for name in metric.main)
    return official


def _average_draws(task: Task, cells: Mapping[str, Items], sampling: Sampling) -> Draws:
    """Resampled averages over languages; one draw serves all languages where they share their items."""
    if not cells or not sampling.resamples or any(_is_one_cluster(items) for items in cells.values()):
        return {}
    if task.parallel:
        drawn = joint_draws(cells, task.metric, sampling.resamples, seed_of(sampling.seed, task.name))
    else:
        drawn = {language: _draws(task, language, items, sampling) for language, items in cells.items()}
    means = {name: np.mean([values[name] for values in drawn.values()], axis=0) for name in task.metric.official}
    averages = {f"avg_{name}": values for name, values in means.items()}
    return {**averages, "avg_metric": np.mean([means[name] for name in task.metric.main], axis=0)}


def _draws(task: Task, language: str, items: Items, sampling: Sampling, metric: Metric | None = None) -> Draws:
    seed = seed_of(sampling.seed, task.name, language)
    if not sampling.resamples or _is_one_cluster(items):
        return {}
    return draws(items, metric or task.metric, sampling.resamples, seed)


def _is_one_cluster(items: Items) -> bool:
    """One paragraph says nothing about the spread between paragraphs, so it gets no interval rather than one of 0."""
    return len(set(items.clusters)) < 2


def _cell(cell: Cell, sampling: Sampling) -> dict[str, Any]:
    """Ours for one cell. ``variants`` are the metric's own further scores and then the cell's further measurements."""
    assert cell.items is not None
    metric = cell.task.metric
    scores = _aggregate(metric, cell.items)
    drawn = _draws(cell.task, cell.language, cell.items, sampling)
    further = [name for name in scores if name not in metric.official]
    variants = {name: scores[name] for name in further}
    variant_intervals = {name: interval_of(drawn.get(name, np.zeros(0))) for name in further}
    for name, (other, items) in cell.variants.items():
        variants[name] = _number(other, items)
        variant_intervals[name] = _main_interval(other, _draws(cell.task, cell.language, items, sampling, other))
    return {
        "n": cell.n,
        "score": _number(metric, cell.items),
        "score_interval": _main_interval(metric, drawn),
        "interval": {name: interval_of(drawn.get(name, np.zeros(0))) for name in metric.official},
        "variants": variants,
        "variant_intervals": variant_intervals,
        "signature": cell.signature,
        **cell.extra,
    }


def _main_interval(metric: Metric, drawn: Draws) -> Interval:
    return interval_of(np.mean([drawn[name] for name in metric.main], axis=0)) if drawn else None


def _transfer_gap(numbers: Mapping[str, float]) -> float | None:
    """English minus the mean of the other languages, in points; None without English or without others."""
    others = [value for language, value in numbers.items() if language != "en"]
    return numbers["en"] - mean(others) if "en" in numbers and others else None
