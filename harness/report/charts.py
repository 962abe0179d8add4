"""The numbers behind the charts, as JSON for the page's scripts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from xharness.diagnostics.matrix import Matrix
from xharness.report import answer_languages
from xharness.report.breakdown import GroupScore
from xharness.report.gaps import gaps
from xharness.report.gather import NamedRun
from xharness.report.lineage import Curve
from xharness.report.score_tables import group_names, task_names
from xharness.retrieve.sweeps import sweeps
from xharness.tasks.common.json_types import Json, JsonObject
from xharness.tasks.languages import AMOUNTS, UNKNOWN, language

DIGITS = 3  # of every number on the page


def chart_data(runs: Sequence[NamedRun], curves: Sequence[Curve]) -> dict[str, Json]:
    """Everything that is drawn; empty lists where there is nothing to draw."""
    codes = dict.fromkeys(code for run in runs for cells in run.scores.cells.values() for code in cells)
    known = [language(code) for code in codes]
    return {
        "runs": [run.name for run in runs],
        "languages": {each.code: [each.name, each.family, each.script, each.gigabytes] for each in known},
        "amounts": [*AMOUNTS, UNKNOWN],
        "averages": [average for run in runs for average in _averages(run, task_names(runs), group_names(runs))],
        "cells": [cell for run in runs for cell in _cells(run)],
        "gaps": [
            {"run": gap.run, "task": gap.task, "language": gap.language.code, "points": round(gap.points, DIGITS)}
            for gap in gaps(runs)
        ],
        "sweeps": [sweep for run in runs for sweep in _sweeps(run)],
        "answers": answer_languages.chart_points(runs),
        "curves": [
            {"title": curve.title, "loss": _rounded(curve.loss), "dev": _rounded(curve.dev)} for curve in curves
        ],
        "phases": [
            {"run": run.name, "task": phase.task, "seconds": phase.seconds, "padding": phase.padding_share}
            for run in runs
            for phase in run.manifest.phases
        ],
    }


def part_drawn(part: GroupScore) -> JsonObject:
    """One task of one run in one group of languages."""
    return {
        "run": part.run,
        "circle": part.circle,
        "task": part.task,
        "group": part.group,
        "languages": list(part.languages),
        "score": round(part.score, DIGITS),
        **_interval(part.interval),
    }


def pairs_drawn(run: str, found: Matrix) -> list[JsonObject]:
    """A matrix of language pairs of one run, cell by cell."""
    return [
        {
            "run": run,
            "task": found.task,
            "first": first,
            "second": second,
            "score": round(score, DIGITS),
            **_interval(found.intervals[first, second]),
        }
        for (first, second), score in found.scores.items()
    ]


def _interval(bounds: Sequence[float] | None) -> dict[str, float]:
    return {} if bounds is None else {"low": round(bounds[0], DIGITS), "high": round(bounds[1], DIGITS)}


def _averages(run: NamedRun, tasks: Sequence[str], groups: Sequence[str]) -> list[JsonObject]:
    """Total, groups and tasks of one run, as far as it has them."""
    scores = run.scores
    found: list[tuple[str, str, float, Sequence[float] | None]] = []
    if scores.has_total:
        found.append(("total", "all tasks", scores.average("all_task"), scores.all_task))
    found += [("group", g, scores.average(g), scores.groups[g]) for g in groups if g in scores.groups]
    for name in tasks:
        if name in scores.tasks:
            interval = scores.tasks[name].interval.get("avg_metric")
            found.append(("task", name, scores.average(name), interval))
    return [
        {"run": run.name, "what": what, "name": name, "score": round(score, DIGITS), **_interval(interval)}
        for what, name, score, interval in found
    ]


def _cells(run: NamedRun) -> list[JsonObject]:
    return [
        {
            "run": run.name,
            "task": task,
            "language": code,
            "n": cell.n,
            "score": round(cell.score, DIGITS),
            **_interval(cell.score_interval),
        }
        for task, cells in run.scores.cells.items()
        for code, cell in cells.items()
    ]


def _sweeps(run: NamedRun) -> list[JsonObject]:
    found: list[JsonObject] = []
    for (task, measure), sweep in sweeps(run.scores).items():
        rows: Mapping[str, Sequence[float]] = dict(zip(sweep.languages, sweep.scores.tolist(), strict=True))
        points = [
            [code, layer, round(score, DIGITS)]
            for code, scores in {**rows, "mean": sweep.mean.tolist()}.items()
            for layer, score in zip(sweep.layers, scores, strict=True)
        ]
        found.append({"run": run.name, "task": task, "measure": measure, "points": points})
    return found


def _rounded(points: Sequence[tuple[int, float]]) -> list[list[float]]:
    return [[step, round(value, 4)] for step, value in points]
