"""Cosmos QA, CommonsenseQA and Social IQa: one question, several answers, as their authors publish them.

Encoding: premise and question, joined by a space, come first, each answer second. Cosmos QA (Huang et al. 2019) and
Social IQa (Sap et al. 2019) have a context as premise; CommonsenseQA (Talmor et al. 2019) has none, and no ``Q:``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import zip_longest
from pathlib import Path

from xharness.tasks.base import Split
from xharness.tasks.common.errors import Problem
from xharness.tasks.common.json_types import JsonObject
from xharness.tasks.readers.lines import count, read_lines
from xharness.tasks.readers.records import (
    NamedFilesReader,
    PublishedRecord,
    RecordTable,
    index_label,
    labelled_split,
    read_table,
)
from xharness.tasks.types.multiple_choice import ChoiceQuestion


class CosmosqaReader(NamedFilesReader):
    """``train.csv``, ``valid.csv``, ``test.jsonl``, or each in the other format."""

    def names(self, split: str) -> tuple[str, ...]:
        """Published names, then plain ones."""
        stems = ("valid", "val", "dev", "validation") if split == "dev" else (split,)
        return tuple(f"{stem}.{suffix}" for stem in stems for suffix in ("csv", "jsonl"))

    def parse(self, path: Path, split: str) -> Split:
        """See :meth:`NamedFilesReader.parse`."""
        return labelled_split(read_table(path), split, _cosmos)


class CommonsenseqaReader(NamedFilesReader):
    """``<train|dev>_rand_split.jsonl``, ``test_rand_split_no_answers.jsonl``; fields as published or flattened."""

    def names(self, split: str) -> tuple[str, ...]:
        """Published names, then plain ones."""
        also = ("val.jsonl", "validation.jsonl") if split == "dev" else ()
        return f"{split}_rand_split.jsonl", f"{split}_rand_split_no_answers.jsonl", f"{split}.jsonl", *also

    def parse(self, path: Path, split: str) -> Split:
        """See :meth:`NamedFilesReader.parse`."""
        return labelled_split(read_table(path), split, _commonsense)


class SocialiqaReader(NamedFilesReader):
    """``socialIQa_v1.4_<trn|dev|tst>.jsonl``, or ``<split>.jsonl`` with ``<split>-labels.lst`` (1 to 3) beside it."""

    def names(self, split: str) -> tuple[str, ...]:
        """Published names, then plain ones."""
        short = {"train": "trn", "test": "tst"}.get(split, split)
        return f"socialIQa_v1.4_{short}.jsonl", f"{split}.jsonl"

    def find(self, folder: Path, language: str, split: str) -> tuple[Path, ...]:
        """The file and, if it is there, its labels."""
        return tuple(file for path in super().find(folder, language, split) for file in (path, *_labels_file(path)))

    def parse(self, path: Path, split: str) -> Split:
        """Read one file and the labels beside it."""
        table = read_table(path)
        labels = _labels_file(path)
        for labels_path in labels:
            table.records = _with_labels(table, table.records, labels_path)
        found = labelled_split(table, split, _social)
        return replace(found, files=(path, *labels))


def _cosmos(record: PublishedRecord) -> ChoiceQuestion:
    choices = tuple(record.text(f"answer{number}") for number in range(4))
    label = index_label(record, ("0", "1", "2", "3"), "label")
    return ChoiceQuestion(record.name("id"), record.text("context"), record.text("question"), choices, label)


def _social(record: PublishedRecord) -> ChoiceQuestion:
    choices = tuple(record.text(f"answer{letter}") for letter in "ABC")
    numbered = record.value("correct") in ("1", "2", "3")
    label = index_label(record, ("1", "2", "3") if numbered else ("A", "B", "C"), "correct")
    return ChoiceQuestion(str(record.line), record.text("context"), record.text("question"), choices, label)


def _commonsense(record: PublishedRecord) -> ChoiceQuestion:
    """As published the question is an object with ``stem`` and ``choices``; flattened, ``choices`` holds two lists."""
    question = record.value("question")
    holder: JsonObject = question if isinstance(question, dict) else record.fields
    choices = holder.get("choices")
    if isinstance(choices, dict) and all(isinstance(choices.get(key), list) for key in ("label", "text")):
        pairs = list(zip_longest(choices["label"], choices["text"]))
    elif isinstance(choices, list) and all(isinstance(choice, dict) for choice in choices):
        pairs = [(choice.get("label"), choice.get("text")) for choice in choices]
    else:
        pairs = []
    if not pairs or not all(isinstance(part, str) for pair in pairs for part in pair):
        record.report("'choices' is not a list of labels and texts")
        pairs = []
    stem = holder.get("stem") if isinstance(question, dict) else question
    if not isinstance(stem, str):
        record.report("the question has no text")
        stem = ""
    label = index_label(record, [letter for letter, _ in pairs], "answerKey")
    return ChoiceQuestion(record.name("id"), "", stem.strip(), tuple(text.strip() for _, text in pairs), label)


def _labels_file(path: Path) -> tuple[Path, ...]:
    labels = path.with_name(f"{path.stem}-labels.lst")
    return (labels,) if labels.is_file() else ()


def _with_labels(table: RecordTable, records: Iterable[PublishedRecord], path: Path) -> Iterator[PublishedRecord]:
    """The records with line k of the labels file as ``correct`` of line k."""
    lines, problems = read_lines(path)
    table.problems += problems
    last = 0
    for record in records:
        last = record.line
        label = lines[last - 1].strip() if last <= len(lines) else None
        yield table.record(last, {**record.fields, "correct": label})
    if len(lines) != last:
        table.problems.append(Problem(path, 0, f"{count(len(lines), 'label')} for {count(last, 'question')}"))
