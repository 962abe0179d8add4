"""Every number that the answers of one run allow: each measure, and each block where blocks were swept."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from xharness.reproduction.published import SCORE
from xharness.runs.reading import Run
from xharness.submissions.score_parts import CellScores, Interval
from xharness.submissions.scores_file import ScoresFile
from xharness.submissions.signature import Signature
from xharness.tasks.base import Task

VECTORS = ("layer", "pooling", "prompt")
"""What a retrieving run may do in another way."""


@dataclass(frozen=True)
class Fork:
    """One way to a number.

    Attributes:
        measure: Its name as in ``scores.json``; ``score`` for the mean of the task's primary scores.
        vectors: Block, of how many, pooling and prompt; empty for tasks that do not retrieve.
        scores: By language, in percent.
        intervals: By language; only of what ``scores.json`` has them.
        usual: It is what ``xharness evaluate`` prints for this checkpoint without further options.
    """

    measure: str
    vectors: Mapping[str, str]
    scores: Mapping[str, float]
    intervals: Mapping[str, Interval] = field(default_factory=dict)
    usual: bool = False


def forks_of(run: Run, task: Task, *, usual: bool) -> list[Fork]:
    """The forks of one task of a run; ``usual`` if the run is what no further options give."""
    cells = run.scores.cells.get(task.name, {})
    if not cells:
        return []
    vectors = _vectors(Signature.parse(next(iter(cells.values())).signature), task)
    return [
        *_measured(run.scores, cells, task, vectors, usual=usual),
        *_swept(run.scores, task, vectors),
    ]


def _vectors(signature: Signature, task: Task) -> dict[str, str]:
    if not task.type.retrieves:
        return {}
    block, _, blocks = signature["layer"].partition("=")[0].partition("/")
    prompt = json.loads(signature["prompt"]) if signature["prompt"] else ""
    return {"layer": block, "blocks": blocks, "pooling": signature["pooling"], "prompt": prompt}


def _measured(
    scores: ScoresFile, cells: Mapping[str, CellScores], task: Task, vectors: Mapping[str, str], *, usual: bool
) -> Iterator[Fork]:
    """What ``scores.json`` has of every cell: the score, official measures and variants."""
    score = {language: cell.score for language, cell in cells.items()}
    yield Fork(SCORE, vectors, score, {name: cell.score_interval for name, cell in cells.items()}, usual=usual)
    for measure in _further(task):
        found = {name: scores.official_score(task.name, measure, name) for name in cells}
        values = {name: value for name, value in found.items() if value is not None}
        if values:
            yield Fork(measure, vectors, values, {name: cells[name].interval.get(measure) for name in values})
    for measure in dict.fromkeys(name for cell in cells.values() for name in cell.variants):
        values = {name: cell.variants[measure] for name, cell in cells.items() if measure in cell.variants}
        yield Fork(measure, vectors, values, {name: cells[name].variant_intervals.get(measure) for name in values})


def _further(task: Task) -> Sequence[str]:
    """Official measures that are not the score itself."""
    primary = task.metric.primary_scores
    return [name for name in task.metric.official_scores if (name,) != tuple(primary)]


def _swept(scores: ScoresFile, task: Task, vectors: Mapping[str, str]) -> Iterator[Fork]:
    """The blocks beside the one that counts."""
    tables: dict[tuple[str, str], dict[str, float]] = {}
    for language, measures in scores.sweep.get(task.name, {}).items():
        for measure, blocks in measures.items():
            named = SCORE if (measure,) == tuple(task.metric.primary_scores) else measure
            for block, value in blocks.items():
                tables.setdefault((named, block), {})[language] = value
    for (measure, block), values in tables.items():
        if block != vectors["layer"]:
            yield Fork(measure, {**vectors, "layer": block}, values)
