"""A leaderboard as CSV, JSON and markdown. HTML is in :mod:`xharness.leaderboard.html`."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

from xharness.leaderboard.board import (
    LEGEND,
    TITLES,
    Section,
    only_tasks,
    points,
    rank_text,
    ranks_text,
    shown_languages,
    shown_tasks,
)
from xharness.leaderboard.ranks import Standing
from xharness.tables import escapes
from xharness.tasks.common.files import render_json

By = Literal["task", "language"]
MAIN = ("rank", "ranks", "ties", "model", "participant", "affiliation", "date", *TITLES.values())
NUMBERS_FROM = 7  # of the columns of the main table


@dataclass(frozen=True)
class Grid:
    """A table for people: ``numbers`` is the first column that holds scores."""

    title: str
    header: Sequence[str]
    rows: Sequence[Sequence[str]]
    numbers: int


def main_grid(section: Section) -> Grid:
    """The leaderboard's own columns, without those in which nothing stands and without rows that have only tasks."""
    shown = [each for each in section.standings if not only_tasks(each.row)] or section.standings
    rows = [[*_place(standing), *_about(standing), *_totals(standing)] for standing in shown]
    kept = [column for column in range(len(MAIN)) if any(row[column] for row in rows)]
    numbers = sum(column < NUMBERS_FROM for column in kept)
    return Grid("averages", [MAIN[c] for c in kept], [[row[c] for c in kept] for row in rows], numbers)


def more_grids(section: Section, by: By | None) -> list[Grid]:
    """One table with all tasks; or one a task with its languages."""
    if by is None:
        return []
    if by == "task":
        names = shown_tasks(section)
        rows = [
            [standing.row.model, *(points(standing.row.scores.get(name)) for name in names)]
            for standing in section.standings
            if any(name in standing.row.scores for name in names)
        ]
        return [Grid("by task", ("model", *names), rows, 1)] if names else []
    grids = []
    for task, languages in shown_languages(section).items():
        by_row = [(standing.row, standing.row.languages.get(task, {})) for standing in section.standings]
        rows = [[row.model, *(points(scores.get(name)) for name in languages)] for row, scores in by_row if scores]
        grids.append(Grid(f"{task} by language", ("model", *languages), rows, 1))
    return grids


def as_csv(found: Sequence[Section], by: By | None) -> str:
    """One line a row, protocol first; scores unrounded, with the tasks or languages asked for behind."""
    tasks = list(dict.fromkeys(name for section in found for name in shown_tasks(section))) if by == "task" else []
    cells = dict.fromkeys(
        (task, language)
        for section in found
        for task, languages in (shown_languages(section).items() if by == "language" else ())
        for language in languages
    )
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    bounds = ("rank_low", "rank_high", "ties", "average_low", "average_high")
    about = ("model", "participant", "affiliation", "date", "parameters", "quoted", "sources")
    measured = (*TITLES.values(), *tasks, *(f"{task}.{language}" for task, language in cells))
    writer.writerow(map(_csv_value, ("protocol", "rank", *bounds, *about, *measured)))
    for section in found:
        for standing in section.standings:
            row = standing.row
            ranks, interval = standing.ranks or ("", ""), standing.interval or ("", "")
            place = [rank_text(standing), *ranks, standing.ties, *interval]
            facts = [row.model, row.participant, row.affiliation, row.date, row.parameters or ""]
            scores = [row.scores.get(name, "") for name in (*TITLES, *tasks)]
            scores += [row.languages.get(task, {}).get(language, "") for task, language in cells]
            quoted = ["yes" if row.quoted else "no", "; ".join(row.sources)]
            writer.writerow(map(_csv_value, [str(section.protocol), *place, *facts, *quoted, *scores]))
    return buffer.getvalue()


def _csv_value(value: object) -> object:
    """A number as it is, a text as text."""
    return escapes.csv_cell(value) if isinstance(value, str) else value


def as_json(found: Sequence[Section]) -> str:
    """Everything, tasks and languages included."""
    return render_json(
        {
            "sections": [
                {
                    "protocol": asdict(section.protocol),
                    "rows": [_object(standing) for standing in section.standings],
                    "notes": section.notes,
                }
                for section in found
            ]
        }
    )


def as_markdown(found: Sequence[Section], by: By | None) -> str:
    """A section for each protocol, a table or more in each, and the notes as a list."""
    lines = []
    for section in found:
        lines += [f"### {escapes.markdown(str(section.protocol))}", "", *_table(main_grid(section))]
        for grid in more_grids(section, by):
            lines += [f"#### {escapes.markdown(grid.title)}", "", *_table(grid)]
        lines += [*(f"- {escapes.markdown(note)}" for note in section.notes), *([""] if section.notes else [])]
    return "\n".join([*lines, *(f"{line}  " for line in LEGEND)]) + "\n"


def _place(standing: Standing) -> list[str]:
    return [rank_text(standing), ranks_text(standing), standing.ties]


def _about(standing: Standing) -> list[str]:
    row = standing.row
    model = f"{row.model} ({_millions(row.parameters)})" if row.parameters else row.model
    return [f"{model} [quoted]" if row.quoted else model, row.participant, row.affiliation, row.date]


def _totals(standing: Standing) -> list[str]:
    """Average with half of its interval, then the groups."""
    average, *groups = (points(standing.row.scores.get(name)) for name in TITLES)
    if standing.interval is not None:
        low, high = standing.interval
        average += f" ± {(high - low) / 2:.2f}"
    return [average, *groups]


def _millions(parameters: int) -> str:
    return f"{parameters / 1e9:.1f}B" if parameters >= 1e9 else f"{max(1, round(parameters / 1e6))}M"


def _object(standing: Standing) -> dict[str, Any]:
    row = standing.row
    return {
        "rank": standing.rank,
        "shared": standing.shared,
        "rank_interval": standing.ranks,
        "ties": standing.ties.split(),
        "model": row.model,
        "participant": row.participant,
        "affiliation": row.affiliation,
        "date": row.date,
        "parameters": row.parameters,
        "pretraining_data": row.pretraining_data,
        "links": row.links,
        "quoted": row.quoted,
        "sources": row.sources,
        "note": row.note,
        "average": row.scores.get("all_task"),
        "average_interval": standing.interval,
        "scores": row.scores,
        "languages": row.languages,
    }


def _table(grid: Grid) -> list[str]:
    marks = ["---" if column < grid.numbers else "---:" for column in range(len(grid.header))]
    head, *rows = ([*map(escapes.markdown, row)] for row in (grid.header, *grid.rows))
    return [*map(_line, (head, marks, *rows)), ""]


def _line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"
