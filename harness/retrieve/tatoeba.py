"""Tatoeba: the nearest neighbour by cosine, in the official direction (English queries) and back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from xharness.compute.batches import IntArray
from xharness.retrieve.once import Encode, Layers, embed_once
from xharness.retrieve.search import Vectors, neighbours, normalise
from xharness.tasks.types.bitext_retrieval import Bitext


class NearestNeighbours(NamedTuple):
    """Nearest neighbours of one language pair, as 0-based rows.

    Attributes:
        forward: For each query (English, in sorted order) the row of its candidate; the official answer.
        backward: For each candidate (the other language) the row of its query.
        similarity: Cosine of each query and the candidate found for it.
    """

    forward: IntArray
    backward: IntArray
    similarity: Vectors


def find(queries: Vectors, candidates: Vectors, *, gpu: bool = False) -> NearestNeighbours:
    """Nearest neighbours in both directions. Vectors of shape (sentences, width), normalised here."""
    left, right = normalise(queries), normalise(candidates)
    similarity, forward = neighbours(left, right, 1, gpu=gpu)
    backward = neighbours(right, left, 1, gpu=gpu)[1]
    return NearestNeighbours(forward[:, 0], backward[:, 0], similarity[:, 0])


def find_at_layers(queries: Layers, candidates: Layers, *, gpu: bool = False) -> dict[int, NearestNeighbours]:
    """:func:`find` at every layer."""
    return {layer: find(queries[layer], candidates[layer], gpu=gpu) for layer in queries}


def retrieve(
    bitexts: Mapping[str, Bitext], encode: Encode, *, gpu: bool = False
) -> dict[str, dict[int, NearestNeighbours]]:
    """Answers of every language at every layer; all texts are embedded in one call."""
    texts: dict[tuple[str, bool], Sequence[str]] = {}
    for language, bitext in bitexts.items():
        texts |= {(language, True): bitext.queries, (language, False): bitext.candidates}
    vectors = embed_once(texts, encode)
    return {
        language: find_at_layers(vectors[language, True], vectors[language, False], gpu=gpu) for language in bitexts
    }


def right_back(found: NearestNeighbours, gold: Sequence[str] | Sequence[int] | IntArray) -> NDArray[np.bool_]:
    """Which items are right from the other language to English, in the order of the queries (one item a gold pair).

    Args:
        gold: For each query the 0-based row of its translation among the candidates.
    """
    rows = np.array([int(row) for row in gold], dtype=np.int64)
    return np.asarray(found.backward[rows] == np.arange(len(rows)))
