"""Tagged sentences: UDPOS and PAN-X."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tasks.base import Split, TaggedSentence
from tasks.errors import Problem
from tasks.readers.conllu import read_treebank
from tasks.readers.layout import FolderReader, Found, existing, search
from tasks.readers.lines import count, read_lines

UPOS = (
    "ADJ", "ADP", "ADV", "AUX", "CCONJ", "DET", "INTJ", "NOUN", "NUM",
    "PART", "PRON", "PROPN", "PUNCT", "SCONJ", "SYM", "VERB", "X",
)  # fmt: skip
ENTITY_TAGS = ("O", "B-LOC", "B-ORG", "B-PER", "I-LOC", "I-ORG", "I-PER")


@dataclass(frozen=True)
class UdposReader(FolderReader):
    """``<split>-<lang>.tsv``, or all CoNLL-U treebanks of the language, in the order of their file names."""

    def preprocessed(self, folder: Path, language: str, split: str) -> tuple[Path, ...]:
        """XTREME's file."""
        return existing(folder / f"{split}-{language}.tsv")

    def upstream(self, folder: Path, language: str, split: str) -> tuple[Path, ...]:
        """Every treebank file whose name begins with the language and holds the split's name."""
        found = (path for path in folder.rglob(f"{language}_*.conllu") if split in path.name and path.is_file())
        return tuple(sorted(found, key=lambda path: (path.name, path)))

    def parse(self, found: Found) -> Split:
        """Read one file of word lines, or all treebanks one after the other."""
        if not found.upstream:
            return read_word_lines(found.files[0], UPOS, labelled=found.split != "test")
        treebanks = [read_treebank(path, found.language, UPOS) for path in found.files]
        pairs = [pair for treebank in treebanks for pair in treebank.sentences]
        return Split(
            [TaggedSentence(str(index), words, tags) for index, (words, tags) in enumerate(pairs, 1)],
            [list(tags) for _, tags in pairs],
            found.files,
            tuple(problem for treebank in treebanks for problem in sorted(treebank.problems)),
            tuple(note for treebank in treebanks for note in treebank.notes),
        )


@dataclass(frozen=True)
class PanxReader(FolderReader):
    """``<split>-<lang>.tsv``, or the ``<lang>:token`` files ``<lang>/<split>`` or ``<lang>-<split>``."""

    def preprocessed(self, folder: Path, language: str, split: str) -> tuple[Path, ...]:
        """XTREME's file."""
        return existing(folder / f"{split}-{language}.tsv")

    def upstream(self, folder: Path, language: str, split: str) -> tuple[Path, ...]:
        """The file as it lies in the archive of its language."""
        return search(folder, f"{language}/{split}", f"{language}-{split}", f"{language}-{split}.tsv")

    def parse(self, found: Found) -> Split:
        """Read one file."""
        if found.upstream:
            return read_prefixed_lines(found.files[0], ENTITY_TAGS, test=found.split == "test")
        return read_word_lines(found.files[0], ENTITY_TAGS, labelled=found.split != "test")


def read_word_lines(path: Path, tags: Sequence[str], *, labelled: bool) -> Split:
    """``word`` or ``word TAB tag`` a line, an empty line between sentences. Only ASCII white space makes a line empty.

    Whether an unlabelled split nevertheless carries tags is decided by the majority of its lines.
    """
    lines, problems = read_lines(path)
    filled = [bool(line.strip(" \t")) for line in lines]
    labelled = labelled or 2 * sum("\t" in line for line in lines) > sum(filled)
    rows: list[tuple[int, str, str]] = []
    last = max((number for number, full in enumerate(filled, 1) if full), default=0)
    for number, (line, full) in enumerate(zip(lines, filled, strict=True), 1):
        if full:
            word, *rest = line.split("\t")
            problems += _row_problems(path, number, word, rest, tags, labelled)
            rows.append((number, word, rest[0] if rest else ""))
        elif number < last:
            if not rows or not rows[-1][1]:
                problems.append(Problem(path, number, "an empty sentence: an empty line where a word is due"))
            rows.append((number, "", ""))
    return _split(path, rows, problems, (), labelled=labelled)


def read_prefixed_lines(path: Path, tags: Sequence[str], *, test: bool) -> Split:
    """WikiAnn's ``<lang>:token TAB tag``: the token is what follows the first colon.

    As in the reference, a line without a colon vanishes, any line without two columns ends the sentence, and so does an
    empty token in a test file; elsewhere an empty token vanishes. What vanishes is counted in the notes.
    """
    lines, problems = read_lines(path)
    rows: list[tuple[int, str, str]] = []
    without_colon = empty = 0
    for number, line in enumerate(lines, 1):
        columns = line.split("\t")
        if len(columns) != 2:
            if line.strip():
                problems.append(Problem(path, number, f"{count(len(columns), 'column')} instead of 2"))
            rows.append((number, "", ""))
            continue
        _, colon, word = columns[0].partition(":")
        without_colon += not colon
        empty += bool(colon) and not word.strip()
        if colon and word.strip():
            tag = columns[1].strip()
            problems += _row_problems(path, number, word, [tag], tags, labelled=True)
            rows.append((number, word.strip(), tag))
        elif colon and test:
            rows.append((number, "", ""))
    notes = []
    if without_colon:
        notes.append(f"{path.name}: {count(without_colon, 'line')} without a colon left out, as in the reference")
    if empty:
        what = "taken as the end of a sentence" if test else "left out"
        notes.append(f"{path.name}: {count(empty, 'empty token')} {what}, as in the reference")
    return _split(path, rows, problems, notes, labelled=True)


def _row_problems(
    path: Path, number: int, word: str, rest: Sequence[str], tags: Sequence[str], labelled: bool
) -> list[Problem]:
    """What is wrong with one word line."""
    found = []
    if len(rest) != labelled:
        found.append(Problem(path, number, f"{count(len(rest) + 1, 'column')} instead of {1 + labelled}"))
    elif rest and rest[0] not in tags:
        found.append(Problem(path, number, f"tag '{rest[0]}' is none of {', '.join(tags)}"))
    if not word:
        found.append(Problem(path, number, "the word is empty"))
    return found


def _split(
    path: Path, rows: Sequence[tuple[int, str, str]], problems: list[Problem], notes: Sequence[str], *, labelled: bool
) -> Split:
    """Group rows into sentences; a row without a word ends one."""
    sentences: list[tuple[list[str], list[str]]] = [([], [])]
    for _, word, tag in rows:
        if word:
            sentences[-1][0].append(word)
            sentences[-1][1].append(tag)
        elif sentences[-1][0]:
            sentences.append(([], []))
    if not sentences[-1][0]:
        sentences.pop()
    examples = [
        TaggedSentence(str(index), tuple(words), tuple(tags) if labelled else None)
        for index, (words, tags) in enumerate(sentences, 1)
    ]
    return Split(
        examples, [tags for _, tags in sentences] if labelled else None, (path,), tuple(sorted(problems)), tuple(notes)
    )
