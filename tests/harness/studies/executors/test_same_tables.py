"""One study of real trainings by three executors, one of which loses a machine: the same bytes in every table."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.harness.conftest import Demo
from tests.harness.studies.executors import slurm_double
from tests.harness.studies.made_study import REPOSITORY, finished, started_and_finished, wait_for, worker_of
from xharness.checkpoints.provenance import TRAINING_LOG, read
from xharness.studies.store import Store
from xharness.train.loop.metric_logging import read_log

Run = Callable[..., subprocess.Popen[str]]

SETS = ("steps=80", "batch_size=8", "eval_every=80")
"""Long enough that a training has a middle."""


@pytest.fixture(scope="module")
def run(demo: Demo) -> Run:
    """Start ``xharness study run`` of a training and its evaluation, into a folder."""

    def start(out: Path, *options: str, **environment: str) -> subprocess.Popen[str]:
        sets = [word for each in SETS for word in ("--set", each)]
        what = ["--model", str(demo.models / "encoder"), "--data", str(demo.data), "--out", str(out / "study")]
        size = ["--size", "smoke", "--arms", "none", "--seeds", "1", *sets, "--device", "cpu", "--quiet"]
        command = [sys.executable, "-m", "xharness", "study", "run", "phang2020", *what, *size, *options]
        env = {**os.environ, "PYTHONPATH": str(REPOSITORY), **environment}
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
        return subprocess.Popen(command, cwd=REPOSITORY, env=env, text=True, **pipes)  # type: ignore[call-overload,no-any-return]

    return start


def tables(out: Path) -> dict[str, bytes]:
    """What a study writes about its results."""
    return {name: (out / "study" / name).read_bytes() for name in ("results.csv", "results.json", "findings.json")}


def assert_counted_once(out: Path) -> None:
    """Both steps were published once."""
    assert list(started_and_finished(Store(out / "store"))[1].values()) == [1, 1]


@pytest.fixture(scope="module")
def here(run: Run, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run on this machine."""
    out = tmp_path_factory.mktemp("here")
    finished(run(out))
    assert_counted_once(out)
    return out


def test_slurm(run: Run, here: Path, tmp_path: Path) -> None:
    pytest.importorskip("submitit", reason="the package submitit is not installed: pip install 'xharness[slurm]'")
    finished(run(tmp_path, "--executor", "slurm", **slurm_double.install(tmp_path / "slurm" / "bin")))
    assert tables(tmp_path) == tables(here)
    assert_counted_once(tmp_path)


def test_ray_with_a_node_killed(run: Run, here: Path, tmp_path: Path) -> None:
    pytest.importorskip("ray", reason="the package ray is not installed: make test-ray")
    from tests.harness.studies.executors.ray_nodes import TOKEN, cluster

    store = Store(tmp_path / "store")
    with cluster() as nodes:
        driver = run(tmp_path, "--executor", "ray", "--address", nodes.address, **TOKEN)
        wait_for(lambda: in_training(store))
        nodes.of(worker_of(store, in_training(store)[0])).kill()
        finished(driver)
    assert tables(tmp_path) == tables(here)
    assert_counted_once(tmp_path)
    assert sorted(started_and_finished(store)[0].values()) == [1, 2], "the training was started twice"


def test_two_processes_share_the_training(run: Run, here: Path, tmp_path: Path) -> None:
    """As on two cards, but on processors: the same training, but for rounding."""
    finished(run(tmp_path, "--gpus", "2", "--jobs", "1", CUDA_VISIBLE_DEVICES="0,1"))
    assert_counted_once(tmp_path)
    shared, alone = trained(tmp_path), trained(here)
    records = [read(each) for each in (shared, alone)]
    assert [record and record["processes"] for record in records] == [[2], [1]]
    assert losses(shared) == pytest.approx(losses(alone), rel=0.02)


def trained(out: Path) -> Path:
    """The checkpoint of the study's training."""
    (found,) = (out / "store" / "steps").glob("train-*/output")
    return found


def losses(checkpoint: Path) -> list[float]:
    """As they were logged."""
    return [entry["loss"] for entry in read_log(checkpoint / TRAINING_LOG) if "loss" in entry]


def in_training(store: Store) -> list[str]:
    """Steps whose optimizer has begun."""
    return [path.relative_to(store.root / "work").parts[0] for path in store.root.glob("work/*/**/log.jsonl")]
