"""The best candidates of each query by inner product of vectors of length 1.

Ties go to the candidate that comes first in the candidate set (:mod:`xharness.retrieve.search`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from xharness.compute.batches import IntArray
from xharness.retrieve.approximate import EXACT, approximate
from xharness.retrieve.search import Normalised, Vectors, neighbours
from xharness.tasks.common.json_types import Json


@dataclass(frozen=True)
class RankingSearch:
    """How candidates are searched: ``exact``, or how their nearest are approximated."""

    index: str = EXACT

    def cache_key_fields(self) -> dict[str, Json]:
        """What of it can change a ranking."""
        return {} if self.index == EXACT else {"ranking_index": self.index}


@dataclass(frozen=True, eq=False)
class Ranked:
    """The best candidates of some queries.

    Attributes:
        rows: Of the candidates, best first, shape (queries, k).
        similarity: Cosines, same shape.
        recall: Share of the true best ones that were found, from 0 to 1: 1 if the search was exact.
    """

    rows: IntArray
    similarity: Vectors
    recall: float = 1.0


def rank(
    queries: Vectors, candidates: NDArray[np.floating], k: int, settings: RankingSearch, *, gpu: bool = False
) -> Ranked:
    """The ``k`` best candidates of each query.

    Args:
        queries: Shape (queries, width).
        candidates: Shape (candidates, width), in memory or in a file.
    """
    left, right = Normalised(queries), Normalised(candidates)
    if settings.index == EXACT:
        similarity, rows = neighbours(left[:], right, k, gpu=gpu)
        return Ranked(rows, similarity)
    similarity, rows, recall = approximate(left, right, k, name=settings.index)
    return Ranked(rows, similarity, recall)


def rank_in_pool(
    queries: Vectors, candidates: NDArray[np.floating], pool: range, k: int, *, gpu: bool = False
) -> IntArray:
    """The rows of the ``k`` best candidates of each query among those of a pool, by exact search."""
    part = candidates[pool.start : pool.stop]
    return rank(queries, part, k, RankingSearch(), gpu=gpu).rows + pool.start
