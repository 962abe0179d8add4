"""One file of XQuAD-R: the sentences of its paragraphs and its questions, with everything that is wrong in it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from xharness.tasks.common.errors import Problem
from xharness.tasks.common.json_files import JsonError, parse_json
from xharness.tasks.common.json_types import JsonObject
from xharness.tasks.readers.layout import state
from xharness.tasks.readers.text_spans import CharacterSpan, spans_of
from xharness.tasks.types.squad_json import answer_starts, answer_texts, paragraphs, questions


class Question(NamedTuple):
    """One question: its id in all languages, its text, and the ids of the right candidates of its own file."""

    id: str
    text: str
    right: tuple[str, ...]


@dataclass
class LanguageFile:
    """What one file holds: candidates by id, and questions."""

    candidates: dict[str, str] = field(default_factory=dict)
    questions: list[Question] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    read: int = 0


def read_language(path: Path, language: str) -> LanguageFile:
    """One file. Remembered until it changes."""
    return _read(path, language, *state(path))


@lru_cache(maxsize=16)
def _read(path: Path, language: str, modified: int, size: int) -> LanguageFile:  # noqa: ARG001
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
    made: LanguageFile = field(default_factory=LanguageFile)
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

    def add_all(self, root: object) -> None:
        """Every paragraph."""
        for number, (place, paragraph) in enumerate(paragraphs(root, self.report), 1):
            asked = list(questions(paragraph, place, self.report))
            self.made.read += len(asked)
            context = paragraph.get("context")
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
        self, name: str, context: str, breaks: Sequence[CharacterSpan], asked: Sequence[tuple[str, str, JsonObject]]
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


def _holding(starts: Sequence[int], breaks: Sequence[CharacterSpan], sentences: Sequence[str]) -> list[int]:
    """The sentence in which the first answer begins, and those of the paragraph that read the same."""
    for start in starts:
        for (first, end), sentence in zip(breaks, sentences, strict=True):
            if first <= start < end:
                return [position for position, other in enumerate(sentences) if other == sentence]
    return []
