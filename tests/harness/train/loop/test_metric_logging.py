"""The log of a training: cut back to a saved state, and read whatever happened to it."""

from __future__ import annotations

from pathlib import Path

import pytest

from xharness.tasks.common.errors import UserError
from xharness.train.loop.metric_logging import TrainingLog, read_log


@pytest.fixture
def log(tmp_path: Path) -> TrainingLog:
    found = TrainingLog(tmp_path / "folder" / "log.jsonl")
    for step in (1, 2):
        found.append({"step": step, "loss": 0.5})
    return found


def test_what_came_after_a_state_is_forgotten(log: TrainingLog) -> None:
    length, digest = log.extent()
    before = log.path.read_bytes()
    log.append({"step": 2, "dev": 50.0})  # of the state's own step, but later
    assert log.cut(2, length, digest) == ""
    assert log.path.read_bytes() == before
    assert log.cut(0, *TrainingLog(log.path.with_name("none")).extent()) == ""
    assert log.path.read_bytes() == b""


def test_a_damaged_one_is_told_and_keeps_what_can_be_read(log: TrainingLog) -> None:
    length, digest = log.extent()
    log.path.write_bytes(b'{"step": 1, "los\xff\n' + log.path.read_bytes().splitlines(keepends=True)[1] + b"[[[")
    assert log.cut(2, length, digest).startswith(f"{log.path} is damaged")
    assert read_log(log.path) == [{"step": 2, "loss": 0.5}]


def test_a_state_of_before_cuts_by_steps(log: TrainingLog) -> None:
    assert log.cut(1, 0, "") == ""
    assert read_log(log.path) == [{"step": 1, "loss": 0.5}]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no full device here")
def test_a_full_disk_is_an_error_for_people(tmp_path: Path) -> None:
    (tmp_path / "log.jsonl").symlink_to("/dev/full")
    with pytest.raises(UserError, match="cannot write") as caught:
        TrainingLog(tmp_path / "log.jsonl").append({"step": 1})
    assert "No space left" in caught.value.why
