"""Text classification: cross-entropy over the labels of one text or two."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from xharness.checkpoints.checkpoint import Head
from xharness.compute.loading import Loaded
from xharness.predict.pairs import encode_pairs
from xharness.tasks.base import Task
from xharness.tasks.recipe import Recipe
from xharness.tasks.substitution import WordSubstitution
from xharness.tasks.types.text_classification import SentencePair
from xharness.train.objectives.base import (
    LabelObjective,
    TrainingInstance,
    label_number,
)

if TYPE_CHECKING:
    import torch
    from transformers.utils import ModelOutput


class PairObjective(LabelObjective):
    """Cross-entropy over the labels of a pair."""

    head = Head.SEQUENCE

    @classmethod
    def make_instances(
        cls, task: Task, labels: Sequence[str], examples: Sequence[SentencePair], loaded: Loaded, recipe: Recipe
    ) -> list[TrainingInstance]:
        """See :meth:`Objective.make_instances`."""
        limit = min(recipe.max_length, loaded.max_tokens)
        numbers = {label: number for number, label in enumerate(labels)}
        targets = [label_number(task, example.label, numbers, example.id) for example in examples]
        rows, types = encode_pairs(loaded, [e.first for e in examples], [e.second for e in examples], limit)
        return [
            TrainingInstance(example.id, (row,), (row_types,), (target,), 1, number)
            for number, (example, row, row_types, target) in enumerate(zip(examples, rows, types, targets, strict=True))
        ]

    @classmethod
    def substitute(cls, example: SentencePair, words: WordSubstitution) -> SentencePair:
        """See :meth:`Objective.substitute`."""
        return example.with_words(words)

    def logits(self, output: ModelOutput, _instances: Sequence[TrainingInstance]) -> torch.Tensor:
        """See :meth:`LabelObjective.logits`."""
        return output.logits  # type: ignore[no-any-return]


OBJECTIVE = PairObjective
