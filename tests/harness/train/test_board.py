"""TensorBoard: the log as event files, each step once, whatever was killed in between."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from harness.train.board import Board
from harness.train.finetune import finetune
from harness.train.options import FinetuneOptions
from tasks.errors import UserError
from tests.harness.conftest import Demo
from tests.harness.train.test_finetune import options


def scalars(folder: Path) -> dict[str, list[tuple[int, float]]]:
    """What TensorBoard's own reader finds."""
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    found = EventAccumulator(str(folder), size_guidance={"scalars": 0})
    found.Reload()
    return {tag: [(event.step, event.value) for event in found.Scalars(tag)] for tag in found.Tags()["scalars"]}


def test_a_resumed_training_has_each_step_once(tmp_path: Path) -> None:
    log = tmp_path / "log.jsonl"
    before = [{"step": step, "loss": float(step)} for step in (1, 10, 20)]
    killed = Board(tmp_path / "board", log)
    for entry in before:
        killed.write(entry)
    killed.close()
    log.write_text("".join(json.dumps(entry) + "\n" for entry in before[:2]))  # cut back to the saved state
    again = Board(tmp_path / "board", log)
    again.write({"step": 20, "loss": 5.0})
    again.write({"step": 20, "dev": 70.0, "parts": {"xnli.en": 70.0}, "best": 70.0, "best_step": 20})
    again.close()
    found = scalars(tmp_path / "board")
    assert found["loss"] == [(1, 1.0), (10, 10.0), (20, 5.0)]
    assert found["dev/xnli.en"] == [(20, 70.0)]


def test_it_has_what_the_log_has_and_comes_later_too(demo: Demo, tmp_path: Path) -> None:
    folder = finetune(options(demo, tmp_path / "ckpt", "xnli", tensorboard=True))
    log = [json.loads(line) for line in (folder / "training.jsonl").read_text().splitlines()]
    steps = [entry["step"] for entry in log if "loss" in entry]
    assert [step for step, _ in scalars(folder / "tensorboard")["loss"]] == steps
    plain = finetune(options(demo, tmp_path / "plain", "xnli"))
    assert not (plain / "tensorboard").exists()
    finetune(options(demo, tmp_path / "plain", "xnli", tensorboard=True))
    assert [step for step, _ in scalars(plain / "tensorboard")["loss"]] == steps


def test_without_the_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("harness.train.options.find_spec", lambda name: None)
    asked = FinetuneOptions(model=tmp_path, tasks=("xnli",), data=tmp_path, out=tmp_path / "out", tensorboard=True)
    with pytest.raises(UserError, match="--tensorboard needs the package tensorboard") as caught:
        asked.check()
    assert "pip install 'xharness[tensorboard]'" in caught.value.fix
