"""Trackers by name: the log as TensorBoard's event files and elsewhere, each step once, whatever was killed before."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator, Mapping
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from accelerate.state import AcceleratorState, PartialState

from tests.harness.conftest import Call, Demo
from tests.harness.train.phases import options
from xharness.tasks.common.errors import UserError
from xharness.train.finetune import finetune
from xharness.train.loop.metric_logging import TrainingLog
from xharness.train.loop.trackers import Trackers, without_trainer
from xharness.train.options import TRACKERS, FinetuneOptions


def scalars(folder: Path) -> dict[str, list[tuple[int, float]]]:
    """What TensorBoard's own reader finds."""
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    found = EventAccumulator(str(folder), size_guidance={"scalars": 0})
    found.Reload()
    return {tag: [(event.step, event.value) for event in found.Scalars(tag)] for tag in found.Tags()["scalars"]}


class Service(ModuleType):
    """Stands for ``wandb``, which is not installed where this is tested."""

    def __init__(self) -> None:
        super().__init__("wandb")
        self.__spec__ = ModuleSpec("wandb", None)
        self.runs: list[dict[str, Any]] = []
        self.fails_at: int | None = None

    def init(self, **about: Any) -> Service:
        self.runs.append({**about, "log": [], "finished": False})
        return self

    def log(self, values: Mapping[str, float], step: int) -> None:
        if step == self.fails_at:
            raise OSError("the service is away\nand more")
        self.runs[-1]["log"].append((step, dict(values)))

    def finish(self) -> None:
        self.runs[-1]["finished"] = True


@pytest.fixture
def wandb(monkeypatch: pytest.MonkeyPatch) -> Service:
    service = Service()
    monkeypatch.setitem(sys.modules, "wandb", service)
    return service


@pytest.fixture
def nothing_set_up() -> Iterator[None]:
    """As in a process that has trained nothing; and so it is left."""
    AcceleratorState._reset_state(True)
    yield
    assert not PartialState._shared_state


def followed(log: Path) -> TrainingLog:
    found = TrainingLog(log)
    found.followed_by(Trackers(["tensorboard"], log.parent).start(), pytest.fail)
    return found


@pytest.mark.usefixtures("nothing_set_up")
def test_a_resumed_training_has_each_step_once(tmp_path: Path) -> None:
    before = [{"step": step, "loss": float(step)} for step in (1, 10, 20)]
    with without_trainer():
        killed = followed(tmp_path / "log.jsonl")
        for entry in before:
            killed.append(entry)
        killed.close()
        killed.path.write_text("".join(json.dumps(entry) + "\n" for entry in before[:2]))  # cut back to the saved state
        again = followed(killed.path)
        again.append({"step": 20, "loss": 5.0})
        again.append({"step": 20, "dev": 70.0, "parts": {"xnli.en": 70.0}, "best": 70.0, "best_step": 20})
        again.close()
    found = scalars(tmp_path / "tensorboard")
    assert found["loss"] == [(1, 1.0), (10, 10.0), (20, 5.0)]
    assert found["dev/xnli.en"] == [(20, 70.0)]


def test_it_has_what_the_log_has_and_comes_later_too(demo: Demo, tmp_path: Path) -> None:
    folder = finetune(options(demo, tmp_path / "ckpt", "xnli", tensorboard=True))
    log = [json.loads(line) for line in (folder / "training.jsonl").read_text().splitlines()]
    steps = [entry["step"] for entry in log if "loss" in entry]
    assert [step for step, _ in scalars(folder / "tensorboard")["loss"]] == steps
    plain = finetune(options(demo, tmp_path / "plain", "xnli"))
    assert not (plain / "tensorboard").exists()
    AcceleratorState._reset_state(True)  # as in another process
    finetune(options(demo, tmp_path / "plain", "xnli", track=("tensorboard",)))
    assert [step for step, _ in scalars(plain / "tensorboard")["loss"]] == steps


def test_another_tracker_by_name_gets_the_same(demo: Demo, tmp_path: Path, wandb: Service) -> None:
    folder = finetune(options(demo, tmp_path / "ckpt", "xnli", track=("wandb", "tensorboard")))
    log = [json.loads(line) for line in (folder / "training.jsonl").read_text().splitlines()]
    (run,) = wandb.runs
    assert (run["project"], run["name"], run["finished"]) == ("xharness", "ckpt", True)
    assert [step for step, _ in run["log"]] == [entry["step"] for entry in log]
    assert [values["loss"] for _, values in run["log"] if "loss" in values] == [e["loss"] for e in log if "loss" in e]
    assert (folder / "tensorboard").is_dir()
    finetune(options(demo, folder, "xnli", track=("wandb",)))  # nothing is trained, so there is no second run
    assert len(wandb.runs) == 1


def test_a_tracker_that_fails_costs_its_own_numbers_only(tmp_path: Path, wandb: Service) -> None:
    log, notes = TrainingLog(tmp_path / "log.jsonl"), list[str]()
    wandb.fails_at = 2
    with without_trainer():
        log.followed_by(Trackers(["wandb"], tmp_path).start(), notes.append)
        for step in (1, 2, 3):
            log.append({"step": step, "loss": 0.5})
        log.close()
    assert notes == ["note: wandb gets no more numbers: the service is away; training continues"]
    assert [step for step, _ in wandb.runs[0]["log"]] == [1]
    assert len(log.path.read_text().splitlines()) == 3


def test_one_that_cannot_start_is_an_error_for_people(
    tmp_path: Path, wandb: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(**_about: Any) -> None:
        raise ValueError("no account\nTraceback ...")

    monkeypatch.setattr(wandb, "init", refused)
    with without_trainer(), pytest.raises(UserError, match="cannot start the tracker wandb") as caught:
        Trackers(["wandb"], tmp_path).start()
    assert caught.value.why == "no account"


FOLLOW = """
import sys
from pathlib import Path
from xharness.train.loop.metric_logging import TrainingLog
from xharness.train.loop.trackers import Trackers, without_trainer

log = TrainingLog(Path(sys.argv[1]) / "log.jsonl")
with without_trainer():
    log.followed_by(Trackers([sys.argv[2]], Path(sys.argv[1])).start(), sys.exit)
    for step in (1, 2):
        log.append({"step": step, "loss": 0.5 / step})
    log.close()
"""


def follow(name: str, folder: Path, **settings: str) -> None:
    """Two steps told to the real package, in a process of its own that reaches no network."""
    pytest.importorskip(name, reason=f"{name} is not installed: pip install {name}")
    environment = os.environ | settings | {"PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-c", FOLLOW, str(folder), name]
    done = subprocess.run(command, env=environment, cwd=folder, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_wandb_itself_writes_offline_runs(tmp_path: Path) -> None:
    follow("wandb", tmp_path, WANDB_MODE="offline", WANDB_DIR=str(tmp_path))
    (run,) = tmp_path.glob("wandb/offline-run-*/run-*.wandb")
    assert run.read_bytes().count(b"loss") >= 2


def test_trackio_itself_keeps_runs_on_this_machine(tmp_path: Path) -> None:
    follow("trackio", tmp_path, TRACKIO_DIR=str(tmp_path / "trackio"))
    with sqlite3.connect(tmp_path / "trackio" / "xharness.db") as found:
        rows = found.execute("select step, metrics from metrics order by step").fetchall()
    assert [(step, json.loads(values)["loss"]) for step, values in rows if step] == [(1, 0.5), (2, 0.25)]


def test_names_are_those_of_accelerate() -> None:
    from accelerate.tracking import LOGGER_TYPE_TO_CLASS

    assert set(TRACKERS) == set(LOGGER_TYPE_TO_CLASS)


@pytest.mark.parametrize(
    ("more", "what", "fix"),
    [
        ({"tensorboard": True}, "--tensorboard needs the package tensorboard", "pip install 'xharness[tensorboard]'"),
        ({"track": ("tensorboard",)}, "--track tensorboard needs the package", "pip install 'xharness[tensorboard]'"),
        ({"track": ("comet_ml",)}, "--track comet_ml needs the package comet-ml", "pip install 'comet-ml'"),
        ({"track": ("tensorbord",)}, "unknown tracker 'tensorbord'", "tensorboard"),
    ],
)
def test_what_is_not_known_or_not_installed_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, more: dict[str, Any], what: str, fix: str
) -> None:
    monkeypatch.setattr("xharness.train.options.find_spec", lambda name: None)
    asked = FinetuneOptions(model=tmp_path, tasks=("xnli",), data=tmp_path, out=tmp_path / "out", **more)
    with pytest.raises(UserError, match=what) as caught:
        asked.check()
    assert fix in caught.value.fix


@pytest.mark.parametrize("command", ["finetune", "benchmark"])
def test_on_the_command_line(demo: Demo, tmp_path: Path, call: Call, command: str) -> None:
    where = ["--model", str(demo.models / "encoder"), "--data", str(demo.data), "--out", str(tmp_path / "out")]
    tasks = ["--task", "xnli"] if command == "finetune" else []
    called = call(command, *where, *tasks, "--track", "tensorboard, trackioo")
    assert called.code == 1
    assert called.err.startswith("error: unknown tracker 'trackioo'")
    assert len(called.err.strip().splitlines()) == 3
    assert not (tmp_path / "out").exists()
