"""The model while it learns."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import pytest
import torch
from accelerate.state import AcceleratorState

from tests.conftest import Tiny
from tests.harness.train.engines import Setting, losses
from xharness.train.loop.learner import Learner, LossScale
from xharness.train.parallel import ProcessGroup


def test_gradient_checkpointing_changes_memory_not_results(tiny: Tiny, tmp_path: Path) -> None:
    plain = losses(Setting(tiny, ("token",), tmp_path / "plain", dropout=0.1).trainer(), 12)
    trainer = Setting(tiny, ("token",), tmp_path / "checkpointed", dropout=0.1).trainer(gradient_checkpointing=True)
    assert trainer.learner.raw.encoder.is_gradient_checkpointing
    assert losses(trainer, 12) == pytest.approx(plain, abs=1e-5)


def test_compiling_changes_speed_not_results(tiny: Tiny, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Traced and differentiated as compiled code is, but run by torch: making machine code takes a minute."""
    compile_ = torch.nn.Module.compile
    monkeypatch.setattr(torch.nn.Module, "compile", lambda self, **more: compile_(self, backend="aot_eager", **more))
    plain = losses(Setting(tiny, ("token",), tmp_path / "plain").trainer(), 12)
    trainer = Setting(tiny, ("token",), tmp_path / "compiled").trainer(compile=True)
    assert trainer.learner.raw.encoder._compiled_call_impl is not None
    assert losses(trainer, 12) == pytest.approx(plain, abs=1e-4)


def test_dropout_is_on_from_the_first_step(tiny: Tiny, tmp_path: Path) -> None:
    """Encoders come from their files in evaluation mode."""
    with_, without = (
        losses(Setting(tiny, ("token",), tmp_path / str(rate), steps=1, dropout=rate).trainer(), 1)
        for rate in (0.5, 0.0)
    )
    assert with_ != pytest.approx(without, abs=1e-4)


def test_it_learns_on_the_device_that_was_named(tiny: Tiny, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where one process trains, accelerate takes the first card whatever is named; here a device that cannot train."""
    plain = losses(Setting(tiny, ("token",), tmp_path / "plain", steps=2).trainer(), 2)
    AcceleratorState._reset_state(True)
    monkeypatch.setenv("ACCELERATE_TORCH_DEVICE", "meta")
    try:
        trainer = Setting(tiny, ("token",), tmp_path / "named", steps=2).trainer()
        assert trainer.learner.accelerator.device == torch.device("meta")
        assert trainer.learner.device == torch.device("cpu")
        assert losses(trainer, 2) == plain
    finally:
        AcceleratorState._reset_state(True)


def test_the_factor_of_fp16_continues_and_is_there_where_nothing_was_scaled() -> None:
    """A process that others leave no micro-batch clips all the same; overflows before a kill count after it."""
    scaler = torch.amp.GradScaler("cpu")
    before = LossScale(scaler, torch.device("cpu"))
    scaler.unscale_(torch.optim.SGD([torch.nn.Parameter(torch.ones(1), requires_grad=True)]))
    scaler.update(2.0)
    again = LossScale(torch.amp.GradScaler("cpu"), torch.device("cpu"))
    assert again.state() != before.state()
    again.load(json.loads(json.dumps(before.state())))
    assert again.state() == before.state()
    assert before.state()["scale"] == 2.0
    again.load({})  # a state of before
    assert again.state() == before.state()
    assert LossScale(None, torch.device("cpu")).state() == {}


@dataclass(frozen=True)
class Beside(ProcessGroup):
    """Two processes, of which this is one; the other says what it says."""

    said: float = 1.0

    def gathered(self, numbers: torch.Tensor) -> torch.Tensor:
        return torch.stack([numbers, torch.full_like(numbers, self.said)])


def test_no_process_packs_where_another_cannot(tiny: Tiny, tmp_path: Path) -> None:
    """Otherwise they would cut a step in two ways, and compute some examples twice and others not at all."""
    setting = Setting(tiny, ("sequence",), tmp_path)
    alone = setting.trainer()
    for said, packs in ((1.0, True), (0.0, False)):
        learner = Learner(alone.learner.raw, setting.loaded, setting.recipe, alone.settings, Beside(said=said))
        assert (learner.packing is not None) is packs
