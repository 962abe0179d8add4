"""Bitext mining by margin over nearest neighbours in both directions, as the BUCC baseline of XTREME means it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from xharness.compute.batches import IntArray
from xharness.retrieve.approximate import EXACT, approximate
from xharness.retrieve.margin import Margin, margin_scores
from xharness.retrieve.search import CHUNK, Normalised, Vectors, neighbours
from xharness.tasks.base import FloatArray

Retrieval: TypeAlias = Literal["max", "intersect", "fwd", "bwd"]

RETRIEVALS: tuple[Retrieval, ...] = ("max", "intersect", "fwd", "bwd")
ScoredRows: TypeAlias = tuple[FloatArray, IntArray, IntArray]


@dataclass(frozen=True, eq=False)
class PairCandidates:
    """Mined pairs, best first.

    Attributes:
        scores: Margin scores, shape (pairs,).
        source_rows: 0-based rows of the source side, same shape.
        target_rows: The same for the target side.
        recall: Share of the true neighbours that an approximate search found, the lower of both directions; 1 if exact.
    """

    scores: FloatArray
    source_rows: IntArray
    target_rows: IntArray
    recall: float = 1.0

    def __len__(self) -> int:
        return len(self.scores)


def mine(
    source_vectors: Vectors,
    target_vectors: Vectors,
    source_texts: Sequence[str],
    target_texts: Sequence[str],
    *,
    k: int = 4,
    margin: Margin = "ratio",
    retrieval: Retrieval = "max",
    index: str = EXACT,
    gpu: bool = False,
    chunk: int = CHUNK,
) -> PairCandidates:
    """Find pairs of sentences that are each other's translation.

    Equal texts of a side take part once; pairs with a text that occurs more than once on its side are then dropped,
    because nobody can say which of its lines is meant. Only pairs that score above 0 are kept.

    Args:
        source_vectors: Shape (n, width), one row a text; normalised here, in parts if they are on disk.
        target_vectors: Shape (m, width).
        k: Neighbours in each direction, both candidates and what the margin is measured against.
        margin: See :func:`xharness.retrieve.margin.margin_scores`.
        retrieval: ``fwd`` keeps the best candidate of each source (a target may then occur more than once), ``bwd``
            that of each target, ``intersect`` the pairs that are best for both, ``max`` the union of ``fwd`` and
            ``bwd``, taken greedily by score so that every sentence is used once; ties go forward first, then by row.
        index: ``exact``, or how neighbours are approximated (:mod:`xharness.retrieve.approximate`).
        gpu: Search on a CUDA device; approximate search stays on the processor.
        chunk: Queries searched at a time; vectors on disk are read in blocks of eight times as many.
    """
    sources, targets = distinct_rows(source_texts), distinct_rows(target_texts)
    if not len(sources) or not len(targets):
        return PairCandidates(np.empty(0), np.empty(0, np.int64), np.empty(0, np.int64))
    source, target = Normalised(source_vectors, sources), Normalised(target_vectors, targets)
    recall = 1.0
    if index == EXACT:
        forward = neighbours(source, target, k, gpu=gpu, chunk=chunk)
        backward = neighbours(target, source, k, gpu=gpu, chunk=chunk)
    else:
        there = approximate(source, target, k, name=index, chunk=chunk)
        back = approximate(target, source, k, name=index, chunk=chunk)
        forward, backward, recall = there[:2], back[:2], min(there[2], back[2])
    scores, left, right = select(*_best(forward, backward, margin), retrieval)
    left, right = sources[left], targets[right]
    kept = (scores > 0) & ~repeated(source_texts)[left] & ~repeated(target_texts)[right]
    order = np.argsort(-scores[kept], kind="stable")
    return PairCandidates(scores[kept][order], left[kept][order], right[kept][order], recall)


def distinct_rows(texts: Sequence[str]) -> IntArray:
    """The first row of each distinct text, ascending."""
    first: dict[str, int] = {}
    for row, text in enumerate(texts):
        first.setdefault(text, row)
    return np.fromiter(first.values(), dtype=np.int64, count=len(first))


def repeated(texts: Sequence[str]) -> NDArray[np.bool_]:
    """Which texts occur more than once."""
    counts = Counter(texts)
    return np.fromiter((counts[text] > 1 for text in texts), dtype=np.bool_, count=len(texts))


def _best(
    forward: tuple[Vectors, IntArray], backward: tuple[Vectors, IntArray], margin: Margin
) -> tuple[ScoredRows, ScoredRows]:
    """The best-scored candidate of each source and of each target, as (scores, source rows, target rows)."""
    mean_source, mean_target = forward[0].mean(1), backward[0].mean(1)
    scores, target = _best_of_each(forward, mean_source, mean_target, margin)
    back_scores, source = _best_of_each(backward, mean_target, mean_source, margin)
    return (scores, np.arange(len(target)), target), (back_scores, source, np.arange(len(source)))


def _best_of_each(
    found: tuple[Vectors, IntArray], mean_query: Vectors, mean_found: Vectors, margin: Margin
) -> tuple[FloatArray, IntArray]:
    """Of each query's neighbours the one with the highest margin; the nearer one on a tie."""
    similarity, rows = found
    scores = margin_scores(similarity, mean_query[:, None], mean_found[rows], margin)
    best = scores.argmax(1)[:, None]
    return np.take_along_axis(scores, best, 1)[:, 0].astype(np.float64), np.take_along_axis(rows, best, 1)[:, 0]


def select(forward: ScoredRows, backward: ScoredRows, retrieval: Retrieval) -> ScoredRows:
    """Which of the best candidates of both directions are kept."""
    if retrieval == "fwd":
        return forward
    if retrieval == "bwd":
        return backward
    if retrieval == "intersect":
        scores, source, target = forward
        mutual = backward[1][target] == source
        return scores[mutual], source[mutual], target[mutual]
    scores, source, target = (np.concatenate(both) for both in zip(forward, backward, strict=True))
    accepted = one_to_one(scores, source, target)
    return scores[accepted], source[accepted], target[accepted]


def one_to_one(scores: FloatArray, source: IntArray, target: IntArray) -> IntArray:
    """Positions of the pairs that a greedy walk by falling score accepts: both sentences must still be free."""
    order = np.argsort(-scores, kind="stable")
    free_source, free_target = (bytearray(b"\1") * (int(rows.max(initial=-1)) + 1) for rows in (source, target))
    accepted = []
    for position, left, right in zip(order.tolist(), source[order].tolist(), target[order].tolist(), strict=True):
        if free_source[left] and free_target[right]:
            free_source[left] = free_target[right] = 0
            accepted.append(position)
    return np.array(accepted, dtype=np.int64)
