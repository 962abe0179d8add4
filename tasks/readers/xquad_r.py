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
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from xharness.tasks.base import MALFORMED, Rows, Split
from xharness.tasks.common.errors import Problem
from xharness.tasks.common.json_files import JsonError, parse_json
from xharness.tasks.readers.layout import existing, state
from xharness.tasks.readers.lines import left_out
from xharness.tasks.readers.text_spans import Span, spans_of
from xharness.tasks.types.ranking import Candidates, RankingQueries
from xharness.tasks.types.squad_json import answer_starts, answer_texts, paragraphs, questions

FOLDER = "xquad-r"
CODE = re.compile("[a-z]{2,3}")


class Question(NamedTuple):
    """One question: its id in all languages, its text, and the ids of the right candidates of its own file."""

    id: str
    text: str
    right: tuple[str, ...]


@dataclass
class Language:
    """What one file holds: candidates by id, and questions."""

    candidates: dict[str, str] = field(default_factory=dict)
    questions: list[Question] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    read: int = 0


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

    def read(self, folder: Path, language: str, split: str, *, quirks: bool = False) -> Split:  # noqa: ARG002
        """The questions of one language, and the candidates of all in the order of :attr:`languages`.

        Raises:
            FileNotFoundError: nothing is there.
        """
        files = self.find(folder, language, split)
        if not files:
            raise FileNotFoundError(f"no {FOLDER}/{language}.json in {folder}")
        paths = {each: path for each in self.languages for path in _file(folder, each)}
        there = {each: _read(path, each, *state(path)) for each, path in paths.items()}
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
    there = {each: _read(path, each, *state(path)) for each, path in paths.items()}
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


def _malformed(own: Language) -> dict[str, int]:
    malformed = own.read - len(own.questions)
    return {MALFORMED: malformed} if malformed else {}


def _parts(there: Mapping[str, Language], languages: Sequence[str]) -> Iterator[str]:
    """Candidates in some languages only make another, easier task."""
    if len(there) < len(languages):
        yield f"candidates are in {len(there)} of {len(languages)} languages ({' '.join(there)})"


def _candidates(there: Mapping[str, Language]) -> Sentences:
    texts = {name: text for each in there.values() for name, text in each.candidates.items()}
    pools, start = {}, 0
    for language, each in there.items():
        pools[language] = range(start, start + len(each.candidates))
        start += len(each.candidates)
    digest = hashlib.sha256(json.dumps(list(texts.items())).encode()).hexdigest()
    return Sentences({name: row for row, name in enumerate(texts)}, digest, pools, list(texts.values()))


def _gold(language: str, there: Mapping[str, Language]) -> dict[str, list[str]] | None:
    """For each question the right candidates of all languages; None where no answer is in the file."""
    right: dict[str, list[str]] = {}
    for each in there.values():
        for question in each.questions:
            right.setdefault(question.id, []).extend(question.right)
    if not any(question.right for question in there[language].questions):
        return None
    return {f"{question.id}_{language}": right[question.id] for question in there[language].questions}


# --- one file --------------------------------------------------------------------------------------------------------


@lru_cache(maxsize=16)
def _read(path: Path, language: str, modified: int, size: int) -> Language:  # noqa: ARG001
    """One file, with everything that is wrong in it."""
    found = _File(path, language)
    try:
        found.text = path.read_bytes().decode("utf-8-sig")
        root = parse_json(found.text)
    except OSError as error:
        found.report(f"cannot be read: {error.strerror or error}")
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        found.made.problems.append(Problem(path, line, f"byte 0x{error.object[error.start]:02x} is not UTF-8"))
    except JsonError as error:
        found.made.problems.append(Problem(path, error.line, error.what))
    else:
        found.add_all(root)
    return found.made


@dataclass
class _File:
    """One file on the way."""

    path: Path
    language: str
    text: str = ""
    made: Language = field(default_factory=Language)
    seen: set[str] = field(default_factory=set)

    def report(self, what: str, near: str | None = None, *, last: bool = False) -> None:
        """A problem at the line of a text of the file (its first or last place), else of the whole file."""
        line = 0
        if near is not None:
            find = self.text.rfind if last else self.text.find
            places = (find(json.dumps(near, ensure_ascii=plain)) for plain in (False, True))
            position = max(places)
            line = self.text.count("\n", 0, position) + 1 if position >= 0 else 0
        self.made.problems.append(Problem(self.path, line, what))

    def add_all(self, root: Any) -> None:
        """Every paragraph."""
        for number, (place, paragraph) in enumerate(paragraphs(root, self.report), 1):
            asked = list(questions(paragraph, place, self.report))
            self.made.read += len(asked)
            context = paragraph.get("context") if isinstance(paragraph, dict) else None
            if not isinstance(context, str) or not context.strip():
                self.report(f"{place} has no context", asked[0][1] if asked else None)
                continue
            breaks = spans_of(paragraph.get("sentence_breaks"), context)
            if isinstance(breaks, str):
                self.report(f"{place}.sentence_breaks: {breaks}", context)
            elif asked:
                self.add(f"{self.language}_{number}", context, breaks, asked)
        if not self.made.questions and not self.made.problems:
            self.report("no question in it")
        if any(question.right for question in self.made.questions):
            for question in self.made.questions:
                if not question.right:
                    self.report(f"question '{question.id}' has no answer, others have", question.id)

    def add(
        self, name: str, context: str, breaks: Sequence[Span], asked: Sequence[tuple[str, str, Mapping[str, Any]]]
    ) -> None:
        """The sentences of a paragraph, and its questions."""
        sentences = [context[start:end] for start, end in breaks]
        for position, sentence in enumerate(sentences):
            self.made.candidates[f"{name}_{position}"] = (sentence + context).replace("\n", "").strip()
        for _, question, fields in asked:
            text, starts = fields.get("question"), answer_starts(fields) if answer_texts(fields) is not None else None
            if question in self.seen:
                self.report(f"question id '{question}' is there twice", question, last=True)
            elif not isinstance(text, str) or not text.strip():
                self.report(f"question '{question}' has no text 'question'", question)
            elif starts is None:
                self.report(f"question '{question}' has 'answers' that are not a list of texts with offsets", question)
            else:
                right = _holding(starts[:1], breaks, sentences)
                if starts and not right:
                    self.report(f"question '{question}': its answer at {starts[0]} is in no sentence", question)
                else:
                    ids = tuple(f"{name}_{position}" for position in right)
                    self.made.questions.append(Question(question, text.strip(), ids))
            self.seen.add(question)


def _holding(starts: Sequence[int], breaks: Sequence[Span], sentences: Sequence[str]) -> list[int]:
    """The sentence in which the first answer begins, and those of the paragraph that read the same."""
    for start in starts:
        for (first, end), sentence in zip(breaks, sentences, strict=True):
            if first <= start < end:
                return [position for position, other in enumerate(sentences) if other == sentence]
    return []
