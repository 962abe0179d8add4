"""The tables as markdown, and as LaTeX with booktabs as a paper wants them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from xharness.diagnostics import matrix
from xharness.report import breakdown, comparing, gaps, origins, score_tables
from xharness.report.contents import Contents
from xharness.tables import escapes
from xharness.tables.table import Row, Table


def tables(contents: Contents, narrow: bool = False) -> Iterator[Table]:
    """Scores by task, deltas, scores by language, transfer gaps; what a paper may want; long ones unless narrow."""
    runs, compared = contents.runs, contents.compared
    summary = score_tables.summary_by_run if narrow and len(runs) > 1 else score_tables.summary
    yield summary(runs, contents.tasks)
    if compared and compared.by_run:
        yield comparing.brief(compared) if narrow else comparing.averages(compared)
    yield from score_tables.matrices(runs)
    for by in [] if narrow else [*breakdown.Circle]:
        if (table := breakdown.table(breakdown.breakdowns(runs, contents.tasks, by), by)).rows:
            yield table
    for place, run in enumerate(runs):
        yield from (matrix.table(found, str(place)) for found in matrix.matrices(run.path, run.scores))
    for circle in ("family", "script"):
        if (table := gaps.by(circle, runs)).rows:
            yield table


def remarks(contents: Contents) -> list[str]:
    """What must be said beside the tables."""
    runs, compared = contents.runs, contents.compared
    lines = [f"{run.name}: {line}" for run in runs for line in origins.remarks(run)] + origins.unlike(runs)
    return [*lines, *(compared.problems + compared.notes if compared else [])]


def markdown(contents: Contents) -> str:
    """GitHub's tables with aligned numbers, then remarks and the signature of every number."""
    parts = [f"# {escapes.markdown(' and '.join(run.name for run in contents.runs))}"]
    parts += [_markdown_table(table) for table in tables(contents)]
    parts += ["\n".join(f"- {escapes.markdown(line)}" for line in lines)] if (lines := remarks(contents)) else []
    parts += [_markdown_table(score_tables.cells(contents.runs)), _markdown_table(origins.models(contents.runs))]
    return "\n\n".join(parts) + "\n"


def _markdown_table(table: Table) -> str:
    head = [escapes.markdown(column.label) for column in table.columns]
    rule = ["---:" if column.numeric else "---" for column in table.columns]
    rows = [[_bold(escapes.markdown(cell.whole), row) for cell in row.cells] for row in table.rows]
    return f"## {escapes.markdown(table.heading)}\n\n" + "\n".join(_piped([head, rule, *rows]))


def _piped(rows: Iterable[list[str]]) -> Iterator[str]:
    return (f"| {' | '.join(row)} |" for row in rows)


def _bold(text: str, row: Row) -> str:
    return f"**{text}**" if row.strong and text else text


def latex(contents: Contents) -> str:
    r"""Tables to be put in by ``\input``; the remarks stand on top as comments, the signatures at the end."""
    lines = ["% Needs \\usepackage{booktabs,graphicx}. Written by xharness report."]
    lines += map(escapes.latex_comment, remarks(contents))
    parts = ["\n".join(lines), *(_latex_table(table) for table in tables(contents, narrow=True))]
    signatures = [
        escapes.latex_comment(f"{run.name}: {cell['signature']}")
        for run in contents.runs
        for cells in run.ours["cells"].values()
        for cell in cells.values()
    ]
    return "\n\n".join([*parts, "\n".join(["% What produced each number:", *signatures])]) + "\n"


def _latex_table(table: Table) -> str:
    """Made smaller where it is wider than the text."""
    layout = "".join("r" if column.numeric else "l" for column in table.columns)
    head = " & ".join(escapes.latex(column.label) for column in table.columns)
    lines = [
        r"\begin{table}[t]",
        r"\centering",
        r"\small",
        f"\\caption{{{escapes.latex(table.heading)}}}",
        f"\\label{{tab:{table.name}}}",
        r"\resizebox{\ifdim\width>\linewidth\linewidth\else\width\fi}{!}{%",
        f"\\begin{{tabular}}{{{layout}}}",
        r"\toprule",
        f"{head} \\\\",
        r"\midrule",
    ]
    before = False
    for row in table.rows:
        if row.strong and not before and row is not table.rows[0]:
            lines.append(r"\midrule")
        before = row.strong
        line = " & ".join(_latex_cell(row, cell.whole) for cell in row.cells)
        # The command that ends the row before takes a bracket for its own option.
        lines.append(f"{'{}' * line.startswith('[')}{line} \\\\")
    return "\n".join([*lines, r"\bottomrule", r"\end{tabular}}", r"\end{table}"])


def _latex_cell(row: Row, whole: str) -> str:
    text = escapes.latex(whole)
    return f"\\textbf{{{text}}}" if row.strong and text else text
