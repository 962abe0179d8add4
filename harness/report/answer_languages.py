"""Rankings over several languages: scores by language of question and answer, and which language is preferred."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from xharness.report.gather import NamedRun
from xharness.tables.table import Column, Table, TableRow, number, words
from xharness.tasks.common.json_types import JsonObject

SHARE = "share@20"
CAPTIONS = {SHARE: "share of the 20 best candidates"}
DIGITS = 1


def grids(runs: Sequence[NamedRun]) -> Iterator[tuple[NamedRun, str, str, Mapping[str, Mapping[str, float]]]]:
    """Run, task, measure, and values in percent: language of the question -> language of the answer -> value."""
    for run in runs:
        for task, cells in run.scores.cells.items():
            by_measure: dict[str, dict[str, Mapping[str, float]]] = {}
            for language, cell in cells.items():
                for measure, values in cell.by_answer_language.items():
                    by_measure.setdefault(measure, {})[language] = values
            for measure, rows in by_measure.items():
                yield run, task, measure, rows


def tables(runs: Sequence[NamedRun]) -> list[Table]:
    """A table a run, task and measure: a row a language of the question, a column a language of the answer."""
    return [_table(place, *each, several=len(runs) > 1) for place, each in enumerate(grids(runs), 1)]


def _table(
    place: int, run: NamedRun, task: str, measure: str, rows: Mapping[str, Mapping[str, float]], *, several: bool
) -> Table:
    answers = list(dict.fromkeys(name for values in rows.values() for name in values))
    what = CAPTIONS.get(measure, f"{measure} where only candidates in one language are ranked")
    caption = f"{task} by language of question and answer: {what}, in percent{f', {run.name}' if several else ''}"
    columns = [Column("question"), *(Column(name, True) for name in answers)]
    made = [
        TableRow([words(name), *(number(values.get(each), DIGITS) for each in answers)])
        for name, values in rows.items()
    ]
    return Table(f"answers-{place}", caption, columns, made)


def chart_points(runs: Sequence[NamedRun]) -> list[JsonObject]:
    """The same for the page's heat maps."""
    return [
        {
            "run": run.name,
            "task": task,
            "measure": CAPTIONS.get(measure, measure),
            "points": [
                [row, name, round(value, DIGITS)] for row, values in rows.items() for name, value in values.items()
            ],
        }
        for run, task, measure, rows in grids(runs)
    ]
