"""``xharness push``: results on the hub."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from xharness.cli.option_types import Quiet, RunArgument, TasksFrom
from xharness.cli.screen import say


def push(
    run: RunArgument,
    repo: Annotated[str, typer.Argument(help="The model's repository, owner/name. Its card gets the scores.")],
    results: Annotated[str | None, typer.Option(help="Data set that holds all results. Default: REPO-results.")] = None,
    predictions: Annotated[
        bool, typer.Option("--predictions", help="Push the files of predictions, too; never texts or gold.")
    ] = False,
    private: Annotated[bool, typer.Option("--private", help="Repositories that are made are private.")] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Connect to nothing: write what would be pushed into a folder.")
    ] = False,
    out: Annotated[Path | None, typer.Option(help="Folder of a dry run. Default: push.")] = None,
    tasks_from: TasksFrom = None,
    quiet: Quiet = False,
) -> None:
    """Put the scores of a run on the Hugging Face hub: into the model's card, and into a data set of their own.

    A card that is there keeps its text; results of an earlier push are replaced. Weights are not pushed.

    Example: xharness push runs/mymodel me/mymodel --dry-run
    """
    from xharness.publish.options import PushOptions

    options = PushOptions(repo, results, predictions, private, dry_run, out, tasks_from)
    options.check()
    from xharness.publish.push import push as send

    done = send(run, options)
    if not quiet:
        say(f"{done.model}: {done.files[0]}", f"{done.data_set}: {', '.join(_brief(done.files[1:]))}")


def _brief(files: Sequence[str]) -> list[str]:
    """Files, those of a folder as the folder."""
    return list(dict.fromkeys(name.partition("/")[0] + ("/" if "/" in name else "") for name in files))
