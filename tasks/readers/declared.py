"""Files whose names and columns a task declares, so that it needs no reader of its own.

Names are patterns below the task's folder, one a split: ``{language}/test.tsv``. A name without ``{language}`` is that
of an English file. A language may have another name in files than here.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from xharness.tasks.base import Rows, Split
from xharness.tasks.readers.bitext import read_aligned
from xharness.tasks.readers.layout import existing
from xharness.tasks.readers.squad import read_squad
from xharness.tasks.readers.tagged import read_conll_lines
from xharness.tasks.types.bitext_retrieval import Bitext

LANGUAGE = "{language}"
ENGLISH = "en"


@dataclass(frozen=True, kw_only=True)
class DeclaredReader(ABC):
    """Finds one file a language and split.

    Attributes:
        files: By split (train, dev, test) the name of its file, with :data:`LANGUAGE` in it; none for a split that
            there is not.
        names: Our code of a language to the one in names of files, where they differ.
    """

    files: Mapping[str, str]
    names: Mapping[str, str] = field(default_factory=dict)

    def find(self, folder: Path, language: str, split: str) -> tuple[Path, ...]:
        """The file of this language and split; empty if there is none. Reads nothing."""
        pattern = self.files.get(split, "")
        if not pattern or (LANGUAGE not in pattern and language != ENGLISH):
            return ()
        return existing(self.path(folder, pattern, language))

    def path(self, folder: Path, pattern: str, language: str) -> Path:
        """Where a pattern leads."""
        return folder / pattern.replace(LANGUAGE, self.names.get(language, language))

    def read(self, folder: Path, language: str, split: str, *, keep_csv_quotes: bool = False) -> Split:  # noqa: ARG002
        """Read what :meth:`find` found. ``keep_csv_quotes`` changes nothing here.

        Raises:
            FileNotFoundError: nothing is there.
        """
        if not (files := self.find(folder, language, split)):
            raise FileNotFoundError(f"no {split} file for '{language}' in {folder}")
        return self.parse(files, split)

    @abstractmethod
    def parse(self, files: tuple[Path, ...], split: str) -> Split:
        """Examples, and gold where the files have it; a malformed row is a problem, and in neither."""


@dataclass(frozen=True, kw_only=True)
class TagsReader(DeclaredReader):
    """A word and its tag a line, an empty line between sentences: CoNLL's files.

    Attributes:
        tags: Those that there are.
        outside: Tags of the file that stand for O here.
    """

    tags: tuple[str, ...]
    outside: tuple[str, ...] = ()

    def parse(self, files: tuple[Path, ...], split: str) -> Split:
        """See :meth:`DeclaredReader.parse`."""
        return read_conll_lines(files[0], self.tags, labelled=split != "test", outside=self.outside)


@dataclass(frozen=True, kw_only=True)
class BitextReader(DeclaredReader):
    """Two files whose lines are translations of each other: the query is English, the candidates are the other side.

    Attributes:
        english: By split the name of the English file.
    """

    english: Mapping[str, str]

    def find(self, folder: Path, language: str, split: str) -> tuple[Path, ...]:
        """English, then the other side; empty if one is missing."""
        other = super().find(folder, language, split)
        english = self.path(folder, self.english.get(split, ""), ENGLISH)
        return existing(english, *other) if other and language != ENGLISH else ()

    def parse(self, files: tuple[Path, ...], split: str) -> Split:  # noqa: ARG002
        """See :meth:`DeclaredReader.parse`. The answer to line k is line k."""
        english, others, problems = read_aligned(*files)
        bitext = Bitext(*(tuple(line.strip() for line in side) for side in (english, others)))
        rows = tuple(Rows(path, "line", len(side)) for path, side in zip(files, (english, others), strict=True))
        gold = [str(line) for line in range(len(english))]
        return Split([bitext], gold, files, tuple(sorted(problems)), rows=rows)


@dataclass(frozen=True, kw_only=True)
class QuestionsReader(DeclaredReader):
    """SQuAD's JSON, of version 2.0 where questions may be ``unanswerable``."""

    unanswerable: bool = False

    def parse(self, files: tuple[Path, ...], split: str) -> Split:  # noqa: ARG002
        """See :meth:`DeclaredReader.parse`."""
        return read_squad(files[0], unanswerable=self.unanswerable)
