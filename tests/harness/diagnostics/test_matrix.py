"""Matrices of language pairs: means, what mixing costs, table and page."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.harness.runs.made import cell_scores, scores_file
from xharness.diagnostics.matrix import Matrix, matrices, matrix, summary, table
from xharness.diagnostics.pages import heat_map
from xharness.runs.folder import RunFolder
from xharness.runs.record import Record
from xharness.submissions.scores_file import ScoresFile
from xharness.tasks.base import FloatArray, Items

LANGUAGES = ("de", "sw")


def saved(folder: Path, items: int = 400, seed: int = 3) -> tuple[dict[str, FloatArray], ScoresFile]:
    """A run folder with four cells; which items are right, and the scores."""
    chance = np.random.default_rng(seed)
    easy = chance.random(items)
    right, cells = {}, {}
    for first in LANGUAGES:
        for second in LANGUAGES:
            name, ease = f"{first}-{second}", 0.7 if first == second else 0.55
            right[name] = (0.5 * easy + 0.5 * chance.random(items) < ease).astype(float)
            ids = tuple(map(str, range(items)))
            statistics = Items(ids, ids, np.column_stack([right[name], np.ones(items)]))
            RunFolder(folder).save(Record("xnli-mixed", name, "test", "k", items, "s"), None, {"main": statistics})
            cells[name] = cell_scores(100 * float(right[name].mean()), (1.0, 2.0))
    return right, scores_file({"xnli-mixed": cells})


def test_means_are_over_pairs_of_two_languages(tmp_path: Path) -> None:
    right, scores = saved(tmp_path)
    found = matrix(RunFolder(tmp_path).cells(), scores, "xnli")
    share = {name: 100 * values.mean() for name, values in right.items()}
    assert found.languages == ["de", "sw"]
    assert found.same == pytest.approx((share["de-de"] + share["sw-sw"]) / 2)
    assert found.mean() == pytest.approx((share["de-sw"] + share["sw-de"]) / 2)
    assert found.mean(first="de") == pytest.approx(share["de-sw"])
    assert found.mean(second="de") == pytest.approx(share["sw-de"])
    assert [each.task for each in matrices(RunFolder(tmp_path).cells(), scores)] == ["xnli"]


def test_what_mixing_costs_is_the_mean_over_items_with_its_t_interval(tmp_path: Path) -> None:
    """Against resampling of whole items, which keeps what the four cells share."""
    right, scores = saved(tmp_path)
    cost = matrix(RunFolder(tmp_path).cells(), scores, "xnli").cost
    each = 100 * ((right["de-de"] + right["sw-sw"]) / 2 - (right["de-sw"] + right["sw-de"]) / 2)
    chance = np.random.default_rng(0)
    means = [each[chance.integers(0, len(each), len(each))].mean() for _ in range(4000)]
    assert cost is not None
    assert cost.interval is not None
    assert cost.value == pytest.approx(each.mean())
    assert cost.interval == pytest.approx(np.quantile(means, [0.025, 0.975]), abs=0.35)


def test_cells_with_other_items_have_no_joint_cost(tmp_path: Path) -> None:
    _, scores = saved(tmp_path)
    shorter = Items(("0", "1"), ("0", "1"), np.ones((2, 2)))
    RunFolder(tmp_path).save(Record("xnli-mixed", "de-sw", "test", "k", 2, "s"), None, {"main": shorter})
    assert matrix(RunFolder(tmp_path).cells(), scores, "xnli").cost is None


def test_a_pair_that_was_not_evaluated_is_a_gap_in_table_and_page() -> None:
    scores = {("de", "de"): 80.0, ("sw", "de"): 60.0}
    found = Matrix("xnli", ["de", "sw"], scores, {("de", "de"): (79.0, 81.0), ("sw", "de"): None}, None)
    rows = [[cell.text for cell in line.cells] for line in table(found).rows]
    assert rows == [["de", "80.0", "–", "–"], ["sw", "60.0", "–", "60.0"], ["other languages", "60.0", "–", "60.0"]]
    page = heat_map(found)
    assert page.count("<td></td>") == 3  # two pairs, and the corner
    assert 'title="de, de: 80.00 [79.00, 81.00]"' in page
    assert "<script" not in page
    assert summary(found) == ["both texts in one language: 80.00; in two: 60.00"]


def test_json_has_every_pair(tmp_path: Path) -> None:
    right, scores = saved(tmp_path)
    told: Any = matrix(RunFolder(tmp_path).cells(), scores, "xnli").as_json()
    assert told["pairs"]["de"]["sw"]["accuracy"] == pytest.approx(100 * right["de-sw"].mean())
    assert told["languages"] == ["de", "sw"]
    assert math.isfinite(told["cost"]["value"])
