"""``xharness export``: a run for other programs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from xharness.cli.option_types import DATA, Quiet, RunArgument, TasksFrom
from xharness.cli.screen import put, say
from xharness.export import ExportFormat, ExportOptions
from xharness.export import export as write


def export(
    run: RunArgument,
    out: Annotated[
        Path | None,
        typer.Option(help="File, or folder for mteb and lm-eval. Default: the screen, for csv and jsonl."),
    ] = None,
    format: Annotated[
        ExportFormat | None,
        typer.Option("--format", help="Default: as a name in .csv, .jsonl or .parquet says; csv on the screen."),
    ] = None,
    items: Annotated[
        bool, typer.Option("--items", help="Each item with input, gold, answer and score, instead of the scores.")
    ] = False,
    data: Annotated[
        Path | None,
        typer.Option(help="Data folder for the items, if not where the run found it.", rich_help_panel=DATA),
    ] = None,
    tasks_from: TasksFrom = None,
    quiet: Quiet = False,
) -> None:
    """Write the scores of a run as a tidy table, its items, or the results folder of mteb or lm-eval.

    Columns are in docs/exporting.md; in Python, result.to_pandas() is the same table.

    Example: xharness export runs/mymodel --out scores.parquet
    """
    options = ExportOptions(out=out, format=format, items=items, data=data, tasks_from=tasks_from)
    options.check()
    if out is None:
        from xharness.export.write import text_of

        text, left_out = text_of(run, options)
        assert isinstance(text, str)  # parquet is never without a file
        put(text)
    else:
        left_out = write(run, options)
    for line in left_out:
        say(f"left out: {line}", err=True)
    if out is not None and not quiet:
        say(f"{out}: {options.resolved}")
