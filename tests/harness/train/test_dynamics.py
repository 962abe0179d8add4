"""Training dynamics: what was said of every example in every pass, whatever happens to the training meanwhile."""

from __future__ import annotations

import random
import shutil
import signal
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.numpy import load_file

from tests.conftest import Tiny
from tests.harness.conftest import Call, Demo
from tests.harness.train import killing, several
from tests.harness.train.engines import Setting, losses, weights
from tests.harness.train.phases import options
from tests.processes import ended
from xharness.tasks.common.errors import UserError
from xharness.tasks.selection.dynamics import FILE, TrainingDynamics, read_dynamics
from xharness.train.finetune import finetune
from xharness.train.loop.trainer import Trainer
from xharness.train.mixture import Mixture
from xharness.train.mixture_options import MixtureOptions

EXACT = ("dropout=0", "attention_dropout=0", "adam_epsilon=1e-3", "learning_rate=1e-3", "max_length=64")
SETS = ("steps=12", "batch_size=8", "learning_rate=1e-3", "eval_every=4", "max_length=64", "select=dev")


def recorded(tiny: Tiny, folder: Path, batch_tokens: int = 512, **changes: Any) -> tuple[Trainer, list[float]]:
    # A large epsilon, because AdamW makes steps of full size out of the rounding of gradients that are 0.
    setting = Setting(tiny, ("sequence", "choice"), folder, **{"adam_epsilon": 1e-3, **changes})
    trainer = setting.trainer(batch_tokens, dynamics=True)
    return trainer, losses(trainer, setting.recipe.total_steps(1))


def found(trainer: Trainer) -> dict[str, TrainingDynamics]:
    assert trainer.dynamics
    return trainer.dynamics.found()


def test_every_unit_is_in_each_pass_once() -> None:
    mixture = Mixture({"a": 10, "b": 7}, MixtureOptions(homogeneous=False), batch_size=4, steps=20, seed=3)
    seen: dict[tuple[str, int], list[int]] = {}
    for step in range(20):
        for (task, unit), number in zip(mixture.step(step), mixture.passes(step), strict=True):
            seen.setdefault((task, number), []).append(unit)
    for (task, number), units in seen.items():
        size = {"a": 10, "b": 7}[task]
        assert len(set(units)) == len(units) <= size
        assert len(units) == min(size, mixture.visits[task] - number * size)


def test_the_logits_are_those_of_the_loss(tiny: Tiny, tmp_path: Path) -> None:
    """One step over all 64 pairs: the mean cross-entropy of what was kept is the loss of the step."""
    setting = Setting(tiny, ("sequence",), tmp_path, batch_size=64, steps=2, dropout=0.1)
    trainer = setting.trainer(dynamics=True)
    said = losses(trainer, 2)
    (kept,) = found(trainer).values()
    assert kept.logits.shape == (2, 64, 3)
    assert kept.ids == tuple(str(n) for n in range(64))
    shifted = kept.logits - kept.logits.max(axis=2, keepdims=True)
    log = shifted - np.log(np.exp(shifted).sum(axis=2, keepdims=True))
    right = np.take_along_axis(log, kept.gold[None, :, None].astype(int), axis=2)[..., 0]
    assert -right.mean(axis=1) == pytest.approx(said, abs=1e-6)


def test_recording_changes_no_weight_and_cutting_only_rounding(tiny: Tiny, tmp_path: Path) -> None:
    plain = Setting(tiny, ("sequence", "choice"), tmp_path / "plain", dropout=0.1, adam_epsilon=1e-3).trainer(512)
    losses(plain, 12)
    trainer, _ = recorded(tiny, tmp_path / "one", dropout=0.1)
    assert all(torch.equal(w, weights(plain.learner.raw)[name]) for name, w in weights(trainer.learner.raw).items())
    small, _ = recorded(tiny, tmp_path / "small", 150, dropout=0.1)
    for (name, kept), other in zip(found(trainer).items(), found(small).values(), strict=True):
        assert kept.seen.mean() > 0.8, name
        assert np.allclose(kept.logits, other.logits, atol=1e-4, equal_nan=True), name
    choices = found(trainer)["xcopa"]
    assert np.isneginf(choices.logits[0, 0]).tolist() == [False, False, True]  # a question of two choices


def test_packing_changes_rounding_only(tiny: Tiny, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def padded(_encoder: object, _precision: str) -> None:
        return None

    packed, _ = recorded(tiny, tmp_path / "packed", architecture="xlm-roberta")
    monkeypatch.setattr("xharness.train.loop.learner.packing_for", padded)
    whole, _ = recorded(tiny, tmp_path / "padded", architecture="xlm-roberta")
    assert not packed.micro_batches.padding
    assert whole.micro_batches.padding
    for kept, other in zip(found(packed).values(), found(whole).values(), strict=True):
        assert np.allclose(kept.logits, other.logits, atol=1e-4, equal_nan=True)


def test_with_adversarial_training_the_last_forward_pass_counts(tiny: Tiny, tmp_path: Path) -> None:
    changes: dict[str, Any] = {"batch_size": 64, "steps": 1, "adversarial_epsilon": 0.5, "adversarial_steps": 2}
    setting = Setting(tiny, ("sequence",), tmp_path, **changes)
    trainer = setting.trainer(dynamics=True)
    (loss,) = losses(trainer, 1)
    (kept,) = found(trainer).values()
    right = torch.nn.functional.cross_entropy(torch.from_numpy(kept.logits[0].copy()), torch.tensor(kept.gold).long())
    assert float(right) == pytest.approx(loss, abs=1e-6)


@pytest.fixture(scope="module")
def processes() -> Any:
    return several.context()


@pytest.mark.parametrize("tasks", [("xnli",), ("xnli", "pawsx")])
def test_killed_at_three_random_places_leaves_the_same_bytes(
    processes: Any, demo: Demo, tmp_path: Path, tasks: tuple[str, ...]
) -> None:
    calm, out, places = tmp_path / "calm", tmp_path / "killed", tmp_path / "places"
    common: dict[str, Any] = {"sets": SETS, "save_every": 2, "dynamics": True}

    def run(folder: Path, death: int | None) -> int | None:
        chosen = options(demo, folder, *tasks, **common)
        return ended(processes.Process(target=killing.train, args=(chosen, places, death)))

    assert run(calm, None) == 0
    changes, rng = int(places.read_text()), random.Random(len(tasks))
    deaths = [rng.randint(1, changes // 2), rng.randint(1, changes // 3), rng.randint(1, changes // 6)]
    assert [run(out, death) for death in deaths] == 3 * [-signal.SIGKILL]
    assert run(out, None) == 0
    files = sorted(path.relative_to(calm) for path in calm.rglob(FILE))
    assert len(files) == len(tasks)
    for path in files:
        assert (out / path).read_bytes() == (calm / path).read_bytes()


@pytest.mark.parametrize("more", [{}, {"fsdp": True}])
def test_several_processes_note_what_one_does(processes: Any, demo: Demo, tmp_path: Path, more: dict[str, Any]) -> None:
    common: dict[str, Any] = {"sets": (*EXACT, "steps=21", "batch_size=6"), "save_every": 4, "dynamics": True}
    several.run(processes, options(demo, tmp_path / "one", "xnli", **common), 1)
    ends = several.run(processes, options(demo, tmp_path / "two", "xnli", **common, **more), 2)
    assert [end.error for end in ends] == [None, None]
    one, two = (read_dynamics(tmp_path / name) for name in ("one", "two"))
    assert one.ids == two.ids
    assert one.seen.mean() > 0.9
    assert np.allclose(one.logits, two.logits, atol=1e-5, equal_nan=True)


def test_the_phase_is_the_same_with_and_without(demo: Demo, tmp_path: Path) -> None:
    plain = finetune(options(demo, tmp_path / "plain", "xnli", sets=SETS))
    with pytest.raises(UserError, match="has no training dynamics"):
        finetune(options(demo, plain, "xnli", sets=SETS, dynamics=True))
    both = finetune(options(demo, tmp_path / "both", "xnli", sets=SETS, dynamics=True))
    first, second = (load_file(folder / "model.safetensors") for folder in (plain, both))
    assert all(np.array_equal(weight, second[name]) for name, weight in first.items())
    before = (both / FILE).read_bytes()
    assert finetune(options(demo, both, "xnli", sets=SETS)) == both  # what is there does not disturb
    assert (both / FILE).read_bytes() == before


def test_damaged_dynamics_are_recorded_again_only_where_they_are_wanted(demo: Demo, tmp_path: Path) -> None:
    out = finetune(options(demo, tmp_path / "out", "xnli", sets=SETS, dynamics=True))
    before, weights_before = (out / FILE).read_bytes(), (out / "model.safetensors").stat().st_mtime_ns
    (out / FILE).unlink()
    finetune(options(demo, out, "xnli", sets=SETS))
    assert (out / "model.safetensors").stat().st_mtime_ns == weights_before
    finetune(options(demo, out, "xnli", sets=SETS, dynamics=True))
    assert (out / FILE).read_bytes() == before


def test_an_interrupted_training_without_dynamics_does_not_continue_with_them(
    processes: Any, demo: Demo, tmp_path: Path
) -> None:
    out, common = tmp_path / "out", {"sets": SETS, "save_every": 2}
    several.run(processes, options(demo, out, "xnli", **common), 1, several.Disturbance(0, 5, "SIGTERM"))
    states = sorted((out / ".training" / "state").iterdir())
    assert states
    with pytest.raises(UserError, match="started without --dynamics"):
        finetune(options(demo, out, "xnli", **common, dynamics=True))
    finetune(options(demo, out, "xnli", **common))
    assert not (out / FILE).exists()


def test_only_what_has_one_answer_out_of_few_is_recorded(demo: Demo, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="--dynamics with udpos"):
        finetune(options(demo, tmp_path / "out", "xnli", "udpos", dynamics=True))


def test_the_command_says_that_it_is_there(demo: Demo, call: Call, tmp_path: Path) -> None:
    sets = [part for change in SETS for part in ("--set", change)]
    base = ("--model", demo.models / "encoder", "--data", demo.data, "--device", "cpu", "--task", "xnli")
    called = call("finetune", *base, "--out", tmp_path / "out", "--dynamics", *sets)
    assert called.code == 0, called.err
    assert "dynamics.npz" in called.out


@pytest.mark.parametrize("damage", ["truncated", "of another shape", "of nothing", "gone"])
def test_a_file_is_not_trusted_because_it_parses(tmp_path: Path, damage: str) -> None:
    good = TrainingDynamics(("a", "b"), np.array([0, 1], np.int32), np.zeros((2, 2, 2), np.float32))
    content = {
        "truncated": good.pack()[:-40],
        "of another shape": TrainingDynamics(("a",), good.gold, good.logits).pack(),
        "of nothing": TrainingDynamics((), good.gold[:0], good.logits[:, :0]).pack(),
        "gone": b"",
    }[damage]
    (tmp_path / FILE).write_bytes(content)
    if damage == "gone":
        shutil.move(tmp_path / FILE, tmp_path / "elsewhere")
    with pytest.raises(UserError, match="no training dynamics" if damage == "gone" else "is damaged"):
        read_dynamics(tmp_path)
