"""What the scores of paired runs could also have been: without each cluster, and with answers swapped.

The spread comes from leaving out the same cluster on all sides (:mod:`xharness.tasks.metrics.intervals`). Approximate
randomisation exchanges the answers of the two sides cluster by cluster, each with probability one half (Riezler and
Maxwell 2005). Where the languages of a task share their items, a cluster is left out and exchanged in all of them at
once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from xharness.comparison.pairing import Paired
from xharness.tasks.base import FloatArray, Metric
from xharness.tasks.metrics.clusters import Groups, joint_clusters, numbered, sum_rows
from xharness.tasks.metrics.intervals import Spread, jackknife, require_finite, seed_of
from xharness.tasks.metrics.intervals import average as average_spread

_BLOCK = 4_000_000  # coins tossed at once
_CACHED = 1 << 17  # of these, as many as stay in the cache of a core while they are added up
_WHOLE = 2.0**24  # below, fp32 has every whole number
_PROBES = 64


@dataclass(frozen=True, eq=False)
class Resampled:
    """One cell, or an average of cells, of S sources.

    Attributes:
        spread: The scores, and how they vary together.
        without: The scores without each cluster, shape (clusters of the task, S), where languages share their items.
        swapped: New minus base after exchanges, shape (trials,); None unless there are two sources and trials.
        items: Number of items.
        apart: Number of items of which no two are translations of each other.
    """

    spread: Spread
    without: FloatArray | None
    swapped: FloatArray | None
    items: int
    apart: int

    @property
    def scores(self) -> FloatArray:
        """The scores themselves, shape (S,), in percent."""
        return self.spread.scores

    @property
    def clusters(self) -> int:
        """Number of clusters; 0 if a cell is a single one, which says nothing about the spread."""
        return self.spread.clusters


def average(parts: Sequence[Resampled]) -> Resampled:
    """The mean of cells or of tasks."""
    swapped = [part.swapped for part in parts if part.swapped is not None]
    without = [part.without for part in parts if part.without is not None]
    spread = average_spread([part.spread for part in parts])
    apart = sum(part.apart for part in parts)
    if len(without) == len(parts):
        joint = jackknife(spread.scores, np.mean(without, axis=0))
        spread = replace(joint, clusters=joint.clusters if spread.clusters else 0)
        apart = round(apart / len(parts))
    return Resampled(
        spread, None, np.mean(swapped, axis=0) if swapped else None, sum(part.items for part in parts), apart
    )


def resample_task(cells: Sequence[Paired], trials: int, seed: int) -> list[Resampled]:
    """All cells of one task; trial r is one world for all languages. Without trials nothing is exchanged."""
    task, sources = cells[0].task, cells[0].sources
    totals = np.mean([cell.items.statistics.sum(axis=0).reshape(sources, -1) for cell in cells], axis=0)
    score = CellScore(task.metric, deciding_columns(task.metric, totals), totals.shape[1])
    if task.parallel:
        groups = joint_clusters({cell.language: cell.items for cell in cells})
        joint = [(cell, groups[cell.language]) for cell in cells]
        return _resample(joint, score, trials, seed_of(seed, "swap", task.name))
    return [
        _resample(
            [(cell, numbered(cell.items.clusters))], score, trials, seed_of(seed, "swap", task.name, cell.language)
        )[0]
        for cell in cells
    ]


def _resample(cells: Sequence[tuple[Paired, Groups]], score: CellScore, trials: int, seed: int) -> list[Resampled]:
    """Cells whose clusters have common numbers, together."""
    size = 1 + max(int(group.max(initial=-1)) for _, group in cells)
    tables = [cluster_counts(cell, group, score.columns, size) for cell, group in cells]
    swap: Sequence[FloatArray | None] = [None] * len(cells)
    if trials and cells[0][0].sources == 2:
        rows = [table[:, 1] - table[:, 0] for table in tables]
        moved = exchange_sums(np.hstack(rows), trials, np.random.default_rng(seed))
        # One cell after the other, so that the columns of a cell lie side by side.
        moved = np.ascontiguousarray(moved.T).reshape(len(cells), -1, trials)
        swap = [
            _swap_differences(table.sum(axis=0), each, one, score)
            for table, each, one in zip(tables, rows, moved, strict=True)
        ]
    resampled = []
    for (cell, group), table, swapped in zip(cells, tables, swap, strict=True):
        totals = table.sum(axis=0)
        scores, without = score(totals), score(totals - table)
        require_finite(f"{cell.task.name} {cell.language}", cell.task.metric, cell.items.statistics, scores)
        own = jackknife(scores, without[np.unique(group)])
        items = len(cell.items.ids)
        resampled.append(Resampled(own, without if cell.task.parallel else None, swapped, items, items))
    return resampled


def _swap_differences(totals: FloatArray, rows: FloatArray, moved: FloatArray, score: CellScore) -> FloatArray:
    """New minus base after each exchange, worked out once for each whole number where a single column moves.

    Args:
        totals: Shape (2, columns).
        rows: What new has more than base, by cluster, shape (clusters, columns).
        moved: Sums of the rows that were exchanged, shape (columns, trials).
    """
    columns = np.flatnonzero(rows.any(axis=0))
    far = len(columns) == 1 and np.ptp(moved[columns[0]]) >= moved.shape[1]  # then a table of all steps costs more
    if len(columns) != 1 or far or (rows % 1).any():
        return np.asarray(score(totals[1] - moved.T) - score(totals[0] + moved.T))
    steps = moved[columns[0]].astype(np.int64)
    least = int(steps.min())
    distinct = np.zeros((int(steps.max()) - least + 1, len(moved)))
    distinct[:, columns[0]] = np.arange(len(distinct)) + least
    found: FloatArray = np.asarray(score(totals[1] - distinct) - score(totals[0] + distinct))
    exchanged: FloatArray = found[steps - least]
    return exchanged


@dataclass(frozen=True)
class CellScore:
    """The number that a cell is averaged by, or the mean of named scores, from totals of the columns that decide it."""

    metric: Metric
    columns: Sequence[int]
    width: int
    names: Sequence[str] = ()

    def __call__(self, totals: FloatArray) -> FloatArray:
        """Scores of shape (...) from totals of shape (..., deciding columns)."""
        whole = np.zeros((*totals.shape[:-1], self.width))
        whole[..., self.columns] = totals
        return _mean_score(self.metric, whole, self.names)


def _mean_score(metric: Metric, totals: FloatArray, names: Sequence[str]) -> FloatArray:
    scores = metric.aggregate(totals)
    return np.asarray(np.mean([scores[name] for name in names or metric.primary_scores], axis=0))


def deciding_columns(metric: Metric, totals: FloatArray, names: Sequence[str] = ()) -> list[int]:
    """The columns on which the main score depends, or the named ones.

    They are found by changing each of them around totals of shape (rows, k).

    The others (counts behind variants) would only make the rows of items differ, and the draws slow.
    """
    generator = np.random.default_rng(0)
    rows = np.repeat(np.maximum(totals, 1), _PROBES, axis=0)
    rows = rows * np.exp(generator.normal(0, 1, rows.shape))
    before = _mean_score(metric, rows, names)
    found = []
    for column in range(rows.shape[1]):
        changed = rows.copy()
        changed[:, column] *= np.exp(generator.normal(0, 1, len(rows)))
        if not np.array_equal(before, _mean_score(metric, changed, names)):
            found.append(column)
    return found


def cluster_counts(cell: Paired, group: Groups, columns: Sequence[int], size: int) -> FloatArray:
    """Counts by cluster, shape (clusters, sources, columns)."""
    counts = cell.items.statistics.reshape(len(cell.items.ids), cell.sources, -1)[:, :, columns]
    return sum_rows(group, counts.reshape(len(counts), -1), size).reshape(-1, cell.sources, len(columns))


def exchange_sums(rows: FloatArray, trials: int, generator: np.random.Generator) -> FloatArray:
    """Sums of rows, each taken with probability one half, of shape (trials, columns).

    Few distinct rows (an accuracy cell has two that are not 0) are taken as binomial counts, the same distribution.
    """
    rows = rows[rows.any(axis=1)]
    distinct, times = _distinct(rows)
    if len(distinct) * 40 <= len(rows):
        return generator.binomial(times, 0.5, (trials, len(distinct))).astype(np.float64) @ distinct
    exact = not (rows % 1).any() and np.abs(rows).sum(axis=0).max() < _WHOLE  # then fp32 adds without rounding
    kind: np.dtype[np.floating] = np.dtype(np.float32 if exact else np.float64)
    numbers, step = rows.astype(kind), max(1, _BLOCK // len(rows))
    part = max(1, (_CACHED if exact else _BLOCK) // len(rows))
    sums = np.empty((trials, rows.shape[1]))
    for first in range(0, trials, step):
        packed = generator.integers(0, 256, (min(step, trials - first), -(-len(rows) // 8)), dtype=np.uint8)
        for start in range(0, len(packed), part):
            coins = np.unpackbits(packed[start : start + part], axis=1, count=len(rows)).astype(kind)
            sums[first + start : first + start + len(coins)] = coins @ numbers
    return sums


def _distinct(rows: FloatArray) -> tuple[FloatArray, Groups]:
    """The distinct rows in order, and how often each occurs; without a slow sort of rows where one column is not 0."""
    if not len(rows):
        return rows, np.zeros(0, dtype=np.int64)
    moving = np.flatnonzero(rows.any(axis=0))
    if len(moving) != 1:
        return np.unique(rows, axis=0, return_counts=True)
    values, times = np.unique(rows[:, moving[0]], return_counts=True)
    distinct = np.zeros((len(values), rows.shape[1]))
    distinct[:, moving[0]] = values
    return distinct, times
