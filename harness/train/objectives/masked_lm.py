"""Masked language modelling: packed blocks of text, 15 % of the tokens hidden anew at every step (Devlin et al. 2019).

Of the hidden tokens 80 % become the mask, 10 % a random token, 10 % stay. Which ones depends on seed, block and step
only, so that an interrupted training continues with the same masks. Vocabulary logits are computed at hidden positions
only: with 250,000 pieces they would cost more than the encoder.
"""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from xharness.checkpoints.checkpoint import Head
from xharness.compute.device import send
from xharness.compute.loading import Loaded
from xharness.compute.special_tokens import single_template
from xharness.tasks.base import Task
from xharness.tasks.common.errors import UserError
from xharness.tasks.recipe import Recipe
from xharness.train.objectives.base import IGNORED, Objective, TrainingInstance, targets_of_tokens

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedModel

LAYERS_OF_ELECTRA = ("generator_predictions", "generator_lm_head")
LINES = 1000  # lines that are tokenised together


class MaskedObjective(Objective):
    """Cross-entropy over the hidden tokens of blocks of one language."""

    head = Head.MASKED
    can_substitute = False

    def __init__(self, task: Task, instances: Sequence[TrainingInstance], loaded: Loaded, *, seed: int) -> None:
        super().__init__(task, (), instances)
        tokenizer = loaded.tokenizer
        special = set(tokenizer.all_special_ids)
        self._mask, self._seed, self._special = int(tokenizer.mask_token_id), seed, special
        self._words = np.array([i for i in range(min(len(tokenizer), loaded.words)) if i not in special])

    @classmethod
    def build(cls, name: str, task: Task, examples: Sequence[str], loaded: Loaded, recipe: Recipe) -> Objective:
        """See :meth:`Objective.build`; ``name`` is that of the language's member of the mixture.

        Raises:
            UserError: no block is long enough.
        """
        length, probability = recipe.max_length, recipe.mlm_probability
        instances = blocks(name, examples, loaded, max_length=length, probability=probability)
        if not instances:
            raise UserError(f"{name} has no text to train on", "no line of it is long enough", "leave the language out")
        return cls(task, instances, loaded, seed=recipe.seed)

    @classmethod
    def make_instances(
        cls, task: Task, _labels: Sequence[str], examples: Sequence[str], loaded: Loaded, recipe: Recipe
    ) -> list[TrainingInstance]:
        """See :meth:`Objective.make_instances`."""
        return blocks(task.name, examples, loaded, max_length=recipe.max_length, probability=recipe.mlm_probability)

    def instance_at_step(self, number: int, step: int) -> TrainingInstance:
        """See :meth:`Objective.instance_at_step`: the block with tokens hidden, and what they were as the target."""
        instance = self.instances[number]
        (row,) = instance.rows
        key = f"{self._seed}\0{instance.id}\0{step}".encode()
        bits = np.random.PCG64(int.from_bytes(hashlib.sha256(key).digest()[:16]))
        free = np.array([place for place, token in enumerate(row) if token not in self._special])
        hidden = free[np.argsort(bits.random_raw(len(free)), kind="stable")[: instance.weight]]
        ids, target = list(row), [IGNORED] * len(row)
        fates = bits.random_raw(len(hidden)) % np.uint64(10)
        words = self._words[(bits.random_raw(len(hidden)) % np.uint64(len(self._words))).astype(np.int64)]
        for place, fate, word in zip(hidden.tolist(), fates.tolist(), words.tolist(), strict=True):
            target[place] = row[place]
            ids[place] = self._mask if fate < 8 else word if fate == 8 else row[place]
        return replace(instance, rows=(ids,), target=tuple(target))

    def positions_read(self, instances: Sequence[TrainingInstance], width: int) -> torch.Tensor | None:
        """See :meth:`Objective.positions_read`."""
        return targets_of_tokens(instances, width) != IGNORED

    def compute(
        self, head: PreTrainedModel, inputs: Mapping[str, torch.Tensor], instances: Sequence[TrainingInstance]
    ) -> torch.Tensor:
        """See :meth:`Objective.compute`: encoder, then the vocabulary at hidden positions."""
        import torch

        states = head.base_model(**inputs).last_hidden_state
        wanted = send(targets_of_tokens(instances, states.shape[1]), states.device)
        hidden = wanted != IGNORED
        logits = vocabulary_of(head)(states[hidden])
        return torch.nn.functional.cross_entropy(logits.float(), wanted[hidden], reduction="sum")


def vocabulary_of(head: PreTrainedModel) -> Callable[[torch.Tensor], torch.Tensor]:
    """The head's own layers from hidden states of shape (tokens, width) to logits over the vocabulary.

    Raises:
        UserError: an architecture whose head is not known.
    """
    for names in (("lm_head",), ("cls",), ("predictions",), ("head", "decoder"), LAYERS_OF_ELECTRA):
        if all(hasattr(head, name) for name in names):
            layers = [getattr(head, name) for name in names]
            return lambda states: functools.reduce(lambda found, layer: layer(found), layers, states)
    raise UserError(
        f"{type(head).__name__} keeps its vocabulary where xharness does not look",
        "masked language modelling needs the layers after the encoder",
        "train on other tasks, or report this architecture",
    )


def blocks(
    language: str, lines: Iterable[str], loaded: Loaded, *, max_length: int, probability: float
) -> list[TrainingInstance]:
    """Text packed into blocks of ``max_length`` tokens; lines are joined by the tokenizer's closing token.

    An empty line (the end of a document) closes a block. Blocks of fewer than 8 tokens are left out.
    """
    mask = loaded.tokenizer.mask_token_id
    if mask is None or mask >= loaded.words:
        what = "tokenizer has no mask token" if mask is None else "model has no vector for the tokenizer's mask token"
        raise UserError(f"the {what}", "nothing can be hidden", "start from a masked language model")
    template = single_template(loaded.tokenizer)
    room = min(max_length, loaded.max_tokens) - template.size
    special = set(loaded.tokenizer.all_special_ids)  # the property makes a new list every time
    instances: list[TrainingInstance] = []
    for tokens in _documents(lines, loaded, template.after[:1]):
        for start in range(0, len(tokens), room):
            inner = tokens[start : start + room]
            if len(inner) >= 8:
                hidden = max(1, round(probability * sum(t not in special for t in inner)))
                types = template.token_types(len(inner))
                instances.append(
                    TrainingInstance(f"{language}-{len(instances)}", (template.ids(inner),), (types,), (), hidden)
                )
    return instances


def _documents(lines: Iterable[str], loaded: Loaded, joint: list[int]) -> Iterator[list[int]]:
    """Token ids of each document."""
    tokens: list[int] = []
    for batch in _batches(lines):
        texts = [line for line in batch if line]
        encoded = iter(_encode(loaded, texts))
        for line in batch:
            if line:
                tokens += [*joint, *next(encoded)] if tokens else next(encoded)
            elif tokens:
                yield tokens
                tokens = []
    if tokens:
        yield tokens


def _batches(lines: Iterable[str]) -> Iterator[list[str]]:
    batch: list[str] = []
    for line in lines:
        batch.append(line)
        if len(batch) == LINES:
            yield batch
            batch = []
    yield batch


def _encode(loaded: Loaded, texts: list[str]) -> list[list[int]]:
    if not texts:
        return []
    encoded = loaded.tokenizer(texts, add_special_tokens=False, truncation=False, padding=False, verbose=False)
    return list(encoded["input_ids"])


OBJECTIVE = MaskedObjective
