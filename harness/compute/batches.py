"""The one batch planner, and the loop that survives running out of memory. Pure functions: no model, no data."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from xharness.tasks.common.errors import UserError
from xharness.tasks.common.memory import out_of_memory

IntArray: TypeAlias = NDArray[np.int64]


def plan(lengths: Sequence[int] | IntArray, token_budget: int) -> list[IntArray]:
    """Cut examples into batches of similar length.

    Longest first: the first batch is the largest, so memory runs out at once or not at all, and the time left is
    over-estimated rather than under-estimated. Ties keep the order of the input, so the plan is deterministic.

    Args:
        lengths: Length of each example in tokens.
        token_budget: Bound on longest length x size of a batch; a single longer example gets a batch of its own.

    Returns:
        Arrays of example indices; each index occurs exactly once.
    """
    if token_budget < 1:
        raise ValueError("token_budget must be at least 1")
    sizes = np.asarray(lengths, dtype=np.int64)
    order = np.argsort(-sizes, kind="stable")
    batches, start = [], 0
    while start < len(order):
        size = max(1, token_budget // max(1, int(sizes[order[start]])))
        batches.append(order[start : start + size])
        start += size
    return batches


def run(
    batches: Iterable[IntArray],
    lengths: Sequence[int] | IntArray,
    step: Callable[[IntArray], None],
    *,
    on_halved: Callable[[int], None] | None = None,
) -> None:
    """Call ``step`` on every batch; a batch that does not fit in memory is halved, and so are later ones as large.

    Args:
        batches: From :func:`plan`; taken one by one, so that several loops may share an iterator.
        lengths: The lengths that the plan was made from.
        step: Runs one batch and keeps its own results.
        on_halved: Told the new bound in tokens each time.
    """
    sizes = np.asarray(lengths, dtype=np.int64)
    source, waiting = iter(batches), list[IntArray]()
    bound: int | None = None
    while (batch := waiting.pop() if waiting else next(source, None)) is not None:
        cost = len(batch) * int(sizes[batch].max(initial=1))
        if bound is not None and cost > bound and len(batch) > 1:
            waiting += _halves(batch)
            continue
        try:
            step(batch)
        except (RuntimeError, MemoryError) as error:
            if not out_of_memory(error):
                raise
            if len(batch) == 1:
                raise UserError(
                    f"one example of {cost} tokens does not fit in memory",
                    "there is nothing left to halve",
                    "use a smaller model, --precision bf16, or a device with more memory",
                ) from error
            bound = cost // 2
            waiting += _halves(batch)
            if on_halved:
                on_halved(bound)


def _halves(batch: IntArray) -> list[IntArray]:
    """Two halves in reverse order, ready for a stack."""
    middle = (len(batch) + 1) // 2
    return [batch[middle:], batch[:middle]]
