"""Code of the user's own that fails is told with its file and line; what fails in ours stays a traceback."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.harness.conftest import Call
from xharness.tasks.own_code import of_own_code

PAGE = Path(__file__).parents[3] / "docs" / "adding-a-task.md"


@pytest.fixture
def mood(tmp_path: Path) -> Path:
    """The task of the docs, and data that its reader cannot decode."""
    code = tmp_path / "my_tasks.py"
    code.write_text(PAGE.read_text(encoding="utf-8").partition("```python\n")[2].partition("```")[0], encoding="utf-8")
    data = tmp_path / "data" / "download" / "mood"
    data.mkdir(parents=True)
    (data / "test-de.tsv").write_bytes(b"warm\tso\xf4p\n")
    return code


def test_a_reader_that_fails(mood: Path, call: Call) -> None:
    called = call("data", "check", "--data", mood.parent / "data", "--tasks-from", mood, "--tasks", "mood", "--quiet")
    what, why, fix = called.err.splitlines()[-3:]
    assert called.code == 1
    assert what == f"error: the code in {mood} failed"
    assert why.startswith("  why: UnicodeDecodeError: 'utf-8' codec can't decode byte 0xf4")
    assert why.endswith(", in read)")
    assert fix == "  fix: fix it"


def test_a_reader_that_opens_what_is_not_there(mood: Path, call: Call) -> None:
    text, before = mood.read_text(encoding="utf-8"), "        (path,) = self.find"
    mood.write_text(text.replace(before, f'        open("/no/such/file")\n{before}'), encoding="utf-8")
    called = call("data", "check", "--data", mood.parent / "data", "--tasks-from", mood, "--tasks", "mood", "--quiet")
    what, why, _ = called.err.splitlines()[-3:]
    assert what == f"error: the code in {mood} failed"
    assert f"({mood}, line {1 + text.partition(before)[0].count(chr(10))}, in read)" in why


def test_what_is_ours_is_no_fault_of_the_user() -> None:
    try:
        of_own_code(None)  # type: ignore[arg-type]
    except AttributeError as error:
        assert of_own_code(error) is None
