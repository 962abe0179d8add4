"""Sentence pairs: XNLI and PAWS-X."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from statistics import mode
from typing import NamedTuple

from xharness.tasks.base import MALFORMED, OTHER_LANGUAGES, Rows, Split
from xharness.tasks.common.errors import Problem
from xharness.tasks.readers.layout import FolderReader, Found, existing, search, state
from xharness.tasks.readers.lines import count, read_lines, table
from xharness.tasks.readers.quoting import quote, undo
from xharness.tasks.types.text_classification import SentencePair

_Numbered = list[tuple[int, list[str]]]
"""Line numbers and fields: first text, second text and, where the file has it, label."""

_TextsAndNotes = tuple[list[list[str]], tuple[str, ...]]


class Columns(NamedTuple):
    """Where an upstream file has its two texts and its label, and what the header calls the label."""

    first: int
    second: int
    label: int
    header: str
    width: int | None = None  # None: that of the header


_XNLI = Columns(6, 7, 1, "gold_label")
_TRANSLATED_MNLI = Columns(0, 1, 2, "label", 3)
_PAWSX = Columns(1, 2, 3, "label", 4)
_TEXT_HEADERS = frozenset({"sentence1", "sentence2", "premise", "hypothesis", "hypo"})


@dataclass(frozen=True)
class XnliReader(FolderReader):
    """``<split>-<lang>.tsv``, or ``xnli.<split>.tsv`` and ``multinli.train.<lang>.tsv``. Fields are stripped.

    ``languages`` are those that the file of all languages may hold; a row of another one is a problem. Without them
    every language may be there.
    """

    labels: tuple[str, ...] = ("contradiction", "entailment", "neutral")
    languages: tuple[str, ...] = ()

    def preprocessed(self, folder: Path, language: str, split: str) -> tuple[Path, ...]:
        """See :meth:`FolderReader.preprocessed`."""
        return existing(folder / f"{split}-{language}.tsv")

    def upstream(self, folder: Path, language: str, split: str) -> tuple[Path, ...]:
        """The file of one language (train), or that of all (dev, test) if it has the language, or none that is known.

        Looks into the latter for the languages that it has.
        """
        if split == "train":
            return search(folder, f"multinli.train.{language}.tsv")
        files = search(folder, f"xnli.{split}.tsv")
        there = {name for path in files for name in _languages_in(path, *state(path))}
        return files if language in there or not there.intersection(self.languages or there) else ()

    def parse(self, found: Found) -> Split:
        """Read one file. ``contradictory``, MultiNLI's word in the translated sets, becomes ``contradiction``."""
        (path,) = found.files
        if not found.upstream:
            content = _preprocessed(path, found.split)
        elif found.split == "train":
            content = _upstream(path, _TRANSLATED_MNLI)
        else:
            content = _upstream(path, _XNLI, language=found.language, languages=self.languages)
        renamed = [(number, [*fields[:2], *map(_renamed, fields[2:])]) for number, fields in content.pairs]
        return _split(found, content._replace(pairs=renamed), self.labels, strip=True)


@dataclass(frozen=True)
class PawsxReader(FolderReader):
    """``<split>-<lang>.tsv``, or ``<lang>/train.tsv``, ``<lang>/dev_2k.tsv`` and ``<lang>/test_2k.tsv``."""

    labels: tuple[str, ...] = ("0", "1")

    def preprocessed(self, folder: Path, language: str, split: str) -> tuple[Path, ...]:
        """See :meth:`FolderReader.preprocessed`."""
        return existing(folder / f"{split}-{language}.tsv")

    def upstream(self, folder: Path, language: str, split: str) -> tuple[Path, ...]:
        """See :meth:`FolderReader.upstream`."""
        return search(folder, f"{language}/train.tsv" if split == "train" else f"{language}/{split}_2k.tsv")

    def parse(self, found: Found) -> Split:
        """Read one file. Placeholder rows (``NS``) stay, as in the reference, so that rows match the gold."""
        (path,) = found.files
        content = _upstream(path, _PAWSX) if found.upstream else _preprocessed(path, found.split)
        return _split(found, content, self.labels)


class _Content(NamedTuple):
    """A file before its labels are checked."""

    pairs: _Numbered
    problems: list[Problem]
    rows: Rows
    notes: tuple[str, ...] = ()


def _preprocessed(path: Path, split: str) -> _Content:
    """Two texts and a label without a header; a test file may come without labels."""
    lines, problems = read_lines(path)
    labelled = split != "test" or 2 * sum(line.count("\t") == 2 for line in lines) > len(lines)
    columns = 3 if labelled else 2
    if lines and _TEXT_HEADERS.issuperset(field.strip().lower() for field in lines[0].split("\t")[:2]):
        problems.append(Problem(path, 1, "a header, where XTREME's files have none: delete the line"))
    pairs = list(table(path, enumerate(lines, 1), problems, take=range(columns), columns=columns))
    return _Content(pairs, problems, Rows(path, "row", len(pairs)))


def _upstream(path: Path, columns: Columns, *, language: str = "", languages: Sequence[str] = ()) -> _Content:
    """The pairs below the header, or from the first line on where that is a row like the others.

    With ``language`` only the rows that begin with it. Those of other languages are counted; they are read by, and
    what is wrong in them belongs to, the cells of those languages. One that is none of ``languages`` is a problem.
    """
    lines, found = read_lines(path)
    fields = lines[0].split("\t") if lines else []
    headed = len(fields) > columns.label and fields[columns.label].strip().lower() == columns.header
    numbered = list(enumerate(lines, 1))[headed:]
    width = columns.width or (len(fields) if headed else mode(line.count("\t") + 1 for line in lines or [""]))
    width = max(width, 1 + max(columns[:3]))
    names = {number: line.split("\t", 1)[0].strip() for number, line in numbered} if language else {}
    known = set(languages) or {name for name in names.values() if name}
    unknown = {number for number, name in names.items() if name not in known}
    others = {number for number, name in names.items() if name != language and number not in unknown}
    problems = [problem for problem in found if problem.line not in others]
    mine = [(number, line) for number, line in numbered if number not in others]
    pairs = []
    for number, taken in table(path, mine, problems, take=columns[:3], columns=width):
        if number not in unknown:
            pairs.append((number, taken))
        elif "\t" in lines[number - 1]:
            what = f"language '{names[number]}' is none of {', '.join(languages)}"
            problems.append(Problem(path, number, what if names[number] else "the language is empty"))
    if not pairs and not problems:
        what = f"no row of language '{language}'" if language else "no row below the header"
        problems.append(Problem(path, 0, what))
    notes = () if headed or not lines else (f"{path.name}: no header; the first line is read as a row",)
    left_out = {OTHER_LANGUAGES: len(others), MALFORMED: len(unknown)}
    return _Content(pairs, problems, Rows(path, "row", len(numbered), left_out), notes)


@lru_cache(maxsize=16)
def _languages_in(path: Path, modified: int, size: int) -> frozenset[str]:  # noqa: ARG001
    """What stands in the first column of a file, with the header's word for it."""
    return frozenset(line.split("\t", 1)[0].strip() for line in read_lines(path)[0])


def _renamed(label: str) -> str:
    return "contradiction" if label.strip() == "contradictory" else label.strip()


def _split(found: Found, content: _Content, labels: tuple[str, ...], *, strip: bool = False) -> Split:
    """Examples with ids 1, 2, ...; gold where every row has a label."""
    (path,) = found.files
    problems = content.problems
    pairs = [fields[:2] for _, fields in content.pairs]
    texts, notes = _texts_as_read(found, pairs) if found.keep_csv_quotes else _texts_as_meant(found, pairs, strip)
    gold = [fields[2] for _, fields in content.pairs if len(fields) == 3]
    for (number, _), label in zip(content.pairs, gold, strict=False):
        if label and label not in labels:
            problems.append(Problem(path, number, f"label '{label}' is none of {', '.join(labels)}"))
    examples = [
        SentencePair(str(index), first, second, gold[index - 1] if gold else None)
        for index, (first, second) in enumerate(texts, 1)
    ]
    return Split(
        examples, gold or None, found.files, tuple(sorted(problems)), (*content.notes, *notes), (content.rows,)
    )


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
