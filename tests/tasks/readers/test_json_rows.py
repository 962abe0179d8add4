"""JSON lines of large files."""

from pathlib import Path

from xharness.tasks.common.errors import Problem
from xharness.tasks.readers.json_rows import MARK, json_rows


def test_every_line_is_an_object_with_its_place_or_a_problem(tmp_path: Path) -> None:
    path, problems = tmp_path / "rows.jsonl", list[Problem]()
    path.write_bytes(MARK + b'{"a": 1}\n\n[1]\n{"b": "\xff"}\n{"c": 2}')
    rows = list(json_rows(path, problems))
    assert [(row.line, row.fields) for row in rows] == [(1, {"a": 1}), (5, {"c": 2})]
    assert path.read_bytes()[rows[1].offset :] == rows[1].raw == b'{"c": 2}'
    assert [(each.line, each.what) for each in problems] == [
        (2, "empty line"),
        (3, "not a JSON object"),
        (4, "byte 0xff is not UTF-8"),
    ]


def test_no_file_and_no_line(tmp_path: Path) -> None:
    problems: list[Problem] = []
    (tmp_path / "empty").touch()
    assert not list(json_rows(tmp_path / "none", problems))
    assert not list(json_rows(tmp_path / "empty", problems))
    assert [each.what for each in problems] == ["cannot be read: No such file or directory", "the file is empty"]
