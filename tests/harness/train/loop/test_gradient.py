"""The gradient of a step, whatever the micro-batches."""

from __future__ import annotations

import gc
import weakref
from pathlib import Path
from typing import Any

import pytest
import torch
from torch.utils._python_dispatch import TorchDispatchMode

from tests.conftest import Tiny
from tests.harness.train.engines import KINDS, Setting, losses, weights
from xharness.tasks.common.errors import UserError
from xharness.train.loop.micro_batches import MicroBatch
from xharness.train.loop.settings import StepReport, TrainerCallbacks
from xharness.train.loop.trainer import Trainer


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


class Reads(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """Counts the values that Python asks a tensor for, for which it would wait on a card."""

    count = 0

    def __torch_dispatch__(self, call: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        self.count += call is torch.ops.aten._local_scalar_dense.default
        return call(*args, **(kwargs or {}))


def test_no_loss_is_waited_for_between_micro_batches(tiny: Tiny, tmp_path: Path) -> None:
    """Transformers waits once a pass, to see whether a mask hides anything."""

    def reads(budget: int) -> tuple[int, int]:
        trainer = Setting(tiny, ("sequence",), tmp_path / str(budget)).trainer(budget)
        trainer.learner.raw.train()
        with Reads() as read:  # type: ignore[no-untyped-call]
            trainer.gradient.of_step(0, lambda _said: None)
        return len(trainer.micro_batches.of_step(0)), read.count

    (one, once), (many, often) = reads(100_000), reads(1)
    assert one == 1 < 20 < many
    assert often - once == many - one


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


def interrupt(trainer: Trainer) -> None:
    """Train five steps, and be interrupted."""

    def stop(report: StepReport) -> None:
        if report.step == 5:
            raise KeyboardInterrupt

    with pytest.raises(UserError, match="interrupted after step 5"):
        trainer.run(TrainerCallbacks(step=stop))


def test_what_memory_had_room_for_is_remembered(tiny: Tiny, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another cut of a step would round in another way than the training that was not interrupted."""

    def short(folder: str) -> Trainer:
        trainer = Setting(tiny, ("sequence",), tmp_path / folder).trainer(4096)
        backward = trainer.learner.accelerator.backward

        def full(loss: torch.Tensor, **options: Any) -> None:
            if trainer.micro_batches.budget > 300:
                raise RuntimeError("CUDA out of memory. Tried to allocate 2 GiB")
            backward(loss, **options)

        monkeypatch.setattr(trainer.learner.accelerator, "backward", full)
        return trainer

    calm, begun = short("calm"), short("begun")
    losses(calm, 12)
    interrupt(begun)
    notes: list[str] = []
    rest = Setting(tiny, ("sequence",), tmp_path / "begun").trainer(4096)  # with room for everything, at last
    losses(rest, 7, notes.append)
    assert [note for note in notes if "memory" in note] == [
        "note: micro-batches of 256 tokens, as memory ran short before"
    ]
    assert rest.micro_batches.budget == calm.micro_batches.budget == 256
    undisturbed = weights(calm.learner.raw)
    assert all(torch.equal(found, undisturbed[name]) for name, found in weights(rest.learner.raw).items())
    smaller = Setting(tiny, ("sequence",), tmp_path / "begun").trainer(64)
    smaller.run(TrainerCallbacks())
    assert smaller.micro_batches.budget == 64


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


def test_another_cut_than_before_is_noted_where_masks_depend_on_it(
    tiny: Tiny, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    interrupt(Setting(tiny, ("sequence",), tmp_path).trainer())
    monkeypatch.setattr("xharness.train.loop.learner.packing_for", lambda *_: None)
    rest, notes = Setting(tiny, ("sequence",), tmp_path).trainer(), list[str]()
    rest.learner.by_instance = False
    losses(rest, 7, notes.append)
    assert "note: padding is computed now, left out before: the same steps, other masks of dropout" in notes
    assert rest.progress.padding == [False, True]
