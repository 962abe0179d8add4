"""Rows of a comparison."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tests.harness.comparison.made import QUICK, benchmark_cells, right, source, width
from xharness.comparison.compare import compare


def test_translations_are_one_cluster_in_the_task_row() -> None:
    """Three languages with the same answers say no more than one: the same interval and the same p."""
    generator = np.random.default_rng(0)
    base, new = generator.random(300) < 0.7, generator.random(300) < 0.6
    both = [{("xnli", language): right(side) for language in ("de", "en", "fr")} for side in (base, new)]
    compared = compare([source("base", both[0])], [source("new", both[1])], QUICK)
    (task,) = compared.tasks
    assert (task.items, task.clusters) == (900, 300)
    for cell in compared.cells:
        assert cell.interval == pytest.approx(task.interval)
        assert cell.p == task.p
    apart = [{("tatoeba", language): right(side) for language in ("de", "nl", "fr")} for side in (base, new)]
    (narrow,) = compare([source("base", apart[0])], [source("new", apart[1])], QUICK).tasks
    assert narrow.clusters == 900
    assert width(narrow) < 0.7 * width(task)


def test_a_margin_forgives_small_losses() -> None:
    base = right(np.ones(2000))
    new = right(np.arange(2000) >= 40)  # 2 points lost, and nothing won
    sides = [{("tatoeba", "de"): items} for items in (base, new)]
    lost = [
        bool(compare([source("base", sides[0])], [source("new", sides[1])], replace(QUICK, margin=margin)).regressions)
        for margin in (0.0, 1.0, 2.5)
    ]
    assert lost == [True, True, False]


def test_a_gain_is_no_regression() -> None:
    sides = [{("tatoeba", "de"): right(values)} for values in (np.arange(500) >= 60, np.ones(500))]
    (row,) = compare([source("base", sides[0])], [source("new", sides[1])], QUICK).tasks
    assert (row.significant, row.regression) == (True, False)


def test_missing_cells_are_listed_and_averages_say_what_they_lack() -> None:
    every = benchmark_cells(0)
    some = {name: items for name, items in every.items() if name[0] in ("xnli", "udpos") and name != ("xnli", "sw")}
    compared = compare([source("base", every)], [source("new", some)], QUICK)
    assert not compared.missing["base"]
    assert len(compared.missing["new"]) == 162 - len(some)
    assert {row.name: row.note for row in compared.tasks} == {"xnli": "14 of 15 languages", "udpos": ""}
    assert not compared.groups
    assert compared.total is not None
    assert (compared.total.name, compared.total.complete) == ("mean of 2 tasks", False)
    assert compared.total.note == "of 9; xnli: 14 of 15 languages"


def test_one_cluster_shows_no_spread() -> None:
    sides = [{("tatoeba", "de"): right(values, ["p"] * 4)} for values in ([1, 1, 0, 0], [1, 0, 0, 0])]
    (row,) = compare([source("a", sides[0])], [source("b", sides[1])], QUICK).cells
    assert (row.interval, row.p, row.minimum_detectable) == (None, 1, None)
    assert row.note == "a single cluster shows no spread"
