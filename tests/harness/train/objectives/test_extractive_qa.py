"""Spans as training targets."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import Tiny
from tests.harness.train.objectives.made import loaded_of, objective_of
from tests.models import ARCHITECTURES
from xharness.predict.extractive_qa import make_windows, span_text
from xharness.predict.spans import SpanOptions
from xharness.tasks import xquad
from xharness.tasks.data import DataFolder
from xharness.tasks.types.extractive_qa import SpanQuestion
from xharness.train.objectives.extractive_qa import answer_pieces


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
