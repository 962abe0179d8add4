"""XQuAD-R, the data of LAReQA: SQuAD's JSON with the sentences of each paragraph, one file a language.

Every sentence of every paragraph with a question, in every language that is there, is a candidate for the questions of
every language. A candidate is called ``<lang>_<paragraph>_<sentence>`` (paragraphs counted from 1 over the file,
sentences from 0), a question ``<id>_<lang>``. A candidate's text is its sentence and its paragraph with nothing between
them, and without the newlines in it: so the reference reads it (google-research/xtreme, ``utils_lareqa.py``).
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from xharness.tasks.base import MALFORMED, Rows, Split
from xharness.tasks.common.errors import Problem
from xharness.tasks.readers.layout import existing
from xharness.tasks.readers.lines import left_out
from xharness.tasks.readers.xquad_r_file import LanguageFile, read_language
from xharness.tasks.types.ranking import Candidates, RankingQueries

FOLDER = "xquad-r"
CODE = re.compile("[A-Za-z]{2,3}([-_][A-Za-z]+)?")


@dataclass(frozen=True, eq=False)
class Sentences(Candidates):
    """Candidates that are held in memory."""

    held: Sequence[str] = ()

    def texts(self, rows: range) -> list[str]:
        """See :meth:`Candidates.texts`."""
        return list(self.held[rows.start : rows.stop])


@dataclass(frozen=True)
class XquadRReader:
    """``xquad-r/<lang>.json``, or the same without the folder. Test only. A language's own file comes first."""

    languages: tuple[str, ...]

    def find(self, folder: Path, language: str, split: str) -> tuple[Path, ...]:
        """The file of a language and then those of the others, whose sentences are candidates as well."""
        own = _file(folder, language) if split == "test" and language in self.languages else ()
        others = (path for each in self.languages if each != language for path in _file(folder, each))
        return (*own, *others) if own else ()

    def read(self, folder: Path, language: str, split: str, *, keep_csv_quotes: bool = False) -> Split:  # noqa: ARG002
        """The questions of one language, and the candidates of all in the order of :attr:`languages`.

        Raises:
            FileNotFoundError: nothing is there.
        """
        files = self.find(folder, language, split)
        if not files:
            raise FileNotFoundError(f"no {FOLDER}/{language}.json in {folder}")
        paths = {each: path for each in self.languages for path in _file(folder, each)}
        there = {each: read_language(path, each) for each, path in paths.items()}
        own = there[language]
        problems = [problem for each in there.values() for problem in each.problems]
        problems += _strangers(files[0].parent, self.languages)
        rows = Rows(files[0], "question", own.read, _malformed(own))
        ids = tuple(f"{each.id}_{language}" for each in own.questions)
        queries = RankingQueries(ids, tuple(each.text for each in own.questions), _candidates(there))
        notes = [*left_out((rows,)), *_parts(there, self.languages)]
        return Split([queries], _gold(language, there), files, tuple(sorted(problems)), tuple(notes), (rows,))


def gold_of(paths: Mapping[str, Path]) -> tuple[dict[str, dict[str, list[str]]], list[Problem]]:
    """Gold of every language by the files of all, and what is wrong in them."""
    there = {each: read_language(path, each) for each, path in paths.items()}
    found = {language: _gold(language, there) or {} for language in there}
    return found, [problem for each in there.values() for problem in each.problems]


def _file(folder: Path, language: str) -> tuple[Path, ...]:
    name = f"{language}.json"
    return existing(folder / FOLDER / name) or existing(folder / name)


def _strangers(folder: Path, languages: Sequence[str]) -> Iterator[Problem]:
    """Files named by a language that the task does not have."""
    for path in sorted(folder.glob("*.json")):
        if CODE.fullmatch(path.stem) and path.stem not in languages:
            what = f"'{path.stem}' is none of its languages ({' '.join(languages)}); rename or remove the file"
            yield Problem(path, 0, what)


def _malformed(own: LanguageFile) -> dict[str, int]:
    malformed = own.read - len(own.questions)
    return {MALFORMED: malformed} if malformed else {}


def _parts(there: Mapping[str, LanguageFile], languages: Sequence[str]) -> Iterator[str]:
    """Candidates in some languages only make another, easier task."""
    if len(there) < len(languages):
        yield f"candidates are in {len(there)} of {len(languages)} languages ({' '.join(there)})"


def _candidates(there: Mapping[str, LanguageFile]) -> Sentences:
    texts = {name: text for each in there.values() for name, text in each.candidates.items()}
    pools, start = {}, 0
    for language, each in there.items():
        pools[language] = range(start, start + len(each.candidates))
        start += len(each.candidates)
    digest = hashlib.sha256(json.dumps(list(texts.items())).encode()).hexdigest()
    return Sentences({name: row for row, name in enumerate(texts)}, digest, pools, list(texts.values()))


def _gold(language: str, there: Mapping[str, LanguageFile]) -> dict[str, list[str]] | None:
    """For each question the right candidates of all languages; None where no answer is in the file."""
    right: dict[str, list[str]] = {}
    for each in there.values():
        for question in each.questions:
            right.setdefault(question.id, []).extend(question.right)
    if not any(question.right for question in there[language].questions):
        return None
    return {f"{question.id}_{language}": right[question.id] for question in there[language].questions}
