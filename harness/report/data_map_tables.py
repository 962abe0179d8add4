"""A data map as tables: how many examples were right how often, and every example by itself."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from xharness.tables.table import Column, Table, TableCell, TableRow, exact, number, words
from xharness.tasks.selection.cartography import NEVER_LEARNED, DataMap


def by_correctness(found: DataMap) -> Table:
    """A row for each number of passes in which an example was right."""
    columns = [
        Column("right in", numeric=True, help="Passes in which the right answer had the highest logit."),
        Column("examples", numeric=True),
        Column("share", numeric=True, help="Of the examples, in percent."),
        Column("confidence", numeric=True, help="Mean over passes of the probability of the right answer."),
        Column("variability", numeric=True, help="Population standard deviation of it over passes."),
        Column("forgotten", numeric=True, help="How often an example went from right to wrong, on average."),
    ]
    rows = [_row(found, times) for times in range(found.passes + 1)]
    caption = f"{len(found.ids):,} training examples over {found.passes} pass{'es' if found.passes > 1 else ''}"
    return Table("correctness", caption, columns, rows)


def _row(found: DataMap, times: int) -> TableRow:
    """The examples that were right so many times."""
    chosen = found.correctness == times
    means = [float(values[chosen].mean()) if chosen.any() else None for values in (found.confidence, found.variability)]
    learned = chosen & (found.forgetting != NEVER_LEARNED)
    forgotten = float(found.forgetting[learned].mean()) if learned.any() else None
    counts = [number(int(chosen.sum()), 0), number(100 * float(chosen.mean()), 1)]
    right = TableCell(f"{times} of {found.passes}", times)
    return TableRow([right, *counts, *(number(mean, 3) for mean in means), number(forgotten, 2)])


def every_example(found: DataMap) -> Table:
    """A row for each training example, all digits."""
    names = ("id", "confidence", "variability", "correctness", "forgetting", "threshold_closeness")
    columns = [Column(name, numeric=name != "id") for name in names]
    measures: Sequence[np.ndarray[tuple[int, ...], np.dtype[np.generic]]] = (
        found.confidence,
        found.variability,
        found.correctness,
        found.forgetting,
        found.closeness,
    )
    listed = [values.tolist() for values in measures]
    rows = [TableRow([words(name), *map(exact, row)]) for name, *row in zip(found.ids, *listed, strict=True)]
    return Table("examples", "Every training example", columns, rows)
