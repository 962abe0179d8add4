"""The published table, read."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.tasks.diagnostics.made_up import TITLES, row, templates, write
from xharness.tasks.diagnostics.templates import read_templates


def problems(tmp_path: Path, rows: list[tuple[str, ...]]) -> list[str]:
    path = write(tmp_path / "t.tsv", rows)
    return [str(problem).removeprefix(f"{path}:") for problem in read_templates(path).problems]


def test_everything_that_is_wrong_is_told_with_its_line(tmp_path: Path) -> None:
    rows = [tuple(each) for each in templates()]
    rows[3] = (*rows[3], "one too many")
    rows[13] = row("Context", "{first_name is {s}.", "", "")
    rows.insert(11, row("adj", "wet", "nass", "märkä"))
    del rows[5]  # an answer
    told = problems(tmp_path, rows)
    assert told == [
        f"2: test '{TITLES['comparisons']}' has 0 contexts, 2 questions and 1 answers: it needs some, "
        "and an answer a question",
        "4: 8 columns instead of 7",
        "11: 'adj' belongs to no test: a row Name must stand above it",
        "14: a brace is not closed in '{first_name is {s}.'",
    ]


@pytest.mark.parametrize(
    ("header", "told"),
    [
        (("Field", "de", "fi"), "no column 'en'"),
        (("Field", "en", "de-placeholders"), "column 3 ('de-placeholders') must be a language"),
        (("Field", "en", ""), "column 3 ('') must be a language"),
    ],
)
def test_a_header_that_is_none(tmp_path: Path, header: tuple[str, ...], told: str) -> None:
    assert any(told in each for each in problems(tmp_path, [header]))


def test_an_empty_file_and_bytes_that_are_no_text(tmp_path: Path) -> None:
    (tmp_path / "empty.tsv").write_bytes(b"")
    assert "the file is empty" in str(read_templates(tmp_path / "empty.tsv").problems[0])
    (tmp_path / "bytes.tsv").write_bytes(b"Field\ten\nName\t\xff\n")
    assert any("not UTF-8" in str(each) for each in read_templates(tmp_path / "bytes.tsv").problems)
