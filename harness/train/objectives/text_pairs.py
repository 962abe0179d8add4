"""Text pairs: each query finds its own document among those of its group (LAReQA and Mewsli-X, XTREME-R).

One tower makes the vectors of both; similarities are dot products of vectors of length 1, times a scale that is
learned. A group with its negatives is one training instance, so that micro-batches change rounding only. Where a group
does not fit into memory, its rows are computed in parts whose activations are computed again for the gradient: the
vectors, and so the loss, are the same (the gradient caching of Gao et al. 2021, arXiv 2101.06983).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from xharness.checkpoints.checkpoint import Head
from xharness.compute.loading import Loaded
from xharness.predict.pairs import encode_pairs
from xharness.tasks.base import Task
from xharness.tasks.common.errors import UserError
from xharness.tasks.recipe import Recipe
from xharness.tasks.types.text_pairs import TextPair
from xharness.train.objectives.base import Drawn, Objective, TrainingInstance, cross_entropy

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedModel

    from xharness.train.dual_encoder import DualEncoder


class TextPairObjective(Objective):
    """Cross-entropy of each query over the documents of its group.

    Attributes:
        negatives: Pairs of a group; fewer where a step does not draw so many more.
    """

    head = Head.ENCODER
    can_substitute = False
    contrasts = True

    def __init__(self, task: Task, instances: Sequence[TrainingInstance], recipe: Recipe) -> None:
        super().__init__(task, (), instances)
        self.negatives, self.recipe = recipe.negatives or 4, recipe

    @classmethod
    def build(cls, _name: str, task: Task, examples: Sequence[TextPair], loaded: Loaded, recipe: Recipe) -> Objective:
        """See :meth:`Objective.build`.

        Raises:
            UserError: adversarial training, which perturbs rows that this objective puts together anew.
        """
        if recipe.adversarial_epsilon:
            why = "the perturbation of a group's texts is not offered"
            raise UserError(f"{task.name} cannot be trained adversarially", why, "leave adversarial_epsilon at 0")
        return cls(task, cls.make_instances(task, (), examples, loaded, recipe), recipe)

    @classmethod
    def make_instances(
        cls, _task: Task, _labels: Sequence[str], examples: Sequence[TextPair], loaded: Loaded, recipe: Recipe
    ) -> list[TrainingInstance]:
        """See :meth:`Objective.make_instances`: one a pair; :meth:`together` makes groups of those of a step."""
        nothing: list[str | None] = [None] * len(examples)
        queries, of_queries = encode_pairs(loaded, [e.query for e in examples], nothing, recipe.max_question_length)
        documents, of_documents = encode_pairs(loaded, [e.document for e in examples], nothing, recipe.max_length)
        return [
            TrainingInstance(example.id, (query, document), types, (), 1, place)
            for place, (example, query, document, types) in enumerate(
                zip(examples, queries, documents, zip(of_queries, of_documents, strict=True), strict=True)
            )
        ]

    def own_head(self, encoder: PreTrainedModel) -> torch.nn.Module:
        """See :meth:`Objective.own_head`."""
        from xharness.train.dual_encoder import DualEncoder

        recipe = self.recipe
        return DualEncoder(encoder, recipe.pooling or "pooler", recipe.similarity_scale or 100.0, recipe.max_length)

    def together(self, drawn: Drawn) -> Drawn:
        """See :meth:`Objective.together`: the pairs of a step in groups, in the order of their drawing."""
        starts = range(0, len(drawn), self.negatives)
        return [
            (drawn[start][0], _group([pair for _, pair in drawn[start : start + self.negatives]])) for start in starts
        ]

    def compute(
        self, head: DualEncoder, inputs: Mapping[str, torch.Tensor], instances: Sequence[TrainingInstance]
    ) -> torch.Tensor:
        """See :meth:`Objective.compute`: queries of all groups, then documents of all groups, in parts that fit."""
        import torch

        queries, documents, start = list[int](), list[int](), 0
        for instance in instances:
            queries += range(start, start + instance.weight)
            documents += range(start + instance.weight, start + 2 * instance.weight)
            start += 2 * instance.weight
        sizes = [instance.weight for instance in instances]
        sides = (torch.split(head.vectors(inputs, rows, self.at_a_time), sizes) for rows in (queries, documents))
        with torch.autocast(inputs["input_ids"].device.type, enabled=False):  # similarities times 20 or 100 are fp32
            losses = [
                cross_entropy(head.scale * query @ document.T, torch.arange(len(query)))
                for query, document in zip(*sides, strict=True)
            ]
        return torch.stack(losses).sum()


def _group(pairs: Sequence[TrainingInstance]) -> TrainingInstance:
    """Pairs as one instance: their queries, then their documents; it weighs as much as it has pairs."""
    rows = (*(pair.rows[0] for pair in pairs), *(pair.rows[1] for pair in pairs))
    types = (*(pair.types[0] for pair in pairs), *(pair.types[1] for pair in pairs))
    return TrainingInstance("+".join(pair.id for pair in pairs), rows, types, (), len(pairs), pairs[0].example)


OBJECTIVE = TextPairObjective
