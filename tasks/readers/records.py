"""Training sets as they are published: one record a row, in JSON lines, tab-separated with a header, or csv."""

from __future__ import annotations

import csv
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeVar

from xharness.tasks.base import MALFORMED, Rows, Split
from xharness.tasks.common.errors import Problem
from xharness.tasks.common.json_files import JsonError, parse_json
from xharness.tasks.common.json_types import Json, JsonObject
from xharness.tasks.readers.layout import search
from xharness.tasks.readers.lines import count, left_out, read_lines
from xharness.tasks.types.multiple_choice import ChoiceQuestion
from xharness.tasks.types.text_classification import SentencePair

Labelled = TypeVar("Labelled", SentencePair, ChoiceQuestion)

NO_LABEL = frozenset({None, "", "-", -1, "-1"})
"""How published sets write that an example has no gold label."""


@dataclass(frozen=True)
class PublishedRecord:
    """One row. What a conversion finds wrong is added to the problems of its table."""

    path: Path
    line: int
    fields: JsonObject
    problems: list[Problem]

    def report(self, what: str) -> None:
        """Something is wrong on this line."""
        self.problems.append(Problem(self.path, self.line, what))

    def value(self, *names: str) -> Json:
        """The first field of these names that is there; None if there is none."""
        return next((self.fields[name] for name in names if name in self.fields), None)

    def text(self, *names: str) -> str:
        """The first field of these names, stripped; a missing one is a problem, an empty one is not."""
        value = self.value(*names)
        if not isinstance(value, str):
            self.report(f"'{' or '.join(names)}' is missing or not a text")
            return ""
        return value.strip()

    def name(self, *names: str) -> str:
        """The published id of the example, else its line number."""
        value = self.value(*names)
        return str(value) if isinstance(value, str | int) and str(value).strip() else str(self.line)


@dataclass
class RecordTable:
    """One file. ``records`` can be gone through once; problems and counts are complete when that is done."""

    path: Path
    records: Iterable[PublishedRecord] = ()
    problems: list[Problem] = field(default_factory=list)
    read: int = 0
    left_out: Counter[str] = field(default_factory=Counter)

    def record(self, line: int, fields: JsonObject) -> PublishedRecord:
        """A record of this file; it counts as read."""
        self.read += 1
        return PublishedRecord(self.path, line, fields, self.problems)

    def leave_out(self, line: int, what: str) -> None:
        """A row from which no record can be made."""
        self.read += 1
        self.left_out[MALFORMED] += 1
        self.report(line, what)

    def report(self, line: int, what: str) -> None:
        """Something is wrong on a line."""
        self.problems.append(Problem(self.path, line, what))


class NamedFilesReader(ABC):
    """Finds an English file by the names it goes by, best first, at any depth below the folder, shallowest first."""

    @abstractmethod
    def names(self, split: str) -> tuple[str, ...]:
        """Patterns of file names (with folders, if need be) of a split."""

    @abstractmethod
    def parse(self, path: Path, split: str) -> Split:
        """Examples and gold of one file; a malformed row is a problem, and in neither."""

    def find(self, folder: Path, language: str, split: str) -> tuple[Path, ...]:
        """The file that holds this split; empty if there is none. Reads nothing."""
        return search(folder, *self.names(split)) if language == "en" else ()

    def read(self, folder: Path, language: str, split: str, *, keep_csv_quotes: bool = False) -> Split:  # noqa: ARG002
        """Read what :meth:`find` found. ``keep_csv_quotes`` changes nothing here.

        Raises:
            FileNotFoundError: nothing is there.
        """
        for path in self.find(folder, language, split):
            return self.parse(path, split)
        raise FileNotFoundError(
            f"no {split} file for '{language}' in {folder}, such as {' or '.join(self.names(split))}"
        )


def read_table(path: Path, *, skip_short: bool = False, quoted: bool = False) -> RecordTable:
    """Every row of a file: ``.csv`` is csv with a header, ``.tsv`` and ``.txt`` are cut at tabs, others are JSON lines.

    In tab-separated files quote marks are text, unless they are ``quoted`` as csv is. With ``skip_short`` rows with too
    few columns are left out and counted in the notes, otherwise they are problems.
    """
    lines, problems = read_lines(path)
    table = RecordTable(path, problems=problems)
    suffix = path.suffix.lower()
    if suffix == ".csv" or quoted:
        table.records = _csv_records(table, lines, "," if suffix == ".csv" else "\t")
    elif suffix in (".tsv", ".txt"):
        table.records = _tab_records(table, lines, skip_short)
    else:
        table.records = _json_records(table, lines)
    return table


def labelled_split(table: RecordTable, split: str, make: Callable[[PublishedRecord], Labelled]) -> Split:
    """Examples and gold of a table whose ``make`` gives an example, with the label None where there is none.

    A malformed record gives a problem and no example. Published sets have a few empty texts: such examples stay, so
    that scores are over the same examples as everybody's, and are counted in the notes. Without a label an example is
    left out and counted; but if no test example has one, the test set is kept without gold. Ids that repeat get a
    suffix.
    """
    examples: list[Labelled] = []
    for record in table.records:
        before = len(table.problems)
        example = make(record)
        if len(table.problems) == before:
            examples.append(example)
        else:
            table.left_out[MALFORMED] += 1
    if not examples and not table.problems:
        table.report(0, "there is no row in it")
    labelled = [example for example in examples if example.label is not None]
    if len(labelled) < len(examples) and (labelled or split != "test"):
        table.left_out["no gold label"] += len(examples) - len(labelled)
        examples = labelled
        if not labelled and not table.problems:
            table.report(0, "no example has a gold label")
    counted: tuple[Rows, ...] = (Rows(table.path, "row", table.read, dict(table.left_out)),)
    notes = [*left_out(counted)]
    if empty := sum(map(_has_empty_text, examples)):
        notes.append(f"{table.path.name}: {count(empty, 'example')} with an empty text kept")
    gold = [example.label for example in examples] if labelled else None
    return Split(list(unique(examples)), gold, (table.path,), tuple(sorted(table.problems)), tuple(notes), counted)


def unique(examples: Sequence[Labelled]) -> Iterator[Labelled]:
    """The examples; the second of an id becomes ``<id>#2`` and so on."""
    seen: Counter[str] = Counter()
    for example in examples:
        seen[example.id] += 1
        again = seen[example.id] > 1
        yield replace(example, id=f"{example.id}#{seen[example.id]}") if again else example


def index_label(record: PublishedRecord, choices: Sequence[str], *names: str) -> int | None:
    """The 0-based index of the right choice, written as an index or as one of ``choices``; None for no label."""
    value = record.value(*names)
    if isinstance(value, bool | float | list | dict):
        record.report(f"the label is {value!r}, none of {', '.join(choices)}")
    elif value in NO_LABEL:
        return None
    elif str(value) in choices:
        return list(choices).index(str(value))
    else:
        record.report(f"the label is {value!r}, none of {', '.join(choices)}")
    return None


def _has_empty_text(example: SentencePair | ChoiceQuestion) -> bool:
    if isinstance(example, SentencePair):
        return "" in (example.first, example.second)
    return not (example.premise or example.question) or not all(example.choices)


def _json_records(table: RecordTable, lines: Sequence[str]) -> Iterator[PublishedRecord]:
    for number, line in enumerate(lines, 1):
        try:
            item = parse_json(line)
        except JsonError as error:
            table.leave_out(number, error.what if line.strip() else "empty line")
        else:
            if isinstance(item, dict):
                yield table.record(number, item)
            else:
                table.leave_out(number, "not a JSON object")


def _tab_records(table: RecordTable, lines: Sequence[str], skip_short: bool) -> Iterator[PublishedRecord]:
    header = lines[0].split("\t") if lines else []
    for number, line in enumerate(lines[1:], 2):
        columns = line.split("\t")
        if len(columns) < len(header) and skip_short:
            table.read += 1
            table.left_out["too few columns"] += 1
        elif len(columns) != len(header):
            table.leave_out(number, f"{count(len(columns), 'column')} where the header has {len(header)}")
        else:
            yield table.record(number, dict(zip(header, columns, strict=True)))


def _csv_records(table: RecordTable, lines: Sequence[str], delimiter: str) -> Iterator[PublishedRecord]:
    """A quoted field may run over several lines; a record stands at its first one."""
    reader = csv.reader((f"{line}\n" for line in lines), delimiter=delimiter, strict=True)
    header: list[str] = []
    start = 1
    try:
        for row in reader:
            if not header:
                header = row
            elif len(row) != len(header):
                table.leave_out(start, f"{count(len(row), 'column')} where the header has {len(header)}")
            else:
                yield table.record(start, dict(zip(header, row, strict=True)))
            start = reader.line_num + 1
    except csv.Error as error:
        table.leave_out(start, f"broken csv: {error}; nothing below is read")
