"""Run folders, read for a report: scores and manifest, with a short name each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from xharness.runs.files import COMPLETE
from xharness.runs.manifest import Manifest
from xharness.runs.reading import AGAIN, Run, open_run
from xharness.runs.verify import StoredCells
from xharness.submissions.scores_file import ScoresFile
from xharness.tables.escapes import one_line
from xharness.tasks.common.errors import UserError
from xharness.tasks.common.shapes import misfit
from xharness.tasks.registry import Registry

MOST_RUNS = 8  # as many as there are colours that people tell apart


@dataclass(frozen=True, eq=False)
class NamedRun:
    """One evaluation with the name that the report gives it: the shortest end of its path that no other run has.

    Attributes:
        whole: Everything that was read; None for scores without a folder.
    """

    name: str
    path: Path
    scores: ScoresFile
    manifest: Manifest
    whole: Run | None = None

    @property
    def notes(self) -> Sequence[str]:
        """What could not be verified."""
        return self.whole.notes if self.whole else ()

    @property
    def cells(self) -> StoredCells:
        """Every record with its statistics; none of scores without a folder."""
        return self.whole.cells if self.whole else ()

    def score(self, task: str, language: str) -> float | None:
        """The number of one cell in percent, or None."""
        cell = self.scores.cells.get(task, {}).get(language)
        return None if cell is None else float(cell.score)

    def marked(self, *tasks: str) -> bool:
        """True if a number over these tasks is not zero-shot."""
        return any(task in self.scores.not_zero_shot for task in tasks)


def load_runs(paths: Sequence[Path], registry: Registry | None = None) -> list[NamedRun]:
    """Read and verify run folders, in the order given.

    Raises:
        UserError: see :func:`xharness.runs.reading.open_run`.
    """
    if not paths:
        raise UserError("no run given", "a report is about at least one run", "name a run folder")
    if len(paths) > MOST_RUNS:
        why = f"a page tells {MOST_RUNS} apart"
        raise UserError(f"{len(paths)} runs for one report", why, f"name {MOST_RUNS} at most")
    if len({path.resolve() for path in paths}) < len(paths):
        raise UserError("the same run twice", "a run has nothing to tell beside itself", "name each run once")
    named = zip(short_names(paths), (open_run(path, registry) for path in paths), strict=True)
    return [_of_page(name, run) for name, run in named]


def _of_page(name: str, run: Run) -> NamedRun:
    """A run with everything that a page shows of it."""
    if wrong := misfit(run.manifest.content, COMPLETE):
        why = f"{wrong}; another xharness wrote it, or it was changed"
        raise UserError(f"cannot read {run.path / 'manifest.json'}", why, AGAIN)
    return NamedRun(name, run.path, run.scores, run.manifest, run)


def short_names(paths: Sequence[Path]) -> list[str]:
    """For each path the fewest last parts that no other path shares: ``seed1/run`` and ``seed2/run``."""
    whole = [path.resolve().parts for path in paths]
    for length in range(1, max(map(len, whole)) + 1):
        names = [one_line("/".join(parts[-length:])) for parts in whole]
        if len(set(names)) == len(names):
            break
    return names
