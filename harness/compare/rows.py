"""From draws to rows: differences, intervals and p-values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

from harness.compare.comparison import SIDES, CompareOptions, Row
from harness.compare.pairing import Paired
from harness.compare.resampling import Drawn, average
from harness.compare.seeds import SeedDraws
from harness.compare.source import Source
from harness.compare.statistics import detectable, loss, mcnemar, two_sided
from submissions.rules import plural
from submissions.zero_shot import is_marked
from tasks.base import FloatArray
from tasks.metrics.accuracy import Accuracy
from tasks.metrics.intervals import interval


@dataclass(frozen=True, eq=False)
class TaskDraws:
    """The cells of a task that can be compared, their mean, and how many of the benchmark's languages are in it."""

    cells: Sequence[Paired]
    drawn: Drawn
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


class Rows:
    """Makes the rows of one comparison; corrected p-values come later, when a whole family is known."""

    def __init__(self, base: Sequence[Source], new: Sequence[Source], options: CompareOptions) -> None:
        self.options = options
        self.sides = dict(zip(SIDES, (base, new), strict=True))
        self.seeds = len(base)  # where those of base end among the sources
        self.by_seed = len(base) > 1
        self.draws = SeedDraws((len(base), len(new)), options.resamples, options.seed)

    def cell(self, cell: Paired, drawn: Drawn) -> Row:
        """One language of one task."""
        name = f"{cell.task.name}.{cell.language}"
        exact = None if self.by_seed else _mcnemar(cell)
        return self._row("cell", name, drawn, [cell], cell.task.name, cell.language, note=cell.note, exact=exact)

    def task(self, task: TaskDraws) -> Row:
        """The mean over languages."""
        name = task.cells[0].task.name
        partial = dict.fromkeys(cell.note for cell in task.cells)
        note = "; ".join(filter(None, [task.lacks, *partial]))
        return self._row("task", name, task.drawn, task.cells, name, complete=task.complete, note=note)

    def average(self, level: str, name: str, members: Sequence[str], tasks: Mapping[str, TaskDraws]) -> Row:
        """The mean over the tasks of a group or of the benchmark that are there."""
        there = [member for member in members if member in tasks]
        without = [member for member in members if member not in tasks]
        lacks = [f"{member}: {tasks[member].lacks}" for member in there if not tasks[member].complete]
        note = "; ".join([*([f"without {', '.join(without)}"] if without else []), *lacks])
        if note and level == "total":
            name = f"mean of {plural(len(there), 'task')}"
            note = "; ".join([*([f"of {len(members)}"] if without else []), *lacks])
        drawn = average([tasks[member].drawn for member in there])
        cells = [cell for member in there for cell in tasks[member].cells]
        return self._row(level, name, drawn, cells, complete=not note, note=note)

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
        drawn: Drawn,
        cells: Sequence[Paired],
        task: str = "",
        language: str = "",
        *,
        complete: bool = True,
        note: str = "",
        exact: float | None = None,
    ) -> Row:
        base, new = drawn.scores[: self.seeds], drawn.scores[self.seeds :]
        difference = float(new.mean() - base.mean())
        resampled = self.draws.difference(drawn.bootstrap)
        # Few seeds have few exchanges of whole runs: with seeds the centred bootstrap stands for no difference.
        null = resampled - difference if drawn.swapped is None else drawn.swapped
        spread = drawn.clusters > 0
        return Row(
            level=level,
            name=name,
            task=task,
            language=language,
            base=float(base.mean()),
            new=float(new.mean()),
            difference=difference,
            interval=interval(resampled) if spread else None,
            p=two_sided(difference, null) if spread else 1.0,
            p_loss=loss(difference, null, self.options.margin) if spread else 1.0,
            items=drawn.items,
            clusters=max(1, drawn.clusters),
            minimum_detectable=detectable(self._error(resampled), self.options.alpha) if spread else None,
            points={"base": base.tolist(), "new": new.tolist()},
            p_mcnemar=exact,
            across=tuple(dict.fromkeys(text for cell in cells for text in cell.across)),
            not_zero_shot=self._not_zero_shot(cells),
            complete=complete,
            note=note if spread else "; ".join(filter(None, [note, "a single cluster shows no spread"])),
        )

    def _error(self, resampled: FloatArray) -> float:
        """Standard error of the difference; over seeds from the interval, because Student's tails have none."""
        if self.by_seed:
            low, high = interval(resampled)
            return (high - low) / (2 * NormalDist().inv_cdf(0.975))
        return float(np.std(resampled, ddof=1))


def _mcnemar(cell: Paired) -> float | None:
    """Where an item is right or wrong and nothing else."""
    if not isinstance(cell.task.metric, Accuracy):
        return None
    change = cell.items.counts[:, 2] - cell.items.counts[:, 0]
    return mcnemar(int(np.sum(change < 0)), int(np.sum(change > 0)))
