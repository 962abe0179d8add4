"""The statistics of cells as an npz file."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from xharness.tasks.base import Items
from xharness.tasks.common.npz import NpzError, pack_npz, read_npz, texts_of

SIMILARITY = "similarity"
"""Name beside a cell's statistics, of what was found: by query, or by "source id TAB target id" of a mined pair."""


def pack_items(items: Mapping[str, Items]) -> bytes:
    """Statistics as the bytes of an npz file; the same for the same statistics."""
    arrays: dict[str, NDArray[np.generic]] = {}
    for name, value in items.items():
        arrays[f"{name}.ids"] = np.array(value.ids, dtype=np.str_)
        arrays[f"{name}.clusters"] = np.array(value.clusters, dtype=np.str_)
        arrays[f"{name}.counts"] = value.statistics
    return pack_npz(arrays)


def unpack_items(content: bytes) -> dict[str, Items]:
    """The inverse of :func:`pack_items`.

    Raises:
        NpzError: the file is not one of statistics: another member, type, shape, or a number that is not finite.
    """
    arrays = read_npz(content)
    names = dict.fromkeys(key.rpartition(".")[0] for key in arrays)
    if set(arrays) != {f"{name}.{part}" for name in names for part in ("ids", "clusters", "counts")}:
        raise NpzError("it does not hold ids, clusters and counts")
    return {name: _items(name, *(arrays[f"{name}.{part}"] for part in ("ids", "clusters", "counts"))) for name in names}


def _items(name: str, ids: NDArray[np.generic], clusters: NDArray[np.generic], counts: NDArray[np.generic]) -> Items:
    texts = all(array.dtype.kind == "U" and array.ndim == 1 for array in (ids, clusters))
    if not texts or counts.dtype != np.float64 or counts.ndim != 2 or not len(ids) == len(clusters) == len(counts):
        raise NpzError(f"{name} has not an id, a cluster and a row of counts for each item")
    if not np.isfinite(counts).all():
        raise NpzError(f"{name} holds a count that is not a finite number")
    return Items(texts_of(ids), texts_of(clusters), counts.astype(np.float64, copy=False))
