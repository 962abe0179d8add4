"""Tagged sentences: UDPOS and PAN-X."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from xharness.tasks.base import MALFORMED, Rows, Split
from xharness.tasks.common.errors import Problem
from xharness.tasks.readers.conllu import read_treebank
from xharness.tasks.readers.layout import FolderReader, Found, existing, search
from xharness.tasks.readers.lines import count, left_out, read_lines
from xharness.tasks.readers.treebanks import notes_on_releases, of_release, repeated
from xharness.tasks.types.tagging import TaggedSentence

UPOS = (
    "ADJ", "ADP", "ADV", "AUX", "CCONJ", "DET", "INTJ", "NOUN", "NUM",
    "PART", "PRON", "PROPN", "PUNCT", "SCONJ", "SYM", "VERB", "X",
)  # fmt: skip
ENTITY_TAGS = ("O", "B-LOC", "B-ORG", "B-PER", "I-LOC", "I-ORG", "I-PER")


@dataclass(frozen=True)
class UdposReader(FolderReader):
    """``<split>-<lang>.tsv``, or all CoNLL-U treebanks of the language, in the order of their file names.

    Where several releases of Universal Dependencies lie side by side, XTREME's is read: 2.7 for the languages that
    XTREME-R ``added``, 2.5 for the others.
    """

    added: tuple[str, ...] = ()

    def preprocessed(self, folder: Path, language: str, split: str) -> tuple[Path, ...]:
        """See :meth:`FolderReader.preprocessed`."""
        return existing(folder / f"{split}-{language}.tsv")

    def upstream(self, folder: Path, language: str, split: str) -> tuple[Path, ...]:
        """Every treebank file whose name begins with the language and holds the split's name."""
        return of_release(self._all(folder, language, split), folder, self._release(language))

    def parse(self, found: Found) -> Split:
        """Read one file of word lines, or all treebanks one after the other."""
        if not found.upstream:
            return read_word_lines(found.files[0], UPOS, labelled=found.split != "test")
        treebanks = [read_treebank(path, found.language, UPOS) for path in found.files]
        release = self._release(found.language)
        passed_over = set(self._all(found.folder, found.language, found.split)).difference(found.files)
        pairs = [pair for treebank in treebanks for pair in treebank.sentences]
        return Split(
            [TaggedSentence(str(index), words, tags) for index, (words, tags) in enumerate(pairs, 1)],
            [list(tags) for _, tags in pairs],
            found.files,
            (*repeated(found.files), *(problem for treebank in treebanks for problem in sorted(treebank.problems))),
            (
                *notes_on_releases(found.folder, found.files, passed_over, release),
                *(note for treebank in treebanks for note in treebank.notes),
            ),
            tuple(treebank.rows for treebank in treebanks),
        )

    def _release(self, language: str) -> str:
        return "2.7" if language in self.added else "2.5"

    @staticmethod
    def _all(folder: Path, language: str, split: str) -> list[Path]:
        return [path for path in folder.rglob(f"{language}_*.conllu") if split in path.name and path.is_file()]


@dataclass(frozen=True)
class PanxReader(FolderReader):
    """``<split>-<lang>.tsv``, or the ``<lang>:token`` files ``<lang>/<split>`` or ``<lang>-<split>``.

    ``languages`` are the task's: lines that name another one of them are problems.
    """

    languages: tuple[str, ...] = ()

    def preprocessed(self, folder: Path, language: str, split: str) -> tuple[Path, ...]:
        """See :meth:`FolderReader.preprocessed`."""
        return existing(folder / f"{split}-{language}.tsv")

    def upstream(self, folder: Path, language: str, split: str) -> tuple[Path, ...]:
        """The file as it lies in the archive of its language."""
        return search(folder, f"{language}/{split}", f"{language}-{split}", f"{language}-{split}.tsv")

    def parse(self, found: Found) -> Split:
        """See :meth:`FolderReader.parse`."""
        if found.upstream:
            others = {language for language in self.languages if language != found.language}
            return read_prefixed_lines(found.files[0], ENTITY_TAGS, test=found.split == "test", others=others)
        return read_word_lines(found.files[0], ENTITY_TAGS, labelled=found.split != "test")


def read_word_lines(path: Path, tags: Sequence[str], *, labelled: bool) -> Split:
    """``word`` or ``word TAB tag`` a line, an empty line between sentences. Only ASCII white space makes a line empty.

    XTREME's early preprocessing wrote empty lines in a row, with empty sentences between them, which are left out.
    Whether an unlabelled split nevertheless carries tags is decided by the majority of its lines.
    """
    lines, problems = read_lines(path)
    filled = [bool(line.strip(" \t")) for line in lines]
    labelled = labelled or 2 * sum("\t" in line for line in lines) > sum(filled)
    rows: list[tuple[str, str]] = []
    last = max((number for number, full in enumerate(filled, 1) if full), default=0)
    empty = 0
    for number, (line, full) in enumerate(zip(lines, filled, strict=True), 1):
        if full:
            word, *rest = line.split("\t")
            problems += _row_problems(path, number, word, rest, tags, labelled)
            rows.append((word, rest[0] if rest else ""))
        elif number < last:
            empty += number == 1 or not filled[number - 2]
            rows.append(("", ""))
    sentences = _sentences(rows)
    counted = Rows(path, "sentence", len(sentences) + empty, {"empty, between blank lines in a row": empty})
    return _split(path, sentences, problems, counted, labelled=labelled)


def read_conll_lines(path: Path, tags: Sequence[str], *, labelled: bool, outside: Collection[str] = ()) -> Split:
    """Fields a line, the first the word and the last its tag, an empty line between sentences.

    Fields are separated by a tab where the line has one, else by spaces. Whether an unlabelled split nevertheless
    carries tags is decided by the majority of its lines. Tags that are ``outside`` become O.
    """
    lines, problems = read_lines(path)
    fields = [[part for part in line.split("\t" if "\t" in line else " ") if part] for line in lines]
    labelled = labelled or 2 * sum(len(parts) > 1 for parts in fields) > sum(map(bool, fields))
    rows: list[tuple[str, str]] = []
    for number, parts in enumerate(fields, 1):
        word, rest = (parts[0], parts[1:][-1:]) if parts else ("", [])
        rest = ["O" if tag in outside else tag for tag in rest]
        problems += _row_problems(path, number, word, rest, tags, labelled) if parts else []
        rows.append((word, rest[0] if rest else ""))
    sentences = _sentences(rows)
    return _split(path, sentences, problems, Rows(path, "sentence", len(sentences)), labelled=labelled)


def read_prefixed_lines(path: Path, tags: Sequence[str], *, test: bool, others: Collection[str] = frozenset()) -> Split:
    """WikiAnn's ``<lang>:token TAB tag``: the token is what follows the first colon.

    As in the reference, a line without a colon vanishes, any line without two columns ends the sentence, and so does an
    empty token in a test file; elsewhere an empty token vanishes. What vanishes is counted. A line of one of the
    ``others``, languages that do not belong into the file, is a problem.
    """
    lines, problems = read_lines(path)
    rows: list[tuple[str, str]] = []
    lost: Counter[str] = Counter()
    for number, line in enumerate(lines, 1):
        columns = line.split("\t")
        language, colon, word = columns[0].partition(":")
        if len(columns) != 2:
            if line.strip():
                problems.append(Problem(path, number, f"{count(len(columns), 'column')} instead of 2"))
                lost[MALFORMED] += 1
            rows.append(("", ""))
        elif language in others:
            problems.append(Problem(path, number, f"a line of another language: '{language}'"))
            lost[MALFORMED] += 1
        elif not colon:
            lost["no colon, as in the reference"] += 1
        elif word.strip():
            tag = columns[1].strip()
            problems += _row_problems(path, number, word, [tag], tags, labelled=True)
            rows.append((word.strip(), tag))
        else:
            what = "an empty token, which ends the sentence as in the reference" if test else "an empty token"
            lost[what] += 1
            rows += [("", "")] if test else []
    read = sum(bool(line.strip()) for line in lines)
    return _split(path, _sentences(rows), problems, Rows(path, "line", read, dict(lost)), labelled=True)


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


_Sentence = tuple[list[str], list[str]]
"""Words and tags."""


def _sentences(rows: Iterable[tuple[str, str]]) -> list[_Sentence]:
    """Group words with their tags; a row without a word ends a sentence."""
    sentences: list[_Sentence] = [([], [])]
    for word, tag in rows:
        if word:
            sentences[-1][0].append(word)
            sentences[-1][1].append(tag)
        elif sentences[-1][0]:
            sentences.append(([], []))
    return sentences if sentences[-1][0] else sentences[:-1]


def _split(path: Path, sentences: Sequence[_Sentence], problems: list[Problem], rows: Rows, *, labelled: bool) -> Split:
    """Examples with ids 1, 2, ...; gold where the file has tags."""
    examples = [
        TaggedSentence(str(index), tuple(words), tuple(tags) if labelled else None)
        for index, (words, tags) in enumerate(sentences, 1)
    ]
    gold = [tags for _, tags in sentences] if labelled else None
    return Split(examples, gold, (path,), tuple(sorted(problems)), left_out([rows]), (rows,))
