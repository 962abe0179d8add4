"""What a complete prediction file must fit, what is wrong with one, and how several findings of one kind are listed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from xharness.tasks.common.errors import suggestion
from xharness.tasks.common.text import plural, shortened

SHOWN = 10  # findings of one kind that are listed before "... more"

AnswersT = TypeVar("AnswersT")


@dataclass(frozen=True)
class Expected:
    """What a complete prediction file must fit.

    Attributes:
        count: Examples of the cell; None where answers need not be as many (mined pairs).
        source: Where that is known from, as it reads in "5,010 expected (...)".
        lengths: Words of each sentence, for tags.
        ids: Ids of questions or mentions.
        labels: Labels that gold uses beside those of the task.
        candidates: Lines that a line number may name, or choices of a question.
    """

    count: int | None
    source: str
    lengths: tuple[int, ...] | None = None
    ids: tuple[str, ...] | None = None
    labels: frozenset[str] = frozenset()
    candidates: int | None = None


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong. ``fatal``: there is no score that could be given for the file as it is."""

    line: int
    what: str
    fatal: bool = False


@dataclass(frozen=True)
class PredictionFile(Generic[AnswersT]):
    """A prediction file as the rules see it.

    Attributes:
        lines: The line of each answer.
        broken: Lines that could not be read.
        expected: None where nothing is known of the cell; then only the form of the file is checked.
        labels: The task's label set; empty if it has none.
    """

    answers: AnswersT
    lines: Sequence[int]
    broken: frozenset[int]
    expected: Expected | None
    labels: Sequence[str]


def wrong_count(found: int, expected: Expected | None, unit: str, hint: str = "") -> Iterator[Finding]:
    """Too many or too few answers, which no score can be given for."""
    if expected and expected.count is not None and found != expected.count:
        what = f"{plural(found, unit)}, but {expected.count:,} expected ({expected.source}){hint}"
        yield Finding(0, what, fatal=True)


def blank_lines(file: PredictionFile[list[str]], unit: str) -> Iterator[Finding]:
    """A wrong number of lines, and every blank line, which the official scorer reads as an answer."""
    size = len(file.lines)
    blank = [line for line, text in zip(file.lines, file.answers, strict=True) if not text]
    trailing = 0
    while trailing < len(blank) and blank[-1 - trailing] == size - trailing:
        trailing += 1
    inner = blank[: len(blank) - trailing]
    what = "a blank line counts as an answer; delete it or fill it"
    yield from first_of([Finding(line, what) for line in inner], "lines")
    if trailing:
        lines = f"{plural(trailing, 'trailing blank line')} read as answers"
        yield Finding(blank[-trailing], f"{lines}; end the file after the last answer")
    right = file.expected is not None and size - len(blank) == file.expected.count
    hint = "; without the blank lines the count is right" if right else ""
    yield from wrong_count(size, file.expected, unit, hint)


def unknown_labels(used: Iterable[tuple[int, str]], labels: Sequence[str], noun: str) -> list[Finding]:
    """Each label that is not in the label set: where it stands first and how often."""
    lines: dict[str, list[int]] = {}
    for line, label in used if labels else ():
        if label not in labels:
            lines.setdefault(label, []).append(line)
    found = []
    for label, where in lines.items():
        often = f" (on {len(where):,} lines, first here)" if len(where) > 1 else ""
        found.append(Finding(where[0], f"unknown {noun} '{shortened(label)}'{often}; {suggestion(label, labels)}"))
    return first_of(found, f"{noun}s")


def first_of(found: list[Finding], noun: str) -> list[Finding]:
    """The findings of one kind, the first few of many."""
    if len(found) <= SHOWN + 1:
        return found
    rest = found[SHOWN:]
    return [*found[:SHOWN], Finding(rest[0].line, f"and so on: {len(rest):,} more {noun} like this", rest[0].fatal)]
