"""The statistics of a task's cells as a few arrays, each distinct value and name written once.

<task>.ids            index into names; absent where ids are 0, 1, 2, ...
<task>.clusters       index into names; absent where every item is its own cluster
<task>.<k>.values     the distinct values of column k
<task>.<k>.which      the value of each item
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import accumulate, chain, pairwise
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from xharness.tasks.base import FloatArray, Items
from xharness.tasks.common.npz import NpzError

Arrays: TypeAlias = Mapping[str, NDArray[np.generic]]
NameIndex: TypeAlias = dict[str, int]
"""Every id and cluster of a file, and its place among them."""


def pack_task(cells: Sequence[Items], names: NameIndex) -> dict[str, NDArray[np.generic]]:
    """Arrays of one task, without its name; ids and clusters become indices into ``names``, which grows."""
    arrays: dict[str, NDArray[np.generic]] = {}
    if any(items.ids != _numbered_ids(len(items.ids)) for items in cells):
        arrays["ids"] = _index(chain.from_iterable(items.ids for items in cells), names)
    if any(items.ids != items.clusters for items in cells):
        arrays["clusters"] = _index(chain.from_iterable(items.clusters for items in cells), names)
    for number, column in enumerate(np.concatenate([items.statistics for items in cells]).T):
        values, which = np.unique(column, return_inverse=True)
        arrays[f"{number}.values"] = values
        arrays[f"{number}.which"] = which.astype(np.min_scalar_type(max(0, len(values) - 1)))
    return arrays


def unpack_task(arrays: Arrays, sizes: Sequence[int], names: Sequence[str]) -> list[Items]:
    """The inverse of :func:`pack_task`.

    Args:
        sizes: Number of items of each cell.
        names: Every id and cluster of the file.

    Raises:
        NpzError: an array is missing, or does not fit the others.
    """
    total = sum(sizes)
    counts = _unpack_counts(arrays, total)
    ids, clusters = (_names_of(arrays, part, names, total) for part in ("ids", "clusters"))
    found = []
    for start, end in pairwise(accumulate(sizes, initial=0)):
        own = ids[start:end] or _numbered_ids(end - start)
        found.append(Items(own, clusters[start:end] or own, counts[start:end]))
    return found


def _unpack_counts(arrays: Arrays, total: int) -> FloatArray:
    columns = sum(key.endswith(".values") for key in arrays)
    if not columns:
        raise NpzError("a task has no counts")
    values = [_column(arrays, f"{number}.values", "f") for number in range(columns)]
    filled = [column[_indices(arrays, f"{k}.which", total, len(column))] for k, column in enumerate(values)]
    return np.column_stack(filled).astype(np.float64)


def _names_of(arrays: Arrays, part: str, names: Sequence[str], total: int) -> tuple[str, ...]:
    """Ids or clusters of all items of a task; empty if there are none, because they are numbers or the ids."""
    if part not in arrays:
        return ()
    return tuple(names[index] for index in _indices(arrays, part, total, len(names)).tolist())


def _column(arrays: Arrays, name: str, kinds: str) -> NDArray[np.generic]:
    found = arrays.get(name)
    if found is None or found.ndim != 1 or found.dtype.kind not in kinds:
        raise NpzError(f"{name} is missing, or of another type")
    return found


def _indices(arrays: Arrays, name: str, total: int, of: int) -> NDArray[np.int64]:
    found = _column(arrays, name, "u").astype(np.int64)
    if len(found) != total or (total and not 0 <= int(found.min()) <= int(found.max()) < of):
        raise NpzError(f"{name} does not point to {total} values")
    return found


def _index(keys: chain[str], names: NameIndex) -> NDArray[np.uint32]:
    return np.array([names.setdefault(key, len(names)) for key in keys], dtype=np.uint32)


def _numbered_ids(count: int) -> tuple[str, ...]:
    return tuple(map(str, range(count)))
