"""Cutting an optimizer step into micro-batches."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from xharness.compute import batches
from xharness.train.micro_batch_plan import AREA, count_unpadded, overhead_on, plan_micro_batches


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
    areas = [max(lengths[i] for i in batch) * len(batch) for batch in found]
    assert all(area <= AREA * budget or len(batch) == 1 for area, batch in zip(areas, found, strict=True))
    for (batch, one), (after, other) in pairwise(zip(found, sums, strict=True)):
        both = max(lengths[i] for i in batch) * (len(batch) + len(after))
        assert one + other > budget or both > AREA * budget
    assert count_unpadded(lengths, budget) == len(found)


def test_a_long_text_is_not_padded_out_to_without_end() -> None:
    """Embeddings and heads compute padding in any case: 512 texts would be 262,144 places."""
    found = plan_micro_batches([512] + 511 * [8], 8192, 1, padding=False)
    assert len(found) == 2
    assert max(512 * len(found[0]), 8 * len(found[1])) <= AREA * 8192


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
