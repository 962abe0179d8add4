"""Cases as data of a task."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.tasks.diagnostics.made_up import templates, write
from xharness.tasks.diagnostics.reader import TESTS, MultiCheckListReader


def test_a_language_that_the_header_lacks_is_not_found(tmp_path: Path) -> None:
    path = write(tmp_path / "multichecklist" / "checklist_templates.tsv")
    reader = MultiCheckListReader(TESTS[0])
    assert reader.find(tmp_path / "multichecklist-comparisons", "de", "test") == (path,)
    assert reader.find(tmp_path / "multichecklist-comparisons", "ro", "test") == ()
    assert reader.find(tmp_path / "multichecklist-comparisons", "de", "dev") == ()
    with pytest.raises(FileNotFoundError):
        reader.read(tmp_path / "multichecklist-comparisons", "ro", "test")


def test_a_test_that_is_not_there(tmp_path: Path) -> None:
    path = write(tmp_path / "t.tsv", templates()[:9])
    split = MultiCheckListReader(TESTS[1], templates=path).read(tmp_path, "en", "test")
    assert [problem.what for problem in split.problems] == [f"no test '{TESTS[1].title}'"]
