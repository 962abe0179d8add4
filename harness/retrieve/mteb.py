"""MTEB's protocols of bitext, from the vectors of the official score: further numbers, never in its place.

Tatoeba: the nearest English sentence of each other one. BUCC: no mining, but a search of what gold says there is; only
the source sentences of gold are queries. Its first version searches the whole English side, line by line, its second
only the English sentences of gold. MTEB takes BUCC's training set, which is XTREME's test set. Of sentences that are
equally near the first one counts here, and any one there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from xharness.compute.batches import IntArray
from xharness.retrieve.search import CHUNK, Normalised, Vectors, neighbours
from xharness.tasks.base import Items, Metric
from xharness.tasks.metrics.accuracy import Accuracy
from xharness.tasks.metrics.label_f1 import LabelF1
from xharness.tasks.types.bitext_mining import Corpora


class Searched(NamedTuple):
    """For each query the 0-based row that is right and the one that is nearest."""

    gold: IntArray
    found: IntArray

    def measured(self, metric: Metric, language: str) -> tuple[Metric, Items]:
        """The statistics of a metric of labels."""
        return metric, metric.measure(self.gold.tolist(), self.found.tolist(), language)


def tatoeba(backward: IntArray, gold: Sequence[str]) -> Searched:
    """Tatoeba's search from the other language, in the order of the English queries.

    Args:
        backward: For each sentence of the other language the row of the nearest English one.
        gold: For each English sentence the row of its translation.
    """
    rows = np.array([int(row) for row in gold], dtype=np.int64)
    return Searched(np.arange(len(rows)), backward[rows])


def bucc(
    corpora: Corpora,
    gold: Sequence[tuple[str, ...]],
    source: Vectors,
    target: Vectors,
    *,
    gpu: bool = False,
    chunk: int = CHUNK,
) -> dict[str, Searched]:
    """Both versions of BUCC's search by name, ``v1`` and ``v2``; empty without gold.

    Args:
        gold: (source id, English id); all of them ids of ``corpora``.
        source: Vectors of the source side, shape (sentences, width); normalised here.
        target: The same for the English side.
    """
    if not gold:
        return {}
    sources = _rows(corpora.source, [pair[0] for pair in gold])
    targets = _rows(corpora.target, [pair[1] for pair in gold])
    queries = Normalised(source, sources)
    sides = {"v1": (targets, Normalised(target)), "v2": (np.arange(len(gold)), Normalised(target, targets))}
    return {
        name: Searched(right, neighbours(queries, index, 1, gpu=gpu, chunk=chunk)[1][:, 0])
        for name, (right, index) in sides.items()
    }


def _rows(side: Sequence[tuple[str, str]], names: Sequence[str]) -> IntArray:
    row = {name: number for number, (name, _) in enumerate(side)}
    return np.array([row[name] for name in names], dtype=np.int64)


def variants(searched: Mapping[str, Searched], language: str) -> dict[str, tuple[Metric, Items]]:
    """Accuracy and F1 of each search, as ``mteb_v1_accuracy``."""
    metrics: dict[str, Metric] = {"accuracy": Accuracy(), "f1": LabelF1()}
    return {
        f"mteb_{name}_{score}": search.measured(metric, language)
        for name, search in searched.items()
        for score, metric in metrics.items()
    }


def number(metric: Metric, items: Items) -> float:
    """The score of statistics in percent."""
    return float(metric.aggregate(items.statistics.sum(axis=0))[metric.primary_scores[0]])
