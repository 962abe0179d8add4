"""What a table says of phases, read from what they left."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path

from xharness.train.phase_facts import facts_of_phases, phases_of_suite


def write_phase(folder: Path, task: str, finished: float, seconds: float | None = None) -> Path:
    """A finished phase of two steps."""
    folder.mkdir(parents=True)
    record = {"format": 1, "task": task, "parents": [], "zero_shot": True}
    record |= {} if seconds is None else {"seconds": seconds}
    (folder / "xharness.json").write_text(json.dumps(record))
    lines = [
        {"step": 1, "loss": 2.0},
        {"step": 2, "loss": 1.5},
        {"step": 2, "dev": 70.0, "parts": {f"{task}.en": 70.0}},
    ]
    (folder / "training.jsonl").write_text("".join(f"{json.dumps(line)}\n" for line in lines))
    os.utime(folder / "xharness.json", (finished, finished))
    return folder


def test_facts_come_from_the_files(tmp_path: Path) -> None:
    now = time.time()
    earlier = write_phase(tmp_path / "of-a-name-with-hyphens", "mnli", now - 100)
    fresh = write_phase(tmp_path / "ckpt", "xnli", now + 30)
    (earlier / "training.jsonl").unlink()
    first, second = facts_of_phases([earlier, fresh], now)
    assert (first.name, first.seconds, first.steps, first.dev) == ("mnli", None, None, {})
    assert (second.name, second.steps, second.loss, second.dev) == ("xnli", 2, 1.5, {"xnli": 70.0})
    assert second.seconds is not None and round(second.seconds) == 30


def test_phases_that_were_trained_side_by_side_have_their_own_times(tmp_path: Path) -> None:
    now = time.time()
    slow = write_phase(tmp_path / "slow", "squad_v1", now + 50, 50.0)
    quick = [write_phase(tmp_path / f"quick-{end}", "xnli", now + end, 20.0) for end in (20, 40)]
    assert [facts.seconds for facts in facts_of_phases([slow, *quick], now)] == [50.0, 20.0, 20.0]


def test_the_phases_of_a_suite_come_in_the_order_of_training(tmp_path: Path) -> None:
    phases, suite = tmp_path / "phases", tmp_path / "suite"
    suite.mkdir()
    last = write_phase(phases / "xnli-1", "xnli", 200)
    first = write_phase(phases / "mnli+qqp-2", "mnli", 100)
    (first / "mnli").mkdir()
    for name, target in {"xnli": last, "encoder": first / "mnli", "other": tmp_path}.items():
        (suite / name).symlink_to(target, target_is_directory=True)
    assert phases_of_suite(suite, phases) == [first, last]
