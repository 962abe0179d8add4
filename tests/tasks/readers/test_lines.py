"""Lines end at LF only; bad bytes and bad columns are problems with their line."""

from pathlib import Path

from xharness.tasks.common.errors import Problem
from xharness.tasks.readers.lines import read_lines, table


def test_only_line_feeds_end_lines(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes("\ufeffa\u2028b\x0b\x1c\x85c\r\nd\re\n\n".encode())
    lines, problems = read_lines(path)
    assert lines == ["a\u2028b\x0b\x1c\x85c", "d\re", ""]
    assert not problems


def test_a_bad_byte_costs_one_line(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"one\nt\xffo\nthree")
    lines, problems = read_lines(path)
    assert lines == ["one", "t\ufffdo", "three"]
    assert [str(problem) for problem in problems] == [f"{path}:2: byte 2 of the line is not UTF-8"]


def test_an_empty_and_an_unreadable_file_are_problems(tmp_path: Path) -> None:
    (tmp_path / "a").touch()
    assert read_lines(tmp_path / "a")[1][0].what == "the file is empty"
    assert "cannot be read" in read_lines(tmp_path)[1][0].what


def test_rows_keep_their_places(tmp_path: Path) -> None:
    problems: list[Problem] = []
    rows = list(table(tmp_path, [(1, "a\tb"), (2, "a"), (3, "a\tb\tc"), (4, "\tb")], problems, take=(0, 1), columns=2))
    assert [number for number, _ in rows] == [1, 2, 3, 4]
    assert [(problem.line, problem.what) for problem in problems] == [
        (2, "1 column instead of 2"),
        (3, "3 columns instead of 2"),
        (4, "column 1 is empty"),
    ]
