"""What killed writers leave is swept, and nothing else."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from xharness.tasks.common.errors import UserError
from xharness.tasks.common.files import sweep_partial
from xharness.tasks.common.locks import locked


@pytest.fixture
def dead() -> int:
    """The number of a process that has ended."""
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


def left(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def test_only_files_of_dead_processes_go(tmp_path: Path, dead: int) -> None:
    alive = f".b.json.{os.getpid()}.partial"
    inner = f"inner/.c.json.{dead}.partial"
    for name in (f".a.json.{dead}.partial", alive, inner, ".d.partial", "a.json", f"e.{dead}.partial"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    sweep_partial(tmp_path)
    assert left(tmp_path) == {alive, inner, ".d.partial", "a.json", f"e.{dead}.partial"}
    sweep_partial(tmp_path, deep=True)
    assert left(tmp_path) == {alive, ".d.partial", "a.json", f"e.{dead}.partial"}


def test_in_a_folder_of_our_own_everything_half_written_goes(tmp_path: Path) -> None:
    (tmp_path / "state" / ".step-3.partial").mkdir(parents=True)
    (tmp_path / "state" / ".step-3.partial" / "weights").touch()
    (tmp_path / f".a.{os.getpid()}.partial").touch()
    (tmp_path / "kept").touch()
    sweep_partial(tmp_path, deep=True, owned=True)
    assert left(tmp_path) == {"kept"}
    assert not any((tmp_path / "state").iterdir())


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    sweep_partial(tmp_path / "nowhere", deep=True)


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(UserError, match="cannot write to"), locked(tmp_path / "file" / "folder"):
        pass
