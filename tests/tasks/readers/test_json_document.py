"""Whole files of JSON: a value and the lines of its texts, or one problem with its line."""

from __future__ import annotations

from pathlib import Path

import pytest

from xharness.tasks.common.errors import Problem
from xharness.tasks.readers.json_document import JsonDocument, read_document


def written(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


def test_lines_of_texts(tmp_path: Path) -> None:
    content = '\ufeff[\n"a",\n"é", "a",\n"\\u00e9",\n"b\\n"]'
    document = read_document(written(tmp_path / "x.json", content.encode()))
    assert isinstance(document, JsonDocument)
    assert document.value == ["a", "é", "a", "é", "b\n"]
    assert [document.line_of("a", nth) for nth in (1, 2, 3)] == [2, 3, 0]
    assert (document.line_of("é"), document.line_of("b\n"), document.line_of("none")) == (3, 5, 0)


@pytest.mark.parametrize(
    ("content", "line", "what"),
    [
        (b"[1,\n2\n", 3, "broken JSON: Expecting ',' delimiter (column 1)"),
        (b'["a",\n"\xff"]', 2, "byte 0xff is not UTF-8"),
    ],
)
def test_what_is_wrong_has_a_line(tmp_path: Path, content: bytes, line: int, what: str) -> None:
    path = written(tmp_path / "x.json", content)
    assert read_document(path) == Problem(path, line, what)


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    assert read_document(tmp_path) == Problem(tmp_path, 0, "cannot be read: Is a directory")
