"""Every score of a study, one row each, in an order and with digits that do not depend on where or when steps ran."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from xharness.runs.reading import Run, open_run
from xharness.studies.planning import Evaluated
from xharness.studies.record import RecordedStudy
from xharness.submissions.scores_file import ScoresFile
from xharness.tables import csv_text
from xharness.tables.table import Column, Table, TableRow, exact
from xharness.tasks.common.errors import UserError
from xharness.tasks.common.files import render_json, write_atomic
from xharness.tasks.common.json_types import Json
from xharness.tasks.common.sealed import seal
from xharness.tasks.registry import Registry

CSV, JSON = "results.csv", "results.json"
SCORE = "score"
"""The one number of a cell: the mean of the official ones that count."""

AGAIN = "run the same xharness study run command again: it does the step anew"

COLUMNS = ("arm", "target", "seed", "task", "language", "n", "metric", "score")


@dataclass(frozen=True)
class ScoreRow:
    """One score, in percent."""

    arm: str
    target: str
    seed: int
    task: str
    language: str
    n: int
    metric: str
    score: float


@contextmanager
def of_a_step() -> Iterator[None]:
    """Say what to do about a damaged run that is a step's: nobody gave the command that evaluated it."""
    try:
        yield
    except UserError as error:
        raise UserError(error.what, error.why, AGAIN) from error


def collect(study: RecordedStudy, registry: Registry | None = None) -> list[ScoreRow]:
    """The scores of every evaluation that is whole.

    Raises:
        UserError: a run in the store was changed.
    """
    rows: list[ScoreRow] = []
    runs: dict[str, Run] = {}
    for each in study.evaluated:
        if not study.store.is_done(each.step.id):
            continue
        if each.step.id not in runs:
            with of_a_step():
                runs[each.step.id] = open_run(study.store.output(each.step.id), registry)
        rows += _rows(each, runs[each.step.id].scores)
    return rows


def _rows(evaluated: Evaluated, scores: ScoresFile) -> list[ScoreRow]:
    """The rows of one evaluation: of each cell its one number, and the official scores that it is made of."""
    found = []
    for task, cells in sorted(scores.cells.items()):
        for language, cell in sorted(cells.items()):
            official = {metric: scores.official_score(task, metric, language) for metric in sorted(cell.interval)}
            named = {SCORE: cell.score, **{name: value for name, value in official.items() if value is not None}}
            for metric, score in named.items():
                at = (evaluated.arm, evaluated.target, evaluated.seed)
                found.append(ScoreRow(*at, task, language, cell.n, metric, score))
    return found


def write_results(study: RecordedStudy, registry: Registry | None = None) -> list[ScoreRow]:
    """Write ``results.csv`` and ``results.json``: the same bytes for the same results."""
    rows = collect(study, registry)
    cells = [TableRow([exact(getattr(row, name)) for name in COLUMNS]) for row in rows]
    write_atomic(study.out / CSV, csv_text.render(Table("results", "", [Column(name) for name in COLUMNS], cells)))
    steps: list[Json] = [
        {"arm": each.arm, "target": each.target, "seed": each.seed, "step": each.step.key}
        for each in study.evaluated
        if study.store.is_done(each.step.id)
    ]
    listed: list[Json] = [{name: getattr(row, name) for name in COLUMNS} for row in rows]
    write_atomic(study.out / JSON, render_json(seal({"study": study.name, "evaluations": steps, "scores": listed})))
    return rows
