"""Inputs too short for any text are refused for every type of task, and only those."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Tiny
from xharness.checkpoints.checkpoint import find
from xharness.compute.device import Device
from xharness.compute.loading import Loaded, encoder_class, load_tokenizer, without_model
from xharness.evaluation.answer import answerer_of
from xharness.evaluation.options import EvaluateOptions
from xharness.predict.room import Remedies
from xharness.predict.spans import SpanOptions
from xharness.tasks.common.errors import UserError
from xharness.tasks.registry import built_in
from xharness.tasks.types.extractive_qa import EXTRACTIVE_QA, SpanQuestion

FLAGS = Remedies("raise --max-length", "lower --max-question-length of: xharness task xquad")
TASKS = built_in()


def encoder(folder: Path) -> Loaded:
    checkpoint = find(folder)[""]
    return without_model(checkpoint, load_tokenizer(checkpoint), encoder_class(checkpoint), Device("cpu", "fp32"))


def refusal(
    loaded: Loaded, name: str, max_length: int, examples: Any = (), *, settings: object = None, **more: Any
) -> str:
    """What is said about this length; empty if it is enough."""
    task = TASKS[name]
    if task.type is EXTRACTIVE_QA:
        settings = SpanOptions(max_length=max_length, **more)
    try:
        answerer_of(task).check_room(loaded, task, examples, settings, max_length, FLAGS)
    except UserError as error:
        return str(error)
    return ""


@pytest.mark.parametrize(("name", "enough"), [("udpos", 3), ("tatoeba", 3), ("bucc2018", 3), ("xnli", 6), ("xcopa", 6)])
def test_room_for_text(tiny: Tiny, name: str, enough: int) -> None:
    """`<s> A </s>` and `<s> A </s></s> B </s>`, a piece of each text."""
    folder, task = tiny("xlm-roberta", "encoder"), TASKS[name]
    loaded, options = encoder(folder), EvaluateOptions(model=folder, data=Path("data"), out=Path("run"))
    settings = answerer_of(task).settings(options, task, find(folder)[""])
    special = 4 if enough == 6 else 2
    assert refusal(loaded, name, enough, settings=settings) == ""
    assert refusal(loaded, name, enough - 1, settings=settings) == (
        f"no room for the text of {name}\n"
        f"  why: the longest input is {enough - 1} pieces, and special tokens take {special} of them\n"
        "  fix: raise --max-length"
    )


QUESTIONS = [
    SpanQuestion(str(number), question, "bada lomi", ()) for number, question in enumerate(["lomi", " lomi kupe dava "])
]


def test_room_beside_the_longest_question(tiny: Tiny) -> None:
    loaded = encoder(tiny("xlm-roberta", "encoder"))
    assert refusal(loaded, "xquad", 11, QUESTIONS) == ""
    assert refusal(loaded, "xquad", 10, QUESTIONS) == (
        "no room for the context beside a question of 6 pieces\n"
        "  why: the longest input is 10 pieces\n"
        "  fix: raise --max-length or lower --max-question-length of: xharness task xquad"
    )
    assert refusal(loaded, "xquad", 10, QUESTIONS, max_question_length=5) == ""
    assert refusal(loaded, "xquad", 10, QUESTIONS[:1]) == ""


def test_no_length_makes_a_model_longer(tiny: Tiny, tmp_path: Path) -> None:
    loaded = replace(encoder(tiny("xlm-roberta", "encoder")), max_tokens=5)
    assert refusal(loaded, "xnli", 128).endswith("  fix: use a model that takes more than 5 pieces")
    assert refusal(replace(loaded, max_tokens=6), "xquad", 384, QUESTIONS).endswith(
        "  fix: use a model that takes more than 6 pieces or lower --max-question-length of: xharness task xquad"
    )


def test_questions_that_always_fit_are_not_read(tiny: Tiny) -> None:
    loaded = encoder(tiny("xlm-roberta", "encoder"))

    class Unread:
        def __iter__(self) -> None:
            raise AssertionError

    assert refusal(loaded, "xquad", 69, Unread()) == ""
