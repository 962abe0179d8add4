"""Plain text for masked language modelling: ``text/<language>.txt``, a sentence or paragraph a line.

An empty line ends a document. Files may be larger than memory, so they are read line by line.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from xharness.tasks.common.errors import BadFiles, Problem, UserError


def text_files(folder: Path) -> dict[str, Path]:
    """The text files below ``text/`` of a data folder (or of ``download/`` in it) by language, in order of names.

    Raises:
        UserError: there is none.
    """
    for parent in (folder / "download" / "text", folder / "text", folder):
        found = {path.stem: path for path in sorted(parent.glob("*.txt")) if path.is_file()}
        if found:
            return found
    raise UserError(
        f"no text in {folder}",
        "masked language modelling reads text/<language>.txt, a sentence or paragraph a line",
        "put such files there, for example text/sw.txt",
    )


def text_lines(path: Path) -> Iterator[str]:
    """The lines of a file, stripped, and "" once between documents, never first or last. Reads as it goes.

    Raises:
        BadFiles: at the first line that is not UTF-8; :func:`text_problems` lists all of them.
        UserError: there is no text in the file.
    """
    broken = empty = True
    for number, line in _raw_lines(path):
        try:
            text = line.decode().strip()
        except UnicodeDecodeError as error:
            raise BadFiles(f"{path} is not UTF-8", [_problem(path, number, error)], "save it as UTF-8") from None
        if text:
            if broken and not empty:
                yield ""
            broken = empty = False
            yield text
        else:
            broken = True
    if empty:
        raise UserError(f"no text in {path}", "every line of it is empty", "leave the file out, or fill it")


def text_problems(path: Path) -> list[Problem]:
    """Every line that is not UTF-8; reads the whole file."""
    problems = []
    for number, line in _raw_lines(path):
        try:
            line.decode()
        except UnicodeDecodeError as error:
            problems.append(_problem(path, number, error))
    return problems


def _raw_lines(path: Path) -> Iterator[tuple[int, bytes]]:
    """Number and bytes of each line, without its end and a byte order mark. Binary files end lines at LF only."""
    try:
        with path.open("rb") as file:
            for number, line in enumerate(file, 1):
                content = line.removesuffix(b"\n").removesuffix(b"\r")
                yield number, content.removeprefix(b"\xef\xbb\xbf") if number == 1 else content
    except OSError as error:
        raise UserError(f"cannot read {path}", error.strerror or str(error), "check the path") from error


def _problem(path: Path, line: int, error: UnicodeDecodeError) -> Problem:
    return Problem(path, line, f"byte {error.start + 1} of the line is not UTF-8")
