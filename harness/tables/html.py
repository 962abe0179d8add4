"""Results as small HTML tables, for notebooks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from xharness.tables.escapes import html as escape


def table(title: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """An HTML table; every value is escaped, and numbers stand on the right."""
    head = "".join(f"<th>{escape(column)}</th>" for column in columns)
    body = "".join("<tr>" + "".join(map(_cell, row)) + "</tr>" for row in rows)
    caption = f"<caption>{escape(title)}</caption>"
    return f"<table>{caption}<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def scores_table(scores: Mapping[str, Any]) -> str:
    """What ``scores.json`` says of tasks, groups and total, in percent with 95 % intervals."""
    ours = scores["xharness"]
    rows: list[tuple[object, ...]] = []
    for name, summary in ours["tasks"].items():
        interval = _interval(summary["interval"].get("avg_metric"))
        rows.append((name, scores[name]["avg_metric"], interval, f"{summary['languages']}/{summary['of']}"))
    rows += [(name, scores[name], _interval(group["interval"]), "") for name, group in ours["groups"].items()]
    if ours["all_task"]:
        rows.append(("all tasks", scores["all_task"], _interval(ours["all_task"]["interval"]), ""))
    averages = ours.get("averages", {})
    rows += [
        (name.replace("_", " "), each["score"], _interval(each["interval"]), "") for name, each in averages.items()
    ]
    return table(f"{ours['benchmark']}, percent", ("task", "score", "95 % interval", "languages"), rows)


def _cell(value: object) -> str:
    """A number with two digits on the right, anything else as it is on the left."""
    if isinstance(value, float):
        return f'<td style="text-align: right">{value:.2f}</td>'
    return f'<td style="text-align: left">{escape(str(value))}</td>'


def _interval(bounds: Sequence[float] | None) -> str:
    return f"[{bounds[0]:.2f}, {bounds[1]:.2f}]" if bounds else ""
