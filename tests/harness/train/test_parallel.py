"""Several processes train what one trains: the same steps, agreed on everything, written by one of them."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.numpy import load_file

from tests.conftest import REPOSITORY, Tiny
from tests.harness.conftest import Demo
from tests.harness.train.engines import Setting
from tests.harness.train.phases import options
from tests.harness.train.several import Disturbance, context, run
from xharness.compute.batches import plan
from xharness.studies.chain_options import ChainOptions
from xharness.tasks.common.errors import UserError
from xharness.train.launching import join
from xharness.train.loop.settings import TrainerCallbacks
from xharness.train.loop.trainer import Trainer
from xharness.train.loop.validation import DevScores
from xharness.train.mixture_options import MixtureOptions
from xharness.train.options import FinetuneOptions
from xharness.train.parallel import ProcessGroup

# A large epsilon, because AdamW makes steps of full size out of the rounding of gradients that are 0.
EXACT = ("dropout=0", "attention_dropout=0", "adam_epsilon=1e-3", "learning_rate=1e-3", "max_length=64")
SETS = (*EXACT, "steps=20", "batch_size=6", "eval_every=10", "select=dev")
MIXED = MixtureOptions(homogeneous=False)


@pytest.fixture(scope="module")
def processes() -> Any:
    return context()


def chosen(demo: Demo, out: Path, *tasks: str, **more: Any) -> FinetuneOptions:
    base: dict[str, Any] = {"sets": SETS, "save_every": 4}
    if len(tasks) > 1:
        base["mixture"] = MIXED
    return options(demo, out, *tasks, **(base | more))


def entries(out: Path) -> list[dict[str, Any]]:
    """Losses, learning rates and dev scores by step; dev scores of the parts of a mixture beside the others."""
    found = [json.loads(line) for line in (out / "training.jsonl").read_text().splitlines()]
    flat = [entry | entry.pop("parts", {}) for entry in found]
    return [{k: v for k, v in e.items() if k not in ("tokens_per_second", "padding_share")} for e in flat]


def weights(out: Path) -> dict[str, np.ndarray[Any, Any]]:
    return {
        f"{path.parent.name}/{name}" if path.parent != out else name: weight
        for path in sorted(out.rglob("model.safetensors"))
        for name, weight in load_file(path).items()
    }


def provenance(out: Path) -> Mapping[str, Any]:
    """Of the checkpoint; of one of those of a mixture."""
    found: Mapping[str, Any] = json.loads(max(out.rglob("xharness.json"), key=lambda path: len(path.parts)).read_text())
    return found


def assert_alike(one: Path, several: Path) -> None:
    """The same losses and dev scores at the same steps, and nearly the same weights."""
    for ours, theirs in zip(entries(one), entries(several), strict=True):
        assert ours == pytest.approx(theirs, abs=1e-5)
    for (name, weight), other in zip(weights(one).items(), weights(several).values(), strict=True):
        assert np.allclose(weight, other, atol=1e-5), name


@pytest.fixture(scope="module")
def alone(processes: Any, demo: Demo, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A training of one process."""
    out = tmp_path_factory.mktemp("alone") / "out"
    assert not run(processes, chosen(demo, out, "xnli"), 1)[0].error
    return out


def test_two_processes_equal_one(processes: Any, demo: Demo, tmp_path: Path, alone: Path) -> None:
    two = chosen(demo, tmp_path / "two", "xnli", tensorboard=True)
    assert [(end.error, end.exitcode) for end in run(processes, two, 2)] == 2 * [(None, 0)]
    assert_alike(alone, two.out)
    assert provenance(two.out)["processes"] == [2]
    assert provenance(alone)["processes"] == [1]
    assert len(list((two.out / "tensorboard").iterdir())) == 1


@pytest.mark.parametrize(
    ("tasks", "size", "more"),
    [
        (("xnli", "udpos", "xquad"), 2, {"batch_tokens": 100}),  # unequal numbers of micro-batches
        (("xnli",), 3, {"sets": (*SETS, "steps=10", "batch_size=2")}),  # one gets none
        (
            ("xnli", "mlm"),
            2,
            {"fsdp": True, "gradient_checkpointing": True, "mlm_langs": "en", "sets": (*SETS, "steps=10")},
        ),
    ],
    ids=["mixture", "more processes than examples", "fsdp"],
)
def test_several_processes_equal_one(
    processes: Any, demo: Demo, tmp_path: Path, tasks: tuple[str, ...], size: int, more: dict[str, Any]
) -> None:
    one = chosen(demo, tmp_path / "one", *tasks, **{**more, "fsdp": False})
    several = chosen(demo, tmp_path / "several", *tasks, **more)
    assert [end.error for end in run(processes, one, 1)] == [None]
    ends = run(processes, several, size)
    assert [(end.error, end.exitcode) for end in ends] == size * [(None, 0)]
    assert_alike(one.out, several.out)
    assert (
        len({entry["loss"] for entry in entries(one.out) if "loss" in entry}) == provenance(one.out)["recipe"]["steps"]
    )
    assert provenance(several.out)["processes"] == [size]
    assert any("processes share" in note for note in ends[0].notes)
    assert not ends[1].notes
    assert not list(several.out.rglob(".*"))


@pytest.fixture(scope="module")
def calm(processes: Any, demo: Demo, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An undisturbed training of two processes, with dropout."""
    out = tmp_path_factory.mktemp("calm") / "out"
    assert not run(processes, disturbed(demo, out), 2)[0].error
    return out


def disturbed(demo: Demo, out: Path, **more: Any) -> FinetuneOptions:
    return chosen(demo, out, "xnli", "udpos", sets=(*SETS, "dropout=0.1", "attention_dropout=0.1"), **more)


@pytest.mark.parametrize("number", [0, 1])
def test_a_killed_process_ends_all_and_they_continue_to_the_same_bits(
    processes: Any, demo: Demo, tmp_path: Path, calm: Path, number: int
) -> None:
    training = disturbed(demo, tmp_path / "out")
    ends = run(processes, training, 2, Disturbance(number, 10, "SIGKILL"))
    assert ends[number].exitcode == -signal.SIGKILL
    survivor = ends[1 - number].error
    assert survivor
    assert survivor.what == "a process of this training is gone"
    assert [end.error for end in run(processes, training, 2)] == [None, None]
    assert entries(training.out) == entries(calm)
    for name, weight in weights(calm).items():
        assert weight.tobytes() == weights(training.out)[name].tobytes(), name


@pytest.mark.parametrize("kind", ["ctrl-C", "SIGTERM", "SIGUSR1"])
def test_a_signal_in_one_process_stops_all_after_the_same_step(
    processes: Any, demo: Demo, tmp_path: Path, calm: Path, kind: str
) -> None:
    training = disturbed(demo, tmp_path / "out")
    ends = run(processes, training, 2, Disturbance(1, 9, kind))
    assert [end.error.what if end.error else "" for end in ends] == 2 * ["interrupted after step 10 of 20"]
    assert [end.told_elsewhere for end in ends] == [False, True]
    assert [path.name for path in (training.out / ".training/state").glob("step-*")] == ["step-000000010"]
    assert [end.error for end in run(processes, training, 2)] == [None, None]
    assert entries(training.out) == entries(calm)
    for name, weight in weights(calm).items():
        assert weight.tobytes() == weights(training.out)[name].tobytes(), name


def test_dropout_belongs_to_instances_whoever_computes_them(processes: Any, demo: Demo, tmp_path: Path) -> None:
    """One process, two, and one that is interrupted and continues with small micro-batches, later with halved ones."""
    sets = (*SETS, "dropout=0.1", "attention_dropout=0.1", "steps=24", "batch_size=32")
    one, two, cut = (chosen(demo, tmp_path / name, "xnli", sets=sets) for name in ("one", "two", "cut"))
    assert not run(processes, one, 1)[0].error
    assert not run(processes, two, 2)[0].error
    assert run(processes, cut, 1, Disturbance(0, 7, "ctrl-C"))[0].error
    ends = run(processes, replace(cut, batch_tokens=200), 1, Disturbance(0, 15, "memory"))
    assert not ends[0].error
    assert any(note.startswith("out of memory") for note in ends[0].notes)
    assert provenance(one.out)["identity"]["dropout"] == {"by": "instance"}
    assert_alike(one.out, two.out)
    assert_alike(one.out, cut.out)


def test_another_number_of_processes_continues_and_is_remembered(
    processes: Any, demo: Demo, tmp_path: Path, alone: Path
) -> None:
    several = chosen(demo, tmp_path / "several", "xnli")
    for options_, size, step in ((several, 2, 6), (several, 1, 10), (replace(several, fsdp=True), 2, 14)):
        assert run(processes, options_, size, Disturbance(0, step, "ctrl-C"))[0].error
    assert not run(processes, several, 2)[0].error
    assert_alike(alone, several.out)
    assert provenance(several.out)["processes"] == [2, 1, 2]


def test_out_of_memory_in_one_process_halves_the_micro_batches_of_all(
    processes: Any, demo: Demo, tmp_path: Path, alone: Path
) -> None:
    several = chosen(demo, tmp_path / "several", "xnli")
    ends = run(processes, several, 2, Disturbance(1, 3, "memory"))
    assert [end.error for end in ends] == [None, None]
    assert any(note.startswith("out of memory: micro-batches halved") for note in ends[0].notes)
    assert_alike(alone, several.out)


@pytest.mark.parametrize(
    ("kind", "what"), [("not finite", "the loss of step 2 is not finite"), ("bug", "process 1 failed")]
)
def test_an_error_in_one_process_ends_all_and_the_main_one_tells(
    processes: Any, demo: Demo, tmp_path: Path, kind: str, what: str
) -> None:
    ends = run(processes, chosen(demo, tmp_path / "out", "xnli"), 2, Disturbance(1, 2, kind))
    assert ends[0].error
    assert ends[0].error.what == what
    assert not ends[0].told_elsewhere


def test_processes_that_prepare_something_else_are_refused(processes: Any, demo: Demo, tmp_path: Path) -> None:
    here = chosen(demo, tmp_path / "out", "xnli")
    there = replace(here, sets=(*SETS, "seed=7"))
    ends = run(processes, [here, there], 2)
    assert [end.error.what if end.error else "" for end in ends] == 2 * [
        "process 1 of 2 prepared another training than the main process"
    ]
    assert ends[0].error
    assert "seed was 42, now 7" in ends[0].error.why
    assert not here.out.exists()


def test_as_a_user_starts_it(demo: Demo, tmp_path: Path) -> None:
    """One word of each thing, though two processes find it."""
    torchrun = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"]
    command = [*torchrun, "-m", "xharness.cli", "finetune", "--model", str(demo.models / "encoder"), "--device", "cpu"]
    command += ["--data", str(demo.data), "--set", "steps=2", "--set", "batch_size=4", "--set", "max_length=32"]
    environment = os.environ | {"PYTHONPATH": str(REPOSITORY)}
    good = [*command, "--task", "xnli", "--out", str(tmp_path / "out")]
    done = subprocess.run(good, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count(f"{tmp_path / 'out'}: checkpoint, xharness.json, training.jsonl\n") == 1
    assert [done.stdout.count(word) for word in ("phases", "xnli 30.0", "next: xharness evaluate")] == [1, 1, 1]
    assert done.stderr.count("2 processes share every step") == 1
    done = subprocess.run(
        [*command, "--task", "xnlii", "--out", str(tmp_path / "bad")], env=environment, capture_output=True, text=True
    )
    assert done.returncode != 0
    assert done.stderr.count("error: no task 'xnlii' to train on") == 1


def test_the_chain_is_trained_together_and_evaluated_once(processes: Any, demo: Demo, tmp_path: Path) -> None:
    sets = ("steps=1", "batch_size=2", "max_length=32")
    train = chosen(demo, tmp_path / "out", sets=sets)
    ends = run(processes, ChainOptions(train=train, named=("udpos",), evaluation=demo.data), 2)
    assert [(end.error, end.exitcode) for end in ends] == 2 * [(None, 0)]
    (phase,) = (tmp_path / "out" / "phases").iterdir()
    assert provenance(phase)["processes"] == [2]
    assert len(list((tmp_path / "out" / "runs").glob("*/scores.json"))) == 1


def test_an_interrupted_evaluation_on_dev_is_made_up_for(tiny: Tiny, tmp_path: Path) -> None:
    def trainer() -> Trainer:
        return Setting(tiny, ("sequence",), tmp_path, select="dev", eval_every=4).trainer()

    def interrupted() -> DevScores:
        raise KeyboardInterrupt

    with pytest.raises(UserError, match="interrupted after step 4 of 12"):
        trainer().run(TrainerCallbacks(interrupted))
    scores = iter([9.0, 5.0, 5.0])
    position = trainer().run(TrainerCallbacks(lambda: DevScores(next(scores), {})))
    assert (position.best, position.best_step, position.waited) == (9.0, 4, 2)


# -- sharing the work -------------------------------------------------------------------------------------------------


def teams(size: int) -> list[ProcessGroup]:
    return [ProcessGroup(number, size) for number in range(size)]


@pytest.mark.parametrize("size", [1, 2, 3, 8])
def test_every_piece_is_dealt_once_and_evenly(size: int) -> None:
    costs = [1 + (7 * n) % 13 for n in range(29)]
    dealt = [team.dealt(costs) for team in teams(size)]
    assert sorted(piece for own in dealt for piece in own) == list(range(29))
    loads = [sum(costs[piece] for piece in own) for own in dealt]
    assert max(loads) - min(loads) <= max(costs)


@pytest.mark.parametrize("size", [2, 3, 8])
def test_rounds_are_of_one_kind_and_count_every_piece_once(size: int) -> None:
    kinds = [*("xnli",) * 5, "udpos", *("xquad",) * 9]
    rounds = [team.in_rounds(kinds) for team in teams(size)]
    for together in zip(*rounds, strict=True):
        assert len({kinds[piece] for piece, _ in together}) == 1
    assert sorted(piece for own in rounds for piece, counts in own if counts) == list(range(15))


def test_a_step_that_fits_on_one_device_is_cut_for_all() -> None:
    lengths = [[12] * 32]
    assert ProcessGroup().budget(lengths, 4096) == 4096
    assert ProcessGroup(0, 8).budget(lengths, 4096) == 48  # four examples each
    assert len(plan(lengths[0], 48)) == 8


def test_without_padding_the_sum_is_shared_out() -> None:
    lengths = [[40, 20, 10, 10]]
    assert ProcessGroup(0, 2).budget(lengths, 4096, padding=False) == 40
    assert ProcessGroup(0, 2).budget(lengths, 4096) == 60  # three texts of at most 20


def test_a_step_that_takes_several_rounds_keeps_them() -> None:
    lengths = [[12] * 32, [30] * 4]
    budget = ProcessGroup(0, 2).budget(lengths, 100)  # 8 examples, 3 of the longer ones: six pieces, three rounds
    assert sum(len(plan(group, 100)) for group in lengths) == sum(len(plan(group, budget)) for group in lengths) == 6
    assert budget <= 100


# -- meeting ----------------------------------------------------------------------------------------------------------


LAUNCHED = {"RANK": "1", "WORLD_SIZE": "2", "LOCAL_RANK": "1"}


@pytest.mark.parametrize(
    ("device", "environment", "what", "fix"),
    [
        ("cuda:0,cuda:1", {}, "--device cuda:0,cuda:1 for training", "torchrun --nproc-per-node 2"),
        ("cuda:1", LAUNCHED, "--device cuda:1 with 2 processes", "CUDA_VISIBLE_DEVICES"),
        ("mps", LAUNCHED, "--device mps with 2 processes", "use --device auto"),
        ("cuda", LAUNCHED, "no GPU for process 1 of this machine", "start 1 processes a machine"),
        ("cpu", LAUNCHED | {"ACCELERATE_USE_FSDP": "true"}, "accelerate was configured to use FSDP", "--fsdp"),
        ("cpu", LAUNCHED, "2 processes that cannot meet", "start with torchrun"),
    ],
)
def test_what_cannot_be_shared_out_is_refused(
    monkeypatch: pytest.MonkeyPatch, device: str, environment: dict[str, str], what: str, fix: str
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 1)
    with pytest.raises(UserError, match=what) as caught:
        join(device)
    assert fix in caught.value.fix


def test_fsdp_alone_is_refused(demo: Demo, tmp_path: Path) -> None:
    from xharness.train.finetune import finetune

    with pytest.raises(UserError, match="--fsdp in one process"):
        finetune(chosen(demo, tmp_path / "out", "xnli", fsdp=True))
    assert not (tmp_path / "out").exists()
