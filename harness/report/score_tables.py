"""The tables of scores: tasks, groups and total; languages by task; every cell with its signature."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from xharness.report.gather import NamedRun
from xharness.submissions.published import REFERENCE, published_average
from xharness.tables.table import MISSING, Column, Table, TableCell, TableRow, bounds, number, words
from xharness.tasks.base import Task
from xharness.tasks.languages import language
from xharness.tasks.registry import BENCHMARKS


def task_names(runs: Sequence[NamedRun]) -> list[str]:
    """Every task that has a score in any run, in the order of the first run that has it."""
    return list(dict.fromkeys(name for run in runs for name in run.scores.tasks))


def group_names(runs: Sequence[NamedRun]) -> list[str]:
    """Every group that is complete in any run."""
    return list(dict.fromkeys(name for run in runs for name in run.scores.groups))


def task_languages(runs: Sequence[NamedRun], task: str) -> list[str]:
    """Languages of a task in any run, in the scores' order."""
    return list(dict.fromkeys(code for run in runs for code in run.scores.cells.get(task, {})))


def summary(runs: Sequence[NamedRun], tasks: Mapping[str, Task]) -> Table:
    """Averages over languages with their intervals: a row a task, then the groups and the total."""
    published = {name: text for name in task_names(runs) if (text := _published(runs, tasks.get(name)))}
    columns = [Column("task")]
    about = "average over languages, with its 95 % interval"
    columns += [Column(_label(runs, run, "score"), True, about) for run in runs]
    about = "transfer gap: English minus the mean of the other languages"
    columns += [Column(_label(runs, run, "gap"), True, about) for run in runs]
    columns.append(Column("languages", True, "languages with a score, of those that the benchmark has"))
    if published:
        columns.append(Column(REFERENCE, True, "published average over the same languages"))
    rows = []
    for name in task_names(runs):
        both = [task_cells(run, name) for run in runs]
        cells = [words(name), *(score for score, _ in both), *(gap for _, gap in both), words(_languages(runs, name))]
        rows.append(TableRow([*cells, *([words(published.get(name, ""))] if published else [])]))
    rest = [words("")] * (len(runs) + 1 + bool(published))
    rows += [
        TableRow([words(name), *(group_cell(run, name) for run in runs), *rest], strong=True)
        for name in group_names(runs)
    ]
    if any(run.scores.has_total for run in runs):
        rows.append(TableRow([words("all tasks"), *map(total_cell, runs), *rest], strong=True))
    return Table("summary", "Averages over languages in percent, with 95 % intervals", columns, rows)


def summary_by_run(runs: Sequence[NamedRun], tasks: Mapping[str, Task]) -> Table:
    """The same with a row for every task of every run, which stays narrow however many runs there are."""
    published = {name: text for name in task_names(runs) if (text := _published(runs, tasks.get(name)))}
    columns = [Column("task"), Column("run"), Column("score", True), Column("gap", True), Column("languages", True)]
    columns += [Column(REFERENCE, True)] if published else []
    rows = []
    for name in task_names(runs):
        for run in runs:
            if name in run.scores.tasks:
                cells = [words(name), words(run.name), *task_cells(run, name), words(_languages([run], name))]
                rows.append(TableRow([*cells, *([words(published.get(name, ""))] if published else [])]))
    rest = [words("")] * (2 + bool(published))
    for name in group_names(runs):
        rows += [
            TableRow([words(name), words(run.name), group_cell(run, name), *rest], strong=True)
            for run in runs
            if name in run.scores.groups
        ]
    rows += [
        TableRow([words("all tasks"), words(run.name), total_cell(run), *rest], strong=True)
        for run in runs
        if run.scores.has_total
    ]
    return Table("summary", "Averages over languages in percent, with 95 % intervals", columns, rows)


def total_cell(run: NamedRun) -> TableCell:
    """The total of a run with its interval; a dash where tasks or languages are missing."""
    scores = run.scores
    if not scores.has_total:
        return number(None)
    return number(scores.average("all_task"), detail=bounds(scores.all_task), marked=run.marked(*scores.tasks))


def group_cell(run: NamedRun, name: str) -> TableCell:
    """A group of a run with its interval; a dash where it is not complete."""
    scores = run.scores
    if name not in scores.groups:
        return number(None)
    members = BENCHMARKS[scores.benchmark].groups[name]
    return number(scores.average(name), detail=bounds(scores.groups[name]), marked=run.marked(*members))


def task_cells(run: NamedRun, name: str) -> tuple[TableCell, TableCell]:
    """Score and transfer gap of a task."""
    part = run.scores.tasks.get(name)
    if part is None:
        return number(None), number(None)
    marked, interval = run.marked(name), bounds(part.interval.get("avg_metric"))
    average = number(run.scores.average(name), detail=interval, marked=marked)
    return average, number(part.transfer_gap, sign=True, marked=marked)


def _languages(runs: Sequence[NamedRun], name: str) -> str:
    """``33/33``, or the counts of all runs where they differ."""
    parts = [run.scores.tasks.get(name) for run in runs]
    return ", ".join(dict.fromkeys(f"{part.languages}/{part.of}" for part in parts if part))


def _published(runs: Sequence[NamedRun], task: Task | None) -> str:
    """The published average, where the averages of all runs that have the task are over the same data."""
    found = {published_average(run.scores, task) for run in runs if task and task.name in run.scores.tasks}
    return "" if None in found or not found else f"{found.pop():.1f}"


def _label(runs: Sequence[NamedRun], run: NamedRun, what: str) -> str:
    return what if len(runs) == 1 else f"{run.name} {what}"


def matrices(runs: Sequence[NamedRun]) -> Iterator[Table]:
    """Scores, a row a language: for each run a table with a column a task; of one task, one with a column a run."""
    names = task_names(runs)
    if len(names) == 1 and len(runs) > 1:
        caption = f"Scores on {names[0]} by language, in percent"
        yield _matrix("languages", caption, [(run.name, run, names[0]) for run in runs])
        return
    for number_of_run, run in enumerate(runs, 1):
        caption = f"Scores of {run.name} by language and task, in percent"
        yield _matrix(f"languages-{number_of_run}", caption, [(task, run, task) for task in task_names([run])])


def _matrix(name: str, caption: str, shown: Sequence[tuple[str, NamedRun, str]]) -> Table:
    """``shown``: heading, run and task of each column."""
    codes = {code for _, run, task in shown for code in task_languages([run], task)}
    columns = [Column("language"), Column("code"), Column("family"), Column("script")]
    columns += [Column(heading, True) for heading, _, _ in shown]
    rows = []
    for known in sorted(map(language, codes), key=lambda each: each.name):
        scores = [number(run.score(task, known.code), marked=run.marked(task)) for _, run, task in shown]
        rows.append(TableRow([words(known.name), words(known.code), words(known.family), words(known.script), *scores]))
    return Table(name, caption, columns, rows, filtered=True)


def cells(runs: Sequence[NamedRun]) -> Table:
    """Every number with its interval, its size and its signature."""
    columns = [
        *([Column("run")] if len(runs) > 1 else []),
        Column("task"), Column("language"), Column("examples", True), Column("score", True), Column("95 % interval"),
        Column("further scores"), Column("signature", help="names everything that the number depends on", code=True),
    ]  # fmt: skip
    rows = []
    for run in runs:
        for task, by_language in run.scores.cells.items():
            for code, cell in by_language.items():
                row = [
                    words(task), TableCell(language(code).name, detail=code), number(cell.n, 0),
                    number(cell.score, marked=run.marked(task)),
                    words(bounds(cell.score_interval) or MISSING), words(_further(run, task, code)),
                    words(cell.signature),
                ]  # fmt: skip
                rows.append(TableRow([*([words(run.name)] if len(runs) > 1 else []), *row]))
    return Table("cells", "Every number, with what produced it", columns, rows, filtered=True)


def _further(run: NamedRun, task: str, code: str) -> str:
    """The official scores behind the number, where there are several, and the variants."""
    cell = run.scores.cells[task][code]
    found = {name: run.scores.official_score(task, name, code) for name in cell.interval}
    found = found if len(found) > 1 else {}
    return ", ".join(f"{k} {v:.2f}" for k, v in {**found, **cell.variants}.items() if v is not None)
