"""``xharness report``: runs as a page, or as tables for a text."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from xharness.cli.option_types import DATA, Quiet, TasksFrom
from xharness.cli.screen import say
from xharness.report import ReportFormat, ReportOptions
from xharness.report import report as write

COMPARISON = "Several runs"


def report(
    runs: Annotated[
        list[Path], typer.Argument(help="Run folders, at most eight. The first is the base of the others.")
    ],
    out: Annotated[
        Path | None,
        typer.Option(help="The file: .html, .md or .tex, which tells the format. Default: report.html."),
    ] = None,
    format: Annotated[
        ReportFormat | None, typer.Option("--format", help="Write this, whatever the name of OUT.")
    ] = None,
    items: Annotated[int, typer.Option(min=0, help="Most items of one cell in the page's browser; 0 for none.")] = 20,
    data: Annotated[
        Path | None,
        typer.Option(help="Data folder for the items, if not where the runs found it.", rich_help_panel=DATA),
    ] = None,
    tasks_from: TasksFrom = None,
    resamples: Annotated[
        int, typer.Option(help="Resamples of the paired comparison.", rich_help_panel=COMPARISON)
    ] = 10_000,
    across: Annotated[
        bool,
        typer.Option("--across", help="Compare even what was measured differently.", rich_help_panel=COMPARISON),
    ] = False,
    quiet: Quiet = False,
) -> None:
    """Write what runs say: scores, languages, transfer, training, time, single items, and what produced each number.

    The page is one file that works offline and from a mail. Several runs are compared with the first one.

    Example: xharness report runs/base runs/new --out report.html
    """
    options = ReportOptions(
        out=out, format=format, data=data, items=items, resamples=resamples, across=across, tasks_from=tasks_from
    )
    path = write(runs, options)
    if not quiet:
        from xharness.fetch.cache import megabytes

        say(f"{path}: {megabytes(path.stat().st_size)}")
