"""Bootstrap intervals of cells and of averages over languages (Efron and Tibshirani 1993; clustered, percentile).

Items of one cluster are drawn together. Where languages share their items, one draw serves all languages, so that an
average does not count the same question as many independent ones.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from tasks.base import FloatArray, Items, Metric

Draws: TypeAlias = dict[str, FloatArray]  # score name -> shape (resamples,), in percent
Groups: TypeAlias = NDArray[np.int64]  # the number of the cluster of each item

_OFTEN = 24  # times from which drawing how often a row comes is faster than drawing it that often
_CACHED = 65_536  # counters that stay in the cache while they are counted up


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

    How often rows come that occur often (an accuracy cell has two kinds) is drawn as multinomial counts, together with
    how many of the others come, which are then drawn one by one: the same distribution.
    """
    distinct, times = _kinds(rows)
    often = times >= _OFTEN
    others = np.repeat(distinct[~often], times[~often], axis=0)
    chances = np.append(times[often], len(others)) / max(1, len(rows))
    counts = generator.multinomial(len(rows), chances, resamples)
    totals = counts[:, :-1].astype(np.float64) @ distinct[often]
    if len(others):
        _add_drawn(totals, others, counts[:, -1], generator)
    return totals


def _kinds(rows: FloatArray) -> tuple[FloatArray, Groups]:
    """The distinct rows, and how often each occurs."""
    ordered = rows[np.lexsort(rows.T)] if len(rows) else rows
    first = np.flatnonzero(np.append(True, (ordered[1:] != ordered[:-1]).any(1))[: len(rows)])
    return ordered[first], np.diff(np.append(first, len(rows)))


def _add_drawn(totals: FloatArray, rows: FloatArray, draws: Groups, generator: np.random.Generator) -> None:
    """Add to each resample's totals as many of the rows as ``draws`` says, drawn with replacement."""
    size = len(rows)
    few, narrow = max(1, _CACHED // size), np.min_scalar_type(size - 1)
    for start in range(0, len(draws), few):
        wanted = draws[start : start + few]
        places = np.repeat(np.arange(len(wanted)) * size, wanted)
        places += generator.integers(0, size, len(places), dtype=narrow)
        times = np.bincount(places, minlength=len(wanted) * size).reshape(len(wanted), size)
        totals[start : start + few] += times.astype(np.float64) @ rows


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
