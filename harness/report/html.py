"""The page: one HTML file with its style, scripts and data inside, which asks no server for anything."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from xharness.diagnostics import matrix
from xharness.report import answer_languages, breakdown, comparing, gaps, lineage, origins, score_tables
from xharness.report.charts import chart_data, pairs_drawn, part_drawn
from xharness.report.contents import Contents
from xharness.report.gather import NamedRun
from xharness.report.items import Browser
from xharness.report.page import render_page
from xharness.tables.packed import pack_rows
from xharness.tables.table import Table, TableCell, number
from xharness.tasks.diagnostics.mixed_languages import SUFFIX

SECTIONS = {
    "overview": "Scores", "compare": "Differences", "heatmap": "Task × language", "languages": "Languages",
    "breakdown": "Breakdown", "pairs": "Language pairs", "transfer": "Transfer gap", "layers": "Layers",
    "answers": "Language of the answer",
    "training": "Training", "time": "Time", "items": "Items", "numbers": "Every number", "provenance": "Provenance",
}  # fmt: skip
SCRIPTS = ("d3.min.js", "plot.umd.min.js", "tables.js", "charts.js", "items.js")
NAMED = 3  # runs in the title
FEW = 4  # tasks whose averages fit where there is no total


@dataclass(frozen=True)
class Tile:
    """What a reader wants first of a run: its total and groups, or the averages of its few tasks."""

    name: str
    numbers: Sequence[tuple[str, TableCell]]
    lacking: str
    remarks: Sequence[str]


def render(contents: Contents) -> str:
    """The whole page."""
    runs, compared = contents.runs, contents.compared
    roots = lineage.family(runs)
    curves, no_curves = lineage.curves(roots)
    data: dict[str, object] = {**chart_data(runs, curves)}
    parts = {circle: breakdown.breakdowns(runs, contents.tasks, circle) for circle in breakdown.Circle}
    data["breakdown"] = [part_drawn(part) for found in parts.values() for part in found]
    mixed = [(run.name, found) for run in runs for found in matrix.matrices(run.path, run.scores)]
    data["pairs"] = [pair for name, found in mixed for pair in pairs_drawn(name, found)]
    data["differences"] = comparing.differences(compared) if compared else []
    shown = contents.browser
    data["browser"] = {"base": runs[0].name, "changed": shown.changed, "cells": shown.cells, "items": shown.items}
    values: dict[str, Any] = {
        "title": _title(runs),
        "subtitle": _subtitle(runs),
        "beside": "columns" if len(runs) == 1 else "stacked",
        "tiles": [_tile(run) for run in runs],
        "unlike": origins.option_differences(runs),
        "summary": score_tables.summary(runs, contents.tasks),
        "matrices": list(score_tables.matrices(runs)),
        "single": {task for run in runs for task in run.scores.cells} - {f"{found.task}{SUFFIX}" for _, found in mixed},
        "cells": score_tables.cells(runs),
        "compared": compared,
        "compare_averages": comparing.averages(compared) if compared else None,
        "compare_cells": comparing.cells(compared) if compared else None,
        "gap_family": gaps.gap_table("family", runs),
        "gap_script": gaps.gap_table("script", runs),
        "breakdowns": [breakdown.table(found, circle) for circle, found in parts.items() if found],
        "correlations": breakdown.correlations(runs, contents.tasks),
        "mixed": [
            (name, matrix.table(found, str(place)), matrix.summary(found)) for place, (name, found) in enumerate(mixed)
        ],
        "swept": bool(data["sweeps"]),
        "answers": answer_languages.tables(runs),
        "roots": roots,
        "curves": curves,
        "no_curves": no_curves,
        "phases": origins.phases(runs),
        "models": origins.models(runs),
        "settings": origins.settings(runs),
        "browser": shown,
        "items_note": items_note(shown, contents.items_each),
    }
    tables = (each for each in values.values() if isinstance(each, Table))
    data["tables"] = {table.name: pack_rows(table) for table in tables if table.large}
    empty = {
        "compare": not compared, "heatmap": not values["single"], "languages": not values["single"],
        "breakdown": not values["breakdowns"], "pairs": not mixed, "transfer": not values["gap_family"].rows,
        "layers": not data["sweeps"], "answers": not values["answers"],
    }  # fmt: skip
    values |= {
        "large": bool(data["tables"]),
        "sections": _sections([name for name, nothing in empty.items() if nothing]),
    }
    return render_page("report.html.j2", values, data, SCRIPTS)


def items_note(shown: Browser, each: int) -> str:
    """Which items the browser holds, and how many it leaves out."""
    if not each:
        return "Items were left out, as asked with --items 0."
    of = "items whose answer changed" if shown.changed else "items"
    held = f"{len(shown.items):,} of {shown.total:,} {of}"
    if len(shown.items) == shown.total:
        return f"All {shown.total:,} {of}."
    how = "those with the largest effect on the score" if shown.changed else "mostly wrong ones"
    return f"The page holds {held}, to stay small enough for a mail: at most {each} of each cell, {how}."


def _title(runs: Sequence[NamedRun]) -> str:
    more = f" and {len(runs) - NAMED} more" if len(runs) > NAMED else ""
    names = ", ".join(run.name for run in runs[:NAMED])
    return f"{names}{more} on {runs[0].scores.benchmark.upper()}"


def _subtitle(runs: Sequence[NamedRun]) -> str:
    """Models, size and date of the first run."""
    kinds = dict.fromkeys(model.architecture for run in runs for model in run.manifest.models.values())
    cells = sum(len(languages) for run in runs for languages in run.scores.cells.values())
    days = sorted({run.manifest.started[:10] for run in runs} - {""})
    when = " to ".join(dict.fromkeys([days[0], days[-1]])) if days else ""
    runs_ = f"{len(runs)} runs, " if len(runs) > 1 else ""
    return f"{runs_}{', '.join(kinds)}, {cells} cells, {when}".rstrip(", ")


def _tile(run: NamedRun) -> Tile:
    scores, numbers, lacking = run.scores, [], ""
    if scores.has_total:
        numbers = [("all tasks", score_tables.total_cell(run))]
        numbers += [(name, score_tables.group_cell(run, name)) for name in scores.groups]
    else:
        numbers = [(name, score_tables.task_cells(run, name)[0]) for name in list(scores.tasks)[:FEW]]
        more = len(scores.tasks) - len(numbers)
        lacking = "no total: not all tasks and languages are there" + (f"; {more} more tasks below" if more else "")
    return Tile(run.name, numbers or [("no score", number(None))], lacking, origins.remarks(run))


def _sections(left_out: Collection[str]) -> list[tuple[str, str]]:
    """Ids and headings of the sections that there are."""
    return [(name, heading) for name, heading in SECTIONS.items() if name not in left_out]
