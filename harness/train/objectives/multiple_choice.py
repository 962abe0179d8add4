"""Multiple choice: cross-entropy over the choices of a question."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from xharness.checkpoints.checkpoint import Head
from xharness.compute.loading import Loaded
from xharness.predict.pairs import encode_pairs
from xharness.tasks.base import Task
from xharness.tasks.recipe import Recipe
from xharness.tasks.substitution import WordSubstitution
from xharness.tasks.types.multiple_choice import ChoiceQuestion
from xharness.train.objectives.base import (
    LabelObjective,
    TrainingInstance,
    label_number,
)

if TYPE_CHECKING:
    import torch
    from transformers.utils import ModelOutput


class ChoiceObjective(LabelObjective):
    """Cross-entropy over the choices of a question, each scored by itself."""

    head = Head.CHOICE
    chooses = True

    @classmethod
    def make_instances(
        cls, task: Task, _labels: Sequence[str], examples: Sequence[ChoiceQuestion], loaded: Loaded, recipe: Recipe
    ) -> list[TrainingInstance]:
        """See :meth:`Objective.make_instances`."""
        limit = min(recipe.max_length, loaded.max_tokens)
        first = [e.first for e in examples for _ in e.choices]
        rows, types = encode_pairs(loaded, first, [choice for e in examples for choice in e.choices], limit)
        instances, start = [], 0
        for place, example in enumerate(examples):
            own = slice(start, start + len(example.choices))
            numbers = {str(number): number for number in range(len(example.choices))}
            target = label_number(task, example.label, numbers, example.id)
            instances.append(TrainingInstance(example.id, tuple(rows[own]), tuple(types[own]), (target,), 1, place))
            start = own.stop
        return instances

    @classmethod
    def substitute(cls, example: ChoiceQuestion, words: WordSubstitution) -> ChoiceQuestion:
        """See :meth:`Objective.substitute`."""
        return replace(
            example,
            premise=words.text(example.premise),
            question=words.text(example.question),
            choices=tuple(words.text(choice) for choice in example.choices),
        )

    def logits(self, output: ModelOutput, instances: Sequence[TrainingInstance]) -> torch.Tensor:
        """See :meth:`LabelObjective.logits`. Questions may have different numbers of choices."""
        import torch

        scores = output.logits.reshape(-1).split([len(instance.rows) for instance in instances])
        return torch.nn.utils.rnn.pad_sequence(list(scores), batch_first=True, padding_value=float("-inf"))


OBJECTIVE = ChoiceObjective
