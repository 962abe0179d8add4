"""A leaderboard as CSV, JSON and markdown. HTML is in :mod:`xharness.leaderboard.html`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import Literal

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
from xharness.leaderboard.rows import LeaderboardRow
from xharness.leaderboard.seeds import seeds_tables
from xharness.tables import csv_text, escapes
from xharness.tables import markdown as markdown_table
from xharness.tables.table import Column, Table, TableCell, TableRow, exact, words
from xharness.tasks.common.files import render_json
from xharness.tasks.common.json_types import JsonObject
from xharness.tasks.registry import XTREME

By = Literal["task", "language"]
MAIN = ("rank", "ranks", "ties", "model", "participant", "affiliation", "date", *TITLES.values())
NUMBERS_FROM = 7  # of the columns of the main table
EXACT = (
    "protocol", "rank", "rank_low", "rank_high", "ties", "average_low", "average_high", "model", "participant",
    "affiliation", "date", "parameters", "quoted", "sources", "did_not_train",
)  # fmt: skip
FOLDING = {"model": 12, "participant": 16, "affiliation": 14}  # columns that fold, and how narrow they may become


def main_table(section: Section) -> Table:
    """The leaderboard's own columns, without those in which nothing stands and without rows that have only tasks."""
    shown = [each for each in section.standings if not only_tasks(each.row)] or section.standings
    rows = [TableRow([*map(words, (*_place(each), *_about(each), *_totals(each)))]) for each in shown]
    columns = [_column(name, numeric=place >= NUMBERS_FROM) for place, name in enumerate(MAIN)]
    return Table("averages", "averages", columns, rows).without_empty_columns()


def tables(section: Section, by: By | None) -> list[Table]:
    """The main table, unless no row has anything for it and others have; then :func:`more_tables`."""
    more = more_tables(section, by)
    said = any(name in standing.row.scores for standing in section.standings for name in TITLES)
    return [*([main_table(section)] if said or not more else []), *more]


def more_tables(section: Section, by: By | None) -> list[Table]:
    """Seeds beside each other where runs are; a table with tasks, those of XTREME only ``by`` task, or one a task with
    its languages."""
    return [*seeds_tables(section), *_detail_tables(section, by)]


def _detail_tables(section: Section, by: By | None) -> list[Table]:
    if by != "language":
        own = [name for name in shown_tasks(section) if name not in XTREME.languages]
        title, names = ("by task", shown_tasks(section)) if by else (f"tasks outside {XTREME.name}", own)
        told = [(each.row.marked, _by_task(each.row)) for each in section.standings]
        return [_scores_table(title, names, told)] if names else []
    return [
        _scores_table(
            f"{task} by language",
            languages,
            [(each.row.marked, _points_of(each.row.languages.get(task, {}))) for each in section.standings],
        )
        for task, languages in shown_languages(section).items()
    ]


def _by_task(row: LeaderboardRow) -> dict[str, str]:
    """Scores of tasks; those that lack languages with the number that they are over."""
    partial = {name: f"{points(score)} ({number}/{of})" for name, (score, number, of) in row.partial.items()}
    return _points_of(row.scores) | partial


def _points_of(scores: Mapping[str, float]) -> dict[str, str]:
    return {name: points(score) for name, score in scores.items()}


def _scores_table(title: str, names: Sequence[str], told: Iterable[tuple[str, Mapping[str, str]]]) -> Table:
    """Models by names of tasks or languages; models without any of them are left out."""
    rows = [
        TableRow([words(model), *(words(texts.get(name, "")) for name in names)])
        for model, texts in told
        if any(name in texts for name in names)
    ]
    return Table(title, title, [_column("model"), *(_column(name, numeric=True) for name in names)], rows)


def _column(name: str, *, numeric: bool = False) -> Column:
    """On a screen only long names fold."""
    return Column(name, numeric, folds=name in FOLDING, narrowest=FOLDING.get(name), stacked=True)


def as_csv(found: Sequence[Section], by: By | None) -> str:
    """One line a row, protocol first; scores unrounded, with the tasks or languages asked for behind."""
    tasks = list(dict.fromkeys(name for section in found for name in shown_tasks(section))) if by == "task" else []
    cells = dict.fromkeys(
        (task, language)
        for section in found
        for task, languages in (shown_languages(section).items() if by == "language" else ())
        for language in languages
    )
    measured = (*TITLES.values(), *tasks, *(f"{task}.{language}" for task, language in cells))
    rows = [
        TableRow([words(section.protocol), *_exact_place(each), *_exact_scores(each.row, [*TITLES, *tasks], [*cells])])
        for section in found
        for each in section.standings
    ]
    return csv_text.render(Table("leaderboard", "", [Column(name) for name in (*EXACT, *measured)], rows))


def _exact_place(standing: Standing) -> list[TableCell]:
    """The columns of ``EXACT`` after the protocol."""
    row = standing.row
    ranks, interval = standing.ranks or (None, None), standing.interval or (None, None)
    place = (rank_text(standing), *ranks, standing.ties, *interval)
    about = (row.model, row.participant, row.affiliation, row.date, row.parameters or None)
    quoted, untrained = "yes" if row.quoted else "no", "; ".join(row.untrained)
    return [*map(exact, (*place, *about, quoted, "; ".join(row.sources), untrained))]


def _exact_scores(row: LeaderboardRow, names: Sequence[str], cells: Sequence[tuple[str, str]]) -> list[TableCell]:
    scores = [row.scores.get(name) for name in names]
    return [*map(exact, (*scores, *(row.languages.get(task, {}).get(language) for task, language in cells)))]


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
        lines += [f"### {escapes.markdown(str(section.protocol))}", ""]
        for table in tables(section, by):
            lines += [f"#### {escapes.markdown(table.caption)}", "", *markdown_table.render(table), ""]
        lines += [*(f"- {escapes.markdown(note)}" for note in section.notes), *([""] if section.notes else [])]
    return "\n".join([*lines, *(f"{line}  " for line in LEGEND)]) + "\n"


def _place(standing: Standing) -> list[str]:
    return [rank_text(standing), ranks_text(standing), standing.ties]


def _about(standing: Standing) -> list[str]:
    row = standing.row
    model = f"{row.marked} ({_millions(row.parameters)})" if row.parameters else row.marked
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


def _object(standing: Standing) -> JsonObject:
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
        "did_not_train": row.untrained,
        "seeds": row.seeds,
        "average": row.scores.get("all_task"),
        "average_interval": standing.interval,
        "scores": row.scores,
        "partial": {name: list(found) for name, found in row.partial.items()},
        "languages": row.languages,
    }
