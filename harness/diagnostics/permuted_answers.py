"""What a model answers to many permutations of the words of an example, measured. No model, no files.

Sinha et al. 2021 (UnNatural Language Inference): gold is not defined for a permutation, so that a model which still
gives the label of the example is said to accept it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from xharness.diagnostics.matrix import Effect
from xharness.tasks.base import FloatArray

Answers: TypeAlias = NDArray[np.str_]

PERCENT = ("original", "omega_max", "omega_rand", "p_correct", "p_flip", "consistency")
"""Measures in percent; ``entropy`` is in bits."""


@dataclass(frozen=True)
class PermutedAnswers:
    """Answers to the examples of one language and to their permutations.

    Attributes:
        gold: Shape (items,).
        original: Answers to the examples as they are, shape (items,).
        permuted: Shape (items, permutations).
        labels: Number of labels: chance is one by it.
    """

    gold: Answers
    original: Answers
    permuted: Answers
    labels: int

    def measures(self, *, resamples: int = 1000, seed: int = 0) -> dict[str, Effect | None]:
        """Each measure with a 95 % interval over resampled items (percentiles); None where no item counts for it.

        - ``original``: right answers to examples as they are
        - ``omega_max``: items of which any permutation gets the label of the example; grows with their number
        - ``omega_rand``: items of which more permutations do than by chance
        - ``p_correct``, ``p_flip``: the mean share of permutations that do, over items whose original answer is right,
          or wrong
        - ``consistency``: the mean share of permutations that are answered as the original is
        - ``entropy``: of the answers to the permutations of an item, the mean in bits
        """
        items = len(self.gold)
        draws = np.random.default_rng(seed).multinomial(items, np.full(items, 1 / items), size=resamples)
        return {
            name: _ratio(100 * values if name in PERCENT else values, counts, draws)
            for name, (values, counts) in self._parts().items()
        }

    def _parts(self) -> Mapping[str, tuple[FloatArray, FloatArray]]:
        """What each item adds to a measure, and with which weight it counts there."""
        accepted = (self.permuted == self.gold[:, None]).mean(axis=1)
        right = (self.original == self.gold).astype(np.float64)
        every = np.ones(len(self.gold))
        return {
            "original": (right, every),
            "omega_max": ((accepted > 0).astype(np.float64), every),
            "omega_rand": ((accepted > 1 / self.labels).astype(np.float64), every),
            "p_correct": (accepted * right, right),
            "p_flip": (accepted * (1 - right), 1 - right),
            "consistency": ((self.permuted == self.original[:, None]).mean(axis=1), every),
            "entropy": (_entropies(self.permuted), every),
        }


def _entropies(answers: Answers) -> FloatArray:
    """Of the answers in each row, in bits."""
    shares = np.stack([(answers == label).mean(axis=1) for label in np.unique(answers)])
    logs = np.log2(shares, out=np.zeros_like(shares), where=shares > 0)
    found: FloatArray = np.abs((shares * logs).sum(axis=0))
    return found


def _ratio(values: FloatArray, counts: FloatArray, draws: NDArray[np.int64]) -> Effect | None:
    """Sum of values by sum of counts; draws in which nothing counts are left out."""
    if not counts.sum():
        return None
    sums, totals = draws @ values, draws @ counts
    drawn = sums[totals > 0] / totals[totals > 0]
    low, high = np.percentile(drawn, (2.5, 97.5)) if len(drawn) else (np.nan, np.nan)
    interval = (float(low), float(high)) if len(drawn) and len(values) > 1 else None
    return Effect(float(values.sum() / counts.sum()), interval)
