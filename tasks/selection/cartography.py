"""Dataset cartography (Swayamdipta et al. 2020, arXiv 2009.10795): how a model learned each training example.

Measures are those of the published code. Not repeated are its off-by-one (a share of n examples gives n + 1), its
unstable order among equal values, and its wider standard deviation for few passes (``--include_ci``).
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from xharness.tasks.common.errors import UserError
from xharness.tasks.selection.dynamics import TrainingDynamics, read_dynamics

NEVER_LEARNED = 1000  # forgetting of an example that was never right, as published: it sorts behind all others

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class DataMap:
    """Measures of every training example, in their order; an example that no pass came to is in none of them.

    Attributes:
        confidence: Mean over passes of the probability of the right answer, 0 to 1.
        variability: Population standard deviation of it over passes (divided by n, not n - 1), 0 to 0.5.
        correctness: In how many passes the right answer had the highest logit; of equal ones the first counts.
        forgetting: How often it was right in one pass and wrong in the next; :data:`NEVER_LEARNED` if never right.
        passes: How many passes are counted; the last one may lack a few examples, which then have one fewer.
        unseen: Examples that are left out, because training ended before it came to them.
    """

    ids: tuple[str, ...]
    confidence: Floats
    variability: Floats
    correctness: Integers
    forgetting: Integers
    passes: int
    unseen: int = 0

    @property
    def closeness(self) -> Floats:
        """How near the confidence is to one half: c (1 - c), 0 to 0.25."""
        return self.confidence * (1 - self.confidence)


@dataclass(frozen=True, kw_only=True)
class CartographyOptions:
    """What a map is made of.

    Attributes:
        checkpoint: Folder with ``dynamics.npz``.
        burn_out: Only the **first** so many passes count, as published; None for all.
    """

    checkpoint: Path
    burn_out: int | None = None


def cartography(options: CartographyOptions) -> DataMap:
    """The map of the examples that a checkpoint was trained on.

    Raises:
        UserError: no or damaged dynamics, or a burn-out that is no number of passes.
    """
    return mapped(read_dynamics(options.checkpoint), options.burn_out)


def mapped(dynamics: TrainingDynamics, burn_out: int | None = None) -> DataMap:
    """The map of training dynamics.

    Raises:
        UserError: a burn-out that is no number of passes.
    """
    passes = len(dynamics.logits)
    if burn_out is not None and not 1 <= burn_out <= passes:
        why = f"it keeps the first passes, and {passes} were recorded"
        raise UserError(f"--burn-out is {burn_out}", why, f"give a number from 1 to {passes}")
    seen = dynamics.seen[:burn_out]
    there = np.asarray(seen.any(axis=0))
    seen, logits = seen[:, there], dynamics.logits[:burn_out, there].astype(np.float64)
    gold = dynamics.gold[there]
    chance = np.where(seen, _probability(logits, gold), 0.0)
    counts = seen.sum(axis=0)
    confidence = chance.sum(axis=0) / counts
    deviations = np.where(seen, chance - confidence, 0.0)
    right = seen & (np.nan_to_num(logits, nan=-np.inf).argmax(axis=2) == gold)
    return DataMap(
        ids=tuple(name for name, kept in zip(dynamics.ids, there.tolist(), strict=True) if kept),
        confidence=confidence,
        variability=np.sqrt((deviations**2).sum(axis=0) / counts),
        correctness=right.sum(axis=0),
        forgetting=_forgetting(right, seen),
        passes=len(seen),
        unseen=int((~there).sum()),
    )


def _probability(logits: Floats, gold: NDArray[np.int32]) -> Floats:
    """Softmax of the right answer. Shape (passes, examples, answers) to (passes, examples)."""
    with np.errstate(invalid="ignore"):  # what was not seen is NaN
        powers = np.exp(logits - logits.max(axis=2, keepdims=True))
        right: Floats = np.take_along_axis(powers, gold[None, :, None], axis=2) / powers.sum(axis=2, keepdims=True)
    return right[..., 0]


def _forgetting(right: NDArray[np.bool_], seen: NDArray[np.bool_]) -> Integers:
    """Changes from right to wrong, pass by pass. Shape (passes, examples) to (examples,)."""
    times = np.zeros(right.shape[1], dtype=np.int64)
    known = np.zeros(right.shape[1], dtype=np.bool_)
    for now, there in zip(right, seen, strict=True):
        times += known & there & ~now
        known = np.where(there, now, known)
    return np.where(right.any(axis=0), times, NEVER_LEARNED)
