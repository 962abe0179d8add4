"""``xharness reproduce``: why is my number another one?"""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from xharness.cli import complete
from xharness.cli.option_types import DATA, DataOption, Labels, Langs, Model, TasksFrom
from xharness.cli.options import Execution, Fields, command, execution, progress
from xharness.cli.progress_screen import progress_shown
from xharness.cli.resumable import resumable
from xharness.cli.screen import put_json, say
from xharness.tables.terminal import render

if TYPE_CHECKING:
    from xharness.reproduction.reproduce import Reproduction

HELP = """Compare a task of a checkpoint with what others published of it, and say which protocol comes closest.

The task is evaluated once, and once more for each prompt or pooling that a published result names; blocks, directions
and measures come from the same answers.

Example: xharness reproduce tatoeba --model multilingual-e5-small --data data/ --out runs/why
"""


def reproduce_options(
    task: Annotated[str, typer.Argument(help="One task.", autocompletion=complete.task_names)],
    model: Model,
    data: DataOption,
    out: Annotated[Path, typer.Option(help="Folder for the runs. The same command continues interrupted ones.")],
    published_as: Annotated[
        str | None, typer.Option(help="Name of the model in publications. Default: as its folder or hub id says.")
    ] = None,
    published: Annotated[
        Path | None, typer.Option(help="TOML file with more published results (docs/reproducing.md).")
    ] = None,
    prompt: Annotated[list[str] | None, typer.Option(help="Try this prompt, too. May be repeated.")] = None,
    pooling: Annotated[list[str] | None, typer.Option(help="Try this pooling, too. May be repeated.")] = None,
    langs: Langs = None,
    labels: Labels = None,
    tasks_from: TasksFrom = None,
    limit: Annotated[
        int | None, typer.Option(help="First N examples of each language only.", rich_help_panel=DATA)
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of the tables.")] = False,
) -> Fields:
    """What is compared, and with what."""
    return dict(locals())


def _reproduce(
    *, task: str, model: Path, data: Path, out: Path, published_as: str | None, published: Path | None,
    prompt: list[str] | None, pooling: list[str] | None, langs: str | None, labels: Path | None,
    tasks_from: Path | None, limit: int | None, execution: Execution, quiet: bool, as_json: bool,
) -> None:  # fmt: skip
    from xharness.evaluation.options import EvaluateOptions
    from xharness.reproduction.reproduce import ReproduceOptions, reproduce

    options = EvaluateOptions(
        model=model, data=data, out=out, langs=langs, labels=labels, tasks_from=tasks_from, limit=limit, **execution
    )
    wanted = ReproduceOptions(published_as, published, pooling or (), prompt or ())
    with resumable(out), nullcontext() if quiet or as_json else progress_shown() as reporter:
        found = reproduce(task, options, wanted, reporter)
    if as_json:
        put_json(found.as_json())
    elif not quiet:
        _show(found)


def _show(found: Reproduction) -> None:
    from rich.text import Text

    from xharness.cli.tables import print_whole
    from xharness.reproduction.tables import sentences, tables, with_sources

    for table in tables(found):
        print_whole(render(replace(table, caption=table.heading)))
    for line in [*sentences(found), "", *with_sources(found)]:
        print_whole(Text(line))
    say(f"runs: {', '.join(str(run.path) for run in found.runs)}")


reproduce = command(
    lambda fields: _reproduce(**fields), reproduce_options, execution, progress, name="reproduce", text=HELP
)
