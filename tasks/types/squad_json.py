"""The shape of SQuAD's JSON: articles, paragraphs, questions and answers, each checked before it is used."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

Report = Callable[[str], None]


def paragraphs(root: Any, report: Report) -> Iterator[tuple[str, Any]]:
    """Place and content of each paragraph; a part of the file that cannot hold any is reported."""
    for place, article in _items(report, root, "data", "the file"):
        yield from _items(report, article, "paragraphs", place)


def questions(paragraph: Any, place: str, report: Report) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    """Place, id and content of each question of a paragraph; one without an id is reported."""
    for question_place, question in _items(report, paragraph, "qas", place):
        name = question.get("id") if isinstance(question, dict) else None
        if isinstance(name, bool) or not isinstance(name, str | int) or name == "":
            report(f"{question_place} is not a question with an id")
        else:
            yield question_place, str(name), question


def answer_texts(question: Mapping[str, Any]) -> tuple[str, ...] | None:
    """The texts of a question's answers; None if they are not a list of objects with a text."""
    answers = question.get("answers", [])
    if not isinstance(answers, list) or not all(
        isinstance(answer, dict) and isinstance(answer.get("text"), str) for answer in answers
    ):
        return None
    return tuple(answer["text"] for answer in answers)


def answer_starts(question: Mapping[str, Any]) -> tuple[int, ...] | None:
    """The character offsets of answers that :func:`answer_texts` takes; None if one is missing or not an integer."""
    starts = tuple(answer.get("answer_start") for answer in question.get("answers", []))
    return starts if all(type(start) is int for start in starts) else None


def _items(report: Report, holder: Any, key: str, place: str) -> Iterator[tuple[str, Any]]:
    """The entries of a list in a JSON object, each with its place for people."""
    inside = holder.get(key) if isinstance(holder, dict) else None
    if not isinstance(inside, list):
        report(f"{place} has no list '{key}'")
        return
    prefix = "" if place == "the file" else f"{place}."
    yield from ((f"{prefix}{key}[{index}]", item) for index, item in enumerate(inside))
