"""Adversarial training: inside the ball, worse than chance, and as exact on resume as everything else."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch

from tests.conftest import Tiny
from tests.harness.train.engines import KINDS, Setting, losses, weights
from xharness.tasks.common.errors import UserError
from xharness.train.adversarial import Adversary
from xharness.train.loop.settings import TrainerCallbacks
from xharness.train.loop.trainer import Trainer

ON: dict[str, Any] = {"adversarial_epsilon": 0.5, "adversarial_steps": 2, "adversarial_step_size": 0.3}


def step_loss(trainer: Trainer, number: int = 0) -> float:
    """Loss of a step with the adversary of the trainer, weights untouched."""
    return sum(float(trainer.learner.loss(batch, number).detach()) for batch in trainer.micro_batches.of_step(number))


@pytest.mark.parametrize("kind", KINDS)
def test_it_finds_a_worse_loss_than_chance_and_chance_differs_from_none(tiny: Tiny, tmp_path: Path, kind: str) -> None:
    more: dict[str, dict[str, Any]] = {
        "none": {},
        "random": {"adversarial_steps": 0},
        "worst": {"adversarial_steps": 4},
    }
    more = {name: {"adversarial_epsilon": 0.5, **each} if each else {} for name, each in more.items()}
    found = {name: step_loss(Setting(tiny, (kind,), tmp_path, **each).trainer()) for name, each in more.items()}
    assert found["worst"] > max(found["random"], found["none"])
    assert found["random"] != found["none"]


@pytest.mark.parametrize("architecture", ["bert", "xlm-roberta", "deberta-v2", "modernbert", "rembert"])
def test_every_token_stays_in_its_ball_and_padding_at_the_centre(
    tiny: Tiny, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, architecture: str
) -> None:
    setting = Setting(tiny, ("sequence",), tmp_path, architecture=architecture, **ON)
    trainer, seen = setting.trainer(10_000), []
    adversary = trainer.learner.adversary
    assert adversary is not None
    perturb = adversary._perturb

    def watch(module: Any, inputs: Any, output: torch.Tensor) -> torch.Tensor:
        if adversary._delta is not None:
            seen.append(adversary._delta.detach().clone())
        return perturb(module, inputs, output)

    layer = trainer.learner.raw.encoder.get_input_embeddings()
    layer._forward_hooks.clear()
    layer.register_forward_hook(watch)
    (batch, *_) = trainer.micro_batches.of_step(0)
    trainer.learner.loss(batch, 0)
    assert len(seen) == 3  # before each of two ascents, and at the end
    lengths = [len(instance.rows[0]) for instance in batch.instances]
    for delta in seen:
        norms = delta.norm(dim=-1)
        assert norms.max() <= 0.5 + 1e-5
        for row, length in enumerate(lengths):
            assert norms[row, :length].min() > 0
            assert not norms[row, length:].any()
    assert adversary._delta is None


def test_micro_batches_change_rounding_only(tiny: Tiny, tmp_path: Path) -> None:
    curves = [losses(Setting(tiny, KINDS, tmp_path / str(b), **ON).trainer(b), 12) for b in (100_000, 200)]
    assert curves[0] == pytest.approx(curves[1], abs=1e-4)


@pytest.mark.parametrize("recipe", [ON, {"adversarial_epsilon": 0.5, "adversarial_steps": 0}], ids=["worst", "random"])
def test_interrupted_equals_undisturbed(tiny: Tiny, tmp_path: Path, recipe: dict[str, Any]) -> None:
    calm = Setting(tiny, ("sequence",), tmp_path / "calm", dropout=0.1, **recipe).trainer()
    calm.run(TrainerCallbacks())

    def interrupt(_what: str, fraction: float) -> None:
        if round(fraction * 12) == 7:
            raise RuntimeError("killed")

    with pytest.raises(RuntimeError, match="killed"):
        Setting(tiny, ("sequence",), tmp_path / "out", dropout=0.1, **recipe).trainer(save_every=3).run(
            TrainerCallbacks(progress=interrupt)
        )
    again = Setting(tiny, ("sequence",), tmp_path / "out", dropout=0.1, **recipe).trainer(save_every=3)
    again.run(TrainerCallbacks())
    for name, weight in weights(calm.learner.raw).items():
        assert torch.equal(weight, weights(again.learner.raw)[name]), name


def test_with_gradient_checkpointing(tiny: Tiny, tmp_path: Path) -> None:
    plain = losses(Setting(tiny, ("token",), tmp_path / "plain", **ON).trainer(), 12)
    trainer = Setting(tiny, ("token",), tmp_path / "less", **ON).trainer(gradient_checkpointing=True)
    assert losses(trainer, 12) == pytest.approx(plain, abs=1e-4)


def test_an_encoder_without_a_table_of_words_is_refused(tiny: Tiny, tmp_path: Path) -> None:
    class Characters(torch.nn.Module):
        def get_input_embeddings(self) -> None:
            raise NotImplementedError

    recipe = Setting(tiny, ("sequence",), tmp_path, **ON).recipe
    with pytest.raises(UserError, match="Characters has no table of word embeddings"):
        Adversary(Characters(), recipe)
