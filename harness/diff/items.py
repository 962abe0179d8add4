"""The items of one cell on which two runs differ, and what each of them is worth in points of the score."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Literal

import numpy as np

from xharness.comparison.comparison import SIDES
from xharness.diff.cell import RunCell, check_pair, find_task, load_data, open_cell
from xharness.diff.confusion import Confusion, confusions
from xharness.diff.facts import facts_of
from xharness.submissions.zero_shot import is_marked
from xharness.tasks.base import Answers, FloatArray, Items, Metric, Task
from xharness.tasks.data import CellData
from xharness.tasks.registry import Registry
from xharness.tasks.types.base import View

Status = Literal["fixed", "broken", "both wrong", "both right"]
STATUSES: tuple[Status, ...] = ("fixed", "broken", "both wrong", "both right")
PAIR_COUNTS = ("hits", "predicted", "gold")


@dataclass(frozen=True)
class ItemChange:
    """One item whose answer changed.

    Attributes:
        status: By the official metric: wrong before and right now, the other way round, or neither changed.
        inputs: What the models were given, by name (first and second; words; question and context; query; ...).
        gold: The gold answer as text; empty where there is none (a sentence that has no translation).
        base: The answer of the first run; empty where it gave none.
        new: The answer of the second run.
        effect: Change of the cell's score in points that this item makes: the score of the first run with this
            item's counts taken from the second, minus the score of the first run.
        facts: More by name; for retrieval how similar what was found is to the query, and its chrF against gold.
    """

    id: str
    status: Status
    inputs: Mapping[str, str]
    gold: str
    base: str
    new: str
    effect: float
    facts: Mapping[str, str]


@dataclass(frozen=True)
class ItemAnswer:
    """One item of a single run. ``score`` is its own in percent, by the official metric; see :class:`ItemChange`."""

    id: str
    right: bool
    inputs: Mapping[str, str]
    gold: str
    answer: str
    score: float
    facts: Mapping[str, str]


@dataclass(frozen=True, eq=False)
class Difference:
    """One cell of two runs.

    Attributes:
        n: Number of items.
        scores: The cell's score in both runs, in percent.
        changes: Items whose answer changed, those with the largest effect first.
        confusion: For tags: which types are taken for which, by run; None for other tasks.
        not_zero_shot: The runs (``base``, ``new``) whose score is not zero-shot.
    """

    task: Task
    language: str
    n: int
    scores: tuple[float, float]
    changes: Sequence[ItemChange]
    confusion: tuple[Confusion, Confusion] | None
    not_zero_shot: tuple[str, ...] = ()

    @cached_property
    def counts(self) -> dict[Status, int]:
        """Number of changed items by status."""
        return {status: sum(change.status == status for change in self.changes) for status in STATUSES}


def changes(
    base: Path,
    new: Path,
    task: str,
    language: str,
    data: Path | None = None,
    *,
    registry: Registry | None = None,
) -> list[ItemChange]:
    """Items of a cell whose answer changed from one run to another, by falling size of their effect.

    Args:
        base: A run folder.
        new: Another one, of the same data.
        data: Where the data are, if not where the first run found them.
        registry: Known tasks, if there are some of the user's own.

    Raises:
        UserError: no such task, language, run, cell or data; or the runs answered other items.
    """
    return list(difference(base, new, task, language, data, registry=registry).changes)


def difference(
    base: Path,
    new: Path,
    task: str,
    language: str,
    data: Path | None = None,
    *,
    registry: Registry | None = None,
) -> Difference:
    """:func:`changes` with the scores of the cell and, for tags, the confusion of types."""
    found = find_task(task, language, registry)
    cells = open_cell(base, found, language), open_cell(new, found, language)
    check_pair(*cells)
    loaded = load_data(cells, found, data)
    ids, counts = _aligned([cell.items for cell in cells])
    totals = counts[0].sum(axis=0)
    effects = _score(found.metric, totals - counts[0] + counts[1]) - _score(found.metric, totals)
    right = [_right(found.metric, rows) for rows in counts]
    view, listed = found.type.view(loaded.examples, loaded.gold), []
    for index, item in enumerate(ids):
        raw = [view.raw(cell.answers, item) for cell in cells]
        if raw[0] != raw[1]:
            status = _status(bool(right[0][index]), bool(right[1][index]))
            listed.append(_change(view, cells, item, status, float(effects[index])))
    order = {item: index for index, item in enumerate(ids)}
    listed.sort(key=lambda change: (-round(abs(change.effect), 9), order[change.id]))
    scores = float(_score(found.metric, totals)), float(_score(found.metric, counts[1].sum(axis=0)))
    marked = tuple(side for side, cell in zip(SIDES, cells, strict=True) if is_marked(cell.record.signature))
    return Difference(found, language, len(ids), scores, listed, _confusion(loaded, cells), marked)


def answers(
    run: Path, task: str, language: str, data: Path | None = None, *, registry: Registry | None = None
) -> list[ItemAnswer]:
    """Every item of one cell of one run: the worst first, then in the order of the data.

    Raises:
        UserError: as for :func:`changes`.
    """
    found = find_task(task, language, registry)
    cell = open_cell(run, found, language)
    listed = answers_in_order(cell, load_data([cell], found, data))
    return sorted(listed, key=lambda answered: (answered.right, answered.score))


def answers_in_order(cell: RunCell, loaded: CellData) -> list[ItemAnswer]:
    """Every item of a cell in the order of its statistics, which is that of the data."""
    metric, view = loaded.task.metric, loaded.task.type.view(loaded.examples, loaded.gold)
    rows, listed = cell.items.statistics, []
    for item, score, right in zip(cell.items.ids, _score(metric, rows), _right(metric, rows), strict=True):
        gold, answer = view.texts(item, cell.answers)
        facts = facts_of(view, item, gold, {"": (answer, cell)})
        value = 100.0 if right else float(score)
        listed.append(ItemAnswer(item, bool(right), view.inputs(item), gold, answer, value, facts))
    return listed


def _change(
    view: View[Answers], cells: tuple[RunCell, RunCell], item: str, status: Status, effect: float
) -> ItemChange:
    """One changed item with its texts."""
    gold, base, new = view.texts(item, *(cell.answers for cell in cells))
    named = zip(("base ", "new "), (base, new), cells, strict=True)
    facts = facts_of(view, item, gold, {name: (text, cell) for name, text, cell in named})
    return ItemChange(item, status, view.inputs(item), gold, base, new, effect, facts)


def _aligned(sides: Sequence[Items]) -> tuple[list[str], list[FloatArray]]:
    """All ids, and the counts of each side in their order; an item that a side does not have counts nothing there.

    Only mined pairs differ in their items: a source sentence is one if it is in gold or was paired.
    """
    ids = list(dict.fromkeys(name for items in sides for name in items.ids))
    row = {name: index for index, name in enumerate(ids)}
    counts = []
    for items in sides:
        table = np.zeros((len(ids), items.statistics.shape[1]))
        table[[row[name] for name in items.ids]] = items.statistics
        counts.append(table)
    return ids, counts


def _score(metric: Metric, totals: FloatArray) -> FloatArray:
    """The number of a cell (mean of the main scores) in percent, for totals of shape (..., columns)."""
    scores = metric.aggregate(totals)
    number: FloatArray = np.mean([scores[name] for name in metric.primary_scores], axis=0)
    return number


def _right(metric: Metric, counts: FloatArray) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Whether each item could not have been answered better: its first main score is full.

    Where spans or pairs are counted, an item without any is right if none was predicted.
    """
    if metric.columns[:3] == PAIR_COUNTS:
        hits, predicted, gold = counts[:, :3].T
        return np.asarray((hits == predicted) & (hits == gold))
    return np.asarray(metric.aggregate(counts)[metric.primary_scores[0]] >= 100 - 1e-9)


def _status(before: bool, after: bool) -> Status:
    if before == after:
        return "both right" if before else "both wrong"
    return "fixed" if after else "broken"


def _confusion(data: CellData, cells: tuple[RunCell, RunCell]) -> tuple[Confusion, Confusion] | None:
    """Confusion of types in both runs, over the same types."""
    gold, *sides = (data.task.type.tags(answers) for answers in (data.gold, *(cell.answers for cell in cells)))
    if gold is None:
        return None
    base, new = confusions(gold, [tags for tags in sides if tags is not None])
    return base, new
