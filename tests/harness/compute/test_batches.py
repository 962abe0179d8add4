"""The batch planner as properties, and the loop that survives running out of memory."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from xharness.compute.batches import IntArray, plan, run
from xharness.tasks.common.errors import UserError
from xharness.tasks.common.memory import MEMORY_IS_SHORT

LENGTHS = st.lists(st.integers(0, 600), max_size=80)
BUDGETS = st.integers(1, 3000)


@given(LENGTHS, BUDGETS)
def test_every_index_once_within_the_budget_and_longest_first(lengths: list[int], budget: int) -> None:
    batches = plan(lengths, budget)
    assert sorted(index for batch in batches for index in batch.tolist()) == list(range(len(lengths)))
    for batch in batches:
        assert len(batch) == 1 or len(batch) * max(lengths[i] for i in batch) <= budget
    order = [lengths[index] for batch in batches for index in batch.tolist()]
    assert order == sorted(lengths, reverse=True)


@given(LENGTHS, BUDGETS)
def test_a_plan_is_deterministic_and_ties_keep_their_order(lengths: list[int], budget: int) -> None:
    first, second = plan(lengths, budget), plan(np.array(lengths, dtype=np.int64), budget)
    assert [batch.tolist() for batch in first] == [batch.tolist() for batch in second]
    order = [index for batch in first for index in batch.tolist()]
    assert order == sorted(range(len(lengths)), key=lambda index: (-lengths[index], index))


@given(LENGTHS, BUDGETS)
def test_no_batch_could_have_taken_one_more(lengths: list[int], budget: int) -> None:
    batches = plan(lengths, budget)
    for batch in batches[:-1]:
        assert (len(batch) + 1) * max(1, max(lengths[i] for i in batch)) > budget


@pytest.mark.parametrize("budget", [0, -1])
def test_budgets_below_one_are_a_bug_of_the_caller(budget: int) -> None:
    with pytest.raises(ValueError, match="at least 1"):
        plan([1], budget)


# Messages of torch 2.13 (the second from a real allocation on a processor) and of other devices.
class Memory:
    """A step that fails where a batch needs more tokens than there is room for, and notes what it was given."""

    def __init__(self, lengths: list[int], room: int, error: Callable[[], Exception]) -> None:
        self.lengths, self.room, self.error = lengths, room, error
        self.tried: list[int] = []
        self.answered: list[int] = []

    def __call__(self, batch: IntArray) -> None:
        cost = len(batch) * max(self.lengths[i] for i in batch)
        self.tried.append(cost)
        if cost > self.room:
            raise self.error()
        self.answered += batch.tolist()


@given(st.lists(st.integers(1, 50), min_size=1, max_size=60), st.integers(50, 400), st.sampled_from(MEMORY_IS_SHORT))
def test_after_memory_ran_out_everything_is_answered_once(lengths: list[int], room: int, message: str) -> None:
    memory = Memory(lengths, room, lambda: RuntimeError(message))
    bounds: list[int] = []
    run(plan(lengths, 1000), lengths, memory, on_halved=bounds.append)
    assert sorted(memory.answered) == list(range(len(lengths)))
    assert bounds == sorted(bounds, reverse=True)
    failures = [cost for cost in memory.tried if cost > room]
    assert bounds == [cost // 2 for cost in failures]


def test_later_batches_are_halved_before_they_are_tried() -> None:
    lengths = [10] * 64
    memory = Memory(lengths, 80, lambda: MemoryError())
    bounds: list[int] = []
    run(plan(lengths, 160), lengths, memory, on_halved=bounds.append)
    assert memory.tried == [160, *[80] * 8]
    assert bounds == [80]


def test_memory_that_suffices_changes_nothing() -> None:
    lengths = [3, 9, 1, 4]
    memory = Memory(lengths, 1000, MemoryError)
    run(plan(lengths, 9), lengths, memory, on_halved=lambda _bound: pytest.fail("nothing was short"))
    assert memory.answered == [1, 3, 0, 2]


def test_one_example_that_does_not_fit() -> None:
    memory = Memory([30, 7], 10, lambda: RuntimeError(MEMORY_IS_SHORT[0]))
    with pytest.raises(UserError) as error:
        run(plan([30, 7], 100), [30, 7], memory)
    assert str(error.value) == (
        "one example of 30 tokens does not fit in memory\n"
        "  why: there is nothing left to halve\n"
        "  fix: use a smaller model, --precision bf16, or a device with more memory"
    )


@pytest.mark.parametrize("error", [RuntimeError("shapes do not fit"), ValueError("CUDA out of memory"), KeyError("x")])
def test_other_errors_pass_through(error: Exception) -> None:
    def step(_batch: IntArray) -> None:
        raise error

    with pytest.raises(type(error)) as raised:
        run(plan([1, 2], 4), [1, 2], step)
    assert raised.value is error


def test_nothing_to_do() -> None:
    run(plan([], 10), [], lambda _batch: pytest.fail("there is no batch"))
