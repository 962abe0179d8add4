"""Pair classification: the label with the highest logit among those that the task has, or the vote over copies."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Unpack

import numpy as np
from numpy.typing import NDArray

from xharness.compute.batches import IntArray
from xharness.compute.loading import Loaded
from xharness.compute.throughput import Throughput
from xharness.predict.pairs import encode_pairs
from xharness.predict.smoothing import Smoothing
from xharness.predict.stream import Streaming, by_first_token, require_finite, stream
from xharness.tasks.types.text_classification import SentencePair

if TYPE_CHECKING:
    from transformers.utils import ModelOutput


_stream = partial(stream, make=by_first_token)


def classify(
    loaded: Loaded,
    pairs: Sequence[SentencePair],
    labels: Sequence[str | None],
    *,
    max_length: int,
    **streaming: Unpack[Streaming],
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

    spent = _stream(loaded, ids, types, use, **streaming)
    return [str(labels[index]) for index in chosen.tolist()], spent


def vote(
    loaded: Loaded,
    pairs: Sequence[SentencePair],
    labels: Sequence[str | None],
    smoothing: Smoothing,
    *,
    max_length: int,
    **streaming: Unpack[Streaming],
) -> tuple[list[str], Throughput]:
    """Label every pair by the vote over its copies; the arguments are those of :func:`classify`.

    Of labels with equally many votes the one with the higher mean probability over all copies wins, and of equal ones
    the first output of the head. Equal copies are computed once.
    """
    copies = [Counter(smoothing.copies(pair)) for pair in pairs]
    distinct = {texts: place for place, texts in enumerate(dict.fromkeys(texts for own in copies for texts in own))}
    firsts, seconds = [first for first, _ in distinct], [second for _, second in distinct]
    ids, types = encode_pairs(loaded, firsts, seconds, max_length)
    chances = np.zeros((len(distinct), len(labels)))

    def use(batch: IntArray, output: ModelOutput) -> None:
        chances[batch] = require_finite(output.logits, loaded).float().cpu().double().softmax(-1).numpy()

    spent = _stream(loaded, ids, types, use, **streaming)
    return [str(labels[_winner({distinct[texts]: n for texts, n in own.items()}, chances)]) for own in copies], spent


def _winner(copies: Mapping[int, int], chances: NDArray[np.float64]) -> int:
    """The output with most votes.

    Args:
        copies: How often each row of ``chances`` votes.
        chances: Probabilities of the outputs by distinct copy.
    """
    often, own = np.array(list(copies.values())), chances[list(copies)]
    votes = np.bincount(own.argmax(axis=1), weights=often, minlength=own.shape[1])
    means = often @ own
    return max(range(len(votes)), key=lambda output: (votes[output], means[output], -output))
