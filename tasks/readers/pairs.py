"""Sentence pairs: XNLI and PAWS-X."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from tasks.base import SentencePair, Split
from tasks.errors import Problem
from tasks.readers.layout import FolderReader, Found, existing, search
from tasks.readers.lines import count, read_lines, table
from tasks.readers.quoting import quote, undo

Rows = list[tuple[int, list[str]]]
"""Line numbers and fields: first text, second text and, where the file has it, label."""

_TextsAndNotes = tuple[list[list[str]], tuple[str, ...]]


@dataclass(frozen=True)
class XnliReader(FolderReader):
    """``<split>-<lang>.tsv``, or ``xnli.<split>.tsv`` and ``multinli.train.<lang>.tsv``. Fields are stripped."""

    labels: tuple[str, ...] = ("contradiction", "entailment", "neutral")

    def preprocessed(self, folder: Path, language: str, split: str) -> tuple[Path, ...]:
        """XTREME's file."""
        return existing(folder / f"{split}-{language}.tsv")

    def upstream(self, folder: Path, language: str, split: str) -> tuple[Path, ...]:
        """The file of all languages (dev, test) or of one (train)."""
        return search(folder, f"multinli.train.{language}.tsv" if split == "train" else f"xnli.{split}.tsv")

    def parse(self, found: Found) -> Split:
        """Read one file. ``contradictory``, MultiNLI's word in the translated sets, becomes ``contradiction``."""
        (path,) = found.files
        if not found.upstream:
            rows, problems = _preprocessed_rows(path, found.split)
        elif found.split == "train":
            rows, problems = _upstream_rows(path, take=(0, 1, 2), columns=3)
        else:
            rows, problems = _upstream_rows(path, take=(6, 7, 1), language=found.language)
        rows = [(number, [*fields[:2], *map(_renamed, fields[2:])]) for number, fields in rows]
        return _split(found, rows, problems, self.labels, strip=True)


@dataclass(frozen=True)
class PawsxReader(FolderReader):
    """``<split>-<lang>.tsv``, or ``<lang>/train.tsv``, ``<lang>/dev_2k.tsv`` and ``<lang>/test_2k.tsv``."""

    labels: tuple[str, ...] = ("0", "1")

    def preprocessed(self, folder: Path, language: str, split: str) -> tuple[Path, ...]:
        """XTREME's file."""
        return existing(folder / f"{split}-{language}.tsv")

    def upstream(self, folder: Path, language: str, split: str) -> tuple[Path, ...]:
        """The file as published."""
        return search(folder, f"{language}/train.tsv" if split == "train" else f"{language}/{split}_2k.tsv")

    def parse(self, found: Found) -> Split:
        """Read one file. Placeholder rows (``NS``) stay, as in the reference, so that rows match the gold."""
        (path,) = found.files
        if found.upstream:
            rows, problems = _upstream_rows(path, take=(1, 2, 3), columns=4)
        else:
            rows, problems = _preprocessed_rows(path, found.split)
        return _split(found, rows, problems, self.labels)


def _preprocessed_rows(path: Path, split: str) -> tuple[Rows, list[Problem]]:
    """Two texts and a label without a header; a test file may come without labels."""
    lines, problems = read_lines(path)
    labelled = split != "test" or 2 * sum(line.count("\t") == 2 for line in lines) > len(lines)
    columns = 3 if labelled else 2
    return list(table(path, enumerate(lines, 1), problems, take=range(columns), columns=columns)), problems


def _upstream_rows(
    path: Path, *, take: Sequence[int], columns: int | None = None, language: str = ""
) -> tuple[Rows, list[Problem]]:
    """The columns ``take`` below a header; with ``language`` only the rows that begin with it."""
    lines, found = read_lines(path)
    numbered: Iterable[tuple[int, str]] = list(enumerate(lines, 1))[1:]
    if language:
        numbered = [(number, line) for number, line in numbered if line.split("\t", 1)[0].strip() == language]
    chosen = {0, *(number for number, _ in numbered)}
    problems = [problem for problem in found if problem.line in chosen]
    rows = list(table(path, numbered, problems, take=take, columns=columns))
    if not rows and not problems:
        problems.append(Problem(path, 0, f"no row of language '{language}'" if language else "no row below the header"))
    return rows, problems


def _renamed(label: str) -> str:
    return "contradiction" if label.strip() == "contradictory" else label.strip()


def _split(found: Found, rows: Rows, problems: list[Problem], labels: tuple[str, ...], *, strip: bool = False) -> Split:
    """Examples with ids 1, 2, ...; gold where every row has a label."""
    (path,) = found.files
    pairs = [fields[:2] for _, fields in rows]
    texts, notes = _texts_as_read(found, pairs) if found.quirks else _texts_as_meant(found, pairs, strip)
    gold = [fields[2] for _, fields in rows if len(fields) == 3]
    for (number, _), label in zip(rows, gold, strict=False):
        if label and label not in labels:
            problems.append(Problem(path, number, f"label '{label}' is none of {', '.join(labels)}"))
    examples = [
        SentencePair(str(index), first, second, gold[index - 1] if gold else None)
        for index, (first, second) in enumerate(texts, 1)
    ]
    return Split(examples, gold or None, found.files, tuple(sorted(problems)), notes)


def _texts_as_meant(found: Found, texts: list[list[str]], strip: bool) -> _TextsAndNotes:
    """Without csv quoting; upstream files have none, whatever marks stand in them."""
    undone = 0
    if not found.upstream:
        texts, undone = undo(texts)
    notes = (f"csv quoting of {count(undone, 'field')} undone in {found.files[0].name}",) if undone else ()
    return [[field.strip() for field in pair] if strip else pair for pair in texts], notes


def _texts_as_read(found: Found, texts: list[list[str]]) -> _TextsAndNotes:
    """What the reference's reader gets: the csv quoting that its preprocessing writes, in full."""
    if found.upstream:
        texts = [[quote(field.strip()) for field in pair] for pair in texts]
    return texts, (f"csv quoting kept in {found.files[0].name}, as in the reference",)
