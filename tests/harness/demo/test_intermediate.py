"""The intermediate tasks of the demo world: the project's own readers take the files, and their gold is right."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from tests.harness.conftest import Demo
from xharness.demo.files import World
from xharness.demo.grammar import Token
from xharness.demo.intermediate import supertags
from xharness.demo.lexicon import CLASSES, MEMBERS
from xharness.demo.text import text_files
from xharness.tasks.base import Task
from xharness.tasks.intermediate import INTERMEDIATE, PAPER
from xharness.tasks.intermediate.data import load

WORDS = World(size="tiny").grammars["en"].words
COUNTS = {
    "anli_plus": {"train": 24 + 4 * 8, "dev": 20 + 4 * 6},  # MultiNLI, and SNLI and three rounds of a third each
    "squad_v1": {"train": 40, "dev": 20},  # XQuAD's training data, too
}


def examples(demo: Demo, name: str, split: str = "train") -> Any:
    (task,) = (task for task in PAPER if task.name == name)
    return load(task, demo.data, split).examples


@pytest.mark.parametrize("task", PAPER, ids=lambda task: task.name)
def test_every_task_is_read_without_problems(demo: Demo, task: Task) -> None:
    for split in ("train", "dev"):
        found = load(task, demo.data, split)
        assert not found.problems
        assert len(found.examples) == COUNTS.get(task.name, {"train": 24, "dev": 20})[split]
    if task.labels:
        labels: Any = found.gold
        assert set(labels) == set(task.labels)


def test_training_and_dev_differ(demo: Demo) -> None:
    for task in PAPER:
        train, dev = (Counter(map(str, load(task, demo.data, split).examples)) for split in ("train", "dev"))
        assert sum((train & dev).values()) <= 1, task.name


def test_unanswerable_questions_have_no_answer_and_others_one(demo: Demo) -> None:
    found = examples(demo, "squad_v2")
    answered = [question for question in found if question.answers]
    assert 0 < len(answered) < len(found)
    for question in answered:
        ((text, start),) = question.answers
        assert question.context[start:].startswith(text)


def test_the_named_class_holds_the_right_choice_only(demo: Demo) -> None:
    for question in examples(demo, "commonsenseqa"):
        (kind,) = (one for one in CLASSES if WORDS[f"noun/{one}"] in question.question)
        members = {WORDS[f"noun/{kind}/{member}"] for member in range(MEMBERS)}
        assert [choice in members for choice in question.choices].index(True) == question.label
        assert sum(choice in members for choice in question.choices) == 1


def test_answers_about_a_story_are_in_it_or_none_is(demo: Demo) -> None:
    for question in examples(demo, "cosmosqa"):
        *parts, none = question.choices
        assert none == "None of the above choices ."
        assert all(part.lower() in question.premise.lower() for part in parts)
        assert question.label == 3 or parts.count(parts[question.label]) == 1


def test_endings_start_alike_and_differ(demo: Demo) -> None:
    for question in examples(demo, "hellaswag"):
        assert len({ending.split()[0] for ending in question.choices}) == 1
        assert len(set(question.choices)) == 4


def test_categories_follow_from_parts_of_speech() -> None:
    tags = "PROPN PROPN AUX VERB DET ADJ NOUN ADP NUM PUNCT"
    tokens = [Token("." if tag == "PUNCT" else tag.lower(), tag) for tag in tags.split()]
    assert supertags(tokens) == [
        "N/N", "N", r"(S[dcl]\NP)/(S[b]\NP)", r"(S[b]\NP)/NP", "NP/N", "N/N", "N", r"((S\NP)\(S\NP))/NP", "N", ".",
    ]  # fmt: skip


def test_pages_of_text_are_mostly_in_two_languages() -> None:
    world = World(size="tiny")
    found = {file.path: file.text for file in text_files(world, INTERMEDIATE["mlm"])}
    assert set(found) == {f"text/{code}.txt" for code in world.grammars}
    pages = [page.splitlines() for page in found["text/ru.txt"].split("\n\n")]
    assert len(pages) == world.amount.text
    bilingual = [page for page in pages if len(page) == 2]
    assert 0.65 < len(bilingual) / len(pages) < 0.95
    assert {len(page) for page in pages} == {2, 3}
