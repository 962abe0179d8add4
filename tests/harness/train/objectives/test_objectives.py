"""Training targets point where they should: at the gold answer, at first pieces, at the right choice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Tiny
from tests.models import ARCHITECTURES
from xharness.checkpoints.checkpoint import inspect
from xharness.compute.device import Device
from xharness.compute.loading import Loaded, encoder_class, load_tokenizer, without_model
from xharness.predict.extractive_qa import make_windows, span_text
from xharness.predict.spans import SpanOptions
from xharness.tasks import udpos, xcopa, xnli, xquad
from xharness.tasks.base import Task
from xharness.tasks.common.errors import UserError
from xharness.tasks.data import DataFolder
from xharness.tasks.types.extractive_qa import SpanQuestion
from xharness.tasks.types.multiple_choice import ChoiceQuestion
from xharness.tasks.types.tagging import TaggedSentence
from xharness.tasks.types.text_classification import SentencePair
from xharness.train.objectives import objective_class
from xharness.train.objectives.base import IGNORED, Objective
from xharness.train.objectives.extractive_qa import answer_pieces
from xharness.train.recipes import resolve


def loaded_of(tiny: Tiny, architecture: str) -> Loaded:
    parent = inspect(tiny(architecture, "encoder"))
    return without_model(parent, load_tokenizer(parent), encoder_class(parent), Device("cpu", "fp32"))


def objective_of(task: Task, examples: Sequence[Any], loaded: Loaded, **inputs: int) -> Objective:
    """The objective of a task whose recipe has these lengths."""
    lengths: dict[str, Any] = {"doc_stride": 128, "max_question_length": 64, **inputs}
    recipe = replace(resolve(task, blocks=2), **lengths)
    return objective_class(task).build(task.name, task, examples, loaded, recipe)


def with_answers(data: DataFolder, language: str) -> list[SpanQuestion]:
    """XQuAD's questions with an answer each: the first place in the context where the gold text stands."""
    cell = data.load(xquad.TASK, language)
    assert isinstance(cell.gold, list)
    gold = {question.id: question.answers[0] for question in cell.gold}
    questions = [example for example in cell.examples if isinstance(example, SpanQuestion)]
    return [SpanQuestion(q.id, q.question, q.context, ((gold[q.id], q.context.index(gold[q.id])),)) for q in questions]


@pytest.mark.shared_data
@pytest.mark.parametrize("architecture", ARCHITECTURES)
@pytest.mark.parametrize("language", ["ar", "de", "en", "hi", "ru", "th", "zh"])
def test_span_labels_decode_to_the_gold_answer(tiny: Tiny, shared_data: Path, architecture: str, language: str) -> None:
    """The labelled pieces hold the answer, and nothing but it wherever its ends are ends of pieces."""
    loaded = loaded_of(tiny, architecture)
    questions = with_answers(DataFolder.open(shared_data), language)[::20]
    offsets, windows = make_windows(loaded, questions, SpanOptions())
    objective = objective_of(xquad.TASK, questions, loaded, max_length=384)
    exact = whole = 0
    for question in questions:
        text, start = question.answers[0]
        pieces = offsets[question.context]
        first, last = answer_pieces(question, pieces)
        covered = span_text(question.context, pieces, first, last)
        if text not in covered:  # characters that the tokenizer drops at the border of the answer
            assert covered in text
            continue
        whole += 1
        exact += covered == text
        if {start, start + len(text)} <= {border for piece in pieces for border in piece}:
            assert covered == text
    assert whole >= 0.97 * len(questions)
    assert exact >= 0.8 * whole
    for instance, window in zip(objective.instances, windows, strict=True):
        question = questions[window.question]
        if instance.target != (0, 0):
            first, last = answer_pieces(question, offsets[question.context])
            assert instance.target == (first - window.first + window.offset, last - window.first + window.offset)
    labelled = {instance.id for instance in objective.instances if instance.target != (0, 0)}
    assert len(labelled) >= 0.97 * len(questions)


@pytest.mark.shared_data
@pytest.mark.parametrize("architecture", ["xlm-roberta", "bert", "modernbert"])
def test_tag_labels_sit_on_first_pieces_in_every_language(tiny: Tiny, shared_data: Path, architecture: str) -> None:
    loaded = loaded_of(tiny, architecture)
    data = DataFolder.open(shared_data)
    languages = data.languages(udpos.TASK)
    assert len(languages) >= 16
    for language in languages:
        cell = data.load(udpos.TASK, language, limit=40)
        assert isinstance(cell.gold, list)
        sentences = [
            TaggedSentence(e.id, e.words, tuple(tags))
            for e, tags in zip(cell.examples, cell.gold, strict=True)
            if isinstance(e, TaggedSentence)
        ]
        instances = objective_of(udpos.TASK, sentences, loaded, max_length=128).instances
        by_sentence: dict[str, list[int]] = {}
        for instance in instances:
            by_sentence.setdefault(instance.id, []).extend(tag for tag in instance.target if tag != IGNORED)
        known = {tag: number for number, tag in enumerate(udpos.UPOS)}
        for sentence in sentences:
            wanted = [known[tag] for tag in sentence.tags or () if tag in known]
            assert by_sentence.get(sentence.id, []) == wanted, (language, sentence.id)
        assert max(len(instance.rows[0]) for instance in instances) <= 128


def test_answers_outside_of_a_window_point_at_position_0(tiny: Tiny) -> None:
    context = "ba ko lu " * 40 + "gi"
    question = SpanQuestion("q", "ne?", context, (("gi", len(context) - 2),))
    loaded = loaded_of(tiny, "bert")
    instances = objective_of(xquad.TASK, [question], loaded, max_length=48, doc_stride=16).instances
    assert len(instances) > 2
    assert instances[0].target == (0, 0)
    assert instances[-1].target[0] == instances[-1].target[1] > 0
    assert (
        instances[-1].rows[0][instances[-1].target[0]]
        == loaded.tokenizer("gi", add_special_tokens=False)["input_ids"][0]
    )


def test_questions_without_an_answer_point_at_position_0(tiny: Tiny) -> None:
    instances = objective_of(
        xquad.TASK, [SpanQuestion("q", "ne?", "ba ko")], loaded_of(tiny, "bert"), max_length=384
    ).instances
    assert [instance.target for instance in instances] == [(0, 0)]


def test_choices_and_labels(tiny: Tiny) -> None:
    loaded = loaded_of(tiny, "bert")
    question = ChoiceQuestion("c", "ba ko.", "lu?", ("gi", "ne tus", "dar"), 2)
    (instance,) = objective_of(xcopa.TASK, [question], loaded, max_length=32).instances
    assert (len(instance.rows), instance.target, instance.weight) == (3, (2,), 1)
    assert list(instance.rows[1]) == loaded.tokenizer("ba ko. lu?", "ne tus")["input_ids"]
    pair = SentencePair("p", "ba", "ko", "neutral")
    assert objective_of(xnli.TASK, [pair], loaded, max_length=32).instances[0].target == (2,)
    with pytest.raises(UserError, match="training example p of xnli has the label 'maybe'"):
        objective_of(xnli.TASK, [SentencePair("p", "ba", "ko", "maybe")], loaded, max_length=32)
