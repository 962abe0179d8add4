"""Files of named columns that a task declares: tab-separated or csv with a header, or JSON lines."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from xharness.tasks.base import Split
from xharness.tasks.readers.declared import DeclaredReader
from xharness.tasks.readers.records import PublishedRecord, RecordTable, index_label, labelled_split, read_table
from xharness.tasks.types.keyed_gold import KeyedGold, by_first_place
from xharness.tasks.types.multiple_choice import ChoiceQuestion
from xharness.tasks.types.text_classification import SentencePair


@dataclass(frozen=True, kw_only=True)
class ColumnsReader(DeclaredReader):
    """Rows with named columns: tab-separated or csv with a header, or JSON lines, as the ending of the name says.

    Attributes:
        id: Column of the id; empty for the number of the line.
        label: Column of the label.
        split: Column that says which split a row is of, in files that hold several.
        quoted: Tab-separated fields have csv's quotes, as pandas writes them.
    """

    id: str = ""
    label: str = "label"
    split: str = ""
    quoted: bool = False

    def table(self, path: Path, split: str) -> RecordTable:
        """The rows of a split."""
        table = read_table(path, quoted=self.quoted)
        if self.split:
            table.records = self._of_split(table, table.records, split)
        return table

    def _of_split(
        self, table: RecordTable, records: Iterable[PublishedRecord], split: str
    ) -> Iterator[PublishedRecord]:
        """The records of a split; those of others are not counted."""
        for record in records:
            if record.text(self.split) == split:
                yield record
            else:
                table.read -= 1

    def example_id(self, record: PublishedRecord) -> str:
        """The id of a row."""
        return record.name(self.id) if self.id else str(record.line)


@dataclass(frozen=True, kw_only=True)
class TextsReader(ColumnsReader):
    """Text classification: the columns of one text or two, and the labels that there are.

    Attributes:
        translations: Equal ids in two languages are translations of each other, on whatever lines they stand.
    """

    first: str
    second: str = ""
    labels: tuple[str, ...] = ()
    translations: bool = False

    def parse(self, files: tuple[Path, ...], split: str) -> Split:
        """See :meth:`DeclaredReader.parse`."""
        found = labelled_split(self.table(files[0], split), split, self._example)
        if not self.translations or found.gold is None:
            return found
        return replace(found, gold=KeyedGold(found.gold, names=[example.id for example in found.examples]))

    def _example(self, record: PublishedRecord) -> SentencePair:
        """A row; one without a label is of a test set without gold."""
        label = record.text(self.label) if self.label in record.fields else ""
        if label and self.labels and label not in self.labels:
            record.report(f"label '{label}' is none of {', '.join(self.labels)}")
        second = record.text(self.second) if self.second else None
        return SentencePair(self.example_id(record), record.text(self.first), second, label or None)


@dataclass(frozen=True, kw_only=True)
class ChoicesReader(ColumnsReader):
    """Multiple choice: the columns of premise, question and choices.

    Attributes:
        answers: What the label says for each choice, in their order; empty for 0, 1, ...
        passages: Premises are passages; questions about the same one are not independent.
    """

    choices: tuple[str, ...]
    premise: str = ""
    question: str = ""
    answers: tuple[str, ...] = ()
    passages: bool = False

    def parse(self, files: tuple[Path, ...], split: str) -> Split:
        """See :meth:`DeclaredReader.parse`."""
        found = labelled_split(self.table(files[0], split), split, self._example)
        if not self.passages or found.gold is None:
            return found
        passages = by_first_place(example.premise for example in found.examples)
        return replace(found, gold=KeyedGold(found.gold, passages=passages))

    def _example(self, record: PublishedRecord) -> ChoiceQuestion:
        premise, question = (record.text(name) if name else "" for name in (self.premise, self.question))
        choices = tuple(record.text(name) for name in self.choices)
        answers = self.answers or tuple(map(str, range(len(choices))))
        return ChoiceQuestion(
            self.example_id(record), premise, question, choices, index_label(record, answers, self.label)
        )
