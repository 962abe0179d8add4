"""Plain text: documents, lines that other tools would cut, files that are not UTF-8."""

from itertools import islice
from pathlib import Path

import pytest

from tests.tasks.readers.made_up import write
from xharness.tasks.common.errors import BadFiles, UserError
from xharness.tasks.readers.text import text_files, text_lines, text_problems


def test_documents(tmp_path: Path) -> None:
    path = write(tmp_path / "de.txt", "\ufeff\n\r\n One.\u2028Still one.\r\nTwo.\n\n \nThree.\n\n")
    assert list(text_lines(path)) == ["One.\u2028Still one.", "Two.", "", "Three."]


def test_reading_is_lazy_and_stops_at_the_first_bad_line(tmp_path: Path) -> None:
    (tmp_path / "de.txt").write_bytes(b"one\ntw\xff\nthree\n\xc3\n")
    assert list(islice(text_lines(tmp_path / "de.txt"), 1)) == ["one"]
    with pytest.raises(BadFiles, match="not UTF-8") as caught:
        list(text_lines(tmp_path / "de.txt"))
    assert [problem.line for problem in caught.value.problems] == [2]
    assert [problem.line for problem in text_problems(tmp_path / "de.txt")] == [2, 4]


def test_nothing_to_read(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no text in"):
        list(text_lines(write(tmp_path / "de.txt", "\n \n")))
    with pytest.raises(UserError, match="cannot read"):
        list(text_lines(tmp_path / "fr.txt"))


def test_files_by_language(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no text in"):
        text_files(tmp_path)
    for name in ("sw", "de"):
        write(tmp_path / "download" / "text" / f"{name}.txt", "x\n")
    assert list(text_files(tmp_path)) == list(text_files(tmp_path / "download")) == ["de", "sw"]
    assert text_files(tmp_path)["sw"] == tmp_path / "download" / "text" / "sw.txt"
