"""Questions of the made-up world."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.harness.demo.made import Files
from xharness.tasks.registry import XTREME, Registry


def questions(text: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Context and question of a file in SQuAD's form."""
    for article in json.loads(text)["data"]:
        for paragraph in article["paragraphs"]:
            for question in paragraph["qas"]:
                yield paragraph["context"], question


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("xquad", "xquad.{0}.json"),
        ("mlqa", "MLQA_V1/test/test-context-{0}-question-{0}.json"),
        ("tydiqa", "tydiqa-goldp-v1.1-dev/tydiqa.goldp.{0}.dev.json"),
    ],
)
def test_answers_lie_where_they_should(world: Files, name: str, path: str) -> None:
    for language in Registry().task(name).languages:
        gold = {
            question["id"]: (c, question) for c, question in questions(world[f"labels/{name}/test-{language}.json"])
        }
        blank = {q["id"]: (c, q) for c, q in questions(world[f"download/{name}/{path.format(language)}"])}
        assert len(gold) == (90 if (name, language) == ("mlqa", "en") else 60)
        assert list(gold) == list(blank)
        for key, (context, question) in gold.items():
            (answer,) = question["answers"]
            start, text = answer["answer_start"], answer["text"]
            assert text
            assert context[start : start + len(text)] == text
            assert blank[key][0] == context
            assert blank[key][1]["answers"] == [{"answer_start": 0, "text": ""}]
            assert blank[key][1]["question"] == question["question"]


def test_questions_are_parallel(world: Files) -> None:
    ids = {
        language: [question["id"] for _, question in questions(world[f"labels/xquad/test-{language}.json"])]
        for language in XTREME.languages["xquad"]
    }
    assert len({tuple(of_language) for of_language in ids.values()}) == 1
    english = {question["id"] for _, question in questions(world["labels/mlqa/test-en.json"])}
    german = {question["id"] for _, question in questions(world["labels/mlqa/test-de.json"])}
    assert german < english


@pytest.mark.parametrize(
    ("path", "count"),
    [
        ("squad/train-v1.1.json", 6000),
        ("squad/dev-v1.1.json", 600),
        ("tydiqa/tydiqa-goldp-v1.1-train/tydiqa.goldp.en.train.json", 3000),
    ],
)
def test_training_questions_carry_answers(world: Files, path: str, count: int) -> None:
    found = list(questions(world[f"download/{path}"]))
    assert len(found) == len({question["id"] for _, question in found}) == count
    for context, question in found:
        (answer,) = question["answers"]
        assert context[answer["answer_start"] :].startswith(answer["text"])
