"""Which items belong together, within a language and across languages."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from xharness.tasks.base import FloatArray, Items

Groups: TypeAlias = NDArray[np.int64]  # the number of the cluster of each item


def numbered(keys: Iterable[str]) -> Groups:
    """Each key as a number, equal keys as equal numbers, by first occurrence."""
    number: dict[str, int] = {}
    return np.array([number.setdefault(key, len(number)) for key in keys], dtype=np.int64)


def sum_rows(group: Groups, counts: FloatArray, size: int = 0) -> FloatArray:
    """Counts summed by group, shape (groups, columns); at least ``size`` groups."""
    size = max(size, int(group.max(initial=-1)) + 1)
    columns = [np.bincount(group, weights=column, minlength=size) for column in counts.T]
    return np.column_stack(columns)


def joint_clusters(cells: Mapping[str, Items]) -> dict[str, Groups]:
    """For each language the number of the merged cluster of each item, as far as equal ids connect them."""
    # Most languages have the same ids in the same clusters: once for all of these.
    kinds: dict[tuple[tuple[str, ...], tuple[str, ...]], str] = {}
    first = {language: kinds.setdefault((items.ids, items.clusters), language) for language, items in cells.items()}
    merged = _merged({language: cells[language] for language in kinds.values()})
    return {language: merged[kind] for language, kind in first.items()}


def _merged(cells: Mapping[str, Items]) -> dict[str, Groups]:
    """:func:`joint_clusters` by union-find over ids and clusters."""
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
