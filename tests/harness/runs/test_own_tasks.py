"""Runs remember the file that declares their tasks."""

from __future__ import annotations

from pathlib import Path

import pytest

from xharness.runs.folder import RunFolder
from xharness.runs.own_tasks import registry_of, remembered
from xharness.tasks.common.errors import UserError
from xharness.tasks.plugins import tell

TASK = """
name = "NAME"
type = "tagging"
languages = ["en"]
labels = ["O"]
files = { test = "{language}.txt" }
"""


def declare(folder: Path, name: str) -> Path:
    path = folder / f"{name}.toml"
    path.write_text(TASK.replace("NAME", name))
    return path


def run(folder: Path, tasks_from: Path) -> Path:
    RunFolder(folder).open({"model": {}, "options": {}}, overwrite=False, more={"tasks_from": str(tasks_from)})
    return folder


def test_the_files_of_all_runs_are_read(tmp_path: Path) -> None:
    first, second = (run(tmp_path / f"run-{name}", declare(tmp_path, name)) for name in ("one", "two"))
    assert {*registry_of([first, second, first]).added} == {"one", "two"}
    (first / "predictions").mkdir()
    assert {*registry_of([first / "predictions"]).added} == {"one"}
    assert {*registry_of([first], declare(tmp_path, "three")).added} == {"three"}  # what is given counts
    assert not registry_of([tmp_path, tmp_path / "nowhere"]).added


def test_a_missing_file_is_told_in_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    tell.cache_clear()
    folder = run(tmp_path / "run", tmp_path / "gone.py")
    assert not registry_of([folder, folder]).added
    (said,) = capsys.readouterr().err.splitlines()
    assert said == (
        f"note: {folder} was made with --tasks-from {tmp_path / 'gone.py'}, which is not there; "
        "--tasks-from names it anew"
    )


def test_python_that_came_with_the_run_is_not_run(tmp_path: Path) -> None:
    folder = run(tmp_path / "run", tmp_path / "run" / "items" / "own.py")
    (folder / "items").mkdir()
    (folder / "items" / "own.py").write_text("raise SystemExit('run')")
    assert remembered(folder) is None


def test_two_files_for_one_name_are_refused(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        run(tmp_path / f"run-{name}", declare(tmp_path / name, "one"))
    with pytest.raises(UserError, match="'one' is declared twice"):
        registry_of([tmp_path / "run-a", tmp_path / "run-b"])
