"""The tables as markdown, and as LaTeX with booktabs as a paper wants them."""

from __future__ import annotations

from collections.abc import Iterator

from xharness.diagnostics import matrix
from xharness.report import answer_languages, breakdown, comparing, gaps, origins, score_tables
from xharness.report.contents import Contents
from xharness.tables import escapes
from xharness.tables import latex as latex_table
from xharness.tables import markdown as markdown_table
from xharness.tables.table import Table


def tables(contents: Contents, narrow: bool = False) -> Iterator[Table]:
    """Scores by task, deltas, scores by language, transfer gaps; what a paper may want; long ones unless narrow."""
    runs, compared = contents.runs, contents.compared
    summary = score_tables.summary_by_run if narrow and len(runs) > 1 else score_tables.summary
    yield summary(runs, contents.tasks)
    if compared and compared.by_run:
        yield comparing.short_averages(compared) if narrow else comparing.averages(compared)
    yield from score_tables.matrices(runs)
    yield from answer_languages.tables(runs)
    for by, parts in breakdown.breakdowns(runs, contents.tasks, () if narrow else breakdown.ON_PAGES).items():
        if (table := breakdown.table(parts, by)).rows:
            yield table
    for place, run in enumerate(runs):
        yield from (matrix.table(found, str(place)) for found in matrix.matrices(run.cells, run.scores))
    for circle in ("family", "script"):
        if (table := gaps.gap_table(circle, runs)).rows:
            yield table


def remarks(contents: Contents) -> list[str]:
    """What must be said beside the tables."""
    runs, compared = contents.runs, contents.compared
    lines = [f"{run.name}: {line}" for run in runs for line in origins.remarks(run)] + origins.option_differences(runs)
    return [*lines, *(compared.problems + compared.notes if compared else [])]


def markdown(contents: Contents) -> str:
    """GitHub's tables with aligned numbers, then remarks and the signature of every number."""
    parts = [f"# {escapes.markdown(' and '.join(run.name for run in contents.runs))}"]
    parts += [_section(table) for table in tables(contents)]
    parts += ["\n".join(f"- {escapes.markdown(line)}" for line in lines)] if (lines := remarks(contents)) else []
    parts += [_section(score_tables.cells(contents.runs)), _section(origins.models(contents.runs))]
    return "\n\n".join(parts) + "\n"


def _section(table: Table) -> str:
    return f"## {escapes.markdown(table.heading)}\n\n" + "\n".join(markdown_table.render(table))


def latex(contents: Contents) -> str:
    r"""Tables to be put in by ``\input``; the remarks stand on top as comments, the signatures at the end."""
    lines = [f"% Needs \\usepackage{{{latex_table.PACKAGES}}}. Written by xharness report."]
    lines += map(escapes.latex_comment, remarks(contents))
    parts = ["\n".join(lines), *(latex_table.render(table) for table in tables(contents, narrow=True))]
    signatures = [
        escapes.latex_comment(f"{run.name}: {cell.signature}")
        for run in contents.runs
        for cells in run.scores.cells.values()
        for cell in cells.values()
    ]
    return "\n\n".join([*parts, "\n".join(["% What produced each number:", *signatures])]) + "\n"
