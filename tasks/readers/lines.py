"""Text files line by line: UTF-8 only, and a line ends at a line feed and nowhere else."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from xharness.tasks.base import MALFORMED, OTHER_LANGUAGES, LossNote, Rows
from xharness.tasks.common.errors import Problem


def read_lines(path: Path) -> tuple[list[str], list[Problem]]:
    """The lines of a file without their ends (LF or CR LF); the final line feed opens no further line.

    A byte order mark is dropped. A line that is not UTF-8 is a problem and comes with replacement characters.
    ``str.splitlines`` would also cut at U+2028, U+0085 and others, which real sentences contain.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        return [], [Problem(path, 0, f"cannot be read: {error.strerror or error}")]
    raw = content.removeprefix(b"\xef\xbb\xbf").split(b"\n")
    if not raw[-1]:
        raw.pop()
    try:
        texts = [line.removesuffix(b"\r").decode() for line in raw]
        problems: list[Problem] = []
    except UnicodeDecodeError:
        texts, problems = _decode_each(path, raw)
    return texts, problems if raw else [Problem(path, 0, "the file is empty")]


def table(
    path: Path,
    lines: Iterable[tuple[int, str]],
    problems: list[Problem],
    *,
    take: Sequence[int],
    columns: int | None = None,
) -> Iterator[tuple[int, list[str]]]:
    """Line number and the fields ``take`` of each numbered line, cut at tabs.

    A line with another number of columns than ``columns`` (without it: with too few) is a problem, and so is an empty
    field among those taken; the row then still comes, so that rows keep their places, with empty fields.
    """
    for number, line in lines:
        fields = line.split("\t")
        if len(fields) != columns if columns else len(fields) <= max(take):
            wanted = columns or f"at least {max(take) + 1}"
            problems.append(Problem(path, number, f"{count(len(fields), 'column')} instead of {wanted}"))
            fields = [*fields, *[""] * (max(take) + 1)]
        else:
            problems += [
                Problem(path, number, f"column {column + 1} is empty")
                for column in sorted(take)
                if not fields[column].strip()
            ]
        yield number, [fields[column] for column in take]


def count(number: int, noun: str) -> str:
    """``1 column``, ``2 columns``."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def left_out(rows: Iterable[Rows]) -> tuple[str, ...]:
    """Notes on what was lost: neither rows of other languages nor malformed ones, which are problems."""
    return tuple(
        LossNote(f"{each.file.name}: {count(number, each.unit)} left out: {reason}")
        for each in rows
        for reason, number in each.left_out.items()
        if number and reason not in (OTHER_LANGUAGES, MALFORMED)
    )


def _decode_each(path: Path, raw: list[bytes]) -> tuple[list[str], list[Problem]]:
    """Decode line by line, so that one bad byte costs one line."""
    texts: list[str] = []
    problems: list[Problem] = []
    for number, line in enumerate(raw, 1):
        try:
            texts.append(line.removesuffix(b"\r").decode())
        except UnicodeDecodeError as error:
            texts.append(line.removesuffix(b"\r").decode(errors="replace"))
            problems.append(Problem(path, number, f"byte {error.start + 1} of the line is not UTF-8"))
    return texts, problems
