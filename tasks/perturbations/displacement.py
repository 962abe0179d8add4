"""How far an order of words is from the one before: three measures that know nothing of languages.

IDC and DND are those of Clouâtre et al. 2022 (Local Structure Matters Most), over words.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Displacement:
    """Of one order, or a mean over orders.

    Attributes:
        index: IDC: the mean distance between old and new place, as a share of the length.
        neighbours: DND: the share of words that have another word on their right than before; the last one counts not.
        tau: Kendall's: 1 for the same order, -1 for the reverse.
    """

    index: float
    neighbours: float
    tau: float


UNMOVED = Displacement(0.0, 0.0, 1.0)


def displacement(order: Sequence[int]) -> Displacement:
    """Of one order: old places, all different, in their new order. Words that went are no displacement."""
    size = len(order)
    if size < 2:
        return UNMOVED
    places = np.argsort(np.argsort(order))  # ranks: what went leaves no gap
    moved = np.abs(places - np.arange(size)).mean() / size
    kept = (np.diff(places) == 1).sum()
    inversions = np.triu(places[:, None] > places[None, :]).sum()
    pairs = size * (size - 1) / 2
    return Displacement(float(moved), 1 - float(kept) / (size - 1), 1 - 2 * float(inversions) / pairs)


def mean_displacement(orders: Sequence[Sequence[int]]) -> Displacement:
    """The mean over orders of two words or more; nothing moved where there are none."""
    found = [displacement(order) for order in orders if len(order) > 1]
    if not found:
        return UNMOVED
    means = np.array([(each.index, each.neighbours, each.tau) for each in found]).mean(axis=0)
    return Displacement(*map(float, means))
