"""Rows, families and pairing on made-up runs whose numbers are known."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from tests.harness.comparison.made import QUICK, benchmark_cells, right, source
from xharness.comparison.compare import CompareOptions, ComparisonRow, compare, compare_all
from xharness.comparison.comparison import Comparison
from xharness.comparison.notebook import ShownComparison
from xharness.comparison.statistics import holm
from xharness.submissions.scores import Cell, summarise
from xharness.tasks.common.errors import UserError
from xharness.tasks.registry import XTREME


@pytest.fixture(scope="module")
def whole() -> Comparison:
    return compare([source("base", benchmark_cells(0))], [source("new", benchmark_cells(1))], QUICK)


def official(scores: dict[str, Any], row: ComparisonRow) -> float:
    if row.level == "cell":
        return float(scores["xharness"]["cells"][row.task][row.language]["score"])
    if row.level == "task":
        return float(scores[row.name]["avg_metric"])
    return float(scores[row.name] if row.level == "group" else scores["all_task"])


def test_scores_are_the_official_ones(whole: Comparison) -> None:
    """Of every cell, task and group, and the total, on both sides."""
    assert whole.total is not None
    for side, sources in (("base", whole.base), ("new", whole.new)):
        cells = [Cell(c.task, c.language, c.items) for c in sources[0].cells.values()]
        scores = summarise(cells, XTREME, resamples=0).content()
        for row in [*whole.tasks, *whole.groups, whole.total, *whole.cells]:
            expected = official(scores, row)
            assert getattr(row, side) == pytest.approx(expected, abs=1e-9), row.name
    assert (whole.total.name, whole.total.complete, whole.total.note) == ("all tasks", True, "")
    assert [row.name for row in whole.groups] == list(XTREME.groups)
    assert len(whole.cells) == 162


def test_a_run_against_itself_differs_nowhere() -> None:
    base = source("base", benchmark_cells(0))
    same = compare([base], [base], QUICK)
    assert same.total is not None
    for row in [*same.tasks, *same.groups, same.total, *same.cells]:
        assert (row.difference, row.interval, row.p, row.p_holm, row.p_loss) == (0, (0, 0), 1, 1, 1)
        assert row.p_mcnemar is None or row.p_mcnemar == 1
        assert (row.minimum_detectable, row.significant, row.regression) == (None, False, False)
    with_margin = compare([base], [base], replace(QUICK, margin=0.5))
    assert not with_margin.regressions


def test_everything_is_json(whole: Comparison) -> None:
    found = json.loads(json.dumps(whole.to_json(), allow_nan=False))
    assert set(found) >= {"tasks", "groups", "total", "cells", "missing", "signatures", "regressions"}
    assert found["signatures"]["xnli.de"]["base"].startswith("task:xnli.de|")
    again = compare(whole.base, whole.new, QUICK).to_json()
    assert again == whole.to_json()
    assert "<table>" in ShownComparison.of(whole)._repr_html_()


def test_mcnemar_cross_checks_accuracy() -> None:
    generator = np.random.default_rng(3)
    base = (generator.random(800) < 0.7).astype(float)
    new = np.where(generator.random(800) < 0.1, generator.random(800) < 0.55, base)
    sides = [{("tatoeba", "de"): right(side)} for side in (base, new)]
    (row,) = compare([source("base", sides[0])], [source("new", sides[1])], CompareOptions()).cells
    assert row.p == pytest.approx(row.p_mcnemar, abs=0.02)
    assert 0 < row.p < 1


def test_families_are_declared() -> None:
    """Tasks and total are one family over all new runs, cells another."""
    base, new = source("base", benchmark_cells(0)), source("new", benchmark_cells(2, better=-0.1))
    one, two = compare_all([base], [[base], [new]], QUICK)
    first = [*one.first_family, *two.first_family]
    assert [row.p_holm for row in first] == holm([row.p for row in first])
    cells = [*one.cells, *two.cells]
    assert [row.p_holm for row in cells] == holm([row.p for row in cells])
    assert not one.regressions
    assert two.regressions
    assert "--resamples" in one.notes[0]  # 324 cells cannot be significant with 500 resamples


# --- what is paired --------------------------------------------------------------------------------------------------


def test_other_measurements_are_refused_and_marked_across() -> None:
    cells = {("xnli", "de"): right(np.ones(20)), ("tatoeba", "de"): right(np.ones(20))}
    base, new = source("old", cells), source("young", cells, precision="bf16")
    with pytest.raises(UserError) as refused:
        compare([base], [new], QUICK)
    assert refused.value.what == "old and young are not the same measurement"
    assert refused.value.why == "precision was fp32, now bf16 (xnli.de, tatoeba.de)"
    across = compare([base], [new], replace(QUICK, across=True))
    assert across.total is not None
    assert {row.across for row in [*across.cells, *across.tasks, across.total]} == {("precision was fp32, now bf16",)}


# --- seeds -----------------------------------------------------------------------------------------------------------


# --- the machinery ---------------------------------------------------------------------------------------------------
