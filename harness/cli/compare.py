"""``xharness compare``: two runs as pairs on the same items, and a gate for builds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from xharness.cli.option_types import TasksFrom
from xharness.cli.outputs import output_format, say_written
from xharness.cli.screen import plain, print_all, put, say
from xharness.tasks.common.errors import UserError
from xharness.tasks.common.files import render_json
from xharness.tasks.common.outputs import write_output
from xharness.tasks.common.version import VERSION

if TYPE_CHECKING:
    from xharness.comparison.comparison import CompareOptions, Comparison
    from xharness.comparison.sides import Side

GATE, STATISTICS, OUTPUT = "Gate", "Statistics", "Output"


class CompareFormat(StrEnum):
    """What is written."""

    TABLE = "table"
    MARKDOWN = "markdown"
    JSON = "json"
    JUNIT = "junit"
    GITHUB = "github"


class FailOn(StrEnum):
    """What makes the exit code 1."""

    REGRESSION = "regression"
    MISSING = "missing"


class Group(StrEnum):
    """What the runs of one side may differ by."""

    SEED = "seed"


ENDINGS = {
    ".md": CompareFormat.MARKDOWN,
    ".json": CompareFormat.JSON,
    ".xml": CompareFormat.JUNIT,
    ".txt": CompareFormat.TABLE,
}


def compare(
    runs: Annotated[
        list[str],
        typer.Argument(
            help="BASE NEW [MORE]: run folders, or @NAME for a baseline.",
            metavar="BASE NEW [MORE]...",
            show_default=False,
        ),
    ],
    base: Annotated[str | None, typer.Option(help="The base, so that every argument is a new run; e.g. @main.")] = None,
    group: Annotated[
        Group | None,
        typer.Option(help="seed: each argument is several runs of one model, e.g. 'runs/a-seed*' or a,b or a folder."),
    ] = None,
    across: Annotated[
        bool, typer.Option("--across", help="Compare what was measured differently, and mark every such row.")
    ] = False,
    tasks_from: TasksFrom = None,
    fail_on: Annotated[
        list[FailOn] | None,
        typer.Option(
            help="Exit with 1 on a significant loss in a task or in total, or on missing cells.", rich_help_panel=GATE
        ),
    ] = None,
    margin: Annotated[float, typer.Option(help="Points that may be lost.", rich_help_panel=GATE)] = 0.0,
    alpha: Annotated[float, typer.Option(help="Level of significance.", rich_help_panel=STATISTICS)] = 0.05,
    resamples: Annotated[
        int, typer.Option(help="Trials of the randomisation; draws of seeds.", rich_help_panel=STATISTICS)
    ] = 10_000,
    seed: Annotated[int, typer.Option(help="Seed of both.", rich_help_panel=STATISTICS)] = 0,
    cells: Annotated[
        bool, typer.Option("--cells", help="Show every cell, not only those that differ.", rich_help_panel=OUTPUT)
    ] = False,
    as_format: Annotated[
        CompareFormat | None,
        typer.Option("--format", help="Default: table, or what --out ends in.", rich_help_panel=OUTPUT),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(help="Write to this file, and the table to the screen.", rich_help_panel=OUTPUT),
    ] = None,
) -> None:
    """Compare runs item by item: differences with intervals and tests, by task, group, total and cell.

    Exit code 0, or 1 if the gate of --fail-on fails; the last line says why.

    Example: xharness compare runs/before runs/after --fail-on regression --margin 0.5
    """
    from xharness.comparison.comparison import CompareOptions

    options = CompareOptions(resamples, seed, alpha, margin, across)
    options.check()
    form = output_format(as_format, out, ENDINGS, CompareFormat.TABLE)
    comparisons = _compared(_sides(runs, base, tasks_from, by_seed=group is not None), options)
    _show(comparisons, form, out, cells=cells)
    if fail_on:
        _gate(comparisons, fail_on, err=out is None and form in (CompareFormat.JSON, CompareFormat.JUNIT))


def _gate(comparisons: Sequence[Comparison], fail_on: Sequence[FailOn], *, err: bool) -> None:
    """Say whether the gate holds, and exit with 1 if it does not."""
    from xharness.comparison.gate import verdict

    fails, said = verdict(comparisons, missing=FailOn.MISSING in fail_on, regression=FailOn.REGRESSION in fail_on)
    say(said, err=err, fg="red" if fails else "green")
    if fails:
        raise typer.Exit(1)


def _sides(runs: Sequence[str], base: str | None, tasks_from: Path | None, *, by_seed: bool) -> list[Side]:
    """What the arguments name, the base first, each run under a name of its own."""
    from xharness.comparison.sides import disambiguate, read_side, several
    from xharness.runs.own_tasks import registry_of

    named = [base, *runs] if base is not None else list(runs)
    if len(named) < 2:
        raise UserError(
            "one run is given", "a comparison needs two", "name the base first: BASE NEW, or --base @main NEW"
        )
    paths = [path for text in named for path in (several(text) if by_seed else [Path(text)])]
    registry = registry_of(paths, tasks_from)
    return disambiguate([read_side(text, registry, by_seed=by_seed) for text in named])


def _compared(sides: Sequence[Side], options: CompareOptions) -> list[Comparison]:
    """Every new side against the base."""
    from xharness.comparison.compare import compare_all

    first, *others = sides
    comparisons = compare_all(first.runs, [side.runs for side in others], options)
    return [
        replace(comparison, failed={"base": first.failed, "new": side.failed})
        for comparison, side in zip(comparisons, others, strict=True)
    ]


def _show(comparisons: Sequence[Comparison], form: CompareFormat, out: Path | None, *, cells: bool) -> None:
    """Print, or write the file and print the table."""
    text = _text(comparisons, form, cells=cells) if form is not CompareFormat.TABLE or out is not None else ""
    if out is not None:
        write_output(out, text)
    elif text:
        put(text, exact=form is CompareFormat.JSON)
    if out is not None or form is CompareFormat.TABLE:
        from xharness.cli.tables import print_whole
        from xharness.comparison.render import screen

        for comparison in comparisons:
            for part in screen(comparison, cells=cells):
                print_whole(part)
        if out is not None:
            say_written(out)


def _text(comparisons: Sequence[Comparison], form: CompareFormat, *, cells: bool) -> str:
    """The comparisons in one of the formats that are files."""
    from xharness.comparison import gate, render

    if form is CompareFormat.JSON:
        found = {"xharness": VERSION, "comparisons": [comparison.to_json() for comparison in comparisons]}
        return render_json(found)
    if form is CompareFormat.JUNIT:
        return gate.junit(comparisons)
    if form is CompareFormat.GITHUB:
        return "".join(map(gate.github, comparisons))
    if form is CompareFormat.MARKDOWN:
        return "\n".join(render.markdown(comparison, cells=cells) for comparison in comparisons)
    parts = [part for comparison in comparisons for part in render.screen(comparison, cells=cells)]
    return plain(120, lambda screen: print_all(screen, parts))
