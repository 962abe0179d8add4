"""``xharness leaderboard``: runs and published results, ranked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from xharness.cli.compare import Group
from xharness.cli.option_types import TasksFrom
from xharness.cli.outputs import output_format, say_written
from xharness.cli.screen import console, plain, print_all, put
from xharness.tables.terminal import is_wider, render
from xharness.tasks.common.errors import UserError, suggestion
from xharness.tasks.common.outputs import write_output

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

    from xharness.leaderboard.board import Section
    from xharness.leaderboard.render import By


class LeaderboardFormat(StrEnum):
    """How a leaderboard is written."""

    TABLE = "table"
    CSV = "csv"
    JSON = "json"
    MARKDOWN = "markdown"
    HTML = "html"
    LATEX = "latex"


ENDINGS = {
    ".txt": LeaderboardFormat.TABLE,
    ".csv": LeaderboardFormat.CSV,
    ".json": LeaderboardFormat.JSON,
    ".md": LeaderboardFormat.MARKDOWN,
    ".html": LeaderboardFormat.HTML,
    ".tex": LeaderboardFormat.LATEX,
}

ABOUT = ("participant", "affiliation", "date")
"""Columns that a narrow screen has no room for."""


class Detail(StrEnum):
    """What stands beside the main table."""

    TASK = "task"
    LANGUAGE = "language"


def leaderboard(
    runs: Annotated[list[str], typer.Argument(help="Run folders; with --group seed several each.")],
    metadata: Annotated[
        list[str] | None,
        typer.Option(help="FILE that describes the model, or RUN=FILE for one of several. Default: RUN/metadata.toml."),
    ] = None,
    published: Annotated[bool, typer.Option(help="Add published results, marked as quoted.")] = True,
    by: Annotated[Detail | None, typer.Option(help="More tables: by task, or by language of each task.")] = None,
    group: Annotated[
        Group | None,
        typer.Option(help="seed: each argument stands for several runs: a,b, a quoted pattern, or a folder of runs."),
    ] = None,
    resamples: Annotated[int, typer.Option(min=0, help="Draws behind the ranks; 0 for no intervals and ties.")] = 1000,
    seed: Annotated[int, typer.Option(help="Seed of those draws.")] = 0,
    format: Annotated[LeaderboardFormat | None, typer.Option(help="Default: table, or what OUT ends in.")] = None,
    out: Annotated[
        Path | None,
        typer.Option(help="Write to this file instead of the screen: .txt, .csv, .json, .md, .html or .tex."),
    ] = None,
    tasks_from: TasksFrom = None,
) -> None:
    """Rank runs of XTREME beside published results; ranks have intervals, and ties are marked as ties.

    Numbers of different protocols never share a table: zero-shot transfer, training beyond English, retrieval by a
    pretrained or by a tuned encoder each make a section. The provenance of the checkpoints decides, and where they
    have none, the description of the model (xharness submission template).

    Example: xharness leaderboard runs/a runs/b --by task --out leaderboard.html
    """
    form = output_format(format, out, ENDINGS, LeaderboardFormat.TABLE)
    models = _models(runs, by_seed=group is not None)
    files = _metadata([run for model in models for run in model], metadata or [])
    found = _ranked(models, files, group is not None, tasks_from, published, resamples, seed)
    detail: By | None = None if by is None else "task" if by is Detail.TASK else "language"
    _write(found, detail, form, out)


def _models(runs: Sequence[str], *, by_seed: bool) -> list[list[Path]]:
    """The runs of each argument."""
    if not by_seed:
        return [[Path(run)] for run in runs]
    from xharness.comparison.sides import several

    return [several(text) for text in runs]


def _ranked(
    models: Sequence[Sequence[Path]],
    files: Mapping[Path, Path],
    by_seed: bool,
    tasks_from: Path | None,
    published: bool,
    resamples: int,
    seed: int,
) -> Sequence[Section]:
    """Rows of the runs and of published results, by protocol."""
    from xharness.leaderboard.board import sections
    from xharness.leaderboard.published import published_rows
    from xharness.leaderboard.runs import run_row
    from xharness.leaderboard.seeds import seed_rows
    from xharness.runs.own_tasks import registry_of

    registry = registry_of([run for model in models for run in model], tasks_from)
    if by_seed:
        rows = [row for model in models for row in seed_rows(model, files, registry)]
    else:
        rows = [run_row(run, files.get(run), registry) for (run,) in models]
    return sections([*rows, *(published_rows() if published else [])], resamples=resamples, seed=seed)


def _write(found: Sequence[Section], by: By | None, format: LeaderboardFormat, out: Path | None) -> None:
    """The file, or the screen."""
    text = _text(found, by, format, out is not None)
    if text is None:
        _show(found, by)
    elif out is None:
        put(text, exact=format is LeaderboardFormat.JSON)
    else:
        write_output(out, text)
        say_written(out)


def _metadata(runs: Sequence[Path], given: Sequence[str]) -> dict[Path, Path]:
    """Which file describes which run."""
    known = {str(run): run for run in runs}
    found = {}
    for value in given:
        name, equals, file = value.rpartition("=")
        if not equals and len(runs) > 1:
            why = f"there are {len(runs)} runs, and it does not say which one it describes"
            raise UserError(f"cannot use --metadata {value}", why, f"write --metadata {runs[0]}={value}")
        run = known.get(name.rstrip("/"), known.get(name)) if equals else runs[0]
        if run is None:
            raise UserError(f"cannot use --metadata {value}", f"'{name}' is none of the runs", suggestion(name, known))
        found[run] = Path(file)
    return found


def _text(found: Sequence[Section], by: By | None, format: LeaderboardFormat, to_file: bool) -> str | None:
    """The leaderboard as text; None for the table on the screen."""
    from xharness.leaderboard.html import as_html
    from xharness.leaderboard.latex import as_latex
    from xharness.leaderboard.render import as_csv, as_json, as_markdown

    match format:
        case LeaderboardFormat.CSV:
            return as_csv(found, by)
        case LeaderboardFormat.JSON:
            return as_json(found)
        case LeaderboardFormat.MARKDOWN:
            return as_markdown(found, by)
        case LeaderboardFormat.HTML:
            return as_html(found, by)
        case LeaderboardFormat.LATEX:
            return as_latex(found, by)
    return _plain(found, by) if to_file else None


def _show(found: Sequence[Section], by: By | None) -> None:
    from xharness.cli.tables import print_whole

    for part in _parts(found, by, console()):
        print_whole(part)


def _plain(found: Sequence[Section], by: By | None) -> str:
    """The tables as text without colours."""
    return plain(200, lambda screen: print_all(screen, _parts(found, by)))


def _parts(found: Sequence[Section], by: By | None, screen: Console | None = None) -> Iterator[RenderableType]:
    """Tables and notes of every section, then how to read them; on a narrow screen without who and when."""
    from rich.text import Text

    from xharness.leaderboard.board import LEGEND
    from xharness.leaderboard.render import tables

    for section in found:
        yield Text(str(section.protocol), "bold")
        for table in tables(section, by):
            part = render(table.without_empty_columns())
            if screen is not None and is_wider(screen, part):
                part = render(replace(table.without_empty_columns().without(*ABOUT), dense=True))
            yield part
        yield from map(Text, (*section.notes, ""))
    yield from map(Text, LEGEND)
