"""Tables as HTML: small ones for notebooks, and those of the leaderboard's and the report's page."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from xharness.submissions.score_parts import Interval
from xharness.submissions.scores_file import ScoresFile
from xharness.tables.escapes import html as escape
from xharness.tables.table import Column, Table, TableCell, TableRow, facts, spelled, words

# --- notebooks -------------------------------------------------------------------------------------------------------


def notebook(table: Table) -> str:
    """A table without style sheets; numbers stand on the right."""
    head = "".join(f"<th>{escape(column.label)}</th>" for column in table.columns)
    body = "".join(f"<tr>{''.join(map(_aligned, row.cells))}</tr>" for row in table.rows)
    caption = f"<caption>{escape(table.caption)}</caption>"
    return f"<table>{caption}<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def bullets(lines: Iterable[str]) -> str:
    """Remarks below a table."""
    return f"<ul>{''.join(f'<li>{escape(line)}</li>' for line in lines)}</ul>"


def facts_table(title: str, values: Mapping[str, object]) -> str:
    """Names and values, a row each."""
    return notebook(facts(title, {name: _fact(value) for name, value in values.items()}))


def scores_table(scores: ScoresFile) -> str:
    """What the scores say of tasks, groups and total, in percent with 95 % intervals."""
    rows = []
    for name, summary in scores.tasks.items():
        counts = f"{summary.languages}/{summary.of}"
        rows.append(_score_row(name, scores.average(name), summary.interval.get("avg_metric"), counts))
    for task, language in scores.beside:
        cell = scores.cells[task][language]
        rows.append(_score_row(f"{task} {language} (in no average)", cell.score, cell.score_interval))
    rows += [_score_row(name, scores.average(name), interval) for name, interval in scores.groups.items()]
    if scores.has_total:
        rows.append(_score_row("all tasks", scores.average("all_task"), scores.all_task))
    rows += [_score_row(spelled(name), found.score, found.interval) for name, found in scores.averages.items()]
    columns = [Column("task"), Column("score", numeric=True), Column("95 % interval"), Column("languages")]
    return notebook(Table("scores", f"{scores.benchmark}, percent", columns, rows))


def _score_row(name: str, score: float, interval: Interval, languages: str = "") -> TableRow:
    shown = f"[{interval[0]:.2f}, {interval[1]:.2f}]" if interval else ""
    return TableRow([words(name), _fact(score), words(shown), words(languages)])


def _fact(value: object) -> TableCell:
    return TableCell(f"{value:.2f}", value) if isinstance(value, float) else words(value)


def _aligned(cell: TableCell) -> str:
    side = "left" if cell.sort is None else "right"
    return f'<td style="text-align: {side}">{escape(cell.shown)}</td>'


# --- the leaderboard's page ------------------------------------------------------------------------------------------


def scrolling(table: Table) -> str:
    """A table that scrolls where it is too wide, also with the keyboard; columns have the class of their name."""
    kinds = ["number" if column.numeric else column.label for column in table.columns]
    named = zip(kinds, table.columns, strict=True)
    head = "".join(f'<th scope="col" class="{kind}">{escape(column.label)}</th>' for kind, column in named)
    body = "\n".join(f"<tr>{''.join(map(_classed, kinds, row.cells))}</tr>" for row in table.rows)
    title = escape(table.caption)
    return (
        f'<div class="scroll" tabindex="0" role="region" aria-label="{title}"><table><caption>{title}</caption>'
        f"<thead><tr>{head}</tr></thead><tbody>\n{body}\n</tbody></table></div>"
    )


def _classed(kind: str, cell: TableCell) -> str:
    """One cell; the name of the model heads its row."""
    text = escape(cell.shown)
    return f'<th scope="row">{text}</th>' if kind == "model" else f'<td class="{kind}">{text}</td>'


# --- the report's page -----------------------------------------------------------------------------------------------


def searchable(table: Table) -> str:
    """A table that the report's scripts sort and filter; the rows of a large one are in the page's data."""
    name, heading = escape(table.name), escape(table.heading)
    head = "".join(_heading(column, large=table.large) for column in table.columns)
    body = "" if table.large else "".join(_row(row, table.columns) for row in table.rows)
    return (
        f'<div class="table" data-table="{name}">{_filter(table) if table.filtered else ""}\n'
        f'  <div class="scroll" tabindex="0" role="region" aria-label="{heading}">\n    <table id="table-{name}">\n'
        f"      <caption>{heading}</caption>\n      <thead><tr>{head}</tr></thead>\n"
        f"      <tbody>{body}</tbody>\n    </table>\n  </div>\n</div>"
    )


def _filter(table: Table) -> str:
    name = escape(table.name)
    field = f'<input type="search" autocomplete="off" data-filter="{name}" placeholder="every word must occur">'
    count = f'<output data-count="{name}">{len(table.rows)} rows</output>'
    return f'\n  <p class="tools"><label>Filter {field}</label>\n    {count}</p>'


def breaking(text: str) -> str:
    """A signature or a path that lines break behind its marks, and not inside its words."""
    return escape(text).replace("|", "|<wbr>").replace("/", "/<wbr>")


def _heading(column: Column, *, large: bool) -> str:
    kind = ' class="number"' if column.numeric else ' data-kind="code"' if column.code and large else ""
    title = f' title="{escape(column.help)}"' if column.help else ""
    button = f'<button type="button">{escape(column.label)}</button>' if column.label else ""
    return f'<th scope="col"{kind}{title}>{button}</th>'


def _row(row: TableRow, columns: Iterable[Column]) -> str:
    cells = "".join(map(_data, row.cells, columns))
    kind = ' class="strong"' if row.strong else ""
    return f"<tr{kind}>{cells}</tr>"


def _data(cell: TableCell, column: Column) -> str:
    kind = ' class="number"' if column.numeric else ' class="code"' if column.code else ""
    sort = "" if cell.sort is None else f' data-sort="{cell.sort}"'
    text = breaking(cell.text) if column.code else escape(cell.shown)
    detail = f" <small>{escape(cell.detail)}</small>" if cell.detail else ""
    return f"<td{kind}{sort}>{text}{detail}</td>"
