"""Tagging: cross-entropy over the tags of first pieces."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from xharness.checkpoints.checkpoint import Head
from xharness.compute.loading import Loaded
from xharness.compute.special_tokens import single_template
from xharness.predict.tagging import segment
from xharness.tasks.base import Task
from xharness.tasks.common.errors import UserError
from xharness.tasks.recipe import Recipe
from xharness.tasks.substitution import WordSubstitution
from xharness.tasks.types.tagging import TaggedSentence
from xharness.train.objectives.base import (
    IGNORED,
    HeadObjective,
    TrainingInstance,
    cross_entropy,
    next_part,
    targets_of_tokens,
)

if TYPE_CHECKING:
    import torch
    from transformers.utils import ModelOutput


class TagObjective(HeadObjective):
    """Cross-entropy over the tags of first pieces."""

    head = Head.TOKEN

    @classmethod
    def make_instances(
        cls, task: Task, labels: Sequence[str], examples: Sequence[TaggedSentence], loaded: Loaded, recipe: Recipe
    ) -> list[TrainingInstance]:
        """See :meth:`Objective.make_instances`."""
        limit = min(recipe.max_length, loaded.max_tokens)
        template = single_template(loaded.tokenizer)
        numbers = {label: number for number, label in enumerate(labels)}
        instances: list[TrainingInstance] = []
        for piece in segment(loaded, examples, template, limit):
            example = examples[piece.sentence]
            if example.tags is None:
                raise UserError(
                    f"training sentence {example.id} of {task.name} has no tags",
                    "tagging learns from tags",
                    "fix the data",
                )
            target = [IGNORED] * len(piece.ids)
            for offset, position in enumerate(piece.firsts):
                target[position] = numbers.get(example.tags[piece.first_word + offset], IGNORED)
            labelled = sum(tag != IGNORED for tag in target)
            if labelled:
                types = template.token_types(len(piece.ids) - template.size)
                part = next_part(instances, piece.sentence)
                instances.append(
                    TrainingInstance(example.id, (piece.ids,), (types,), tuple(target), labelled, piece.sentence, part)
                )
        return instances

    @classmethod
    def substitute(cls, example: TaggedSentence, words: WordSubstitution) -> TaggedSentence:
        """See :meth:`Objective.substitute`."""
        return replace(example, words=tuple(words.word(word, single=True) for word in example.words))

    def positions_read(self, instances: Sequence[TrainingInstance], width: int) -> torch.Tensor | None:
        """See :meth:`Objective.positions_read`."""
        return targets_of_tokens(instances, width) != IGNORED

    def loss(self, output: ModelOutput, instances: Sequence[TrainingInstance]) -> torch.Tensor:
        """See :meth:`HeadObjective.loss`."""
        targets = targets_of_tokens(instances, output.logits.shape[1])
        return cross_entropy(output.logits.flatten(0, 1), targets.flatten())


OBJECTIVE = TagObjective
