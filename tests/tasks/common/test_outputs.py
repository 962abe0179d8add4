"""Paths for output: what is refused, and what is written where."""

from __future__ import annotations

import os
import socket
import stat
import threading
from pathlib import Path

import pytest

from xharness.tasks.common.errors import UserError
from xharness.tasks.common.files import write_atomic
from xharness.tasks.common.outputs import check_file, check_folder, write_output


def refusal(action: object, path: Path) -> UserError:
    with pytest.raises(UserError) as error:
        action(path)  # type: ignore[operator]
    assert len(str(error.value).splitlines()) == 3
    return error.value


def made(tmp_path: Path) -> dict[str, Path]:
    """Places that take no file."""
    tmp_path.mkdir(exist_ok=True)
    (tmp_path / "file").write_text("old")
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    (tmp_path / "nowhere").symlink_to(tmp_path / "gone")
    return {
        "in a file": tmp_path / "file" / "x",
        "far in a file": tmp_path / "file" / "x" / "y" / "z",
        "long": tmp_path / ("n" * 300),
        "long and new": tmp_path / "new" / ("é" * 150) / "x",
        "loop": tmp_path / "loop" / "x",
        "nowhere": tmp_path / "nowhere" / "x",
        "home": Path("~") / "x",
    }


def test_what_takes_no_file(tmp_path: Path) -> None:
    for path in (*made(tmp_path).values(), Path(), Path("/"), tmp_path, Path("..")):
        refusal(check_file, path)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file", "loop", "nowhere"]
    for path in (*made(tmp_path / "more").values(), Path(), Path("/"), tmp_path, Path("..")):
        if path.parts[:1] != ("~",):
            refusal(lambda each: write_atomic(each, "x"), path)
    assert (tmp_path / "more" / "file").read_text() == "old"


def test_what_takes_no_folder(tmp_path: Path) -> None:
    for path in (*made(tmp_path).values(), tmp_path / "file", Path("/")):
        refusal(check_folder, path)
    check_folder(tmp_path / "new" / "folder\nwith lines")
    check_folder(tmp_path)
    assert not (tmp_path / "new").exists()


def test_a_link_stays_and_what_it_points_to_is_written(tmp_path: Path) -> None:
    target, link, dangling = tmp_path / "a" / "target", tmp_path / "link", tmp_path / "dangling"
    target.parent.mkdir()
    target.write_text("old")
    link.symlink_to(target)
    dangling.symlink_to("b/new")
    write_output(link, "new")
    write_output(dangling, "new")
    assert link.is_symlink() and dangling.is_symlink()
    assert target.read_text() == (tmp_path / "b" / "new").read_text() == "new"
    assert [path.name for path in target.parent.iterdir()] == ["target"]


def test_a_device_takes_it_and_stays() -> None:
    write_output(Path("/dev/null"), "x")
    assert stat.S_ISCHR(Path("/dev/null").stat().st_mode)
    assert "disk is full" in refusal(lambda path: write_output(path, "x"), Path("/dev/full")).what


def test_a_pipe_takes_it_and_stays(tmp_path: Path) -> None:
    pipe, got = tmp_path / "pipe", []
    os.mkfifo(pipe)
    reader = threading.Thread(target=lambda: got.append(pipe.read_text()), daemon=True)
    reader.start()
    write_output(pipe, "content")
    reader.join()
    assert got == ["content"] and pipe.is_fifo()


def test_a_socket_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind("s")
        refusal(check_file, tmp_path / "s")


def test_a_long_name_that_is_allowed(tmp_path: Path) -> None:
    path = tmp_path / ("ü" * 127)
    write_output(path, "x")
    assert path.read_text() == "x" and len(list(tmp_path.iterdir())) == 1


def test_halves_of_characters_become_escapes(tmp_path: Path) -> None:
    write_output(tmp_path / "x", "a\udcff")
    assert (tmp_path / "x").read_text() == "a\\udcff"


def test_what_killed_writers_left_is_removed(tmp_path: Path) -> None:
    (tmp_path / ".old.html.999999999.partial").touch()
    mine = tmp_path / f".mine.{os.getpid()}.partial"
    mine.touch()
    write_output(tmp_path / "x", "x")
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([mine.name, "x"])
