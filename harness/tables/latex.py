"""Tables for a paper, with booktabs."""

from __future__ import annotations

from collections.abc import Iterator

from xharness.tables.escapes import latex as escape
from xharness.tables.table import Table, TableRow

PACKAGES = "booktabs,graphicx"


def render(table: Table) -> str:
    """One table, made smaller where it is wider than the text."""
    layout = "".join("r" if column.numeric else "l" for column in table.columns)
    head = " & ".join(escape(column.label) for column in table.columns)
    lines = [
        r"\begin{table}[t]",
        r"\centering",
        r"\small",
        f"\\caption{{{escape(table.heading)}}}",
        f"\\label{{tab:{table.name}}}",
        r"\resizebox{\ifdim\width>\linewidth\linewidth\else\width\fi}{!}{%",
        f"\\begin{{tabular}}{{{layout}}}",
        r"\toprule",
        f"{head} \\\\",
        r"\midrule",
    ]
    return "\n".join([*lines, *_rows(table), r"\bottomrule", r"\end{tabular}}", r"\end{table}"])


def _rows(table: Table) -> Iterator[str]:
    """A line a row, and a rule before the sums."""
    before = True  # no rule on top
    for row in table.rows:
        if row.strong and not before:
            yield r"\midrule"
        before = row.strong
        line = " & ".join(_cell(row, cell.with_detail) for cell in row.cells)
        # The command that ends the row before takes a bracket for its own option.
        yield f"{'{}' * line.startswith('[')}{line} \\\\"


def _cell(row: TableRow, text: str) -> str:
    shown = escape(text)
    return f"\\textbf{{{shown}}}" if row.strong and shown else shown
