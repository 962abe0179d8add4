"""What the scores of paired runs could also have been: resampled clusters, and swapped answers.

The bootstrap draws the same clusters for both sides (Koehn 2004). Approximate randomisation exchanges the answers of
the two sides cluster by cluster, each with probability one half (Riezler and Maxwell 2005). Where the languages of a
task share their items, a cluster is drawn and exchanged in all of them at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from harness.compare.pairing import Paired
from tasks.base import FloatArray, Items, Metric
from tasks.metrics.intervals import Groups, joint_clusters, numbered, resampled, seed_of, sum_rows

_BLOCK = 4_000_000  # coins tossed at once
_PROBES = 64


@dataclass(frozen=True, eq=False)
class Drawn:
    """One cell, or an average of cells; R is the number of resamples, S that of sources.

    Attributes:
        scores: The scores themselves, shape (S,), in percent.
        bootstrap: Resampled scores, shape (R, S).
        swapped: New minus base after exchanges, shape (R,); None unless there are two sources.
        items: Number of items.
        clusters: Number of clusters they form; 0 if a cell is a single one, which says nothing about the spread.
    """

    scores: FloatArray
    bootstrap: FloatArray
    swapped: FloatArray | None
    items: int
    clusters: int


def average(parts: Sequence[Drawn], clusters: int | None = None) -> Drawn:
    """The mean of cells or of tasks. ``clusters``: how many they form together, by default the sum."""
    swapped = [part.swapped for part in parts if part.swapped is not None]
    single = any(not part.clusters for part in parts)
    return Drawn(
        np.mean([part.scores for part in parts], axis=0),
        np.mean([part.bootstrap for part in parts], axis=0),
        np.mean(swapped, axis=0) if swapped else None,
        sum(part.items for part in parts),
        0 if single else sum(part.clusters for part in parts) if clusters is None else clusters,
    )


def draw_task(cells: Sequence[Paired], resamples: int, seed: int) -> tuple[list[Drawn], int]:
    """Draws of all cells of one task, and the number of their clusters; draw r is one world for all languages."""
    task = cells[0].task
    if task.parallel:
        groups = joint_clusters({cell.language: cell.items for cell in cells})
        joint = _draw([(cell, groups[cell.language]) for cell in cells], resamples, (seed, task.name))
        return joint, int(max(group.max(initial=-1) for group in groups.values())) + 1
    single = [
        _draw([(cell, numbered(cell.items.clusters))], resamples, (seed, task.name, cell.language))[0] for cell in cells
    ]
    return single, sum(drawn.clusters for drawn in single)


def _draw(cells: Sequence[tuple[Paired, Groups]], resamples: int, seed: tuple[int, *tuple[str, ...]]) -> list[Drawn]:
    """Cells whose clusters have common numbers, drawn together."""
    metric, sources = cells[0][0].task.metric, cells[0][0].sources
    totals = [cell.items.counts.sum(axis=0).reshape(sources, -1) for cell, _ in cells]
    columns = deciding_columns(metric, np.concatenate(totals))
    score = Score(metric, columns, totals[0].shape[1])
    size = 1 + max(int(group.max(initial=-1)) for _, group in cells)
    tables = [_table(cell.items, group, sources, columns, size) for cell, group in cells]
    boot = _bootstrap(tables, resamples, np.random.default_rng(seed_of(seed[0], "bootstrap", *seed[1:])))
    swap = (
        _swap(tables, resamples, np.random.default_rng(seed_of(seed[0], "swap", *seed[1:]))) if sources == 2 else None
    )
    drawn = []
    for index, (cell, group) in enumerate(cells):
        own = totals[index][:, columns]
        swapped = None
        if swap is not None:
            moved = np.stack([own[0] + swap[:, index], own[1] - swap[:, index]], axis=1)
            swapped = np.diff(score(moved), axis=1)[:, 0]
        clusters = len(np.unique(group))
        many = clusters if clusters > 1 else 0
        drawn.append(Drawn(score(own), score(boot[:, index]), swapped, len(cell.items.ids), many))
    return drawn


@dataclass(frozen=True)
class Score:
    """The number that a cell is averaged by, from totals of the columns that decide it."""

    metric: Metric
    columns: Sequence[int]
    width: int

    def __call__(self, totals: FloatArray) -> FloatArray:
        """Scores of shape (...) from totals of shape (..., deciding columns)."""
        whole = np.zeros((*totals.shape[:-1], self.width))
        whole[..., self.columns] = totals
        return _main(self.metric, whole)


def _main(metric: Metric, totals: FloatArray) -> FloatArray:
    scores = metric.aggregate(totals)
    return np.asarray(np.mean([scores[name] for name in metric.main], axis=0))


def deciding_columns(metric: Metric, totals: FloatArray) -> list[int]:
    """The columns on which the main score depends, found by changing each of them around totals of shape (rows, k).

    The others (counts behind variants) would only make the rows of items differ, and the draws slow.
    """
    generator = np.random.default_rng(0)
    rows = np.repeat(np.maximum(totals, 1), _PROBES, axis=0)
    rows = rows * np.exp(generator.normal(0, 1, rows.shape))
    before = _main(metric, rows)
    found = []
    for column in range(rows.shape[1]):
        changed = rows.copy()
        changed[:, column] *= np.exp(generator.normal(0, 1, len(rows)))
        if not np.array_equal(before, _main(metric, changed)):
            found.append(column)
    return found


def _table(items: Items, group: Groups, sources: int, columns: Sequence[int], size: int) -> FloatArray:
    """Counts by cluster, shape (clusters, sources, columns): those of the first source, of the others what is more.

    As differences, sources with the same answers have exactly the same draws.
    """
    counts = items.counts.reshape(len(items.ids), sources, -1)[:, :, columns].copy()
    counts[:, 1:] -= counts[:, :1]
    return sum_rows(group, counts.reshape(len(counts), -1), size).reshape(-1, sources, len(columns))


def _bootstrap(tables: Sequence[FloatArray], resamples: int, generator: np.random.Generator) -> FloatArray:
    """Totals of shape (resamples, cells, sources, columns)."""
    clusters, sources, columns = tables[0].shape
    rows = np.hstack([table.reshape(clusters, -1) for table in tables])
    totals = resampled(rows, resamples, generator).reshape(resamples, len(tables), sources, columns)
    totals[:, :, 1:] += totals[:, :, :1]
    return totals


def _swap(tables: Sequence[FloatArray], trials: int, generator: np.random.Generator) -> FloatArray:
    """What an exchange brings to the first source, shape (trials, cells, columns)."""
    rows = np.hstack([table[:, 1] for table in tables])
    return exchanged(rows, trials, generator).reshape(trials, len(tables), -1)


def exchanged(rows: FloatArray, trials: int, generator: np.random.Generator) -> FloatArray:
    """Sums of rows, each taken with probability one half, of shape (trials, columns).

    Few distinct rows (an accuracy cell has two that are not 0) are taken as binomial counts, the same distribution.
    """
    rows = rows[rows.any(axis=1)]
    distinct, times = np.unique(rows, axis=0, return_counts=True) if len(rows) else (rows, np.zeros(0, dtype=np.int64))
    if len(distinct) * 40 <= len(rows):
        return generator.binomial(times, 0.5, (trials, len(distinct))).astype(np.float64) @ distinct
    step = max(1, _BLOCK // len(rows))
    sums = []
    for first in range(0, trials, step):
        packed = generator.integers(0, 256, (min(step, trials - first), -(-len(rows) // 8)), dtype=np.uint8)
        sums.append(np.unpackbits(packed, axis=1, count=len(rows)).astype(np.float64) @ rows)
    return np.concatenate(sums)
