"""The shape of SQuAD's JSON: articles, paragraphs, questions and answers, each checked before it is used."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Required, TypedDict

from xharness.tasks.common.json_files import as_list, as_object
from xharness.tasks.common.json_types import Json, JsonObject


class SquadAnswer(TypedDict):
    """Where an answer stands: its text, and the 0-based offset of its first character in the context."""

    text: str
    answer_start: int


class SquadQuestion(TypedDict, total=False):
    """A question; of version 2.0 it may be impossible."""

    id: Required[str]
    question: Required[str]
    answers: Required[list[SquadAnswer]]
    is_impossible: bool


class SquadParagraph(TypedDict):
    """A context and its questions."""

    context: str
    qas: list[SquadQuestion]


class SquadArticle(TypedDict, total=False):
    """Paragraphs of one page; XTREME's files leave the title out."""

    title: str
    paragraphs: Required[list[SquadParagraph]]


class SquadFile(TypedDict, total=False):
    """A whole file."""

    version: str
    data: Required[list[SquadArticle]]


Report = Callable[[str], None]


def paragraphs(root: object, report: Report) -> Iterator[tuple[str, JsonObject]]:
    """Place and content of each paragraph; a part of the file that cannot hold any is reported."""
    for place, article in _items(report, root, "data", "the file"):
        yield from ((inner, as_object(content)) for inner, content in _items(report, article, "paragraphs", place))


def questions(paragraph: JsonObject, place: str, report: Report) -> Iterator[tuple[str, str, JsonObject]]:
    """Place, id and content of each question of a paragraph; one without an id is reported."""
    for question_place, question in _items(report, paragraph, "qas", place):
        content = as_object(question)
        name = content.get("id")
        if isinstance(name, bool) or not isinstance(name, str | int) or name == "":
            report(f"{question_place} is not a question with an id")
        else:
            yield question_place, str(name), content


def answer_texts(question: JsonObject) -> tuple[str, ...] | None:
    """The texts of a question's answers; None if they are not a list of objects with a text."""
    answers = question.get("answers", [])
    if not isinstance(answers, list) or not all(
        isinstance(answer, dict) and isinstance(answer.get("text"), str) for answer in answers
    ):
        return None
    return tuple(answer["text"] for answer in answers)


def answer_starts(question: JsonObject) -> tuple[int, ...] | None:
    """The character offsets of answers that :func:`answer_texts` takes; None if one is missing or not an integer."""
    starts = tuple(as_object(answer).get("answer_start") for answer in as_list(question.get("answers")))
    whole = tuple(start for start in starts if isinstance(start, int) and not isinstance(start, bool))
    return whole if len(whole) == len(starts) else None


def _items(report: Report, holder: object, key: str, place: str) -> Iterator[tuple[str, Json]]:
    """The entries of a list in a JSON object, each with its place for people."""
    inside = as_object(holder).get(key)
    if not isinstance(inside, list):
        report(f"{place} has no list '{key}'")
        return
    prefix = "" if place == "the file" else f"{place}."
    yield from ((f"{prefix}{key}[{index}]", item) for index, item in enumerate(inside))
