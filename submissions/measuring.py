"""Measuring one cell with a metric that may be anybody's: what comes out is checked before it counts."""

from __future__ import annotations

import numpy as np

from xharness.tasks.base import Answers, Gold, Items, Metric, Task
from xharness.tasks.common.errors import UserError

FIX = "fix the metric; everything else is kept, and the same command measures the cell again"


def measure(task: Task, gold: Gold, answers: Answers, language: str) -> Items:
    """The statistics of one cell.

    Raises:
        UserError: the metric failed, or gave what is not a table of finite numbers; the cell is named.
    """
    try:
        items = task.metric.measure(gold, answers, language)
        wrong = fault(task.metric, items)
    except Exception as error:  # a metric is anybody's code, and one cell must not cost the others
        raise _failed(task, language, f"it raised {type(error).__name__}: {error}".splitlines()[0]) from error
    if wrong:
        raise _failed(task, language, wrong)
    return items


def fault(metric: Metric, items: Items) -> str:
    """Why statistics give no score; empty if they do."""
    if not isinstance(items, Items) or getattr(items.statistics, "ndim", 0) != 2:
        return "it gave no table of counts"
    rows, columns = items.statistics.shape
    if columns != len(metric.columns) or not rows == len(items.ids) == len(items.clusters):
        return f"it gave {rows} rows of {columns} for {len(items.ids)} items and {len(metric.columns)} columns"
    if not np.isfinite(items.statistics).all():
        row = int(np.argmax(~np.isfinite(items.statistics).all(axis=1)))
        return f"it gave a count that is not a finite number, for item {items.ids[row]!r}"
    with np.errstate(all="ignore"):
        scores = metric.aggregate(items.statistics.sum(axis=0))
    if missing := [name for name in (*metric.official_scores, *metric.primary_scores) if name not in scores]:
        return f"it gave no {missing[0]}"
    wrong = [name for name, value in scores.items() if not np.isfinite(value).all()]
    return f"its {wrong[0]} is not a finite number" if wrong else ""


def _failed(task: Task, language: str, why: str) -> UserError:
    return UserError(f"{task.name} in '{language}' has no score", f"metric {task.metric.name}: {why}", FIX)
