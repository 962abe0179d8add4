"""Score a folder of predictions against a folder of labels, as the official scorer does, without a model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from xharness.submissions.check import inspect_cell, missing_folder
from xharness.submissions.files import cell_file, languages_in, predictions_folder, tasks_of
from xharness.submissions.measuring import measure
from xharness.submissions.scores import Cell, summarise
from xharness.submissions.scores_file import ScoresFile
from xharness.submissions.signature import Signature
from xharness.tasks.base import Task
from xharness.tasks.common.collection import without_collection
from xharness.tasks.common.errors import BadFiles, Problem, UserError
from xharness.tasks.common.files import sha256
from xharness.tasks.registry import Benchmark, Registry

GOLD_FIX = "fix the gold files, or leave their tasks out with --tasks"


def score_folder(
    predictions: Path,
    labels: Path,
    benchmark: Benchmark,
    *,
    lenient: bool = False,
    resamples: int = 1000,
    seed: int = 0,
    tasks: Sequence[Task] | None = None,
) -> tuple[ScoresFile | None, list[Problem]]:
    """The scores and every problem of the files.

    Strict, any problem means that nothing is scored and the scores are None. Lenient, every cell is scored whose
    files can be read and fit each other, and ``xharness.unscored`` and ``xharness.problems`` say what was left out
    and what is doubtful. A task without a folder on either side is left out in both, as the official scorer does.
    Lenience is about predictions and about what is not there: with gold that is wrong nothing is scored.

    Raises:
        UserError: a folder is not there, or no task is in both.
        BadFiles: lenient, and a gold file is wrong; it carries the problems of those files.
    """
    folder = predictions_folder(predictions)
    if not labels.is_dir():
        raise UserError(
            f"no labels at {labels}", "there is no such folder", "give a folder that holds files like xnli/test-de.tsv"
        )
    known = tasks_of(benchmark) if tasks is None else tasks
    there = [task for task in known if (folder / task.name).is_dir() or (labels / task.name).is_dir()]
    _need_common_task(folder, labels, known)
    cells: list[Cell] = []
    problems: list[Problem] = []
    with without_collection():
        for task in known:
            languages = languages_in(benchmark, task)
            cells += _score_task(task, folder, labels, languages, problems, absent=task not in there)
    if problems and not lenient:
        return None, problems
    wrong = {cell_file(labels, cell.task, cell.language) for cell in cells if cell.gold_is_wrong}
    if wrong:
        found = [problem for problem in problems if problem.file in wrong]
        raise BadFiles("nothing scored: gold is wrong", found, GOLD_FIX)
    scores = summarise(cells, benchmark, resamples=resamples, seed=seed)
    return replace(scores, problems=[str(problem) for problem in problems]), problems


def tasks_for(benchmark: Benchmark, registry: Registry, names: str | None) -> list[Task]:
    """The tasks named, in the order of the benchmark; None means the benchmark and every added task."""
    if names is not None:
        chosen = {task.name for task in registry.select(names)}
    else:
        chosen = {*benchmark.languages, *registry.added}
    order = dict.fromkeys([*benchmark.languages, *registry.tasks])
    return [registry.tasks[name] for name in order if name in chosen]


def _need_common_task(predictions: Path, labels: Path, tasks: Sequence[Task]) -> None:
    if any((predictions / task.name).is_dir() and (labels / task.name).is_dir() for task in tasks):
        return
    names = ", ".join(task.name for task in tasks)
    raise UserError(
        f"nothing to score: no task has a folder both in {predictions} and in {labels}",
        f"folders are looked up by task name: {names}",
        "give two folders that hold files like xnli/test-de.tsv, predictions first",
    )


def _score_task(
    task: Task, predictions: Path, labels: Path, languages: Sequence[str], problems: list[Problem], *, absent: bool
) -> list[Cell]:
    """The cells of one task, measured where possible; adds to ``problems``. A task absent on both sides is none."""
    if absent:
        return [Cell(task, language, None, reason="task not in the folders") for language in languages]
    for side in (predictions, labels):
        if not (side / task.name).is_dir():
            problems.append(missing_folder(side / task.name, task, languages))
            reason = f"no folder {task.name} in {side.name}"
            return [Cell(task, language, None, reason=reason) for language in languages]
    return [_score_cell(task, language, predictions, labels, problems) for language in languages]


def _score_cell(task: Task, language: str, predictions: Path, labels: Path, problems: list[Problem]) -> Cell:
    """One cell; a metric that fails on it is a problem of it, and leaves the others alone."""
    gold = cell_file(labels, task, language)
    found = inspect_cell(task, language, cell_file(predictions, task, language), gold)
    problems += found.problems
    if found.reason or found.gold is None or found.answers is None:
        return Cell(task, language, None, reason=found.reason, gold_is_wrong=found.gold_is_wrong)
    right, answers = found.gold.answers, found.answers.answers
    try:
        items = measure(task, right, answers, language)
    except UserError as error:
        problems.append(Problem(cell_file(predictions, task, language), 0, f"has no score: {error.why}"))
        return Cell(task, language, None, reason=error.why)
    named = Signature.of(metric=task.metric.name, gold=sha256([gold])[:8])
    return Cell(task, language, items, signature=str(named), n=len(right))
