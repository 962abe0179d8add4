"""From draws to rows: differences, intervals and p-values."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from xharness.comparison.comparison import SIDES, CompareOptions, ComparisonRow
from xharness.comparison.pairing import Paired
from xharness.comparison.resampling import Resampled, average
from xharness.comparison.seeds import SeedResamples
from xharness.comparison.source import Source, is_same
from xharness.comparison.statistics import TOLERANCE, adjust_bonett_price, detectable, loss, mcnemar, two_sided
from xharness.submissions.zero_shot import is_marked
from xharness.tasks.base import FloatArray
from xharness.tasks.common.text import plural
from xharness.tasks.metrics.accuracy import Accuracy
from xharness.tasks.metrics.intervals import NORMAL, student


@dataclass(frozen=True, eq=False)
class ResampledTask:
    """The cells of a task that can be compared, their mean, and how many of the benchmark's languages are in it."""

    cells: Sequence[Paired]
    resampled: Resampled
    languages: int
    of: int

    @property
    def complete(self) -> bool:
        """The mean is over all languages of the benchmark."""
        return self.languages == self.of

    @property
    def lacks(self) -> str:
        """``3 of 33 languages``; empty if complete."""
        return "" if self.complete else f"{self.languages} of {plural(self.of, 'language')}"


@dataclass(frozen=True, eq=False)
class DifferenceStatistics:
    """What the spread says of a difference: its interval, standard error, draws without one, interval over seeds."""

    interval: tuple[float, float]
    error: float
    null: FloatArray
    seeds: tuple[float, float] | None = None


class RowBuilder:
    """Makes the rows of one comparison; corrected p-values come later, when a whole family is known."""

    def __init__(self, base: Sequence[Source], new: Sequence[Source], options: CompareOptions) -> None:
        self.options = options
        self.sides = dict(zip(SIDES, (base, new), strict=True))
        self.seeds = len(base)  # where those of base end among the sources
        self.by_seed = len(base) > 1
        self.same = len(base) == len(new) == 1 and is_same(base[0], new[0])
        self.seed_resamples = SeedResamples(
            (len(base), len(new)), options.resamples, options.seed, _order_by_seed(base, new)
        )

    def cell(self, cell: Paired, resampled: Resampled) -> ComparisonRow:
        """One language of one task."""
        name = f"{cell.task.name}.{cell.language}"
        exact = None if self.by_seed else _mcnemar(cell)
        return self._row("cell", name, resampled, [cell], cell.task.name, cell.language, note=cell.note, exact=exact)

    def task(self, task: ResampledTask) -> ComparisonRow:
        """The mean over languages."""
        name = task.cells[0].task.name
        partial = dict.fromkeys(cell.note for cell in task.cells)
        note = "; ".join(filter(None, [task.lacks, *partial]))
        return self._row("task", name, task.resampled, task.cells, name, complete=task.complete, note=note)

    def average(
        self, level: str, name: str, members: Sequence[str], tasks: Mapping[str, ResampledTask]
    ) -> ComparisonRow:
        """The mean over the tasks of a group or of the benchmark that are there."""
        there = [member for member in members if member in tasks]
        without = [member for member in members if member not in tasks]
        lacks = [f"{member}: {tasks[member].lacks}" for member in there if not tasks[member].complete]
        note = "; ".join([*([f"without {', '.join(without)}"] if without else []), *lacks])
        if note and level == "total":
            name = f"mean of {plural(len(there), 'task')}"
            note = "; ".join([*([f"of {len(members)}"] if without else []), *lacks])
        resampled = average([tasks[member].resampled for member in there])
        cells = [cell for member in there for cell in tasks[member].cells]
        return self._row(level, name, resampled, cells, complete=not note, note=note)

    def _not_zero_shot(self, cells: Sequence[Paired]) -> tuple[str, ...]:
        """The sides of which a run has such a number among these cells, by its signature."""
        names = [(cell.task.name, cell.language) for cell in cells]
        return tuple(
            side
            for side, runs in self.sides.items()
            if any(is_marked(run.cells[name].signature) for run in runs for name in names)
        )

    def _row(
        self,
        level: str,
        name: str,
        resampled: Resampled,
        cells: Sequence[Paired],
        task: str = "",
        language: str = "",
        *,
        complete: bool = True,
        note: str = "",
        exact: float | None = None,
    ) -> ComparisonRow:
        base, new = resampled.scores[: self.seeds], resampled.scores[self.seeds :]
        difference = float(new.mean() - base.mean())
        found = self._statistics(difference, resampled) if resampled.clusters else None
        return ComparisonRow(
            level=level,
            name=name,
            task=task,
            language=language,
            base=float(base.mean()),
            new=float(new.mean()),
            difference=difference,
            interval=found.interval if found else None,
            p=two_sided(difference, found.null) if found else 1.0,
            p_loss=loss(difference, found.null, self.options.margin) if found else 1.0,
            items=resampled.items,
            clusters=max(1, resampled.clusters),
            minimum_detectable=detectable(found.error, self.options.alpha) if found else None,
            points={"base": base.tolist(), "new": new.tolist()},
            p_mcnemar=exact,
            seed_interval=found.seeds if found else None,
            across=tuple(dict.fromkeys(text for cell in cells for text in cell.across)),
            not_zero_shot=self._not_zero_shot(cells),
            complete=complete,
            note=note if found else "; ".join(filter(None, [note, "a single cluster shows no spread"])),
        )

    def _statistics(self, difference: float, resampled: Resampled) -> DifferenceStatistics:
        """Interval, error and draws without a difference."""
        variance = float(self.seed_resamples.weight @ resampled.spread.covariance @ self.seed_resamples.weight)
        if not self.by_seed:
            assert resampled.swapped is not None
            centre, wider = difference, max(0.0, variance)
            if not self.same or variance > TOLERANCE**2:
                centre, wider = map(
                    float, adjust_bonett_price(np.array(difference), np.array(variance), resampled.apart)
                )
            half = student(resampled.spread.freedom) * math.sqrt(wider)
            return DifferenceStatistics(
                (centre - half, centre + half), math.sqrt(max(0.0, variance)), resampled.swapped
            )
        parts = self.seed_resamples.parts(resampled.spread)
        null = self.seed_resamples.noise(parts)
        half, alone = float(np.quantile(np.abs(null), 0.95)), self.seed_resamples.half_width(parts)
        # Over seeds the error follows from the interval, because the tails of Student's t may have no variance.
        within = (difference - alone, difference + alone)
        return DifferenceStatistics((difference - half, difference + half), half / NORMAL, null, within)


def _order_by_seed(base: Sequence[Source], new: Sequence[Source]) -> list[int] | None:
    """The runs of new in the order of base's seeds; None unless both sides have the same known seeds."""
    mine, theirs = [run.seed for run in base], [run.seed for run in new]
    if None in mine or len({*mine}) < len(mine) or sorted(map(str, mine)) != sorted(map(str, theirs)):
        return None
    return [theirs.index(seed) for seed in mine]


def _mcnemar(cell: Paired) -> float | None:
    """Where an item is right or wrong and nothing else."""
    if not isinstance(cell.task.metric, Accuracy):
        return None
    change = cell.items.statistics[:, 2] - cell.items.statistics[:, 0]
    return mcnemar(int(np.sum(change < 0)), int(np.sum(change > 0)))
