"""``demo`` as a user calls it."""

from __future__ import annotations

import json
from pathlib import Path

from tests.harness.conftest import Call


def test_demo_runs_the_main_job_and_packs_it(tmp_path: Path, call: Call) -> None:
    called = call("demo", "--out", tmp_path / "demo", "--untrained")
    assert called.code == 0
    assert "162 of 162 files" in called.out
    assert (tmp_path / "demo" / "submission.zip").is_file()
    assert "all_task" in json.loads((tmp_path / "demo" / "run" / "scores.json").read_text())
    again = call("demo", "--out", tmp_path / "demo", "--untrained", "--quiet")
    assert (again.code, again.err) == (0, "")
