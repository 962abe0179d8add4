"""Bootstrap intervals of cells and of averages over languages (Efron and Tibshirani 1993; clustered, percentile).

Items of one cluster are drawn together. Where languages share their items, one draw serves all languages, so that an
average does not count the same question as many independent ones.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from tasks.base import FloatArray, Items, Metric

Draws: TypeAlias = dict[str, FloatArray]  # score name -> shape (resamples,), in percent
Groups: TypeAlias = NDArray[np.int64]  # the number of the cluster of each item

_BLOCK = 4_000_000  # drawn indices held at once
_CACHED = 16_384  # counters that stay in the fast cache while they are counted up


def seed_of(seed: int, *names: str) -> int:
    """A seed that depends on the names (task, language) and on nothing else that happens to be scored."""
    digest = hashlib.sha256("\0".join((str(seed), *names)).encode()).digest()
    return int.from_bytes(digest[:8], "big")


def draws(items: Items, metric: Metric, resamples: int, seed: int) -> Draws:
    """Scores of one cell over bootstrap resamples of its clusters."""
    rows = sum_rows(numbered(items.clusters), items.counts)
    return metric.aggregate(resampled(rows, resamples, np.random.default_rng(seed)))


def joint_draws(cells: Mapping[str, Items], metric: Metric, resamples: int, seed: int) -> dict[str, Draws]:
    """Scores by language where languages share items: resample r draws the same items in every language.

    Clusters are merged across languages as far as equal ids connect them.
    """
    groups = joint_clusters(cells)
    size = 1 + max((int(group.max(initial=-1)) for group in groups.values()), default=-1)
    rows = np.hstack([sum_rows(groups[language], items.counts, size) for language, items in cells.items()])
    totals = resampled(rows, resamples, np.random.default_rng(seed)).reshape(resamples, len(cells), -1)
    return {language: metric.aggregate(totals[:, index]) for index, language in enumerate(cells)}


def interval(values: FloatArray, level: float = 0.95) -> tuple[float, float]:
    """Percentile interval (low, high) of the draws of one score."""
    low, high = np.quantile(values, [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)


def resampled(rows: FloatArray, resamples: int, generator: np.random.Generator) -> FloatArray:
    """Totals of shape (resamples, columns) of as many rows as there are, drawn with replacement.

    Few distinct rows (an accuracy cell has two) are drawn as multinomial counts, which is the same distribution.
    """
    size = len(rows)
    distinct, times = np.unique(rows, axis=0, return_counts=True) if size else (rows, np.zeros(0))
    if len(distinct) * 20 < size:
        return generator.multinomial(size, times / size, resamples).astype(np.float64) @ distinct
    return np.concatenate([weights @ rows for weights in _weights(size, resamples, generator)])


def _weights(size: int, resamples: int, generator: np.random.Generator) -> Iterator[FloatArray]:
    """How often each row is drawn, in blocks of shape (some resamples, size)."""
    step, few = max(1, _BLOCK // max(1, size)), max(1, _CACHED // max(1, size))
    offsets = np.arange(few)[:, None] * size
    for first in range(0, resamples, step):
        block = np.empty((min(step, resamples - first), size))
        for start in range(0, len(block), few):
            part = block[start : start + few]
            drawn = generator.integers(0, max(1, size), part.shape, dtype=np.int64) + offsets[: len(part)]
            part[:] = np.bincount(drawn.ravel(), minlength=part.size).reshape(part.shape)
        yield block


def numbered(keys: tuple[str, ...]) -> Groups:
    """Each key as a number, equal keys as equal numbers, by first occurrence."""
    number = {key: index for index, key in enumerate(dict.fromkeys(keys))}
    return np.fromiter(map(number.__getitem__, keys), dtype=np.int64, count=len(keys))


def sum_rows(group: Groups, counts: FloatArray, size: int = 0) -> FloatArray:
    """Counts summed by group, shape (groups, columns); at least ``size`` groups."""
    size = max(size, int(group.max(initial=-1)) + 1)
    columns = [np.bincount(group, weights=column, minlength=size) for column in counts.T]
    return np.column_stack(columns)


def joint_clusters(cells: Mapping[str, Items]) -> dict[str, Groups]:
    """For each language the number of the merged cluster of each item (union-find over ids and clusters)."""
    parent: dict[tuple[str, str], tuple[str, str]] = {}

    def find(node: tuple[str, str]) -> tuple[str, str]:
        while parent[node] != node:
            parent[node] = parent[parent[node]]
            node = parent[node]
        return node

    # An item is a node ("", id) that all languages share; a cluster is a node of its language.
    for language, items in cells.items():
        for name, cluster in zip(items.ids, items.clusters, strict=True):
            item, own = ("", name), (f"language {language}", cluster)
            parent.setdefault(item, item)
            parent.setdefault(own, own)
            parent[find(item)] = find(own)
    number: dict[tuple[str, str], int] = {}
    merged = {}
    for language, items in cells.items():
        roots = (find(("", name)) for name in items.ids)
        merged[language] = np.array([number.setdefault(root, len(number)) for root in roots], dtype=np.int64)
    return merged
