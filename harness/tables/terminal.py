"""Tables on the screen."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from xharness.tables.table import Column, Emphasis, Table

if TYPE_CHECKING:
    from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
    from rich.table import Table as RichTable
    from rich.text import Text

STYLES = {
    Emphasis.GROUP: "italic", Emphasis.TOTAL: "bold", Emphasis.GAIN: "bold green", Emphasis.LOSS: "bold red",
    Emphasis.AGREED: "bold",
}  # fmt: skip


def render(table: Table) -> RichTable:
    """The table as rich prints it: numbers on the right, details behind them, sums below a line and in bold.

    No cell is folded unless its column may be, and there is no line of headings where none has one.
    """
    from rich.text import Text

    found = _captioned(table)
    for column in table.columns:
        found.add_column(
            _label(column),
            justify="right" if column.numeric else "left",
            overflow="fold" if column.folds else "ellipsis",
            no_wrap=not column.folds,
            min_width=column.narrowest,
        )
    for row in table.rows:
        if row.strong:
            found.add_section()
        cells = (Text(cell.with_detail, STYLES.get(cell.emphasis, "")) for cell in row.cells)
        found.add_row(*cells, style="bold" if row.strong else None)
        if row.ends_section:
            found.add_section()
    return found


def _captioned(table: Table) -> RichTable:
    """An empty table of rich's, below its caption, which folds where the screen ends and not where the table does."""
    from rich.box import SIMPLE_HEAD
    from rich.table import Table as RichTable

    class Captioned(RichTable):
        def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
            if table.caption:
                yield console.render_str(table.caption, style="table.title")
            yield from super().__rich_console__(console, options)

    headed = any(column.label for column in table.columns)
    padding = (0, 1, 0, 0) if table.dense else (0, 1)
    return Captioned(box=SIMPLE_HEAD, pad_edge=False, padding=padding, show_header=headed)


def side_by_side(shares: Mapping[str, int | None], rows: Iterable[Sequence[Text]]) -> RichTable:
    """Long texts with colours of their own, as wide as the screen is, and a line between the rows.

    Args:
        shares: By heading the part of the width in which texts fold; None for what is as wide as it needs.
    """
    from rich.box import SIMPLE_HEAD
    from rich.table import Table as RichTable

    found = RichTable(box=SIMPLE_HEAD, pad_edge=False, show_lines=True, expand=True)
    for heading, share in shares.items():
        found.add_column(heading, ratio=share, overflow="fold" if share else "ellipsis", no_wrap=not share)
    for row in rows:
        found.add_row(*row)
    return found


def is_wider(screen: Console, part: RenderableType) -> bool:
    """Whether a screen would have to fold or cut a table."""
    from rich.measure import Measurement

    return Measurement.get(screen, screen.options.update(width=10_000), part).maximum > screen.width


def fit(screen: Console, part: RenderableType) -> None:
    """Make a screen as wide as a table needs, so that no cell is cut: words fold, in columns that may.

    One that fills whatever screen there is needs nothing.
    """
    from rich.measure import Measurement
    from rich.table import Table as RichTable

    if isinstance(part, RichTable) and not part.expand:
        needed = Measurement.get(screen, screen.options.update(width=10_000), part)
        whole = all(column.no_wrap for column in part.columns)
        screen.width = max(screen.width, needed.maximum if whole else needed.minimum + 2 * len(part.columns))


def _label(column: Column) -> str:
    return column.label.replace(" ", "\n") if column.stacked else column.label
