"""Sealed records: whatever is changed in them or beside them shows."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from xharness.tasks.common.sealed import damaged, files_below, is_of_today, is_sealed, seal


def test_a_seal_survives_a_file_and_nothing_else() -> None:
    record = seal({"format": 2, "best": 71.123456789, "by": {10: "a", 9: ("b", None)}})
    read = json.loads(json.dumps(record))
    assert is_sealed(read)
    assert not is_sealed({**read, "best": 71.123456788})
    assert not is_sealed({**read, "more": 1})
    assert not is_sealed({name: value for name, value in read.items() if name != "sha256"})
    assert is_of_today({"format": 2}) and not is_of_today({"format": 1})


def test_files_that_are_changed_or_gone(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    for name in ("a", "in/b", "c"):
        (tmp_path / name).write_text(name)
    files = files_below(tmp_path, ["c"])
    assert list(files) == ["a", "in/b"]
    assert damaged(files, tmp_path) == []
    (tmp_path / "a").write_text("A")
    (tmp_path / "in" / "b").unlink()
    assert damaged(files, tmp_path) == ["a", "in/b"]


@pytest.mark.parametrize("name", ["../outside", "/etc/hostname", "in/../../outside", "/dev/zero"])
def test_nothing_outside_is_read(tmp_path: Path, name: str) -> None:
    (tmp_path / "outside").write_text("x")
    (tmp_path / "folder" / "in").mkdir(parents=True)
    assert damaged({name: "2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881"}, tmp_path / "folder") == [
        name
    ]


@pytest.mark.parametrize("files", [None, [], "x", 3])
def test_a_list_of_files_that_is_none(tmp_path: Path, files: object) -> None:
    assert damaged(files, tmp_path) == ["its list of files"]
