"""Pair classification: the label with the highest logit among those that the task has."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from xharness.compute.batches import IntArray
from xharness.compute.loading import Loaded
from xharness.compute.throughput import Throughput
from xharness.predict.pairs import encode_pairs
from xharness.predict.stream import Halved, Progress, require_finite, stream
from xharness.tasks.types.text_classification import SentencePair

if TYPE_CHECKING:
    from transformers.utils import ModelOutput


def classify(
    loaded: Loaded,
    pairs: Sequence[SentencePair],
    labels: Sequence[str | None],
    *,
    max_length: int,
    batch_tokens: int,
    progress: Progress | None = None,
    on_halved: Halved | None = None,
) -> tuple[list[str], Throughput]:
    """Label every pair.

    Args:
        labels: The task's label for each output of the head.
        max_length: Longest input in word pieces; the longer text is cut first, as in the reference.
    """
    ids, types = encode_pairs(loaded, [pair.first for pair in pairs], [pair.second for pair in pairs], max_length)
    chosen = np.zeros(len(pairs), dtype=np.int64)

    def use(batch: IntArray, output: ModelOutput) -> None:
        chosen[batch] = require_finite(output.logits, loaded).argmax(-1).cpu().numpy()

    spent = stream(loaded, ids, types, use, batch_tokens=batch_tokens, progress=progress, on_halved=on_halved)
    return [str(labels[index]) for index in chosen.tolist()], spent
