"""LAReQA of the demo world, in the files of XQuAD-R: the same paragraphs and questions in every language."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from xharness.demo.files import File, World, dump
from xharness.demo.grammar import Grammar
from xharness.demo.passages import passage
from xharness.demo.questions import Paragraph, paragraphs, told
from xharness.tasks.base import Task
from xharness.tasks.readers.xquad_r import FOLDER


def lareqa_files(world: World, task: Task) -> Iterator[File]:
    """Test in every language, and the right sentences of all languages for every question."""
    languages = world.languages(task)
    count = max(world.test_count(task, language) for language in languages)
    made = paragraphs(world, task.name, count)
    for language in languages:
        articles = [_article(world.grammars[language], each, number) for number, each in enumerate(made, 1)]
        content = dump({"version": "1.1", "data": articles})
        yield File(f"download/{task.name}/{FOLDER}/{language}.json", content)
        yield File(f"labels/{task.name}/test-{language}.json", dump(_gold(world, made, languages, language)))


def _article(grammar: Grammar, made: Paragraph, number: int) -> dict[str, Any]:
    """One article a paragraph, with the sentences of its context."""
    context, places = passage(grammar, made.facts)
    sentences = [context[start:end] for start, end in places]
    breaks = [list(place) for place in places]
    page = {**told(grammar, made), "sentence_breaks": breaks, "sentences": sentences}
    return {"title": f"Paragraph {number}", "paragraphs": [page]}


def _gold(world: World, made: Sequence[Paragraph], languages: Sequence[str], own: str) -> dict[str, list[str]]:
    """The sentence that tells the fact, in every language, by the question's id."""
    right = {}
    for number, each in enumerate(made, 1):
        questions = told(world.grammars[own], each)["qas"]
        for question, (fact, _) in zip(questions, each.asked, strict=True):
            right[f"{question['id']}_{own}"] = [f"{language}_{number}_{fact}" for language in languages]
    return right
