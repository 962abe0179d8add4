"""Does a folder of predictions fit what the leaderboard takes? Every problem at once, with file, line and remedy."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from xharness.submissions.files import cell_file, languages_in, predictions_folder, tasks_of
from xharness.tasks.base import Answers, Task
from xharness.tasks.common.errors import Problem
from xharness.tasks.gold import gold_problems
from xharness.tasks.registry import Benchmark
from xharness.tasks.types.base import Parsed
from xharness.tasks.types.findings import Expected, Finding, PredictionFile, first_of

__all__ = ["Expected", "Inspection", "check", "inspect_cell"]


BYTE_ORDER_MARK = (
    "begins with a byte order mark, which the official scorer takes for a part of the first answer; "
    "save the file as UTF-8 without it"
)


@dataclass(frozen=True)
class Inspection:
    """One cell's files, read and compared.

    Attributes:
        gold, answers: None if the file is not there or was not asked for.
        problems: Everything that is wrong in either file.
        reason: Why no score could be given; empty if one could.
        gold_is_wrong: Whether some of the problems are those of a gold file that is there.
    """

    gold: Parsed[Any] | None
    answers: Parsed[Any] | None
    problems: tuple[Problem, ...]
    reason: str
    gold_is_wrong: bool = False


def check(
    predictions: Path,
    benchmark: Benchmark,
    *,
    gold: Path | None = None,
    expected: Mapping[tuple[str, str], Expected] | None = None,
    tasks: Sequence[Task] | None = None,
) -> list[Problem]:
    """All problems of a submission; an empty list means that the leaderboard would take it.

    A task that the benchmark's total leaves out may be absent, unless it is asked for.

    Args:
        predictions: Run folder or folder of predictions.
        gold: Folder of gold files. Where a cell has none, ``expected`` and then the published counts serve.
        expected: What is known of cells by (task, language), for example from the data folder.
        tasks: Only these tasks; None means all of the benchmark.
    """
    folder = predictions_folder(predictions)
    problems: list[Problem] = []
    for task in tasks_of(benchmark) if tasks is None else tasks:
        languages = languages_in(benchmark, task)
        if not (folder / task.name).is_dir():
            if task.name not in benchmark.not_in_total or tasks is not None:
                problems.append(missing_folder(folder / task.name, task, languages))
            continue
        for language in languages:
            known = (expected or {}).get((task.name, language)) or published(task, language)
            labels = cell_file(gold, task, language) if gold else None
            labels = labels if labels and labels.is_file() else None
            path = cell_file(folder, task, language)
            problems += inspect_cell(task, language, path, labels, known).problems
    return problems


def inspect_cell(
    task: Task, language: str, predictions: Path, gold: Path | None, expected: Expected | None = None
) -> Inspection:
    """Read one cell's prediction file, and its gold file where there is one, and collect what is wrong.

    Args:
        gold: The gold file, which decides what is expected; None to go by ``expected``.
    """
    problems: list[Problem] = []
    reasons: list[str] = []
    right = None
    wrong: Sequence[Finding] = ()
    if gold is not None and not gold.is_file():
        what = f"no such file; without it {task.name} in '{language}' has no score"
        problems.append(Problem(gold, 0, what))
        reasons.append("no gold file")
    elif gold is not None:
        right = task.type.parse_gold(gold)
        wrong = _gold_findings([*right.problems, *gold_problems(task, language, right, gold)])
        problems += _at(gold, wrong)
        reasons += _reasons(gold, wrong)
        if not wrong:
            source = f"in {gold.parent.parent.name}/{task.name}/{gold.name}"
            expected = task.type.expected_of_gold(right.answers, source)
    if not predictions.is_file():
        problems.append(Problem(predictions, 0, missing_file(task, language)))
        return Inspection(right, None, tuple(problems), "; ".join([*reasons, "no prediction file"]), bool(wrong))
    if _has_byte_order_mark(predictions):
        problems.append(Problem(predictions, 1, BYTE_ORDER_MARK))
    given = task.type.parse_answers(predictions)
    given = task.type.like_gold(given, right) if right else given
    found = _findings(task, given, None if reasons else expected)
    problems += sorted([*given.problems, *_at(predictions, found)], key=lambda problem: problem.line)
    reasons += _reasons(predictions, [*map(_fatal, given.problems), *found])
    return Inspection(right, given, tuple(problems), "; ".join(reasons), bool(wrong))


def published(task: Task, language: str) -> Expected | None:
    """What the published number of test examples expects; None where it is unknown or says nothing of answers."""
    count = task.published.get(language)
    return None if count is None else task.type.expected_of_count(count, "as published")


def _findings(task: Task, given: Parsed[Answers], expected: Expected | None) -> list[Finding]:
    """Everything that is wrong with a prediction file, in order of lines."""
    broken = frozenset(problem.line for problem in given.problems)
    file = PredictionFile(given.answers, given.lines, broken, expected, task.labels)
    return sorted(task.type.findings(file), key=lambda finding: finding.line)


def _gold_findings(problems: Sequence[Problem]) -> list[Finding]:
    """Problems of a gold file, the first few of many; with any of them no score could be trusted."""
    return first_of([Finding(problem.line, problem.what, fatal=True) for problem in problems], "lines")


def missing_folder(folder: Path, task: Task, languages: Sequence[str]) -> Problem:
    """The problem of a task that is not there at all."""
    first = task.file_name(languages[0])
    return Problem(folder, 0, f"no such folder; {task.name} needs {len(languages)} files in it, {first} and so on")


def missing_file(task: Task, language: str) -> str:
    """What to say of a prediction file that is not there."""
    return f"no such file; {task.name} is scored in '{language}' too, and one missing file voids the submission"


def _has_byte_order_mark(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(3) == b"\xef\xbb\xbf"


def _at(path: Path, found: Iterable[Finding]) -> list[Problem]:
    return [Problem(path, finding.line, finding.what) for finding in found]


def _fatal(problem: Problem) -> Finding:
    """What could not be read rules out a score."""
    return Finding(problem.line, problem.what, fatal=True)


def _reasons(path: Path, found: Iterable[Finding]) -> list[str]:
    """The first thing that rules out a score, as it reads without the path."""
    fatal = [finding for finding in found if finding.fatal][:1]
    return [f"{path.name}{f' line {first.line}' if first.line else ''}: {first.what}" for first in fatal]
