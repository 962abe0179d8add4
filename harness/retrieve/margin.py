"""How much better a pair is than its neighbourhood: margins of Artetxe and Schwenk (2019)."""

from __future__ import annotations

from typing import Literal, TypeAlias

import numpy as np

from harness.retrieve.search import Vectors

Margin: TypeAlias = Literal["ratio", "distance", "absolute"]

MARGINS: tuple[Margin, ...] = ("ratio", "distance", "absolute")


def margin_scores(similarity: Vectors, mean_one: Vectors, mean_other: Vectors, margin: Margin) -> Vectors:
    """Score candidate pairs; all arrays have one shape or broadcast to it.

    Args:
        similarity: Cosine of each pair.
        mean_one: Mean cosine of the one sentence with its k nearest neighbours on the other side.
        mean_other: The same for the other sentence.
        margin: ``ratio`` divides the cosine by the average of both means, ``distance`` subtracts it, ``absolute`` takes
            the cosine as it is.
    """
    if margin == "absolute":
        return similarity
    around = (mean_one + mean_other) * np.float32(0.5)
    return similarity / around if margin == "ratio" else similarity - around
