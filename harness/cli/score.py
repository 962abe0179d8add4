"""``xharness score``: score a folder of predictions without a model."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from xharness.cli import complete
from xharness.cli.options import Quiet, TasksFrom
from xharness.cli.screen import put, say

if TYPE_CHECKING:
    from xharness.tasks.common.errors import Problem
    from xharness.tasks.registry import Registry


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
        bool,
        typer.Option(
            "--lenient", help="Score what can be scored and say what is left out. Gold must be right all the same."
        ),
    ] = False,
    resamples: Annotated[int, typer.Option(min=0, help="0 for no intervals; no other number changes them.")] = 1000,
    seed: Annotated[int, typer.Option(help="Recorded; intervals need none.")] = 0,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Score predictions exactly as the official scorer does, with error bars.

    Strict: any problem in any file is listed and nothing is scored.

    Example: xharness score runs/mymodel data/labels --out scores.json
    """
    from xharness.api import score as score_predictions
    from xharness.submissions.score import GOLD_FIX
    from xharness.submissions.scores import to_json
    from xharness.tasks.common.errors import BadFiles
    from xharness.tasks.common.outputs import check_file, write_output

    if out is not None:
        check_file(out)
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
        fix = GOLD_FIX if lenient else "fix the files, or score what can be scored with --lenient"
        refuse(list(error.problems), "nothing scored", fix)
    list_problems(found.problems)
    scores = found.scores
    if out is not None:
        write_output(out, to_json(scores))
    if as_json:
        put(to_json(scores), exact=True)
    elif not quiet:
        from xharness.cli.tables import print_whole, scores_table

        for part in scores_table(found.scored, registry.tasks):
            print_whole(part)


def registry_with(tasks_from: Path | None) -> Registry:
    """All tasks, with those of a file of the user's own."""
    from xharness.tasks.registry import open_registry

    return open_registry(tasks_from)


def list_problems(problems: Iterable[Problem]) -> None:
    """Every problem, one a line, on stderr."""
    say(*problems, err=True)


def refuse(problems: list[Problem], what: str, fix: str) -> NoReturn:
    """Raise UserError for problems that are listed already."""
    from xharness.tasks.common.errors import UserError
    from xharness.tasks.common.text import plural

    files = len({problem.file for problem in problems})
    raise UserError(what, f"{plural(len(problems), 'problem')} in {plural(files, 'place')}, listed above", fix)
