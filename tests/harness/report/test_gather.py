"""Runs of a report: their names, and what is not one."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from xharness.report.gather import load_runs, short_names
from xharness.runs.folder import RunFolder
from xharness.runs.manifest import KIND
from xharness.runs.record import Record
from xharness.tasks.common.errors import UserError


@pytest.mark.parametrize(
    ("paths", "names"),
    [
        (["x/a", "x/b"], ["a", "b"]),
        (["x/seed1/run", "x/seed2/run"], ["seed1/run", "seed2/run"]),
        (["run"], ["run"]),
    ],
)
def test_names_are_as_short_as_they_can_be(paths: Sequence[str], names: Sequence[str]) -> None:
    assert short_names([Path(path) for path in paths]) == names


def written(folder: Path, scores: Any = None) -> Path:
    folder.mkdir()
    (folder / "manifest.json").write_text(json.dumps({"kind": KIND, "identity": {}, "xharness": "0"}))
    RunFolder(folder).save(Record("xnli", "de", "test", "key", 0, "s"), None, {})
    if scores is not None:
        (folder / "scores.json").write_text(json.dumps(scores))
    return folder


def test_what_is_no_finished_run_is_refused(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    old: dict[str, Any] = {"xharness": {"cells": {}, "tasks": {}}}
    cases = {
        tmp_path / "nowhere": "no run at",
        tmp_path / "empty": "is not a run",
        written(tmp_path / "half"): "is half a run",
        written(tmp_path / "old", old): "cannot read",
        written(tmp_path / "list", []): "cannot read",
    }
    for path, said in cases.items():
        with pytest.raises(UserError, match=said):
            load_runs([path])


def test_too_many_or_none_or_the_same_twice(tmp_path: Path) -> None:
    for paths, said in (([], "no run"), ([tmp_path / str(i) for i in range(9)], "9 runs"), ([tmp_path] * 2, "twice")):
        with pytest.raises(UserError, match=said):
            load_runs(paths)
