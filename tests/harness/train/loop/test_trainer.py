"""The training loop: what a step means, that nothing is lost, and that it trains as transformers' own Trainer does."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file

from tests.conftest import Tiny
from tests.harness.train.engines import KINDS, Setting, losses, weights
from tests.models import FAMILIES
from xharness.checkpoints.checkpoint import inspect
from xharness.compute import last_block
from xharness.compute.device import Device
from xharness.compute.loading import Loaded, load
from xharness.predict.stream import pad
from xharness.tasks.common.errors import UserError
from xharness.train.loop.settings import TrainerCallbacks
from xharness.train.loop.trainer import Trainer
from xharness.train.model import Built, Pooler, build, save_checkpoint


@pytest.mark.parametrize(("architecture", "kinds"), [("bert", KINDS), ("deberta-v2", ("token",)), ("mt5", ("token",))])
def test_dropout_belongs_to_instances(
    tiny: Tiny, tmp_path: Path, architecture: str, kinds: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the same masks whatever stands beside an instance, with padding or without, computed once or twice."""
    rates = {"dropout": 0.2, "attention_dropout": 0.2, "steps": 4, "warmup_steps": 0}
    curves: list[list[float]] = []
    for budget, more in ((100_000, {}), (200, {}), (1, {}), (300, {"gradient_checkpointing": True}), (300, {})):
        with monkeypatch.context() as patch:
            if len(curves) == 4:
                patch.setattr("xharness.compute.last_block.FAMILIES", ())
            setting = Setting(tiny, kinds, tmp_path / f"{len(curves)}", architecture, **rates)
            curves.append(losses(setting.trainer(budget, **more), 4))
    for curve in curves[1:]:
        assert curve == pytest.approx(curves[0], abs=1e-5)
    still = losses(Setting(tiny, kinds, tmp_path / "still", architecture, **{**rates, "dropout": 0.0}).trainer(), 4)
    assert still != pytest.approx(curves[0], abs=1e-3)


@pytest.mark.parametrize("kinds", [*((kind,) for kind in KINDS), KINDS], ids="+".join)
@pytest.mark.parametrize("stop", [1, 5, 11])
def test_interrupted_equals_undisturbed_to_the_last_bit(
    tiny: Tiny, tmp_path: Path, kinds: tuple[str, ...], stop: int
) -> None:
    """With dropout on. The interruption comes at any step; the saved state may be older than it."""
    calm = Setting(tiny, kinds, tmp_path / "calm", dropout=0.1).trainer()
    calm.run(TrainerCallbacks())
    disturbed = Setting(tiny, kinds, tmp_path / "disturbed", dropout=0.1).trainer(save_every=3)

    def interrupt(_what: str, fraction: float) -> None:
        if round(fraction * 12) == stop:
            raise RuntimeError("killed")

    with pytest.raises(RuntimeError, match="killed"):
        disturbed.run(TrainerCallbacks(progress=interrupt))
    again = Setting(tiny, kinds, tmp_path / "disturbed", dropout=0.1).trainer(save_every=3)
    again.run(TrainerCallbacks())
    for name, weight in weights(calm.learner.raw).items():
        assert torch.equal(weight, weights(again.learner.raw)[name]), name
    steps = [json.loads(line)["step"] for line in (tmp_path / "disturbed" / "log.jsonl").read_text().splitlines()]
    assert steps == sorted(set(steps))


def test_control_c_saves_and_says_how_to_go_on(tiny: Tiny, tmp_path: Path) -> None:
    trainer = Setting(tiny, ("sequence",), tmp_path).trainer()

    def interrupt(_what: str, fraction: float) -> None:
        if fraction >= 0.5:
            raise KeyboardInterrupt

    with pytest.raises(UserError, match="interrupted after step 6 of 12") as caught:
        trainer.run(TrainerCallbacks(progress=interrupt))
    assert caught.value.fix == "run the same command again: it continues"
    assert Setting(tiny, ("sequence",), tmp_path).trainer().run(TrainerCallbacks()).step == 12


def test_a_loss_that_is_not_finite_stops_with_its_examples(tiny: Tiny, tmp_path: Path) -> None:
    trainer = Setting(tiny, ("sequence",), tmp_path, learning_rate=1e30, max_grad_norm=1e30).trainer()
    with pytest.raises(UserError, match="is not finite") as caught:
        trainer.run(TrainerCallbacks())
    path = next(tmp_path.glob("not-finite-step-*.json"))
    assert str(path) in caught.value.why
    assert json.loads(path.read_text())["ids"]


class Rows(torch.utils.data.Dataset[dict[str, Any]]):
    """The trainer's own order of instances, padded and labelled as transformers' models take them."""

    def __init__(self, setting: Setting, trainer: Trainer) -> None:
        self.setting, self.steps = setting, [trainer.micro_batches.mixture.step(n) for n in range(trainer.total)]

    def __len__(self) -> int:
        return sum(map(len, self.steps))

    def __getitem__(self, place: int) -> dict[str, Any]:
        step, row = divmod(place, self.setting.recipe.batch_size)
        task, index = self.steps[step][row]
        return {"unit": self.setting.objectives[task].instances[index]}


def collate(loaded: Loaded, kind: str, rows: list[dict[str, Any]]) -> dict[str, torch.Tensor]:
    instances = [row["unit"] for row in rows]
    inputs = pad(loaded, [u.rows[0] for u in instances], [u.types[0] for u in instances])
    width = inputs["input_ids"].shape[1]
    if kind == "sequence":
        return {**inputs, "labels": torch.tensor([u.target[0] for u in instances])}
    if kind == "token":
        return {**inputs, "labels": torch.tensor([[*u.target, *[-100] * (width - len(u.target))] for u in instances])}
    first, last = (torch.tensor([u.target[end] for u in instances]) for end in (0, 1))
    return {**inputs, "start_positions": first, "end_positions": last}


@pytest.mark.parametrize("kind", ["sequence", "token", "qa"])
def test_the_loss_curve_is_that_of_transformers_trainer(tiny: Tiny, tmp_path: Path, kind: str) -> None:
    """Fifty steps on the same order of data, dropout off."""
    import transformers

    setting = Setting(tiny, (kind,), tmp_path / "ours", steps=50, warmup_steps=5, weight_decay=0.01)
    if kind == "qa":  # transformers' loss counts padding as possible answers, so give it windows of one length
        instances = [instance for instance in setting.objectives["squad_v1"].instances if len(instance.rows[0]) == 48]
        setting.objectives["squad_v1"].instances = instances
    trainer = setting.trainer()
    (head,) = build(setting.parent, setting.objectives, setting.recipe, setting.loaded.pad_id).model.heads.values()
    ours = losses(trainer, 50)
    recipe = setting.recipe
    arguments = transformers.TrainingArguments(
        output_dir=str(tmp_path / "theirs"), max_steps=50, per_device_train_batch_size=recipe.batch_size,
        learning_rate=recipe.learning_rate, warmup_steps=recipe.warmup_steps, weight_decay=recipe.weight_decay,
        adam_beta1=recipe.adam_beta1, adam_beta2=recipe.adam_beta2, adam_epsilon=recipe.adam_epsilon,
        max_grad_norm=recipe.max_grad_norm, lr_scheduler_type="linear", logging_steps=1, save_strategy="no",
        use_cpu=True, train_sampling_strategy="sequential", remove_unused_columns=False, report_to=[],
        disable_tqdm=True,
    )  # fmt: skip
    other = transformers.Trainer(
        model=head,
        args=arguments,
        train_dataset=Rows(setting, trainer),
        data_collator=lambda rows: collate(setting.loaded, kind, rows),
    )
    other.train()
    theirs = [entry["loss"] for entry in other.state.log_history if "loss" in entry]
    assert len(theirs) == 50
    assert ours == pytest.approx(theirs, abs=1e-4)


def test_every_seed_has_dropout_of_its_own() -> None:
    from xharness.train.loop.learner import dropout_seed

    def mask(seed: int, step: int, place: int) -> list[float]:
        torch.manual_seed(dropout_seed(seed, step, place))
        return torch.rand(4).tolist()

    masks = [mask(seed, step, place) for seed in (1, 2) for step in (0, 1) for place in (0, 1)]
    assert len({tuple(found) for found in masks}) == len(masks)


@pytest.mark.parametrize("kind", ["sequence", "token", "choice"])
@pytest.mark.parametrize("architecture", [family for family in last_block.FAMILIES if family in FAMILIES])
def test_the_loss_depends_on_no_token_but_those_it_says(
    tiny: Tiny, tmp_path: Path, architecture: str, kind: str
) -> None:
    """Otherwise an encoder without padding would leave out what is needed."""
    trainer = Setting(tiny, (kind,), tmp_path, architecture).trainer()
    kept: list[torch.Tensor] = []
    trainer.learner.raw.encoder.encoder.register_forward_hook(lambda _module, _inputs, output: kept.append(output[0]))
    batch = trainer.micro_batches.of_step(0)[0]
    loss = trainer.learner.loss(batch, 0)
    (gradient,) = torch.autograd.grad(loss, kept)
    reached = gradient.abs().sum(-1) > 0
    read = trainer.learner.raw.objectives[batch.task].positions_read(batch.instances, reached.shape[1])
    assert read is not None
    assert torch.equal(reached, read)
    assert reached.any(1).all()


@pytest.mark.parametrize("kind", ["qa", "token", "sequence"])
@pytest.mark.parametrize("architecture", ["bert", "xlm-roberta"])
def test_the_pooler_of_the_parent_reaches_the_phase_after_next(
    tiny: Tiny, tmp_path: Path, architecture: str, kind: str
) -> None:
    """Also through a phase whose head does not read it, and into a checkpoint whose class lacks it."""
    setting = Setting(tiny, (kind,), tmp_path / "state", architecture, steps=2)
    built = build(setting.parent, setting.objectives, setting.recipe, setting.loaded.pad_id)
    assert built.pooler is Pooler.KEPT
    trainer = setting.trainer()
    trainer.run(TrainerCallbacks())
    (name,) = setting.objectives
    (tmp_path / "out").mkdir()
    save_checkpoint(Built(trainer.learner.trained, built.pooler), name, setting.loaded.tokenizer, tmp_path / "out")
    parent = inspect(tmp_path / "out")
    again = build(parent, Setting(tiny, ("sequence",), tmp_path, architecture).objectives, setting.recipe, 0)
    assert again.pooler is Pooler.KEPT
    read = architecture == "bert" and kind == "sequence"
    for before, after in zip(
        built.model.encoder.pooler.parameters(), again.model.encoder.pooler.parameters(), strict=True
    ):
        assert torch.equal(before, after) is not read
    assert load(parent, parent.head, Device("cpu", "fp32")).model is not None


def test_a_pooler_that_is_not_there_is_made_up_unless_it_was_kept(tiny: Tiny, tmp_path: Path) -> None:
    setting = Setting(tiny, ("qa",), tmp_path / "state")
    parent = shutil.copytree(setting.parent.path, tmp_path / "parent")
    whole = load_file(parent / "model.safetensors")

    def built(without: str) -> Built:
        save_file({k: v for k, v in whole.items() if without not in k}, parent / "model.safetensors")
        return build(inspect(parent), setting.objectives, setting.recipe, 0)

    fresh = built("pooler")
    assert fresh.pooler is Pooler.FRESH
    (tmp_path / "out").mkdir()
    save_checkpoint(fresh, "squad_v1", setting.loaded.tokenizer, tmp_path / "out")
    assert not [name for name in load_file(tmp_path / "out/model.safetensors") if "pooler" in name]
    with pytest.raises(UserError, match="not whole"):
        built("pooler.dense.bias")
    (parent / "xharness.json").write_text(json.dumps({"pooler": "kept"}))
    with pytest.raises(UserError, match=r"2 weights are not in the file: pooler\.dense\.bias"):
        built("pooler")


def test_another_number_of_threads_is_noted(tiny: Tiny, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def stop(_what: str, fraction: float) -> None:
        if fraction >= 0.5:
            raise KeyboardInterrupt

    notes: list[str] = []
    monkeypatch.setattr(torch, "get_num_threads", lambda: 3)
    with pytest.raises(UserError, match="interrupted"):
        Setting(tiny, ("sequence",), tmp_path).trainer().run(TrainerCallbacks(progress=stop, note=notes.append))
    assert not notes
    monkeypatch.setattr(torch, "get_num_threads", lambda: 1)
    position = Setting(tiny, ("sequence",), tmp_path).trainer().run(TrainerCallbacks(note=notes.append))
    assert position.threads == [3, 1]
    continuing, threads = notes
    assert continuing.startswith("continuing at step ") and continuing.endswith(f" of {position.step}")
    assert threads == "note: 3 threads before, 1 now: the same training, but for rounding (OMP_NUM_THREADS)"
