"""Tables that know nothing of their rendering: the same ones go into HTML, markdown and LaTeX."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from xharness.submissions.zero_shot import SIGN, with_sign

MISSING = "–"
LARGE = 1000  # rows from which on a table is data and not markup, which is four times as long


@dataclass(frozen=True)
class Cell:
    """What is shown, and what it is sorted by (the text itself if None); ``marked``: it is not zero-shot."""

    text: str
    sort: float | None = None
    detail: str = ""  # a few words in smaller print behind the text
    marked: bool = False

    @property
    def shown(self) -> str:
        """The text, and the sign of what is not zero-shot."""
        return with_sign(self.text, self.marked)

    @property
    def whole(self) -> str:
        """Text and detail on one line."""
        return f"{self.shown} {self.detail}".strip()


@dataclass(frozen=True)
class Column:
    """A heading; ``help`` is a sentence for who points at it."""

    label: str
    numeric: bool = False
    help: str = ""
    code: bool = False


@dataclass(frozen=True)
class Row:
    """Cells, as many as there are columns; ``strong`` marks sums among their parts."""

    cells: Sequence[Cell]
    strong: bool = False


@dataclass(frozen=True)
class Table:
    """A table with a name for links and a caption that says what the numbers are."""

    name: str
    caption: str
    columns: Sequence[Column]
    rows: Sequence[Row] = field(default_factory=tuple)
    filtered: bool = False  # long enough to search in

    @property
    def large(self) -> bool:
        """True if the page has the rows as data; rows that are set in bold never are."""
        return len(self.rows) > LARGE and not any(row.strong for row in self.rows)

    @property
    def heading(self) -> str:
        """The caption, and what the sign means if it is in the table."""
        marked = any(cell.marked for row in self.rows for cell in row.cells)
        return f"{self.caption}; {SIGN} not zero-shot" if marked else self.caption


def packed(table: Table) -> dict[str, Any]:
    """The rows as data for the page's scripts: a cell is ``text TAB detail``, cut at ``|``; each piece stands once."""
    pieces: dict[str, int] = {}

    def places(cell: Cell) -> list[int]:
        return [pieces.setdefault(piece, len(pieces)) for piece in f"{cell.shown}\t{cell.detail}".split("|")]

    rows = [[places(cell) for cell in row.cells] for row in table.rows]
    return {"pieces": list(pieces), "rows": rows}


def words(text: object) -> Cell:
    """A cell of words."""
    return Cell(str(text))


def number(value: float | None, digits: int = 2, sign: bool = False, detail: str = "", marked: bool = False) -> Cell:
    """A cell with a number, aligned by its digits; a dash where there is none."""
    if value is None:
        return Cell(MISSING, float("-inf"))
    text = f"{value:+,.{digits}f}" if sign else f"{value:,.{digits}f}"
    return Cell(text.replace("-", "−"), float(value), detail, marked)


def bounds(interval: Sequence[float] | None, sign: bool = False) -> str:
    """``[78.15, 80.25]``, or nothing."""
    return "" if interval is None else f"[{', '.join(number(end, sign=sign).text for end in interval)}]"
