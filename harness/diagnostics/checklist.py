"""MultiCheckList with any span model: error rates by test and language, in a run folder like every other.

The run is an ordinary one, so that it continues, and that ``compare``, ``diff`` and ``report`` read it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from xharness.evaluation.options import EvaluateOptions
from xharness.evaluation.prepare import Prepared, prepare
from xharness.submissions.score_parts import CellScores, Interval, listed_interval
from xharness.submissions.scores_file import ScoresFile
from xharness.submissions.task_scores import mean
from xharness.tables.table import Column, Table, TableCell, TableRow, bounds, number, words
from xharness.tasks.common.errors import BadFiles, UserError, suggestion
from xharness.tasks.common.json_types import Json
from xharness.tasks.common.text import plural
from xharness.tasks.data import DataFolder
from xharness.tasks.diagnostics.cases import SEED
from xharness.tasks.diagnostics.multichecklist import tasks_of
from xharness.tasks.diagnostics.reader import FOLDER, TESTS
from xharness.tasks.diagnostics.templates import read_templates
from xharness.tasks.registry import Registry

NAMES = tuple(test.name for test in TESTS)


@dataclass(frozen=True)
class ErrorRate:
    """Share of cases that were failed, in percent, with its 95 % interval.

    Attributes:
        questions: Of all the cases; None where languages are averaged, as is the next.
        wrong_answers: Share of single answers that are wrong.
    """

    error: float
    interval: Interval
    questions: int | None = None
    wrong_answers: float | None = None


@dataclass(frozen=True)
class ErrorRates:
    """By test and language, and the mean over languages by test; tests and languages in order."""

    cells: Mapping[str, Mapping[str, ErrorRate]]
    means: Mapping[str, ErrorRate]

    @property
    def languages(self) -> list[str]:
        """Languages of any test, by code."""
        return sorted({language for rates in self.cells.values() for language in rates})

    def as_json(self) -> dict[str, Json]:
        """What ``--json`` prints."""
        return {
            "mean": {test: _json(rate) for test, rate in self.means.items()},
            "tests": {test: {name: _json(rate) for name, rate in by.items()} for test, by in self.cells.items()},
        }


def plan(
    options: EvaluateOptions, templates: Path, *, tests: Sequence[str] = (), cases: int = 200, seed: int = SEED
) -> Prepared:
    """Check everything before a model is loaded.

    Args:
        options: Model, output and how it is run; its data and tasks are not looked at.
        templates: MultiCheckList's ``checklist_templates.tsv``.
        tests: Names of :data:`NAMES`; all of them if empty.
        cases: How many are made of each test in each language.
        seed: Draws them.

    Raises:
        UserError: naming what is wrong; a malformed file with every line.
    """
    if cases < 1:
        raise UserError(f"--cases is {cases}", "it must be at least 1", "give 1 or more")
    for name in tests:
        if name not in NAMES:
            raise UserError(f"unknown test '{name}'", f"MultiCheckList has {len(NAMES)}", suggestion(name, NAMES))
    if not templates.is_file():
        why = "MultiCheckList is generated from its template file, which you have to get yourself"
        fix = "get multichecklist/checklist_templates.tsv of github.com/google-research/xtreme, and name it"
        raise UserError(f"no templates at {templates}", why, fix)
    if problems := read_templates(templates).problems:
        what = f"{plural(len(problems), 'problem')} in the templates"
        raise BadFiles(what, problems, "take the file as it was published")
    registry = Registry()
    registry.tasks |= {task.name: task for task in tasks_of(templates, cases, seed)}
    return prepare(options, registry=registry, data=DataFolder(templates.resolve().parent, None))


def task_names(tests: Sequence[str] = ()) -> str:
    """The tasks of some tests, as ``EvaluateOptions.tasks`` takes them."""
    return ",".join(f"{FOLDER}-{name}" for name in tests or NAMES)


def error_rates(scores: ScoresFile) -> ErrorRates:
    """From the scores of a run."""
    there = {name: scores.cells[task] for name in NAMES if (task := f"{FOLDER}-{name}") in scores.cells}
    cells = {name: {code: _rate(cell) for code, cell in sorted(found.items())} for name, found in there.items()}
    means = {name: _mean(scores, f"{FOLDER}-{name}", list(rates.values())) for name, rates in cells.items()}
    return ErrorRates(cells, means)


def table(rates: ErrorRates) -> Table:
    """A row a language, a column a test; the mean of the languages below."""
    columns = [Column("language"), *(Column(name, True, TITLES[name]) for name in rates.cells)]
    rows = [
        TableRow([words(language), *(_cell(by.get(language)) for by in rates.cells.values())])
        for language in rates.languages
    ]
    rows.append(TableRow([words("mean"), *(_cell(rates.means[name]) for name in rates.cells)], strong=True))
    caption = "MultiCheckList: cases failed, in percent, with 95 % intervals"
    return Table("multichecklist", caption, columns, rows, filtered=True)


TITLES = {test.name: test.title for test in TESTS}


def _rate(cell: CellScores) -> ErrorRate:
    right = cell.variants.get("right_answers")
    return ErrorRate(100 - cell.score, _inverted(cell.score_interval), cell.n, None if right is None else 100 - right)


def _mean(scores: ScoresFile, task: str, rates: Sequence[ErrorRate]) -> ErrorRate:
    """The mean over languages with its interval: cases go with their translations."""
    if task not in scores.tasks:
        return ErrorRate(mean(rate.error for rate in rates), None)
    return ErrorRate(100 - scores.average(task), _inverted(scores.tasks[task].interval.get("avg_metric")))


def _inverted(interval: Interval) -> Interval:
    return None if interval is None else (100 - interval[1], 100 - interval[0])


def _cell(rate: ErrorRate | None) -> TableCell:
    return number(None) if rate is None else number(rate.error, 1, detail=bounds(rate.interval))


def _json(rate: ErrorRate) -> dict[str, Json]:
    found: dict[str, Json] = {"error": rate.error, "interval": listed_interval(rate.interval)}
    more = {"questions": rate.questions, "wrong_answers": rate.wrong_answers}
    return found | {name: value for name, value in more.items() if value is not None}
