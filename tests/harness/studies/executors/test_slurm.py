"""Steps as jobs of Slurm, played by doubles of its commands that run them."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

from tests.harness.studies.executors import slurm_double
from tests.harness.studies.made_study import (
    assert_whole,
    driven,
    finished,
    named,
    started_and_finished,
    table,
    ticks,
    wait_for,
)
from xharness.studies.executors import open_executor
from xharness.studies.executors.base import ExecutorOptions
from xharness.studies.executors.slurm import parameters
from xharness.studies.graph import Graph
from xharness.studies.store import Store
from xharness.tasks.common.errors import UserError

pytest.importorskip("submitit", reason="the package submitit is not installed: pip install 'xharness[slurm]'")

SLOW = "0.3"


@pytest.fixture
def slurm(tmp_path: Path) -> dict[str, str]:
    """The environment in which Slurm's commands are found."""
    return slurm_double.install(tmp_path / "slurm" / "bin")


def job_of(slurm: dict[str, str], store: Store, step_id: str) -> str:
    """The job that does a step."""
    for pickle in store.root.glob("slurm/*_submitted.pkl"):
        if step_id.encode() in pickle.read_bytes():
            return pickle.name.removesuffix("_submitted.pkl")
    raise AssertionError(f"no job of {step_id}")


def scancel(slurm: dict[str, str], *arguments: str) -> None:
    subprocess.run(["scancel", *arguments], env={**os.environ, **slurm}, check=True)


def test_what_is_ready_together_is_an_array_and_a_preempted_job_goes_on(
    graph: Graph, undisturbed: bytes, tmp_path: Path, slurm: dict[str, str]
) -> None:
    store, a = Store(tmp_path / "store"), named(graph, "a")
    driver = driven(store.root, SLOW, "slurm", json.dumps({"time_limit": 60, "partition": "small"}), **slurm)
    wait_for(lambda: ticks(store, a) >= 3)
    scancel(slurm, job_of(slurm, store, a), "--signal", "USR2")
    finished(driver)
    assert table(graph, store) == undisturbed
    assert_whole(graph, store)
    started = started_and_finished(store)[0]
    assert (started[a], started[named(graph, "b")]) == (2, 1)
    first, second = [line for line in store.log(a).read_text().splitlines() if "from tick" in line]
    assert "from tick 0," in first
    assert "from tick 0," not in second
    submitted = (Path(slurm["SLURM_DOUBLE"]) / "submitted").read_text()
    assert "#SBATCH --array=0-1%2\n" in submitted, "a and b"
    for option in ("time=60", "partition=small", "cpus-per-task=1", "signal=USR2@120", "job-name=xharness"):
        assert f"#SBATCH --{option}\n" in submitted


def test_a_job_that_slurm_ends_is_a_failed_step_and_the_same_command_goes_on(
    graph: Graph, undisturbed: bytes, tmp_path: Path, slurm: dict[str, str]
) -> None:
    store, a = Store(tmp_path / "store"), named(graph, "a")
    driver = driven(store.root, SLOW, "slurm", **slurm)
    wait_for(lambda: ticks(store, a) >= 3)
    job = job_of(slurm, store, a)
    (Path(slurm["SLURM_DOUBLE"]) / job / slurm_double.STATE).write_text("NODE_FAIL")
    scancel(slurm, job, "--signal", "KILL")
    said = finished(driver, code=1)
    assert f"failed: a: Slurm ended job {job}: NODE_FAIL" in said
    assert "blocked: ['a1', 'a2', 'both']" in said
    finished(driven(store.root, "0", "slurm", **slurm))
    assert table(graph, store) == undisturbed
    assert_whole(graph, store)


def test_a_driver_that_is_asked_to_end_cancels_its_jobs(graph: Graph, tmp_path: Path, slurm: dict[str, str]) -> None:
    store, a, b = Store(tmp_path / "store"), named(graph, "a"), named(graph, "b")
    driver = driven(store.root, "3", "slurm", **slurm)  # neither can be finished before both are cancelled
    wait_for(lambda: ticks(store, a) >= 1 and ticks(store, b) >= 1)
    driver.terminate()
    finished(driver, code=130)
    wait_for(lambda: not store.working())
    assert {event["event"] for event in store.events()} == {"started", "interrupted"}
    assert slurm_double.state(slurm, job_of(slurm, store, a)) == "CANCELLED by 0"


def test_jobs_that_slurm_does_not_take_are_told(tmp_path: Path, slurm: dict[str, str]) -> None:
    said = finished(driven(tmp_path / "store", "0", "slurm", json.dumps({"partition": "nowhere"}), **slurm), code=1)
    assert "error: Slurm does not take the jobs" in said
    assert "invalid partition specified: nowhere" in said
    assert "Traceback" not in said


def test_without_slurm_one_line_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(UserError, match="there is no Slurm on this machine"):
        open_executor("slurm", ExecutorOptions(store=tmp_path))


def test_a_step_on_cards_asks_for_them_and_for_as_many_processors(tmp_path: Path) -> None:
    asked = parameters(ExecutorOptions(store=tmp_path, gpus=4, threads=2, jobs=8))
    assert (asked["gpus_per_node"], asked["cpus_per_task"], asked["array_parallelism"]) == (4, 8, 8)
    assert "gpus_per_node" not in parameters(ExecutorOptions(store=tmp_path))
