"""How much better a pair is than its neighbourhood: margins of Artetxe and Schwenk (2019)."""

from __future__ import annotations

from typing import Literal, TypeAlias

import numpy as np

from xharness.retrieve.search import Vectors

Margin: TypeAlias = Literal["ratio", "distance", "absolute"]

MARGINS: tuple[Margin, ...] = ("ratio", "distance", "absolute")


def margin_scores(similarity: Vectors, mean_one: Vectors, mean_other: Vectors, margin: Margin) -> Vectors:
    """Score candidate pairs; the means broadcast to the shape of ``similarity``.

    Args:
        similarity: Cosine of each pair.
        mean_one: Mean cosine of the one sentence with its k nearest neighbours on the other side.
        mean_other: The same for the other sentence.
        margin: ``ratio`` divides the cosine by the average of both means (and is 0 where that is 0), ``distance``
            subtracts it, ``absolute`` takes the cosine as it is.
    """
    if margin == "absolute":
        return similarity
    around = (mean_one + mean_other) * np.float32(0.5)
    if margin == "distance":
        return similarity - around
    scores = np.zeros_like(similarity)
    np.divide(similarity, around, out=scores, where=around != 0)
    return scores
