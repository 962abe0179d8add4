"""``show`` as a user calls it, and the tables behind the averages."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.harness.conftest import Call
from tests.harness.leaderboard.runs import share, write_run


@pytest.fixture
def run(tmp_path: Path) -> Path:
    without = ("pawsx", "udpos", "xquad", "mlqa", "tydiqa", "bucc2018", "tatoeba")
    return write_run(tmp_path / "mine", share(3, 4), without=without, langs=("de", "en", "sw"))


def test_it_shows_tasks_languages_or_cells(call: Call, run: Path) -> None:
    tasks = call("show", run)
    assert (tasks.code, tasks.err) == (0, "")
    assert "3/15" in tasks.out and "no overall average; missing: " in tasks.out
    rows = [line.split() for line in call("show", run, "--by", "language").out.splitlines()]
    assert ["language", "xnli", "panx"] in rows
    assert ["sw", "75.0", "75.0"] in rows
    cells = call("show", run, "--by", "cell").out
    assert cells.count("75.00") == 6
    shown = json.loads(call("show", run, "--json").out)
    assert shown == json.loads((run / "scores.json").read_text())


def test_what_is_no_run_is_said(call: Call, tmp_path: Path) -> None:
    assert "error: no run at" in call("show", tmp_path / "none").err


def test_tables_fit_the_screen(call: Call, run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    for view in ("task", "language", "cell"):
        lines = call("show", run, "--by", view).out.splitlines()
        assert max(len(line) for line in lines if not line.startswith("no overall average")) <= 80
