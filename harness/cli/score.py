"""``xharness score``: score a folder of predictions without a model."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from harness.cli import complete
from harness.cli.options import Quiet, TasksFrom

if TYPE_CHECKING:
    from tasks.errors import Problem
    from tasks.registry import Registry


class Version(StrEnum):
    """Which benchmark."""

    XTREME = "xtreme"
    XTREME_R = "xtreme-r"


VersionOption = Annotated[Version, typer.Option("--version", help="Languages and tasks of which benchmark.")]
Json = Annotated[bool, typer.Option("--json", help="Print the scores as JSON instead of the table.")]


def score(
    predictions: Annotated[Path, typer.Argument(help="Run folder, or folder with files like xnli/test-de.tsv.")],
    labels: Annotated[Path, typer.Argument(help="Folder of gold files in the same layout.")],
    version: VersionOption = Version.XTREME,
    out: Annotated[Path | None, typer.Option(help="Write the scores to this file, e.g. scores.json.")] = None,
    tasks: Annotated[
        str | None, typer.Option(help="Only these tasks and groups, e.g. xnli,qa.", autocompletion=complete.task_names)
    ] = None,
    tasks_from: TasksFrom = None,
    lenient: Annotated[
        bool, typer.Option("--lenient", help="Score what can be scored and say what is left out.")
    ] = False,
    resamples: Annotated[int, typer.Option(min=0, help="Bootstrap resamples behind the intervals; 0 for none.")] = 1000,
    seed: Annotated[int, typer.Option(help="Seed of the bootstrap.")] = 0,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Score predictions exactly as the official scorer does, with error bars.

    Strict: any problem in any file is listed and nothing is scored.

    Example: xharness score runs/mymodel data/labels --out scores.json
    """
    from harness.api import score as score_predictions
    from submissions.scores import to_json
    from tasks.errors import BadFiles
    from tasks.files import write_atomic

    registry = registry_with(tasks_from)
    try:
        found = score_predictions(
            predictions,
            labels,
            version=version,
            tasks=tasks,
            registry=registry,
            lenient=lenient,
            resamples=resamples,
            seed=seed,
        )
    except BadFiles as error:
        list_problems(error.problems)
        refuse(list(error.problems), "nothing scored", "mend the files, or score what can be scored with --lenient")
    list_problems(found.problems)
    scores = found.scores
    if out is not None:
        write_atomic(out, to_json(scores))
    if as_json:
        typer.echo(to_json(scores), nl=False)
    elif not quiet:
        from harness.cli.tables import print_whole, scores_table

        for part in scores_table(scores, registry.tasks):
            print_whole(part)


def registry_with(tasks_from: Path | None) -> Registry:
    """All tasks, with those of a file of the user's own."""
    from tasks.registry import Registry, load_file

    return Registry(load_file(tasks_from) if tasks_from else ())


def list_problems(problems: Iterable[Problem]) -> None:
    """Every problem, one a line, on stderr."""
    for problem in problems:
        typer.echo(str(problem), err=True)


def refuse(problems: list[Problem], what: str, fix: str) -> NoReturn:
    """Raise UserError for problems that are listed already."""
    from submissions.rules import plural
    from tasks.errors import UserError

    files = len({problem.file for problem in problems})
    raise UserError(what, f"{plural(len(problems), 'problem')} in {plural(files, 'place')}, listed above", fix)
