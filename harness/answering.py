"""One path per kind of task: from cells and a loaded model to answers. All cells of a call go through as one stream."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import accumulate, pairwise
from typing import Any, TypeVar

from harness.abilities import Ability
from harness.loading import Loaded
from harness.options import EvaluateOptions
from harness.predict.stream import Progress
from harness.throughput import Throughput
from tasks.base import Answers, Items, Kind, Metric, SpanQuestion
from tasks.data import CellData

Element = TypeVar("Element")


@dataclass(frozen=True)
class Outcome:
    """What came out for one cell.

    Attributes:
        answers: In the shape of the task's format; None if the cell has no official answer.
        variants: Further measurements by name, each with its own metric.
        extra: Facts of the task's own for ``scores.json``.
        reason: Why there are no answers.
        details: What is kept by item beside the statistics and is no score, such as similarities.
    """

    answers: Answers | None
    variants: Mapping[str, tuple[Metric, Items]] = field(default_factory=dict)
    extra: Mapping[str, Any] = field(default_factory=dict)
    reason: str = ""
    details: Mapping[str, Items] = field(default_factory=dict)


@dataclass(frozen=True)
class Request:
    """Cells of one task for one model, and how to run them.

    ``dev`` holds the dev split by language where the protocol needs it to answer test (mining's threshold).
    """

    ability: Ability
    loaded: Loaded
    cells: Sequence[CellData]
    dev: Mapping[str, CellData]
    options: EvaluateOptions
    progress: Progress
    note: Callable[[str], None]

    @property
    def batch_tokens(self) -> int:
        """Bound on padded tokens in a batch."""
        return self.options.batch_tokens or self.loaded.device.batch_tokens

    @property
    def max_length(self) -> int:
        """Longest input in word pieces."""
        return self.options.max_length or self.ability.task.max_length

    def halved(self, bound: int) -> None:
        """Say that memory ran out, and what was done about it."""
        self.note(f"out of memory: batches of {self.ability.task.name} halved to {bound} tokens")


def answer_cells(request: Request) -> tuple[list[Outcome], Throughput]:
    """Answers of every cell of a request, in its order."""
    return PATHS[request.ability.task.kind](request)


def _classify(request: Request) -> tuple[list[Outcome], Throughput]:
    from harness.predict.classify import classify

    examples, bounds = _one_stream(request.cells)
    labels, spent = classify(
        request.loaded,
        examples,
        request.ability.labels,
        max_length=request.max_length,
        batch_tokens=request.batch_tokens,
        progress=request.progress,
        on_halved=request.halved,
    )
    return [Outcome(part) for part in _split(labels, bounds)], spent


def _tag(request: Request) -> tuple[list[Outcome], Throughput]:
    from harness.predict.tag import tag

    examples, bounds = _one_stream(request.cells)
    tags, spent = tag(
        request.loaded,
        examples,
        request.ability.labels,
        max_length=request.max_length,
        batch_tokens=request.batch_tokens,
        progress=request.progress,
        on_halved=request.halved,
    )
    return [Outcome(part) for part in _split(tags, bounds)], spent


def _answer(request: Request) -> tuple[list[Outcome], Throughput]:
    from harness.predict.answer import answer

    examples, bounds = _one_stream(request.cells)
    texts, spent = answer(
        request.loaded,
        examples,
        replace(request.options.span, max_length=request.max_length),
        batch_tokens=request.batch_tokens,
        progress=request.progress,
        on_halved=request.halved,
    )
    parts = zip(request.cells, _split(texts, bounds), strict=True)
    return [Outcome(_by_id(cell, part)) for cell, part in parts], spent


def _choose(request: Request) -> tuple[list[Outcome], Throughput]:
    from harness.predict.choose import choose

    examples, bounds = _one_stream(request.cells)
    chosen, spent = choose(
        request.loaded,
        examples,
        max_length=request.max_length,
        batch_tokens=request.batch_tokens,
        progress=request.progress,
        on_halved=request.halved,
    )
    return [Outcome(part) for part in _split(chosen, bounds)], spent


def _retrieve(request: Request) -> tuple[list[Outcome], Throughput]:
    from harness.retrieve.answering import retrieve

    return retrieve(request)


def _mine(request: Request) -> tuple[list[Outcome], Throughput]:
    from harness.retrieve.answering import mine

    return mine(request)


PATHS: Mapping[Kind, Callable[[Request], tuple[list[Outcome], Throughput]]] = {
    Kind.PAIR: _classify,
    Kind.TAGGING: _tag,
    Kind.SPAN: _answer,
    Kind.CHOICE: _choose,
    Kind.RETRIEVAL: _retrieve,
    Kind.MINING: _mine,
}


def _one_stream(cells: Sequence[CellData]) -> tuple[list[Any], list[int]]:
    """All examples of all cells, and where each cell begins and ends."""
    bounds = list(accumulate((len(cell.examples) for cell in cells), initial=0))
    return [example for cell in cells for example in cell.examples], bounds


def _split(results: Sequence[Element], bounds: Sequence[int]) -> list[list[Element]]:
    """Results back by cell."""
    return [list(results[start:end]) for start, end in pairwise(bounds)]


def _by_id(cell: CellData, texts: Sequence[str]) -> dict[str, str]:
    """Answers by question id."""
    ids = [example.id for example in cell.examples if isinstance(example, SpanQuestion)]
    return dict(zip(ids, texts, strict=True))
