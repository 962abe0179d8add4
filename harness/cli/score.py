"""``xharness score``: score a folder of predictions without a model."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from xharness.cli.option_types import Json, OnlyTasks, Predictions, Quiet, TasksFrom, Version, VersionOption
from xharness.cli.outputs import check_output, say_written
from xharness.cli.problems import list_problems, refuse
from xharness.cli.screen import put
from xharness.tasks.common.errors import BadFiles
from xharness.tasks.common.outputs import write_output

if TYPE_CHECKING:
    from xharness.api import Scored


def score(
    predictions: Predictions,
    labels: Annotated[Path, typer.Argument(help="Folder of gold files in the same layout.")],
    version: VersionOption = Version.XTREME,
    out: Annotated[Path | None, typer.Option(help="Write the scores to this file, e.g. scores.json.")] = None,
    tasks: OnlyTasks = None,
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

    check_output(out, ".json")
    try:
        found = score_predictions(
            predictions,
            labels,
            version=version,
            tasks=tasks,
            tasks_from=tasks_from,
            lenient=lenient,
            resamples=resamples,
            seed=seed,
        )
    except BadFiles as error:
        list_problems(error.problems)
        fix = GOLD_FIX if lenient else "fix the files, or score what can be scored with --lenient"
        refuse(error.problems, "nothing scored", fix)
    _show(found, out, predictions, tasks_from, as_json=as_json, quiet=quiet)


def _show(
    found: Scored, out: Path | None, predictions: Path, tasks_from: Path | None, *, as_json: bool, quiet: bool
) -> None:
    """Problems on stderr, then the file, the JSON or the table."""
    from xharness.submissions.scores import to_json

    list_problems(found.problems)
    if out is not None:
        write_output(out, to_json(found.scores))
        if not quiet:
            say_written(out)
    if as_json:
        put(to_json(found.scores), exact=True)
    elif not quiet:
        from xharness.cli.tables import print_whole, scores_table
        from xharness.runs.own_tasks import registry_of

        for part in scores_table(found.scored, registry_of([predictions], tasks_from).tasks):
            print_whole(part)
