"""Replicates of scores: the metric of every run on clusters of items that are drawn anew, the same for all runs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from xharness.comparison.pairing import Paired
from xharness.comparison.resampling import CellScore, cluster_counts, deciding_columns
from xharness.runs.verify import CellName
from xharness.studies.statistics.settings import Settings
from xharness.tasks.base import FloatArray
from xharness.tasks.metrics.clusters import Groups, joint_clusters, numbered
from xharness.tasks.metrics.intervals import require_finite, seed_of

_BLOCK = 1_000_000  # clusters drawn at once


@dataclass(frozen=True, eq=False)
class Replicated:
    """One cell: the score of every run, shape (runs,), and of every replicate, shape (R, runs), in percent."""

    scores: FloatArray
    replicates: FloatArray


def replicate(cells: Iterable[Paired], settings: Settings, split: str, score: str = "") -> dict[CellName, Replicated]:
    """All cells of some runs; cells that share their items share their draws.

    Args:
        split: What the items are of; others are drawn independently.
        score: Name of one of the metric's scores; its main one if empty.
    """
    pools: dict[tuple[str, str], list[Paired]] = {}
    for cell in cells:
        language = "" if cell.task.parallel else cell.language
        pools.setdefault((settings.group_of(cell.task.name), language), []).append(cell)
    found: dict[CellName, Replicated] = {}
    for name, members in pools.items():
        seed = seed_of(settings.seed, "items", split, *name)
        found |= _replicate_pool(members, settings.resamples, seed, (score,) if score else ())
    return found


def draw_counts(size: int, replicates: int, generator: np.random.Generator) -> FloatArray:
    """How often each of ``size`` things is among as many drawn with replacement, shape (replicates, size)."""
    drawn = generator.integers(0, size, (replicates, size))
    drawn += np.arange(replicates)[:, None] * size
    return np.bincount(drawn.ravel(), minlength=replicates * size).reshape(replicates, size).astype(np.float64)


def _replicate_pool(
    members: Sequence[Paired], resamples: int, seed: int, names: Sequence[str]
) -> dict[CellName, Replicated]:
    groups = _groups(members)
    size = 1 + max(int(group.max(initial=-1)) for group in groups)
    tables = [_Table.of(cell, group, size, names) for cell, group in zip(members, groups, strict=True)]
    blocks = [[table.score(counts) for table in tables] for counts in _blocks(size, resamples, seed)]
    found = {}
    for cell, table, *parts in zip(members, tables, *blocks, strict=True):
        scores, replicates = table.total(), np.concatenate(parts)
        require_finite(f"{cell.task.name} {cell.language}", cell.task.metric, scores, replicates)
        found[cell.task.name, cell.language] = Replicated(scores, replicates)
    return found


def _groups(members: Sequence[Paired]) -> list[Groups]:
    """For each cell the number of the cluster of each item, common to all cells."""
    if len(members) == 1:
        return [numbered(members[0].items.clusters)]
    return list(joint_clusters({f"{cell.task.name} {cell.language}": cell.items for cell in members}).values())


def _blocks(size: int, resamples: int, seed: int) -> Iterator[FloatArray]:
    generator, step = np.random.default_rng(seed), max(1, _BLOCK // size)
    for first in range(0, resamples, step):
        yield draw_counts(size, min(step, resamples - first), generator)


@dataclass(frozen=True, eq=False)
class _Table:
    """What the metric needs of one cell, shape (clusters, runs, columns)."""

    counts: FloatArray
    metric: CellScore

    @classmethod
    def of(cls, cell: Paired, group: Groups, size: int, names: Sequence[str]) -> _Table:
        totals = cell.items.statistics.sum(axis=0).reshape(cell.sources, -1)
        columns = deciding_columns(cell.task.metric, totals, names)
        return cls(
            cluster_counts(cell, group, columns, size), CellScore(cell.task.metric, columns, totals.shape[1], names)
        )

    def score(self, weights: FloatArray) -> FloatArray:
        """Scores of shape (replicates, runs) for weights of shape (replicates, clusters)."""
        sums = weights @ self.counts.reshape(len(self.counts), -1)
        return self.metric(sums.reshape(-1, *self.counts.shape[1:]))

    def total(self) -> FloatArray:
        return self.metric(self.counts.sum(axis=0))
