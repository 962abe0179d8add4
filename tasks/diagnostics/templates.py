"""MultiCheckList's template file: one table of all tests in all languages (google-research/xtreme, ``multichecklist``).

The header names a language a column. Where a text depends on what is filled in, a language has further columns of the
same name, each with a column ``<language>-placeholders`` behind it that lists the English values (or English contexts)
for which the text holds; an empty list holds for all. Rows: Name begins a test; Capability; Context; Question with its
Answer below it; any other word is a list of values to fill in. A row without a first column ends a test.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from xharness.tasks.common.errors import Problem
from xharness.tasks.readers.lines import count, read_lines

ENGLISH = "en"
CONDITION = "-placeholders"
CONTEXT, QUESTION, ANSWER = "Context", "Question", "Answer"
_HEAD = ("Name", "Capability", CONTEXT, QUESTION, ANSWER)
NO_CONDITION: frozenset[str] = frozenset()
_KEY = re.compile(r"\{([^{}]*)\}")
_ARTICLE = re.compile(r"(?:an?|the) ")


@dataclass(frozen=True)
class Variant:
    """A text, and the English phrases for which it holds; none: for all."""

    text: str
    holds_for: frozenset[str]


@dataclass(frozen=True)
class TemplateRow:
    """One row of the table: the English text and the variants by language, without empty ones."""

    line: int
    english: str
    variants: Mapping[str, Sequence[Variant]]


@dataclass
class Templates:
    """One test: contexts, questions with their answers, and what is filled in, by the name of the list."""

    title: str
    line: int
    contexts: list[TemplateRow] = field(default_factory=list)
    questions: list[TemplateRow] = field(default_factory=list)
    answers: list[TemplateRow] = field(default_factory=list)
    lists: dict[str, list[TemplateRow]] = field(default_factory=dict)

    def texts(self) -> Iterator[TemplateRow]:
        """Every row with keys in it."""
        yield from (*self.contexts, *self.questions, *self.answers)


@dataclass(frozen=True)
class TemplateFile:
    """All tests by title, the languages of the header in its order, and what is wrong with the file."""

    tests: Mapping[str, Templates]
    languages: tuple[str, ...]
    problems: tuple[Problem, ...]


def read_templates(path: Path) -> TemplateFile:
    """Read the file. Whatever is wrong becomes a problem with its line."""
    lines, problems = read_lines(path)
    header = [name.strip() for name in (lines[0] if lines else "").split("\t")]
    languages = tuple(dict.fromkeys(name for name in header[1:] if not name.endswith(CONDITION)))
    problems += [Problem(path, 1, what) for what in _wrong_header(header)]
    tests: dict[str, Templates] = {}
    current: Templates | None = None
    for number, line in enumerate(lines[1:], 2):
        fields = line.split("\t")
        kind = fields[0].strip()
        if len(fields) != len(header):
            problems.append(Problem(path, number, f"{count(len(fields), 'column')} instead of {len(header)}"))
        elif kind == "Name":
            current = tests.setdefault(fields[1].strip(), Templates(fields[1].strip(), number))
        elif not kind:
            current = None
        elif current is None:
            problems.append(Problem(path, number, f"'{kind}' belongs to no test: a row Name must stand above it"))
        elif kind != "Capability":
            _rows_of(current, kind).append(_row(number, header, fields, answers=kind == ANSWER))
    problems += [problem for test in tests.values() for problem in _wrong_test(path, test)]
    return TemplateFile(tests, languages, tuple(sorted(problems)))


def keys_of(text: str) -> list[str]:
    """What is filled in, in order: ``first_name1``, ``adj[0]``, ``p.v1``; an article that is asked for is dropped."""
    return [key.rpartition(":")[2] for key in _KEY.findall(text)]


def list_of(key: str) -> str:
    """The list that a key takes its value from: ``adj`` for ``adj[0]``, ``first_name`` for ``first_name1``."""
    name = re.split(r"[\[.]", key)[0].rstrip("0123456789")
    return {"s": "state", "p": "property"}.get(name, name)


def phrases(english: str) -> frozenset[str]:
    """What a list of conditions may call an English value: itself, its forms, and these without an article."""
    forms = {english, *(form.strip() for form in english.split(","))}
    return frozenset(forms | {_ARTICLE.sub("", form, count=1) for form in forms})


def _wrong_header(header: Sequence[str]) -> Iterator[str]:
    if ENGLISH not in header[1:]:
        yield f"no column '{ENGLISH}': this is not MultiCheckList's table of templates"
    for place, name in enumerate(header[1:], 1):
        if not name or (name.endswith(CONDITION) and header[place - 1] != name.removesuffix(CONDITION)):
            yield f"column {place + 1} ('{name}') must be a language, or <language>{CONDITION} behind its language"


def _rows_of(test: Templates, kind: str) -> list[TemplateRow]:
    head = {CONTEXT: test.contexts, QUESTION: test.questions, ANSWER: test.answers}
    return head[kind] if kind in head else test.lists.setdefault(kind, [])


def _row(number: int, header: Sequence[str], fields: Sequence[str], *, answers: bool) -> TemplateRow:
    """Cells as texts; a text without conditions holds for all. Of an answer (Quechua), they are another text."""
    variants: dict[str, list[Variant]] = {}
    for place, (name, text) in enumerate(zip(header, fields, strict=True)):
        if place and text.strip() and not name.endswith(CONDITION):
            following = fields[place + 1] if header[place + 1 : place + 2] == [name + CONDITION] else ""
            conditions = frozenset(part.strip() for part in following.split(",") if part.strip())
            texts, conditions = ((text, following), NO_CONDITION) if answers and following else ((text,), conditions)
            variants.setdefault(name, []).extend(Variant(_plain(each), conditions) for each in texts)
    return TemplateRow(number, variants[ENGLISH][0].text if ENGLISH in variants else "", variants)


def _plain(text: str) -> str:
    """Without the backslashes that some texts were escaped with."""
    return text.strip().replace("\\", "")


def _wrong_test(path: Path, test: Templates) -> Iterator[Problem]:
    """Rows that are missing, and keys that nothing can be filled in for."""
    if not test.contexts or not test.questions or len(test.questions) != len(test.answers):
        what = f"{len(test.contexts)} contexts, {len(test.questions)} questions and {len(test.answers)} answers"
        yield Problem(path, test.line, f"test '{test.title}' has {what}: it needs some, and an answer a question")
    for row in test.texts():
        for text in {variant.text for variants in row.variants.values() for variant in variants}:
            if text.count("{") != text.count("}"):
                yield Problem(path, row.line, f"a brace is not closed in '{text}'")
