"""A card computes a batch while the outputs of the one before are used; its answers are those of a processor."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
import pytest
import torch

from tests.conftest import Tiny
from tests.harness.predict.token_inputs import LENGTHS, inputs_of, loaded
from xharness.compute.device import Device
from xharness.compute.loading import Loaded
from xharness.predict import stream as streams
from xharness.predict.outputs import from_names, tensors_by_name
from xharness.predict.overlap import InOrder
from xharness.tasks.common.errors import UserError

BUDGET = 60  # more batches than two


class DoubleOfCard:
    """What a card does is done when it is waited for: copies to memory hold nothing before."""

    def __init__(self, events: list[str], device: str) -> None:
        self.events, self.device, self.told = events, device, list[Callable[[], Any]]()

    def send(self, tensor: torch.Tensor) -> torch.Tensor:
        return tensor

    def fetch(self, tensor: torch.Tensor) -> torch.Tensor:
        memory = torch.full_like(tensor, torch.nan)
        self.told.append(lambda: memory.copy_(tensor))
        return memory

    def mark(self) -> Callable[[], None]:
        told, self.told = self.told, []
        self.events.append("begun")

        def wait() -> None:
            self.events.append("waited")
            for each in told:
                each()

        return wait


@pytest.fixture
def events(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What happens on the double, which takes the place of every card."""
    found: list[str] = []
    monkeypatch.setattr(streams, "Card", partial(DoubleOfCard, found))
    return found


def on_card(model: Loaded) -> Loaded:
    return replace(model, device=Device("cuda", "fp32"))


def answers(model: Loaded, **options: Any) -> tuple[list[np.ndarray], Any]:
    """The logits of inputs of many lengths."""
    ids, types = inputs_of(model, LENGTHS)
    rows: list[np.ndarray] = [np.zeros(0)] * len(ids)

    def use(batch: Any, output: Any) -> None:
        for row, index in zip(output.logits.numpy(), batch.tolist(), strict=True):
            assert rows[index].size == 0, "every input is answered once"
            rows[index] = row

    return rows, streams.stream(model, ids, types, use, batch_tokens=BUDGET, **options)


def test_a_batch_begins_before_the_one_before_is_waited_for(tiny: Tiny, events: list[str]) -> None:
    model = loaded(tiny("bert", "sequence"))
    wanted, spent = answers(model)
    assert not events  # on a processor nothing is put off, so that a kill costs one batch
    progress: list[float] = []
    found, there = answers(on_card(model), progress=progress.append)
    assert np.array_equal(np.stack(found), np.stack(wanted))
    assert (there.examples, there.tokens, there.padded_tokens) == (spent.examples, spent.tokens, spent.padded_tokens)
    batches = events.count("begun")
    assert batches > 2
    assert events == ["begun", *["begun", "waited"] * (batches - 1), "waited"]
    assert progress == sorted(progress)
    assert progress[-1] == pytest.approx(1.0)


def test_memory_that_runs_out_loses_no_batch_that_has_begun(tiny: Tiny, events: list[str]) -> None:
    model = loaded(tiny("bert", "sequence"))
    wanted, _ = answers(model)

    def small(**inputs: Any) -> Any:
        if len(inputs["input_ids"]) > 1:
            raise RuntimeError("CUDA out of memory. Tried to allocate 20.00 MiB")
        return model.model(**inputs)

    found, _ = answers(on_card(replace(model, model=small)))
    np.testing.assert_allclose(np.stack(found), np.stack(wanted), atol=2e-5)
    assert events.count("begun") == events.count("waited") == len(LENGTHS)


def test_vectors_and_named_outputs_come_back(tiny: Tiny) -> None:
    for output in (torch.ones(2, 3), loaded(tiny("bert", "qa")).model(input_ids=torch.tensor([[5, 6]]))):
        names = tensors_by_name(output)
        back = tensors_by_name(from_names(names))
        assert list(back) == list(names)
        assert all(torch.equal(back[name], names[name]) for name in names)


def test_a_shortage_for_earlier_work_is_not_taken_for_one_of_the_newest() -> None:
    """The newest would be tried in halves, and the earlier one would be lost without a word."""

    def finish(work: int) -> None:
        raise MemoryError(f"no room for {work}")

    order = InOrder(finish, ahead=1)
    order.add(1)
    with pytest.raises(UserError, match="memory is short"):
        order.add(2)
    with pytest.raises(MemoryError):
        InOrder(finish, ahead=0).add(1)


def test_work_is_finished_in_order() -> None:
    done: list[int] = []
    order = InOrder(done.append, ahead=2)
    for work in range(4):
        order.add(work)
    assert done == [0, 1]
    order.end()
    assert done == [0, 1, 2, 3]
