"""``xharness diff``: the items of one cell on which two runs differ."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from xharness.cli.option_types import RunArgument, TasksFrom
from xharness.cli.outputs import output_format, say_written
from xharness.cli.screen import console, plain, put
from xharness.tables.table import Column, Emphasis, Table, TableCell, TableRow
from xharness.tables.terminal import fit, render, side_by_side
from xharness.tasks.common.errors import UserError, suggestion
from xharness.tasks.common.outputs import write_output

if TYPE_CHECKING:
    from rich.console import Console, RenderableType
    from rich.text import Text

    from xharness.diff.confusion import Confusion
    from xharness.diff.items import Difference, ItemChange, Status
    from xharness.diff.mark import MarkedText


class DiffFormat(StrEnum):
    """How a difference is written."""

    TABLE = "table"
    MARKDOWN = "markdown"
    JSON = "json"


ENDINGS = {".txt": DiffFormat.TABLE, ".md": DiffFormat.MARKDOWN, ".json": DiffFormat.JSON}

NARROWEST = 100  # columns; five of texts side by side need them
COLOURS = {"fixed": "green", "broken": "red", "both wrong": "yellow", "both right": "cyan"}
MARKS = {"base": ("[-", "-]", "red"), "new": ("{+", "+}", "green")}


def diff(
    base: RunArgument,
    new: Annotated[Path, typer.Argument(help="Run folder on the same data.")],
    task: Annotated[str, typer.Option(help="One task, e.g. xquad.")],
    lang: Annotated[str, typer.Option(help="One language, e.g. zh.")],
    status: Annotated[
        str, typer.Option(help="Which items: fixed, broken, both wrong, both right; or several with commas, or all.")
    ] = "fixed,broken,both wrong",
    limit: Annotated[int, typer.Option(min=0, help="Show so many items; 0 for all.")] = 20,
    data: Annotated[Path | None, typer.Option(help="Data folder, if it is no longer where BASE found it.")] = None,
    format: Annotated[DiffFormat | None, typer.Option(help="Default: table, or what OUT ends in.")] = None,
    out: Annotated[
        Path | None, typer.Option(help="Write to this file instead of the screen: .txt, .md or .json.")
    ] = None,
    tasks_from: TasksFrom = None,
) -> None:
    """Show the items of one task and language whose answer changed from BASE to NEW, largest effect first.

    The points beside an item are what the score of BASE gains or loses if only this item is taken from NEW. What
    differs between the two answers is marked: [-only in base-], {+only in new+}.

    Example: xharness diff runs/base runs/new --task xquad --lang zh --status broken
    """
    from xharness.diff.items import difference
    from xharness.runs.own_tasks import registry_of

    statuses = _statuses(status)
    form = output_format(format, out, ENDINGS, DiffFormat.TABLE)
    found = difference(base, new, task, lang, data, registry=registry_of([base, new], tasks_from))
    _write(found, statuses, limit, form, out)


def _write(found: Difference, statuses: Sequence[Status], limit: int, format: DiffFormat, out: Path | None) -> None:
    """The file, or the screen."""
    text = _text(found, statuses, limit, format, out is not None)
    if text is None:
        _show(found, statuses, limit)
    elif out is None:
        put(text, exact=format is DiffFormat.JSON)
    else:
        write_output(out, text)
        say_written(out)


def _text(found: Difference, statuses: Sequence[Status], limit: int, format: DiffFormat, to_file: bool) -> str | None:
    """The difference as text; None for the table on the screen."""
    from xharness.diff.render import as_json, markdown

    match format:
        case DiffFormat.MARKDOWN:
            return markdown(found, statuses, limit)
        case DiffFormat.JSON:
            return as_json(found, statuses, limit)
    return _plain(found, statuses, limit) if to_file else None


def _statuses(names: str) -> list[Status]:
    """The statuses that were named, in their own order."""
    from xharness.diff.items import STATUSES

    wanted = {" ".join(name.replace("-", " ").split()) for name in names.split(",")}
    if wanted == {"all"}:
        return list(STATUSES)
    for name in sorted(wanted - set(STATUSES)):
        why = f"an item is one of: {', '.join(STATUSES)}"
        raise UserError(f"unknown --status '{name}'", why, suggestion(name, [*STATUSES, "all"]))
    return [name for name in STATUSES if name in wanted]


def _show(found: Difference, statuses: Sequence[Status], limit: int) -> None:
    screen = console()
    screen.width = max(screen.width, NARROWEST)
    _print(screen, _parts(found, statuses, limit))


def _plain(found: Difference, statuses: Sequence[Status], limit: int) -> str:
    """The table as text without colours."""
    return plain(140, lambda screen: _print(screen, _parts(found, statuses, limit)))


def _print(screen: Console, parts: Sequence[RenderableType]) -> None:
    """Print without cutting: texts fold, and a matrix makes the screen as wide as it needs."""
    width = screen.width
    for part in parts:
        screen.width = width
        fit(screen, part)
        screen.print(part)


def _parts(found: Difference, statuses: Sequence[Status], limit: int) -> list[RenderableType]:
    """Everything on the screen: the counts, the items, what is left out, and for tags the confusion."""
    from rich.text import Text

    from xharness.diff.render import describe_counts, describe_rest, legend, select_changes, summary

    shown = select_changes(found, statuses, limit)
    parts: list[RenderableType] = [Text(summary(found), "bold"), Text(describe_counts(found))]
    parts += [Text(said)] if (said := legend(found)) else []
    parts += [_items(shown)] if shown else []
    if rest := describe_rest(found, statuses, len(shown)):
        parts.append(Text(rest))
    return [*parts, _matrix(*found.confusion)] if found.confusion and found.changes else parts


def _items(shown: Sequence[ItemChange]) -> RenderableType:
    """One row an item; gold and both answers side by side."""
    from rich.text import Text

    from xharness.diff.mark import mark_differences
    from xharness.diff.render import NOTHING

    rows = []
    for change in shown:
        base, new = mark_differences(change.base, change.new)
        effect, item = f"\n{change.effect:+.3f}\n", (_short(change.id), "dim")
        what = Text.assemble((change.status, COLOURS[change.status]), effect, item)
        inputs = Text("\n").join(Text.assemble((f"{name}: ", "dim"), text) for name, text in change.inputs.items())
        answers = _answer(base, "base", change), _answer(new, "new", change)
        rows.append((what, inputs, Text(change.gold or NOTHING), *answers))
    return side_by_side({"change": None, "input": 4, "gold": 3, "base": 3, "new": 3}, rows)


def _answer(parts: Sequence[MarkedText], run: str, change: ItemChange) -> Text:
    """An answer with its differing parts marked, and what is known of it below."""
    from rich.text import Text

    from xharness.diff.render import NOTHING, facts_of_run

    opening, closing, colour = MARKS[run]
    text = Text()
    for part in parts:
        text.append(f"{opening}{part.text}{closing}" if part.differs else part.text, colour if part.differs else "")
    text = text if text.plain else Text(NOTHING, "dim")
    for fact in facts_of_run(change, f"{run} "):
        text.append(f"\n{fact}", "dim")
    return text


def _short(item: str) -> str:
    return item if len(item) <= 12 else f"{item[:11]}…"


def _matrix(base: Confusion, new: Confusion) -> RenderableType:
    """Gold types down, predicted types across, both runs one above the other."""
    from xharness.diff.render import matrix

    header, lines = matrix(base, new)
    columns = [Column(name, numeric=index >= 2) for index, name in enumerate(header)]
    rows = []
    for index, line in enumerate(lines):
        own = header.index(lines[index - index % 2][0])
        emphasis = (Emphasis.AGREED if column == own else Emphasis.NONE for column in range(len(line)))
        rows.append(TableRow([TableCell(text, emphasis=each) for text, each in zip(line, emphasis, strict=True)]))
    title = f"{base.unit}: gold (down) by predicted (across)"
    return render(Table("confusion", title, columns, rows, dense=True))
