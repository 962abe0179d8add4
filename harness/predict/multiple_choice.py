"""Multiple choice: every choice beside its premise and question, the one with the highest logit wins."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Unpack

import numpy as np

from xharness.compute.batches import IntArray
from xharness.compute.loading import Loaded
from xharness.compute.replicas import Model
from xharness.compute.throughput import Throughput
from xharness.predict.pairs import encode_pairs
from xharness.predict.stream import Streaming, by_first_token, require_finite, stream
from xharness.tasks.types.multiple_choice import ChoiceQuestion

if TYPE_CHECKING:
    import torch
    from transformers.utils import ModelOutput


def choose(
    loaded: Loaded,
    questions: Sequence[ChoiceQuestion],
    *,
    max_length: int,
    **streaming: Unpack[Streaming],
) -> tuple[list[int], Throughput]:
    """0-based index of the chosen alternative of each question.

    The input is the reference's: premise and question as first text, the alternative as second. A multiple-choice
    head scores each alternative by itself, so alternatives stream through it like any other inputs.
    """
    first = [q.first for q in questions for _ in q.choices]
    second = [choice for q in questions for choice in q.choices]
    ids, types = encode_pairs(loaded, first, second, max_length)
    scores = np.zeros(len(first))

    def use(batch: IntArray, output: ModelOutput) -> None:
        scores[batch] = require_finite(output.logits, loaded).float().cpu().numpy().reshape(-1)

    spent = stream(loaded, ids, types, use, make=_one_choice_a_row, **streaming)
    bounds = np.cumsum([len(question.choices) for question in questions])[:-1]
    return [int(part.argmax()) for part in np.split(scores, bounds)] if questions else [], spent


def _one_choice_a_row(loaded: Loaded) -> Model:
    """The model, called with (rows, 1, tokens), the shape in which multiple-choice heads take single choices."""

    plain = by_first_token(loaded)

    def model(**inputs: torch.Tensor) -> ModelOutput:
        return plain(**{name: value.unsqueeze(1) for name, value in inputs.items()})

    return model
