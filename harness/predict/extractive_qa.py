"""Span answering: windows over the context, the best span by start and end logit, the answer cut from the context.

Rules of the reference's post-processing (transformers 2.x ``squad_metrics``): 20 best starts and ends by logit over a
window, spans inside the context, whose start has the most context in this window, of at most 30 pieces. Where it then
rebuilds the text from pieces (and fails in Chinese), we cut the context by character offsets.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Unpack

import numpy as np
from numpy.typing import NDArray

from xharness.compute.batches import IntArray
from xharness.compute.loading import Loaded
from xharness.compute.special_tokens import SpecialTokenTemplate, pair_template
from xharness.compute.throughput import Throughput
from xharness.predict.room import encode_questions, room_for_context
from xharness.predict.spans import SpanOptions
from xharness.predict.stream import Streaming, require_finite, stream
from xharness.tasks.types.extractive_qa import SpanQuestion

if TYPE_CHECKING:
    from transformers import BatchEncoding, PreTrainedTokenizerFast
    from transformers.utils import ModelOutput


@dataclass(frozen=True, slots=True)
class Window:
    """A piece of a context with its question.

    ``first`` is the context piece that stands at position ``offset`` of the input; ``allowed`` says for each context
    piece of the window whether a span may start there (it has the most context in this window).
    """

    question: int
    ids: list[int]
    types: list[int] | None
    offset: int
    first: int
    allowed: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class AnswerSpan:
    """The answer of one window.

    Attributes:
        regular: Found by the reference's rules, which go before anything else, whatever the score.
        score: Sum of the start and the end logit.
        start: First context piece.
        end: Last context piece.
        null: The score of answering nothing.
    """

    regular: bool
    score: float
    start: int
    end: int
    null: float


def answer(
    loaded: Loaded,
    questions: Sequence[SpanQuestion],
    options: SpanOptions,
    **streaming: Unpack[Streaming],
) -> tuple[list[str], Throughput]:
    """Answer every question with a slice of its context."""
    offsets, windows = make_windows(loaded, questions, options)
    spans: list[AnswerSpan | None] = [None] * len(windows)

    def use(batch: IntArray, output: ModelOutput) -> None:
        logits = (output.start_logits, output.end_logits)
        starts, ends = (require_finite(each, loaded).float().cpu().numpy() for each in logits)
        for row, index in enumerate(batch):
            size = len(windows[index].ids)
            spans[index] = best_span(windows[index], starts[row, :size], ends[row, :size], options)

    ids, types = [window.ids for window in windows], [window.types for window in windows]
    spent = stream(loaded, ids, types, use, **streaming)
    found: list[list[AnswerSpan]] = [[] for _ in questions]
    for window, span in zip(windows, spans, strict=True):
        if span is not None:
            found[window.question].append(span)
    texts = [
        _text(question.context, offsets[question.context], candidates, options.no_answer_threshold)
        for question, candidates in zip(questions, found, strict=True)
    ]
    return texts, spent


def make_windows(
    loaded: Loaded, questions: Sequence[SpanQuestion], options: SpanOptions
) -> tuple[dict[str, list[tuple[int, int]]], list[Window]]:
    """Windows of every question, and each context's character offsets by piece. Equal contexts are encoded once."""
    template = pair_template(loaded.tokenizer)
    contexts = list(dict.fromkeys(question.context for question in questions))
    encoded = _encode(loaded.tokenizer, contexts)
    pieces = dict(zip(contexts, encoded["input_ids"], strict=True))
    asked = encode_questions(loaded, questions)
    windows: list[Window] = []
    for number, question in enumerate(questions):
        windows += _windows(number, asked[number], pieces[question.context], template, options, loaded)
    return dict(zip(contexts, encoded["offset_mapping"], strict=True)), windows


def _encode(tokenizer: PreTrainedTokenizerFast, texts: list[str]) -> BatchEncoding:
    """Token ids of texts in bulk, without special tokens, and their places in the text."""
    if not texts:
        return {"input_ids": [], "offset_mapping": []}
    return tokenizer(
        texts, add_special_tokens=False, truncation=False, padding=False, return_offsets_mapping=True, verbose=False
    )


def _windows(
    number: int,
    question: list[int],
    context: list[int],
    template: SpecialTokenTemplate,
    options: SpanOptions,
    loaded: Loaded,
) -> list[Window]:
    """Windows of one question."""
    question = question[: options.max_question_length]
    room = room_for_context(len(question), template, loaded, min(options.max_length, loaded.max_tokens))
    starts = [0]
    while starts[-1] + room < len(context):
        starts.append(starts[-1] + min(room, options.doc_stride))
    sizes = [min(room, len(context) - start) for start in starts]
    offset = len(template.before) + len(question) + len(template.between)
    allowed = _most_context(starts, sizes, len(context))
    return [
        Window(
            number,
            template.ids(question, context[start : start + size]),
            template.token_types(len(question), size),
            offset,
            start,
            mask,
        )
        for start, size, mask in zip(starts, sizes, allowed, strict=True)
    ]


def _most_context(starts: list[int], sizes: list[int], length: int) -> list[NDArray[np.bool_]]:
    """For each window, which of its pieces have at least as much context there as in any other, first window first."""
    best, owner = np.full(length, -np.inf), np.full(length, -1)
    for number, (start, size) in enumerate(zip(starts, sizes, strict=True)):
        place = np.arange(size)
        score = np.minimum(place, size - 1 - place) + 0.01 * size
        better = score > best[start : start + size]
        best[start : start + size][better] = score[better]
        owner[start : start + size][better] = number
    return [owner[start : start + size] == n for n, (start, size) in enumerate(zip(starts, sizes, strict=True))]


def best_span(
    window: Window, starts: NDArray[np.floating], ends: NDArray[np.floating], options: SpanOptions
) -> AnswerSpan | None:
    """The best span of a window; None if it has no piece of context.

    Like the reference only the best starts and ends of the whole window are combined. If none of these pairs is an
    answer in any window, the reference answers with the word "empty"; for that case we combine the best ones inside
    the context.
    """
    size = len(window.allowed)
    if size == 0:
        return None
    inside = np.arange(len(starts)) - window.offset
    context = (inside >= 0) & (inside < size)
    starts, ends = starts.astype(np.float64), ends.astype(np.float64)  # sums as exact as the reference's
    null = float(starts[0] + ends[0])
    for regular in (True, False):
        start_scores = starts if regular else np.where(context, starts, -np.inf)
        end_scores = ends if regular else np.where(context, ends, -np.inf)
        top_starts = np.argsort(-start_scores, kind="stable")[: options.best]
        top_ends = np.argsort(-end_scores, kind="stable")[: options.best]
        first, last = inside[top_starts][:, None], inside[top_ends][None, :]
        valid = context[top_starts][:, None] & context[top_ends][None, :]
        valid &= (last >= first) & (last - first < options.max_answer_length)
        valid &= window.allowed[np.clip(first, 0, size - 1)]
        if valid.any():
            scores = np.where(valid, starts[top_starts][:, None] + ends[top_ends][None, :], -np.inf)
            row, column = np.unravel_index(int(scores.argmax()), scores.shape)
            begin, end = int(first[row, 0]), int(last[0, column])
            return AnswerSpan(regular, float(scores[row, column]), window.first + begin, window.first + end, null)
    return AnswerSpan(False, -np.inf, window.first, window.first, null)


def _text(
    context: str, offsets: Sequence[tuple[int, int]], spans: Sequence[AnswerSpan], threshold: float | None
) -> str:
    """The answer: a slice of the context without outer white space; empty where nothing is the better answer."""
    if not spans:
        return ""
    best = max(spans, key=lambda span: (span.regular, span.score))  # the first of equals
    if threshold is not None and min(span.null for span in spans) - best.score > threshold:
        return ""
    return span_text(context, offsets, best.start, best.end)


def span_text(context: str, offsets: Sequence[tuple[int, int]], first: int, last: int) -> str:
    """The characters of the context from its piece ``first`` to its piece ``last``, without outer white space."""
    start, end = offsets[first][0], offsets[last][1]
    following = offsets[last + 1][0] if last + 1 < len(offsets) else len(context)
    while end < following and unicodedata.category(context[end]).startswith("M"):
        end += 1  # vowel signs and accents belong to their letter, also where the tokenizer drops them
    return context[start:end].strip()
