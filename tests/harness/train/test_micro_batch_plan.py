"""Cutting an optimizer step into micro-batches."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from xharness.compute import batches
from xharness.train.micro_batch_plan import overhead_on, plan_micro_batches


def cost(lengths: list[int], found: list[np.ndarray], overhead: int) -> int:
    return sum(len(batch) * max(lengths[i] for i in batch) + overhead for batch in found)


def best(lengths: list[int], budget: int, overhead: int) -> int:
    """The cheapest of all cuts of the sorted lengths, one by one."""
    sizes = sorted(lengths, reverse=True)
    costs = []
    for mask in range(2 ** (len(sizes) - 1)):
        borders = [0, *(i + 1 for i in range(len(sizes) - 1) if mask >> i & 1), len(sizes)]
        parts = [(sizes[a], b - a) for a, b in pairwise(borders)]
        if all(longest * count <= budget or count == 1 for longest, count in parts):
            costs.append(sum(longest * count + overhead for longest, count in parts))
    return min(costs)


@given(st.lists(st.integers(1, 60), min_size=1, max_size=9), st.integers(1, 300), st.integers(0, 50))
def test_no_other_cut_is_cheaper(lengths: list[int], budget: int, overhead: int) -> None:
    found = plan_micro_batches(lengths, budget, overhead)
    assert sorted(np.concatenate(found).tolist()) == list(range(len(lengths)))
    assert all(len(b) == 1 or len(b) * max(lengths[i] for i in b) <= budget for b in found)
    assert cost(lengths, found, overhead) == best(lengths, budget, overhead)
    longest = [max(lengths[i] for i in batch) for batch in found]
    assert longest == sorted(longest, reverse=True)


@given(st.lists(st.integers(1, 60), min_size=1, max_size=30), st.integers(1, 300))
def test_without_padding_the_sum_counts_and_no_batch_is_wasted(lengths: list[int], budget: int) -> None:
    found = plan_micro_batches(lengths, budget, 1, padding=False)
    assert sorted(np.concatenate(found).tolist()) == list(range(len(lengths)))
    sums = [sum(lengths[i] for i in batch) for batch in found]
    assert all(total <= budget or len(batch) == 1 for total, batch in zip(sums, found, strict=True))
    assert all(one + other > budget for one, other in pairwise(sums))


def test_nothing_to_cut() -> None:
    assert plan_micro_batches([], 100, 10) == []
    with pytest.raises(ValueError, match="token budget"):
        plan_micro_batches([1], 0, 10)


@pytest.mark.shared_data
def test_real_steps_have_less_than_half_the_padding_of_plain_cutting(shared_data: object, minilm: object) -> None:
    """Lengths of English UD-POS: many short sentences and a few long ones."""
    from pathlib import Path

    from xharness.train.options import FinetuneOptions
    from xharness.train.prepare import prepare

    assert isinstance(shared_data, Path)
    assert isinstance(minilm, Path)
    phase = prepare(
        FinetuneOptions(
            model=minilm, tasks=("udpos",), data=shared_data, out=Path("unused"), device="cpu", examples=2000
        )
    )
    mixture = phase.drawn()
    instances = phase.objectives["udpos"].instances
    real = plain = ours = 0
    for step in range(40):
        lengths = [instances[index].length for _, index in mixture.step(step)]
        real += sum(lengths)
        plain += cost(lengths, batches.plan(lengths, phase.specification.batch_tokens), 0)
        ours += cost(lengths, plan_micro_batches(lengths, phase.specification.batch_tokens, overhead_on("cpu")), 0)
    assert 1 - real / ours < 0.5 * (1 - real / plain)
