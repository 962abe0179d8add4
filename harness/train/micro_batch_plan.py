"""How the examples of an optimizer step are cut into micro-batches: the least padding that is worth its passes."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from xharness.compute.batches import IntArray

# Tokens that a model could have read in the time that one more forward and backward pass costs by itself.
OVERHEAD = {"cpu": 64}
OVERHEAD_OF_GPUS = 2048
AREA = 8  # times the budget: what embeddings and heads of a batch may take, which have padding in any case


def overhead_on(device: str) -> int:
    """Cost of one more micro-batch in tokens; small on a processor, where few tokens keep it busy."""
    return OVERHEAD.get(device, OVERHEAD_OF_GPUS)


def count_unpadded(lengths: Sequence[int], token_budget: int) -> int:
    """How many batches :func:`plan_micro_batches` makes without padding: as few as the budget allows."""
    sizes = sorted((max(1, length) for length in lengths), reverse=True)
    batches, tokens, texts, longest = 0, 0, 0, 0
    for size in sizes:
        full = tokens + size > token_budget or longest * (texts + 1) > AREA * token_budget
        if not texts or full:
            batches, tokens, texts, longest = batches + 1, 0, 0, size
        tokens, texts = tokens + size, texts + 1
    return batches


def plan_micro_batches(
    lengths: Sequence[int], token_budget: int, overhead: int, padding: bool = True
) -> list[IntArray]:
    """Cut examples into batches so that computed tokens plus ``overhead`` a batch are as few as can be.

    The best of all cuts of the examples sorted by length, by dynamic programming. Longest first, as
    :func:`xharness.compute.batches.plan` has them: memory runs out at once or not at all.

    Args:
        lengths: Length of each example in tokens.
        token_budget: Bound on the computed tokens of a batch; a single longer example gets a batch of its own.
        padding: Whether padding is computed: longest length x size of a batch; else it is the sum of the lengths, and
            with padding no more than :data:`AREA` times the budget.

    Returns:
        Arrays of example indices; each index occurs exactly once. The same lengths give the same cut.
    """
    if token_budget < 1 or overhead < 0:
        raise ValueError("the token budget must be at least 1, and the overhead at least 0")
    sizes = np.asarray(lengths, dtype=np.int64)
    order = np.argsort(-sizes, kind="stable")
    longest = np.maximum(sizes[order], 1)
    before = np.concatenate([[0], np.cumsum(longest)])
    cost = np.zeros(len(order) + 1, dtype=np.int64)
    start = np.zeros(len(order) + 1, dtype=np.int64)
    for end in range(1, len(order) + 1):
        padded = longest[:end] * (end - np.arange(end))
        computed = padded if padding else before[end] - before[:end]
        allowed = (computed <= token_budget) & (padded <= AREA * token_budget)
        allowed[end - 1] = True
        total = np.where(allowed, cost[:end] + computed + overhead, np.iinfo(np.int64).max)
        start[end] = int(total.argmin())  # the first of equals: fewer, larger batches
        cost[end] = total[start[end]]
    batches, end = [], len(order)
    while end:
        batches.append(order[start[end] : end])
        end = int(start[end])
    return batches[::-1]
