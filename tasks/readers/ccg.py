"""CCG supertags: CCGbank's AUTO files (Hockenmaier and Steedman 2007), or ``sentence TAB tags`` a line.

Encoding: word by word, as for parts of speech. Words stay as they are written, brackets as ``-LRB-``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from xharness.tasks.base import MALFORMED, Rows, Split
from xharness.tasks.common.errors import Problem
from xharness.tasks.readers.layout import search
from xharness.tasks.readers.lines import count, read_lines
from xharness.tasks.types.tagging import TaggedSentence

SECTIONS = {"train": range(19), "dev": range(19, 22), "test": range(22, 25)}
"""Sections 00-18, 19-21 and 22-24, as in the prepared files of Phang et al. 2020."""

_LEAF = re.compile(r"\(<L (\S+) \S+ \S+ (\S+) \S+>\)")

Tagged = tuple[str, list[str], list[str]]
"""Id, words and tags of a sentence."""


@dataclass(frozen=True)
class CcgReader:
    """``ccg.<split>``, or ``AUTO/<section>/wsj_<section><nn>.auto`` at any depth. Facts: ``section`` of AUTO files."""

    sections: Mapping[str, Sequence[int]] = field(default_factory=lambda: SECTIONS)

    def find(self, folder: Path, language: str, split: str) -> tuple[Path, ...]:
        """The prepared file, else all AUTO files of the split's sections in order. Reads nothing."""
        if language != "en":
            return ()
        prepared = search(folder, f"ccg.{split}", f"ccg.{split}.tsv")
        names = [f"{section:02}/wsj_{section:02}*.auto" for section in self.sections.get(split, ())]
        return prepared or tuple(path for name in names for path in sorted(folder.rglob(name)))

    def read(self, folder: Path, language: str, split: str, *, keep_csv_quotes: bool = False) -> Split:  # noqa: ARG002
        """Read what :meth:`find` found. ``keep_csv_quotes`` changes nothing here.

        Raises:
            FileNotFoundError: nothing is there.
        """
        files = self.find(folder, language, split)
        if not files:
            raise FileNotFoundError(
                f"no {split} files for '{language}' in {folder}, such as ccg.{split} or AUTO/*.auto"
            )
        problems: list[Problem] = []
        examples: list[TaggedSentence] = []
        rows = []
        for path in files:
            auto = path.suffix == ".auto"
            facts = {"section": path.parent.name} if auto else {}
            sentences, wrong, read = _auto(path) if auto else _prepared(path)
            examples += [TaggedSentence(name, tuple(words), tuple(tags), facts) for name, words, tags in sentences]
            problems += sorted(wrong)
            rows.append(Rows(path, "sentence", read, {MALFORMED: read - len(sentences)}))
        gold = [list(example.tags or ()) for example in examples]
        return Split(examples, gold, files, tuple(problems), rows=tuple(rows))


def _prepared(path: Path) -> tuple[list[Tagged], list[Problem], int]:
    """Words TAB tags, both separated by spaces."""
    lines, wrong = read_lines(path)
    sentences = []
    for number, line in enumerate(lines, 1):
        columns = line.split("\t")
        words, tags = (list(filter(None, column.split(" "))) for column in (columns[0], columns[-1]))
        if len(columns) != 2:
            wrong.append(Problem(path, number, f"{count(len(columns), 'column')} instead of 2"))
        elif len(words) != len(tags) or not words:
            wrong.append(Problem(path, number, f"{count(len(words), 'word')}, but {count(len(tags), 'tag')}"))
        else:
            sentences.append((str(number), words, tags))
    return sentences, wrong, len(lines)


def _auto(path: Path) -> tuple[list[Tagged], list[Problem], int]:
    """A line ``ID=wsj_0001.1 ...``, then the derivation, whose leaves are ``(<L category tag tag word predicate>)``."""
    lines, wrong = read_lines(path)
    sentences = []
    name, read = "", 0
    for number, line in enumerate(lines, 1):
        if line.startswith("ID="):
            name = line.split()[0].removeprefix("ID=")
        elif line.strip():
            read += 1
            leaves = _LEAF.findall(line)
            if not leaves or len(leaves) != line.count("(<L "):
                wrong.append(
                    Problem(path, number, "not a derivation with leaves (<L category tag tag word predicate>)")
                )
                continue
            sentences.append(
                (name or f"{path.stem}:{number}", [word for _, word in leaves], [tag for tag, _ in leaves])
            )
            name = ""
    return sentences, wrong, read
