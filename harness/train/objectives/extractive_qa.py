"""Extractive QA: cross-entropies over first and last token of the answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from xharness.checkpoints.checkpoint import Head
from xharness.compute.device import send
from xharness.compute.loading import Loaded
from xharness.predict.extractive_qa import make_windows
from xharness.predict.spans import SpanOptions
from xharness.tasks.base import Task
from xharness.tasks.common.errors import UserError
from xharness.tasks.recipe import Recipe
from xharness.tasks.substitution import WordSubstitution, swapped
from xharness.tasks.types.extractive_qa import SpanQuestion
from xharness.train.objectives.base import (
    HeadObjective,
    TrainingInstance,
    cross_entropy,
    next_part,
)

if TYPE_CHECKING:
    import torch
    from transformers.utils import ModelOutput


class SpanObjective(HeadObjective):
    """Mean of the cross-entropies over first and last token of the answer; position 0 where the window has none."""

    head = Head.SPAN

    @classmethod
    def make_instances(
        cls, task: Task, _labels: Sequence[str], examples: Sequence[SpanQuestion], loaded: Loaded, recipe: Recipe
    ) -> list[TrainingInstance]:
        """See :meth:`Objective.make_instances`."""
        offsets, windows = make_windows(loaded, examples, cls.answer_settings(task, recipe))
        instances: list[TrainingInstance] = []
        for window in windows:
            example = examples[window.question]
            first, last = answer_pieces(example, offsets[example.context])
            inside = window.first <= first and last < window.first + len(window.allowed) and first <= last
            shift = window.offset - window.first
            target = (first + shift, last + shift) if inside else (0, 0)
            part = next_part(instances, window.question)
            instances.append(
                TrainingInstance(example.id, (window.ids,), (window.types,), target, 1, window.question, part)
            )
        if not instances:
            raise UserError(f"{task.name} has no training questions", "its file holds none", "check the training data")
        return instances

    @classmethod
    def substitute(cls, example: SpanQuestion, words: WordSubstitution) -> SpanQuestion:
        """See :meth:`Objective.substitute`."""
        kept = [(start, start + len(text)) for text, start in example.answers]
        swaps = list(words.swaps(example.context, kept))
        moved = tuple(
            (text, start + sum(len(new) - (end - begin) for (begin, end), new in swaps if end <= start))
            for text, start in example.answers
        )
        question = words.text(example.question)
        return replace(example, question=question, context=swapped(example.context, swaps), answers=moved)

    @classmethod
    def answer_settings(cls, task: Task, recipe: Recipe) -> SpanOptions:
        """Windows as the recipe has them; heads that learn to answer nothing may answer nothing."""
        return SpanOptions(
            max_length=recipe.max_length,
            doc_stride=recipe.doc_stride,
            max_question_length=recipe.max_question_length,
            no_answer_threshold=0.0 if task.unanswerable else None,
        )

    def loss(self, output: ModelOutput, instances: Sequence[TrainingInstance]) -> torch.Tensor:
        """See :meth:`HeadObjective.loss`. Padding cannot be an answer."""
        import torch

        width = output.start_logits.shape[1]
        lengths = send(torch.tensor([len(instance.rows[0]) for instance in instances]), output.start_logits.device)
        padding = torch.arange(width, device=lengths.device)[None, :] >= lengths[:, None]
        starts, ends = (
            logits.masked_fill(padding, torch.finfo(logits.dtype).min)
            for logits in (output.start_logits, output.end_logits)
        )
        first = cross_entropy(starts, [instance.target[0] for instance in instances])
        return (first + cross_entropy(ends, [instance.target[1] for instance in instances])) / 2


def answer_pieces(question: SpanQuestion, offsets: Sequence[tuple[int, int]]) -> tuple[int, int]:
    """First and last context piece of the first answer, by character offsets; (1, 0) if there is no answer.

    Pieces may begin with the space before a word, so a piece holds the characters that are not white space.
    """
    if not question.answers or not question.answers[0][0]:
        return 1, 0
    text, start = question.answers[0]
    end = start + len(text)
    held = [i for i, (begin, stop) in enumerate(offsets) if begin < end and stop > start]
    real = [i for i in held if question.context[max(start, offsets[i][0]) : min(end, offsets[i][1])].strip()]
    return (real[0], real[-1]) if real else (1, 0)


OBJECTIVE = SpanObjective
