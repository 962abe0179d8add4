"""One stream through a model: what comes out does not depend on how it was cut into batches."""

from __future__ import annotations

import threading
import time
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from tests.conftest import Tiny
from tests.harness.predict.token_inputs import LENGTHS, inputs_of, loaded
from tests.models import ARCHITECTURES
from xharness.compute.batches import IntArray
from xharness.compute.device import Device
from xharness.compute.loading import Loaded
from xharness.predict.stream import pad, stream


def collect(model: Loaded, ids: Any, types: Any, batch_tokens: int, **options: Any) -> tuple[list[np.ndarray], Any]:
    """First output of the model for every input, padding cut off where it has a token axis."""
    rows: list[np.ndarray] = [np.zeros(0)] * len(ids)

    def use(batch: IntArray, output: Any) -> None:
        for row, index in zip(output[0].numpy(), batch.tolist(), strict=True):
            assert rows[index].size == 0, "every input is answered once"
            rows[index] = row[: max(1, len(ids[index]))] if row.shape and row.shape[0] > 3 else row

    return rows, stream(model, ids, types, use, batch_tokens=batch_tokens, **options)


@pytest.mark.parametrize("head", ["sequence", "token", "qa", "encoder"])
@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_outputs_do_not_depend_on_the_batch_size(tiny: Tiny, architecture: str, head: str) -> None:
    import torch

    model = loaded(tiny(architecture, head))
    ids, types = inputs_of(model, LENGTHS)
    if head != "sequence":
        ids, types = [i for i in ids if len(i) > 3], [t for t, i in zip(types, ids, strict=True) if len(i) > 3]
    wanted = []
    with torch.inference_mode():
        for row, kinds in zip(ids, types, strict=True):
            alone = {"input_ids": torch.tensor([row])}
            if kinds is not None:
                alone["token_type_ids"] = torch.tensor([kinds])
            wanted.append(model.model(**alone)[0][0].numpy())
    for budget in (1, 50, 130, 100_000):
        found, _ = collect(model, ids, types, budget)
        for ours, theirs in zip(found, wanted, strict=True):
            np.testing.assert_allclose(ours, theirs, atol=2e-5)


@pytest.mark.parametrize("budget", [1, 1000])
@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_an_input_without_any_token_is_one_of_padding(tiny: Tiny, architecture: str, budget: int) -> None:
    model = loaded(tiny(architecture, "sequence"))
    ids, types = inputs_of(model, [0, 5, 0])
    found, spent = collect(model, ids, types, budget)
    np.testing.assert_allclose(found[0], found[2], atol=2e-5)
    assert all(np.isfinite(row).all() for row in found)
    assert spent.tokens == 7


def test_padding_is_on_the_right_and_masked(tiny: Tiny) -> None:
    model = loaded(tiny("bert", "sequence"))
    batch = pad(replace(model, pad_id=77), [[5, 6, 7], [8]], [[0, 1, 1], [1]])
    assert batch["input_ids"].tolist() == [[5, 6, 7], [8, 77, 77]]
    assert batch["attention_mask"].tolist() == [[1, 1, 1], [1, 0, 0]]
    assert batch["token_type_ids"].tolist() == [[0, 1, 1], [1, 0, 0]]
    assert set(pad(model, [[5]], [None])) == {"input_ids", "attention_mask"}


def test_counts_and_progress(tiny: Tiny) -> None:
    model = loaded(tiny("bert", "sequence"))
    ids, types = inputs_of(model, LENGTHS)
    told: list[float] = []
    _, spent = collect(model, ids, types, 120, progress=told.append)
    assert (spent.examples, spent.tokens) == (len(LENGTHS), sum(LENGTHS))
    assert spent.padded_tokens == 2 * 60 + 3 * 33 + 5 * 17  # longest first: 60 40, 33 25 17, 17 9 3 2 1
    assert spent.seconds > 0
    assert told == sorted(told)
    assert told[-1] == pytest.approx(1.0)


def test_nothing_to_do(tiny: Tiny) -> None:
    model = loaded(tiny("bert", "sequence"))
    rows, spent = collect(model, [], [], 100)
    assert (rows, spent.examples, spent.padded_tokens) == ([], 0, 0)


def test_memory_that_runs_out_changes_no_answer(tiny: Tiny) -> None:
    model = loaded(tiny("bert", "sequence"))
    ids, types = inputs_of(model, LENGTHS)
    wanted, _ = collect(model, ids, types, 100_000)

    def small(**inputs: Any) -> Any:
        if inputs["input_ids"].numel() > 100:
            raise RuntimeError("CUDA out of memory. Tried to allocate 20.00 MiB")
        return model.model(**inputs)

    bounds: list[int] = []
    told: list[float] = []
    found, spent = collect(
        replace(model, model=small), ids, types, 100_000, on_halved=bounds.append, progress=told.append
    )
    assert bounds == [300, 150, 60]
    np.testing.assert_allclose(np.stack(found), np.stack(wanted), atol=2e-5)
    assert told[-1] == pytest.approx(1.0)
    assert spent.tokens == sum(LENGTHS)


def test_no_gradients_are_kept(tiny: Tiny) -> None:
    model = loaded(tiny("bert", "sequence"))
    seen: list[bool] = []
    stream(model, [[5, 6]], [None], lambda _batch, output: seen.append(output.logits.requires_grad), batch_tokens=8)
    assert seen == [False]


def test_only_the_model_of_this_process_has_its_inputs_on_its_device(tiny: Tiny) -> None:
    """A replica's inputs go through the processor; by way of the first card they would wait for it."""
    import torch

    seen: dict[str, set[str]] = {"own": set(), "replica": set()}
    both = threading.Barrier(2)

    def model(name: str) -> Any:
        def answer(**inputs: torch.Tensor) -> tuple[torch.Tensor]:
            seen[name] |= {value.device.type for value in inputs.values()}
            both.wait(60)  # each has one of the two batches
            return (torch.zeros(len(inputs["input_ids"]), 3),)

        return answer

    real = loaded(tiny("bert", "sequence"))
    replica: Any = SimpleNamespace(prepare=lambda _make: model("replica"))
    double = replace(real, device=Device("meta", "fp32"), replicas=(replica,))
    ids, types = inputs_of(real, [5, 5])
    collect(double, ids, types, 5, make=lambda _loaded: model("own"))
    assert seen == {"own": {"meta"}, "replica": {"cpu"}}


@pytest.mark.parametrize("failing", ["own", "replica"])
def test_what_ends_one_device_ends_all(tiny: Tiny, failing: str) -> None:
    """The other does not go through the rest of the batches while an interruption waits for it."""
    taken: list[int] = []
    begun = threading.Event()

    def model(name: str) -> Any:
        def answer(**inputs: Any) -> Any:
            if name == failing:
                assert begun.wait(60)
                raise KeyboardInterrupt
            taken.append(len(inputs["input_ids"]))
            begun.set()
            time.sleep(0.02)
            return (inputs["input_ids"][:, :3].float(),)

        return answer

    real = loaded(tiny("bert", "sequence"))
    replica: Any = SimpleNamespace(prepare=lambda _make: model("replica"))
    ids, types = inputs_of(real, 200 * [5])
    with pytest.raises(KeyboardInterrupt):
        collect(replace(real, replicas=(replica,)), ids, types, 5, make=lambda _loaded: model("own"))
    assert 1 <= len(taken) < 100
