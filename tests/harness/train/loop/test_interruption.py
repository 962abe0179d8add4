"""Preemption: what a cluster's signals cost a training, and what is said."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

import pytest

from tests.harness.conftest import Demo
from tests.harness.train.phases import options
from tests.harness.train.several import Disturbance, context, run
from xharness.train.loop.interruption import Interruption

SETS = ("steps=12", "batch_size=4", "learning_rate=1e-3", "eval_every=4", "max_length=64", "select=dev", "dropout=0.1")


def lines(out: Path) -> list[dict[str, object]]:
    found = [json.loads(line) for line in (out / "training.jsonl").read_text().splitlines()]
    return [{key: value for key, value in entry.items() if key != "tokens_per_second"} for entry in found]


def test_a_preempted_training_loses_at_most_a_step_and_ends_in_the_same_bytes(demo: Demo, tmp_path: Path) -> None:
    """Signals come in the middle of a step, twice, to processes that know nothing of each other."""
    processes = context()
    calm, out = (options(demo, tmp_path / name, "xnli", "udpos", sets=SETS) for name in ("calm", "out"))
    assert run(processes, calm, 1)[0].error is None
    for step, kind in ((5, "SIGUSR1"), (9, "SIGTERM")):
        (end,) = run(processes, out, 1, Disturbance(0, step, kind))
        assert end.error
        assert not [note for note in end.notes if "dropped" in note]  # the state before is taken
        assert (end.error.what, end.error.why, end.error.fix) == (
            f"interrupted after step {step} of 12",
            f"{kind} came; the state is saved",
            "run the same command again: it continues",
        )
        assert [path.name for path in (out.out / ".training/state").glob("step-*")] == [f"step-{step:09d}"]
    (end,) = run(processes, out, 1)
    assert (end.error, [note for note in end.notes if "dropped" in note]) == (None, [])
    assert lines(out.out) == lines(calm.out)
    files = sorted(path.relative_to(calm.out) for path in calm.out.rglob("*.safetensors"))
    assert len(files) == 2
    for path in files:
        assert (out.out / path).read_bytes() == (calm.out / path).read_bytes()


def command(demo: Demo, out: Path, *more: str) -> list[str]:
    where = ["--model", str(demo.models / "encoder"), "--data", str(demo.data), "--out", str(out), "--device", "cpu"]
    return [sys.executable, "-m", "xharness.cli", "finetune", "--task", "xnli", *where, "--set", "steps=100000", *more]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGUSR1])
def test_as_a_cluster_sends_it(demo: Demo, tmp_path: Path, number: signal.Signals) -> None:
    log = tmp_path / "out" / ".training" / "log.jsonl"
    with subprocess.Popen(
        command(demo, tmp_path / "out", "--set", "select=last"), stderr=subprocess.PIPE, text=True
    ) as process:
        while not log.is_file() and process.poll() is None:
            time.sleep(0.05)
        for _ in range(3):  # clusters repeat themselves
            process.send_signal(number)
        _, said = process.communicate()
    assert process.returncode == 1
    assert "error: interrupted after step " in said
    assert f"  why: {number.name} came; the state is saved\n" in said
    assert "  fix: run the same command again: it continues" in said
    (state,) = (tmp_path / "out" / ".training" / "state").glob("step-*")
    assert f"interrupted after step {int(state.name.removeprefix('step-'))} of 100000" in said


def opened(pipe: Path, process: subprocess.Popen[str]) -> BinaryIO:
    """A pipe to write into, as soon as a process reads it."""
    while process.poll() is None:
        with suppress(OSError):  # nobody reads yet
            return os.fdopen(os.open(pipe, os.O_WRONLY | os.O_NONBLOCK), "wb")
        time.sleep(0.05)
    raise AssertionError(process.communicate()[1])


def test_before_training_begins(demo: Demo, tmp_path: Path) -> None:
    """While data are read, for example, as whoever reads of a pipe can bring about."""
    os.mkfifo(tmp_path / "recipe.toml")
    asked = command(demo, tmp_path / "out", "--recipe-file", str(tmp_path / "recipe.toml"))
    with (
        subprocess.Popen(asked, stderr=subprocess.PIPE, text=True) as process,
        opened(tmp_path / "recipe.toml", process),
    ):
        process.send_signal(signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            process.wait(60)
        process.send_signal(signal.SIGTERM)  # if the first came an instant before the read, which then did not see it
        _, said = process.communicate()
    assert process.returncode == 130
    assert f"interrupted: what is done is kept in {tmp_path / 'out'}, and the same command continues" in said


def test_a_second_signal_does_not_disturb_the_saving() -> None:
    before, interruption = signal.getsignal(signal.SIGTERM), Interruption(alone=True)
    with interruption:
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), signal.SIGTERM)
        os.kill(os.getpid(), signal.SIGTERM)
        assert interruption.asked is signal.SIGTERM
        with pytest.raises(KeyboardInterrupt), interruption.held_back():
            pass
    assert signal.getsignal(signal.SIGTERM) is before


def test_one_of_several_is_interrupted_only_where_it_lets_it_through() -> None:
    interruption = Interruption(alone=False)
    with interruption:
        os.kill(os.getpid(), signal.SIGUSR1)
        with interruption.held_back():
            pass
        with pytest.raises(KeyboardInterrupt), interruption.let_through():
            raise AssertionError("it came before")
