"""The gradient of a step, whatever the micro-batches."""

from __future__ import annotations

import gc
import weakref
from pathlib import Path
from typing import Any

import pytest
import torch

from tests.conftest import Tiny
from tests.harness.train.engines import KINDS, Setting, losses
from xharness.train.loop.micro_batches import MicroBatch


@pytest.mark.parametrize("kind", KINDS)
def test_micro_batches_never_change_a_step(tiny: Tiny, tmp_path: Path, kind: str) -> None:
    """One batch of 32, micro-batches of a few, and one example at a time: the same losses all the way."""
    curves = [
        losses(Setting(tiny, (kind,), tmp_path / str(budget)).trainer(budget), 12) for budget in (100_000, 300, 1)
    ]
    for curve in curves[1:]:
        assert curve == pytest.approx(curves[0], abs=1e-5)
    assert curves[0][-1] < curves[0][0]


def test_steps_that_mix_tasks_weigh_every_example_alike(tiny: Tiny, tmp_path: Path) -> None:
    curves = [losses(Setting(tiny, KINDS, tmp_path / str(b)).trainer(b), 12) for b in (100_000, 200)]
    assert curves[0] == pytest.approx(curves[1], abs=1e-5)


def test_out_of_memory_halves_the_micro_batch_not_the_step(
    tiny: Tiny, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calm = losses(Setting(tiny, ("sequence",), tmp_path / "calm").trainer(), 12)
    trainer = Setting(tiny, ("sequence",), tmp_path / "short").trainer(4096)
    backward = trainer.learner.accelerator.backward

    def small(loss: torch.Tensor, **options: Any) -> None:
        if trainer.micro_batches.budget > 1000:
            raise RuntimeError("CUDA out of memory. Tried to allocate 2 GiB")
        backward(loss, **options)

    monkeypatch.setattr(trainer.learner.accelerator, "backward", small)
    notes: list[str] = []
    assert losses(trainer, 12, notes.append) == pytest.approx(calm, abs=1e-5)
    assert [note.split(";")[0] for note in notes] == [
        "out of memory: micro-batches halved to 2048 tokens",
        "out of memory: micro-batches halved to 1024 tokens",
        "out of memory: micro-batches halved to 512 tokens",
    ]


def test_a_failed_attempt_is_let_go_before_the_next(
    tiny: Tiny, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without the help of the collector, which a full card does not call."""
    trainer = Setting(tiny, ("sequence",), tmp_path / "short", steps=1).trainer(4096)
    computed = trainer.learner.loss
    held: list[weakref.ref[torch.Tensor]] = []

    def loss(batch: MicroBatch, step: int) -> torch.Tensor:
        assert all(each() is None for each in held)
        found = computed(batch, step)
        if trainer.micro_batches.budget > 1000:
            held.append(weakref.ref(found))
            raise RuntimeError("CUDA out of memory. Tried to allocate 2 GiB")
        return found

    monkeypatch.setattr(trainer.learner, "loss", loss)
    gc.disable()
    try:
        losses(trainer, 1)
    finally:
        gc.enable()
    assert len(held) == 3
