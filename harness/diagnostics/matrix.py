"""A matrix of accuracies by pair of languages, and what mixing languages costs."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from xharness.runs.cells import StoredCell
from xharness.submissions.score_parts import Interval, listed_interval
from xharness.submissions.scores_file import ScoresFile
from xharness.submissions.task_scores import mean
from xharness.tables.table import Column, Table, TableRow, bounds, number, words
from xharness.tasks.base import FloatArray
from xharness.tasks.common.json_types import Json, JsonObject
from xharness.tasks.diagnostics.mixed_languages import JOINT, SUFFIX, TASKS
from xharness.tasks.metrics.intervals import student

ORDER = {task.name.removesuffix(SUFFIX): task.languages for task in TASKS}
"""Names of all pairs in order, by the task whose texts are mixed."""
Pair = tuple[str, str]


@dataclass(frozen=True)
class Effect:
    """A mean in percent or points, with its 95 % interval (None for a single item)."""

    value: float
    interval: Interval


@dataclass(frozen=True)
class Matrix:
    """Accuracy by pair of languages, in percent.

    Attributes:
        task: The task whose texts are mixed.
        languages: In the task's order.
        scores: By (language of the first text, of the second); a pair that was not evaluated is missing.
        intervals: 95 %, of the same pairs.
        cost: Mean over pairs of one language minus mean over the other pairs, in points, over the same items in all
            cells; None without both kinds, or where cells do not share their items.
    """

    task: str
    languages: Sequence[str]
    scores: Mapping[Pair, float]
    intervals: Mapping[Pair, Interval]
    cost: Effect | None

    def mean(self, first: str = "", second: str = "") -> float | None:
        """Mean over pairs of two different languages, of those with this first or second one if it is given."""
        pairs = [(a, b) for a, b in self.scores if a != b and first in ("", a) and second in ("", b)]
        return mean(self.scores[pair] for pair in pairs) if pairs else None

    @property
    def same(self) -> float | None:
        """Mean over pairs of one language."""
        own = [score for (first, second), score in self.scores.items() if first == second]
        return mean(own) if own else None

    def as_json(self) -> dict[str, Json]:
        """What ``--json`` prints."""
        cost: JsonObject | None = None
        if self.cost:
            cost = {"value": self.cost.value, "interval": listed_interval(self.cost.interval)}
        pairs: dict[str, dict[str, Json]] = {}
        for (first, second), score in self.scores.items():
            interval = listed_interval(self.intervals[first, second])
            pairs.setdefault(first, {})[second] = {"accuracy": score, "interval": interval}
        means: dict[str, Json] = {"same_language": self.same, "two_languages": self.mean(), "cost": cost}
        return {"task": self.task, "languages": list(self.languages), **means, "pairs": pairs}


def matrices(cells: Iterable[StoredCell], scores: ScoresFile) -> list[Matrix]:
    """One for each task of two languages that a run has scores of."""
    kept = list(cells)
    return [matrix(kept, scores, base) for base in ORDER if base + SUFFIX in scores.cells]


def matrix(cells: Iterable[StoredCell], scores: ScoresFile, base: str) -> Matrix:
    """From the cells of a run and its scores."""
    found = {_pair(name): cell for name, cell in scores.cells.get(base + SUFFIX, {}).items()}
    languages = [one for one, other in map(_pair, ORDER[base]) if one == other and any(one in pair for pair in found)]
    return Matrix(
        base,
        languages,
        {pair: cell.score for pair, cell in found.items()},
        {pair: cell.score_interval for pair, cell in found.items()},
        _cost(_right(cells, base + SUFFIX, found)),
    )


def table(found: Matrix, name: str = "") -> Table:
    """A row a language of the first text, a column a language of the second; means of different languages outside.

    Args:
        name: Tells the table from others of the same task on a page.
    """
    columns = [Column("first text"), *(Column(language, True) for language in found.languages)]
    columns.append(Column("other languages", True, "mean over second texts in another language"))
    rows = []
    for first in found.languages:
        scores = [number(found.scores.get((first, second)), 1) for second in found.languages]
        rows.append(TableRow([words(first), *scores, number(found.mean(first=first), 1)]))
    means = [number(found.mean(second=second), 1) for second in found.languages]
    rows.append(TableRow([words("other languages"), *means, number(found.mean(), 1)], strong=True))
    caption = f"{found.task}: accuracy in percent by language of the first text (rows) and of the second (columns)"
    return Table(f"mixed-{found.task}{name}", caption, columns, rows)


def summary(found: Matrix) -> list[str]:
    """The means in words."""
    lines = []
    if found.same is not None and (other := found.mean()) is not None:
        lines.append(f"both texts in one language: {found.same:.2f}; in two: {other:.2f}")
    if found.cost:
        interval = bounds(found.cost.interval, sign=True)
        lines.append(f"mixing costs {number(found.cost.value, sign=True).text} points {interval}".rstrip())
    return lines


def _pair(name: str) -> Pair:
    first, _, second = name.partition(JOINT)
    return first, second


def _right(cells: Iterable[StoredCell], task: str, pairs: Mapping[Pair, object]) -> dict[Pair, FloatArray]:
    """By pair which items are right, 0 or 1; empty unless all cells have the same items."""
    found, ids = {}, set()
    for record, items in cells:
        if record.task == task and _pair(record.language) in pairs and "main" in items:
            found[_pair(record.language)] = items["main"].statistics[:, 0]
            ids.add(items["main"].ids)
    return found if len(ids) == 1 else {}


def _cost(right: Mapping[Pair, FloatArray]) -> Effect | None:
    """Mean over items of what mixing costs; an item varies in all cells at once, so that it is the unit."""
    same = [values for (first, second), values in right.items() if first == second]
    other = [values for (first, second), values in right.items() if first != second]
    if not same or not other:
        return None
    each = 100 * (np.mean(same, axis=0) - np.mean(other, axis=0))
    value, count = float(each.mean()), len(each)
    if count < 2:
        return Effect(value, None)
    half = student(count - 1) * float(each.std(ddof=1)) / math.sqrt(count)
    return Effect(value, (value - half, value + half))
