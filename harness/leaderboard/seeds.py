"""Runs that differ by their seed, together: every run's score, mean and standard deviation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from statistics import fmean, stdev

from xharness.comparison.comparison import side_name
from xharness.leaderboard.board import TITLES, Section, shown_tasks
from xharness.leaderboard.rows import LeaderboardRow
from xharness.leaderboard.runs import run_row
from xharness.tables.table import Column, Table, TableRow, words
from xharness.tasks.common.errors import UserError
from xharness.tasks.registry import Registry

AVERAGE = "all_task"


def seed_rows(runs: Sequence[Path], files: Mapping[Path, Path], registry: Registry) -> list[LeaderboardRow]:
    """The rows of runs that are seeds of one model.

    Args:
        files: Which file describes which run.

    Raises:
        UserError: fewer than two, or what :func:`run_row` refuses.
    """
    if len(runs) < 2:
        why, fix = "--group seed shows several runs of a model together", "name more of them, or leave it out"
        raise UserError(f"{', '.join(map(str, runs)) or 'nothing'} is not several runs", why, fix)
    rows = [run_row(run, files.get(run), registry) for run in runs]
    name = side_name([row.run for row in rows if row.run])
    return [replace(row, seeds=name) for row in rows]


def seeds_tables(section: Section) -> list[Table]:
    """A row for each model, a column for the average and each task; no table where no runs are seeds."""
    by_model: dict[str, list[LeaderboardRow]] = {}
    rows = [standing.row for standing in section.standings if standing.row.seeds]
    for row in sorted(rows, key=lambda row: str(row.run.path) if row.run else ""):
        by_model.setdefault(row.seeds, []).append(row)
    if not by_model:
        return []
    names = [AVERAGE, *shown_tasks(section)]
    columns = [Column("model", folds=True), *(Column(TITLES.get(name, name), folds=True) for name in names)]
    lines = [
        TableRow([words(_marked(name, seeds)), *(words(_scores(seeds, column)) for column in names)])
        for name, seeds in by_model.items()
    ]
    return [
        Table(
            "seeds", "seeds: mean ± sd (every run, in the order of their paths)", columns, lines
        ).without_empty_columns()
    ]


def _scores(seeds: Sequence[LeaderboardRow], name: str) -> str:
    """``57.30 ± 5.45 (50.20 61.00 60.70)``; empty where no run has it."""
    found = [row.scores[name] for row in seeds if name in row.scores]
    if not found:
        return ""
    spread = f" ± {stdev(found):.2f}" if len(found) > 1 else ""
    return f"{fmean(found):.2f}{spread} ({' '.join(f'{score:.2f}' for score in found)})"


def _marked(name: str, seeds: Sequence[LeaderboardRow]) -> str:
    """A model, and how many of its seeds did not train."""
    failed = sum(bool(row.untrained) for row in seeds)
    return f"{name} [{failed} of {len(seeds)} did not train]" if failed else name
