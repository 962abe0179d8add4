"""The transfer gap: how far each language stays behind English, by family and by script."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from xharness.report.gather import NamedRun
from xharness.report.score_tables import task_languages, task_names
from xharness.tables.table import Column, Table, TableCell, TableRow, number, words
from xharness.tasks.languages import Language, language

ENGLISH = "en"


@dataclass(frozen=True)
class Gap:
    """English minus another language, in points: positive where transfer costs something.

    Attributes:
        marked: It is not zero-shot.
    """

    run: str
    task: str
    language: Language
    points: float
    marked: bool = False


def gaps(runs: Sequence[NamedRun]) -> list[Gap]:
    """Every gap of every run, for the tasks that have a score in English."""
    return list(_gaps(runs))


def _gaps(runs: Sequence[NamedRun]) -> Iterator[Gap]:
    for run in runs:
        for task in task_names([run]):
            english = run.score(task, ENGLISH)
            if english is None:
                continue
            for code in task_languages([run], task):
                score = run.score(task, code)
                if code != ENGLISH and score is not None:
                    yield Gap(run.name, task, language(code), english - score, run.marked(task))


def gap_table(circle: str, runs: Sequence[NamedRun]) -> Table:
    """Mean gap by ``family`` or ``script``, the smallest first: the plain mean over tasks and languages."""
    found = gaps(runs)
    members: dict[str, list[Gap]] = {}
    for gap in found:
        members.setdefault(getattr(gap.language, circle), []).append(gap)
    columns = [Column(circle), Column("languages"), Column("cells", True)]
    columns += [Column("mean gap" if len(runs) == 1 else f"{run.name} mean gap", True) for run in runs]
    rows = []
    for name, inside in sorted(members.items(), key=lambda item: (_mean(item[1]) or 0.0, item[0])):
        codes = sorted({gap.language.code for gap in inside})
        most = max(sum(gap.run == run.name for gap in inside) for run in runs)
        means = [_cell([gap for gap in inside if gap.run == run.name]) for run in runs]
        rows.append(TableRow([words(name), words(" ".join(codes)), number(most, 0), *means]))
    return Table(f"gap-{circle}", f"Transfer gap by {circle}: English minus the language, in points", columns, rows)


def _cell(found: Sequence[Gap]) -> TableCell:
    return number(_mean(found), sign=True, marked=any(gap.marked for gap in found))


def _mean(found: Sequence[Gap]) -> float | None:
    return sum(gap.points for gap in found) / len(found) if found else None
