"""Tables that know nothing of their rendering: one value for every format, one module a format.

``terminal``, ``markdown``, ``html``, ``latex`` and ``csv_text`` render it; ``packed`` makes data for a page's scripts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum, auto

from xharness.submissions.zero_shot import SIGN, with_sign

MISSING = "–"
LARGE = 1000  # rows from which on a table is data and not markup, which is four times as long


class Emphasis(Enum):
    """What a screen shows in another way."""

    NONE = auto()
    GROUP = auto()
    TOTAL = auto()
    GAIN = auto()
    LOSS = auto()
    AGREED = auto()


@dataclass(frozen=True)
class TableCell:
    """What is shown.

    Attributes:
        sort: What it is sorted by; None for words, which are sorted by themselves.
        detail: A few words in smaller print behind the text.
        marked: It is not zero-shot.
        emphasis: How a screen shows it.
    """

    text: str
    sort: float | None = None
    detail: str = ""
    marked: bool = False
    emphasis: Emphasis = Emphasis.NONE

    @property
    def shown(self) -> str:
        """The text, and the sign of what is not zero-shot."""
        return with_sign(self.text, self.marked)

    @property
    def with_detail(self) -> str:
        """Text and detail on one line."""
        return f"{self.shown} {self.detail}".strip()


@dataclass(frozen=True)
class Column:
    """A heading and what is below it.

    Attributes:
        help: A sentence for who points at the heading.
        code: Its words are not of a language: hashes, paths, signatures.
        folds: A screen may break its cells into lines.
        narrowest: How narrow a screen may make it.
        stacked: A screen shows the words of the heading one below the other.
    """

    label: str
    numeric: bool = False
    help: str = ""
    code: bool = False
    folds: bool = False
    narrowest: int | None = None
    stacked: bool = False


@dataclass(frozen=True)
class TableRow:
    """Cells, as many as there are columns.

    Attributes:
        strong: A sum among its parts.
        ends_section: The rows below it are of another kind.
    """

    cells: Sequence[TableCell]
    strong: bool = False
    ends_section: bool = False


@dataclass(frozen=True)
class Table:
    """A table with a name for links and a caption that says what the numbers are.

    Attributes:
        filtered: Long enough to search in.
        dense: A screen sets its many columns close to each other.
    """

    name: str
    caption: str
    columns: Sequence[Column]
    rows: Sequence[TableRow] = field(default_factory=tuple)
    filtered: bool = False
    dense: bool = False

    @property
    def large(self) -> bool:
        """True if the page has the rows as data; rows that are set in bold never are."""
        return len(self.rows) > LARGE and not any(row.strong for row in self.rows)

    @property
    def heading(self) -> str:
        """The caption, and what the sign means if it is in the table."""
        marked = any(cell.marked for row in self.rows for cell in row.cells)
        return f"{self.caption}; {SIGN} not zero-shot" if marked else self.caption

    def without_empty_columns(self) -> Table:
        """The table without the columns in which nothing stands."""
        return self._of([i for i in range(len(self.columns)) if any(row.cells[i].text for row in self.rows)])

    def without(self, *labels: str) -> Table:
        """The table without columns of these labels."""
        return self._of([i for i, column in enumerate(self.columns) if column.label not in labels])

    def _of(self, kept: Sequence[int]) -> Table:
        """The table of some of its columns."""
        rows = [TableRow([row.cells[i] for i in kept], row.strong, row.ends_section) for row in self.rows]
        return replace(self, columns=[self.columns[i] for i in kept], rows=rows)


def words(text: object) -> TableCell:
    """A cell of words."""
    return TableCell(str(text))


def facts(title: str, values: Mapping[str, TableCell]) -> Table:
    """Names and values, a row each, without headings."""
    rows = [TableRow([words(name), value]) for name, value in values.items()]
    return Table("facts", title, [Column("", folds=True), Column("", folds=True)], rows)


def spelled(name: str) -> str:
    """A name of a file's keys as people write it: ``ten_tasks`` as ``ten tasks``."""
    return name.replace("_", " ")


def number(
    value: float | None, digits: int = 2, sign: bool = False, detail: str = "", marked: bool = False
) -> TableCell:
    """A cell with a number, aligned by its digits; a dash where there is none."""
    if value is None:
        return TableCell(MISSING, float("-inf"))
    text = f"{value:+,.{digits}f}" if sign else f"{value:,.{digits}f}"
    return TableCell(text.replace("-", "−"), float(value), detail, marked)


def exact(value: float | str | None) -> TableCell:
    """A number with all its digits, or a text; nothing for None."""
    return words(value) if isinstance(value, str) else TableCell("") if value is None else TableCell(str(value), value)


def bounds(interval: Sequence[float] | None, sign: bool = False) -> str:
    """``[78.15, 80.25]``, or nothing."""
    return "" if interval is None else f"[{', '.join(number(end, sign=sign).text for end in interval)}]"
