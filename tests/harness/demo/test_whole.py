"""Folders of the demo: replaced only where nobody put anything else, whatever their marker says."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from xharness.demo.whole import make_whole
from xharness.tasks.common.errors import UserError
from xharness.tasks.data import MADE_UP


def write(folder: Path) -> None:
    (folder / "ours").write_text("made", encoding="utf-8")


@pytest.mark.parametrize("contents", [None, 3, "theirs", {"theirs": 1}, [["theirs"], 1]])
def test_a_damaged_marker_gives_no_right_to_foreign_files(tmp_path: Path, contents: object) -> None:
    folder = tmp_path / "made"
    folder.mkdir()
    (folder / MADE_UP).write_text(json.dumps({"made_from": {}, "contents": contents}), encoding="utf-8")
    make_whole(folder, {"seed": 0}, write)
    assert (folder / "ours").is_file()
    (folder / "theirs").write_text("precious", encoding="utf-8")
    (folder / MADE_UP).write_text(json.dumps({"made_from": {}, "contents": contents}), encoding="utf-8")
    with pytest.raises(UserError, match="holds something else"):
        make_whole(folder, {"seed": 1}, write)
    assert (folder / "theirs").read_text(encoding="utf-8") == "precious"


@pytest.mark.parametrize("marker", ["[" * 100_000, "NaN", "[]", '{"contents": ' + "9" * 5_000 + "}", ""])
def test_a_marker_that_cannot_be_read(tmp_path: Path, marker: str) -> None:
    folder = tmp_path / "made"
    folder.mkdir()
    (folder / MADE_UP).write_text(marker, encoding="utf-8")
    make_whole(folder, {"seed": 0}, write)
    assert (folder / "ours").is_file()
