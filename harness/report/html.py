"""The report as a page: the values of its template, and the data that its scripts draw."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from xharness.diagnostics import matrix
from xharness.report import answer_languages, breakdown, comparing, gaps, lineage, origins, score_tables
from xharness.report.breakdown import Circle, GroupScore
from xharness.report.charts import chart_data, pairs_drawn, part_drawn
from xharness.report.contents import Contents
from xharness.report.gather import NamedRun
from xharness.report.heading import heading
from xharness.report.items import Browser
from xharness.report.page import render_page
from xharness.tables.packed import pack_rows
from xharness.tables.table import Table
from xharness.tasks.diagnostics.mixed_languages import SUFFIX

Values: TypeAlias = dict[str, object]
"""By the names that the template, or the scripts, know them by."""

SECTIONS = {
    "overview": "Scores", "compare": "Differences", "heatmap": "Task × language", "languages": "Languages",
    "breakdown": "Breakdown", "pairs": "Language pairs", "transfer": "Transfer gap", "layers": "Layers",
    "answers": "Language of the answer",
    "training": "Training", "time": "Time", "items": "Items", "numbers": "Every number", "provenance": "Provenance",
}  # fmt: skip
SCRIPTS = ("d3.min.js", "plot.umd.min.js", "tables.js", "drawing.js", "charts.js", "items.js")


@dataclass(frozen=True)
class Derived:
    """What both the template and the scripts show of the runs.

    Attributes:
        roots: The family tree of the checkpoints.
        no_curves: Why curves of training are lacking, a line each.
        parts: Scores of groups of languages, by what languages are put together by.
        mixed: Matrices of language pairs, each with the name of its run.
    """

    roots: Sequence[lineage.LineagePhase]
    curves: Sequence[lineage.Curve]
    no_curves: Sequence[str]
    parts: Mapping[Circle, Sequence[GroupScore]]
    mixed: Sequence[tuple[str, matrix.Matrix]]

    @classmethod
    def of(cls, contents: Contents) -> Derived:
        """Read from the runs, once."""
        roots = lineage.family(contents.runs)
        parts = breakdown.breakdowns(contents.runs, contents.tasks, breakdown.ON_PAGES)
        mixed = [(run.name, found) for run in contents.runs for found in matrix.matrices(run.cells, run.scores)]
        return cls(roots, *lineage.curves(roots), parts, mixed)


def render(contents: Contents) -> str:
    """The whole page."""
    derived = Derived.of(contents)
    data = _drawn(contents, derived)
    values = {
        **heading(contents.runs),
        **_scores(contents, derived),
        **_compared(contents),
        **_languages(contents, derived),
        **_training(contents.runs, derived),
        "swept": bool(data["sweeps"]),
        "browser": contents.browser,
        "items_note": items_note(contents.browser, contents.items_each),
    }
    tables = (each for each in values.values() if isinstance(each, Table))
    data["tables"] = {table.name: pack_rows(table) for table in tables if table.large}
    values["large"] = bool(data["tables"])
    values["sections"] = _sections(_empty(contents, derived, values))
    return render_page("report.html.j2", values, data, SCRIPTS)


def _drawn(contents: Contents, derived: Derived) -> Values:
    """What the scripts draw and search."""
    shown, compared = contents.browser, contents.compared
    return {
        **chart_data(contents.runs, derived.curves),
        "breakdown": [part_drawn(part) for found in derived.parts.values() for part in found],
        "pairs": [pair for name, found in derived.mixed for pair in pairs_drawn(name, found)],
        "differences": comparing.differences(compared) if compared else [],
        "browser": {
            "base": contents.runs[0].name, "changed": shown.changed, "cells": shown.cells, "items": shown.items,
        },
    }  # fmt: skip


def _scores(contents: Contents, derived: Derived) -> Values:
    """Scores by task and by cell."""
    runs = contents.runs
    pairs = {f"{found.task}{SUFFIX}" for _, found in derived.mixed}
    return {
        "summary": score_tables.summary(runs, contents.tasks),
        "matrices": list(score_tables.matrices(runs)),
        "single": {task for run in runs for task in run.scores.cells} - pairs,
        "cells": score_tables.cells(runs),
    }


def _compared(contents: Contents) -> Values:
    """The later runs against the first."""
    compared = contents.compared
    return {
        "compared": compared,
        "compare_averages": comparing.averages(compared) if compared else None,
        "compare_cells": comparing.cells(compared) if compared else None,
    }


def _languages(contents: Contents, derived: Derived) -> Values:
    """Scores by groups, by pairs and by the language of the answer."""
    runs = contents.runs
    mixed = enumerate(derived.mixed)
    return {
        "gap_family": gaps.gap_table("family", runs),
        "gap_script": gaps.gap_table("script", runs),
        "breakdowns": [breakdown.table(found, circle) for circle, found in derived.parts.items() if found],
        "correlations": breakdown.correlations(runs, contents.tasks),
        "mixed": [(name, matrix.table(found, str(place)), matrix.summary(found)) for place, (name, found) in mixed],
        "answers": answer_languages.tables(runs),
    }


def _training(runs: Sequence[NamedRun], derived: Derived) -> Values:
    """Where the models come from, and how the runs were made."""
    return {
        "roots": derived.roots,
        "curves": derived.curves,
        "no_curves": derived.no_curves,
        "phases": origins.phases(runs),
        "models": origins.models(runs),
        "settings": origins.settings(runs),
    }


def _empty(contents: Contents, derived: Derived, values: Values) -> list[str]:
    """Sections that have nothing to show."""
    gap = values["gap_family"]
    assert isinstance(gap, Table)
    shown = {
        "compare": contents.compared, "heatmap": values["single"], "languages": values["single"],
        "breakdown": values["breakdowns"], "pairs": derived.mixed, "transfer": gap.rows,
        "layers": values["swept"], "answers": values["answers"],
    }  # fmt: skip
    return [name for name, something in shown.items() if not something]


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


def _sections(left_out: Collection[str]) -> list[tuple[str, str]]:
    """Ids and headings of the sections that there are."""
    return [(name, heading) for name, heading in SECTIONS.items() if name not in left_out]
