"""One file of XQuAD-R: the sentences of its paragraphs and its questions, with everything that is wrong in it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from xharness.tasks.common.errors import Problem
from xharness.tasks.common.json_types import JsonObject
from xharness.tasks.common.text import shortened
from xharness.tasks.readers.json_document import JsonDocument, read_document
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
    document = read_document(path)
    if isinstance(document, Problem):
        return LanguageFile(problems=[document])
    found = _File(path, language, document)
    found.add_all()
    return found.made


@dataclass
class _File:
    """One file on the way."""

    path: Path
    language: str
    document: JsonDocument
    made: LanguageFile = field(default_factory=LanguageFile)
    seen: Counter[str] = field(default_factory=Counter)

    def report(self, what: str, near: str | None = None, *, nth: int = 1) -> None:
        """A problem at the line of a text of the file (its ``nth`` place), else of the whole file."""
        line = 0 if near is None else self.document.line_of(near, nth)
        self.made.problems.append(Problem(self.path, line, what))

    def add_all(self) -> None:
        """Every paragraph."""
        for number, (place, paragraph) in enumerate(paragraphs(self.document.value, self.report), 1):
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
            self.seen[question] += 1
            text, given = fields.get("question"), _answers(fields)
            if self.seen[question] > 1:
                self.report(f"question id '{question}' is there twice", question, nth=self.seen[question])
            elif not isinstance(text, str) or not text.strip():
                self.report(f"question '{question}' has no text 'question'", question)
            elif given is None:
                self.report(f"question '{question}' has 'answers' that are not a list of texts with offsets", question)
            elif wrong := _misplaced(given, context, breaks):
                self.report(f"question '{question}': {wrong}", question)
            else:
                ids = tuple(f"{name}_{position}" for position in _holding(given, breaks, sentences))
                self.made.questions.append(Question(question, text.strip(), ids))


def _answers(fields: JsonObject) -> list[tuple[str, int]] | None:
    """Text and offset of each answer that is not blanked; None if they are anything else."""
    texts = answer_texts(fields)
    starts = None if texts is None else answer_starts(fields)
    if texts is None or starts is None:
        return None
    return [answer for answer in zip(texts, starts, strict=True) if answer != ("", 0)]


def _misplaced(answers: Sequence[tuple[str, int]], context: str, breaks: Sequence[CharacterSpan]) -> str:
    """Why the first answer is not where its offset says; empty if it is, or if there is none."""
    for text, start in answers[:1]:
        if start < 0 or context[start : start + len(text)] != text:
            return f"the answer '{shortened(text)}' does not stand at {start}"
        if not any(first <= start < end for first, end in breaks):
            return f"its answer at {start} is in no sentence"
    return ""


def _holding(
    answers: Sequence[tuple[str, int]], breaks: Sequence[CharacterSpan], sentences: Sequence[str]
) -> list[int]:
    """The sentence in which the first answer begins, and those of the paragraph that read the same."""
    for _, start in answers[:1]:
        for (first, end), sentence in zip(breaks, sentences, strict=True):
            if first <= start < end:
                return [position for position, other in enumerate(sentences) if other == sentence]
    return []
