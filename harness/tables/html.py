"""Results as small HTML tables, for notebooks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from xharness.submissions.scores_file import ScoresFile
from xharness.tables.escapes import html as escape


def table(title: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """An HTML table; every value is escaped, and numbers stand on the right."""
    head = "".join(f"<th>{escape(column)}</th>" for column in columns)
    body = "".join("<tr>" + "".join(map(_cell, row)) + "</tr>" for row in rows)
    caption = f"<caption>{escape(title)}</caption>"
    return f"<table>{caption}<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def scores_table(scores: ScoresFile) -> str:
    """What the scores say of tasks, groups and total, in percent with 95 % intervals."""
    rows: list[tuple[object, ...]] = []
    for name, summary in scores.tasks.items():
        interval = _interval(summary.interval.get("avg_metric"))
        rows.append((name, scores.average(name), interval, f"{summary.languages}/{summary.of}"))
    rows += [(name, scores.average(name), _interval(interval), "") for name, interval in scores.groups.items()]
    if scores.has_total:
        rows.append(("all tasks", scores.average("all_task"), _interval(scores.all_task), ""))
    return table(f"{scores.benchmark}, percent", ("task", "score", "95 % interval", "languages"), rows)


def _cell(value: object) -> str:
    """A number with two digits on the right, anything else as it is on the left."""
    if isinstance(value, float):
        return f'<td style="text-align: right">{value:.2f}</td>'
    return f'<td style="text-align: left">{escape(str(value))}</td>'


def _interval(bounds: Sequence[float] | None) -> str:
    return f"[{bounds[0]:.2f}, {bounds[1]:.2f}]" if bounds else ""
