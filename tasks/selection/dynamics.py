"""What a model said of each training example, pass by pass: ``dynamics.npz`` beside a checkpoint's weights.

    ids     (examples,)                   texts, in the order of the training examples
    gold    (examples,)                   int32, number of the right answer
    logits  (passes, examples, answers)   float32; NaN where a pass did not come to the example,
                                          -inf for a choice that a question does not have

Logits are those of the forward pass that the weights learned from: with dropout, before that step's update.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from xharness.tasks.common.errors import UserError
from xharness.tasks.common.npz import NpzError, pack_npz, read_npz, texts_of

FILE = "dynamics.npz"


@dataclass(frozen=True, eq=False)
class TrainingDynamics:
    """The logits of every training example in every pass; shapes are in the docstring of the module."""

    ids: tuple[str, ...]
    gold: NDArray[np.int32]
    logits: NDArray[np.float32]

    @property
    def seen(self) -> NDArray[np.bool_]:
        """True where a pass came to an example. Shape (passes, examples)."""
        return np.logical_not(np.isnan(self.logits).any(axis=2))

    def pack(self) -> bytes:
        """The file; the same bytes for the same numbers."""
        return pack_npz({"ids": np.array(self.ids, dtype=np.str_), "gold": self.gold, "logits": self.logits})


def without_rests(found: TrainingDynamics) -> TrainingDynamics:
    """Without passes that came to half of the examples or fewer; the first always stays.

    Training ends after whole steps: the last pass lacks a few examples, or a few more begin another one.
    """
    keep = found.seen.mean(axis=1) > 0.5
    keep[:1] = True
    return TrainingDynamics(found.ids, found.gold, found.logits[keep])


def read_dynamics(checkpoint: Path) -> TrainingDynamics:
    """The training dynamics beside a checkpoint's weights.

    Raises:
        UserError: there are none, or the file is not what was written.
    """
    path = checkpoint / FILE
    again = "record them again: xharness finetune --dynamics, with another --out"
    if not path.is_file():
        inside = sorted(folder.parent.name for folder in checkpoint.glob(f"*/{FILE}"))
        fix = f"name one of them: {', '.join(str(checkpoint / name) for name in inside)}" if inside else again
        why = "it holds several checkpoints" if inside else f"there is no {FILE}, which training leaves with --dynamics"
        raise UserError(f"no training dynamics in {checkpoint}", why, fix)
    try:
        return _parsed(read_npz(path.read_bytes()))
    except OSError as error:
        raise UserError(f"cannot read {path}", error.strerror or str(error), "check its permissions") from error
    except NpzError as error:
        raise UserError(f"{path} is damaged", str(error), again) from error


def _parsed(arrays: Mapping[str, NDArray[Any]]) -> TrainingDynamics:
    """The arrays of a file, checked.

    Raises:
        NpzError: another member, type, shape, or numbers that no training gives.
    """
    if set(arrays) != {"ids", "gold", "logits"}:
        raise NpzError("it does not hold ids, gold and logits")
    ids, gold, logits = arrays["ids"], arrays["gold"], arrays["logits"]
    kinds = ids.dtype.kind == "U" and gold.dtype == np.int32 and logits.dtype == np.float32
    if not kinds or (ids.ndim, gold.ndim, logits.ndim) != (1, 1, 3) or not len(ids) == len(gold) == logits.shape[1]:
        raise NpzError("it has not an id, a right answer and logits for each example")
    if not len(ids) or not len(logits):
        raise NpzError("it holds no example or no pass")
    missing = np.isnan(logits)
    if (gold < 0).any() or (gold >= logits.shape[2]).any() or (missing.any(axis=2) != missing.all(axis=2)).any():
        raise NpzError("an example has a right answer that is none of its answers, or logits of some of them only")
    right = np.take_along_axis(logits, gold[None, :, None], axis=2)
    if np.isposinf(logits).any() or np.isneginf(right).any():
        raise NpzError("a logit is not a finite number")
    return TrainingDynamics(texts_of(ids), gold, logits)
