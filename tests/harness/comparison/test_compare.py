"""Rows, families and pairing on made-up runs whose numbers are known."""

from __future__ import annotations

import json
from dataclasses import replace
from itertools import product
from typing import Any

import numpy as np
import pytest

from tests.harness.comparison.made import benchmark_cells, right, rows, source
from xharness.comparison.compare import CompareOptions, ComparisonRow, compare, compare_all
from xharness.comparison.comparison import Comparison
from xharness.comparison.notebook import ShownComparison
from xharness.comparison.pairing import signature_changes
from xharness.comparison.resampling import deciding_columns, exchange_sums
from xharness.comparison.statistics import detectable, holm, mcnemar
from xharness.submissions.scores import Cell, summarise
from xharness.tasks.common.errors import UserError
from xharness.tasks.registry import XTREME, built_in

QUICK = CompareOptions(resamples=500)


@pytest.fixture(scope="module")
def whole() -> Comparison:
    return compare([source("base", benchmark_cells(0))], [source("new", benchmark_cells(1))], QUICK)


def width(row: ComparisonRow) -> float:
    assert row.interval is not None
    return row.interval[1] - row.interval[0]


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


def test_exchanges_give_the_exact_p_of_all_sign_flips() -> None:
    """Six clusters, so that all 64 exchanges can be counted."""
    values = np.array([1, 1, 0, 1, 1, 1, 0, 1], dtype=float)
    other = np.array([0, 0, 1, 0, 0, 1, 0, 0], dtype=float)
    clusters = ["a", "a", "b", "c", "d", "d", "e", "f"]
    change = [sum((other - values)[[c == name for c in clusters]]) for name in "abcdef"]
    flips = [abs(sum(s * d for s, d in zip(signs, change, strict=True))) for signs in product((1, -1), repeat=6)]
    exact = np.mean([flip >= abs(sum(change)) for flip in flips])
    options = CompareOptions(resamples=20_000)
    cells = {("tatoeba", "de"): right(values, clusters)}, {("tatoeba", "de"): right(other, clusters)}
    (row,) = compare([source("base", cells[0])], [source("new", cells[1])], options).cells
    assert row.p == pytest.approx(exact, abs=0.01)
    assert (row.items, row.clusters) == (8, 6)


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


def test_mcnemar_cross_checks_accuracy() -> None:
    generator = np.random.default_rng(3)
    base = (generator.random(800) < 0.7).astype(float)
    new = np.where(generator.random(800) < 0.1, generator.random(800) < 0.55, base)
    sides = [{("tatoeba", "de"): right(side)} for side in (base, new)]
    (row,) = compare([source("base", sides[0])], [source("new", sides[1])], CompareOptions()).cells
    assert row.p == pytest.approx(row.p_mcnemar, abs=0.02)
    assert 0 < row.p < 1


def test_mcnemar_is_a_binomial_test() -> None:
    assert mcnemar(0, 0) == 1
    assert mcnemar(0, 5) == 2 / 2**5
    assert mcnemar(2, 8) == pytest.approx(2 * (1 + 10 + 45) / 1024)
    assert 0 < mcnemar(2000, 3000) < 1e-40


def test_holm() -> None:
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm([0.9, 0.8]) == [1.0, 1.0]
    assert holm([]) == []


def test_detectable_is_the_textbook_formula() -> None:
    assert detectable(1.0, 0.05) == pytest.approx(1.959964 + 0.841621, abs=1e-5)
    assert detectable(0.0, 0.05) is None


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


# --- what is paired --------------------------------------------------------------------------------------------------


def test_items_are_paired_by_id_whatever_their_order() -> None:
    values, counts = np.random.default_rng(0).random(50) < 0.5, np.ones((50, 2))
    counts[:, 0] = values
    order = np.random.default_rng(1).permutation(50)
    ids = tuple(f"q{number}" for number in range(50))
    base = source("base", {("tatoeba", "de"): rows(counts, ids)})
    new = source("new", {("tatoeba", "de"): rows(counts[order], tuple(ids[row] for row in order))})
    (row,) = compare([base], [new], QUICK).cells
    assert (row.difference, row.p, row.minimum_detectable) == (0, 1, None)


def test_a_mined_sentence_of_one_side_counts_nothing_on_the_other() -> None:
    base = rows(np.array([[1, 1, 1], [0, 0, 1]]), ("s1", "s2"))
    new = rows(np.array([[1, 1, 1], [0, 0, 1], [0, 1, 0]]), ("s1", "s2", "s9"))
    compared = compare([source("a", {("bucc2018", "de"): base})], [source("b", {("bucc2018", "de"): new})], QUICK)
    (row,) = compared.cells
    assert (row.base, row.new) == pytest.approx((200 / 3, 50))
    assert row.items == 3


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


def test_only_common_items_of_other_data_are_compared() -> None:
    base = source("a", {("xnli", "de"): right(np.ones(20))})
    new = source("b", {("xnli", "de"): right(np.ones(12))}, data="other")
    with pytest.raises(UserError, match="not the same measurement") as refused:
        compare([base], [new], QUICK)
    assert refused.value.why == "the data differ (xnli.de)"
    assert refused.value.fix.startswith("evaluate both on the same data, or compare")
    (row,) = compare([base], [new], replace(QUICK, across=True)).cells
    assert (row.items, row.note) == (12, "12 of 20 items are in both")


def test_layers_of_models_of_other_depth() -> None:
    def layers(first: str, second: str) -> list[str]:
        return [str(change) for change in signature_changes(f"layer:{first}|version:1", f"layer:{second}|version:1")]

    assert not layers("8/12=reference", "14/24=reference")
    assert not layers("8/12=reference", "8/12")
    assert not layers("12/12", "24/24")
    assert layers("7/12", "14/24") == ["layer was 7/12, now 14/24"]
    assert list(map(str, signature_changes("model:a|version:1", "model:b|version:2"))) == ["version was 1, now 2"]


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


def test_nothing_in_common() -> None:
    base, new = source("a", {("xnli", "de"): right([1.0, 0])}), source("b", {("udpos", "de"): right([1.0, 0])})
    with pytest.raises(UserError) as refused:
        compare([base], [new], QUICK)
    assert (refused.value.what, refused.value.why) == (
        "nothing to compare: no cell is in both runs", "a has xnli; b has udpos",
    )  # fmt: skip


def test_one_cluster_shows_no_spread() -> None:
    sides = [{("tatoeba", "de"): right(values, ["p"] * 4)} for values in ([1, 1, 0, 0], [1, 0, 0, 0])]
    (row,) = compare([source("a", sides[0])], [source("b", sides[1])], QUICK).cells
    assert (row.interval, row.p, row.minimum_detectable) == (None, 1, None)
    assert row.note == "a single cluster shows no spread"


# --- seeds -----------------------------------------------------------------------------------------------------------


def test_seeds_widen_the_interval_and_all_are_shown() -> None:
    generator = np.random.default_rng(5)

    def side(name: str, rates: tuple[float, ...]) -> list:  # type: ignore[type-arg]
        return [
            source(f"{name}{number}", {("tatoeba", "de"): right(generator.random(1000) < rate)})
            for number, rate in enumerate(rates)
        ]

    base, new = side("a", (0.70, 0.60, 0.75)), side("b", (0.65, 0.72, 0.58))
    (row,) = compare(base, new, QUICK).tasks
    assert len(row.points["base"]) == len(row.points["new"]) == 3
    assert row.base == pytest.approx(np.mean(row.points["base"]))
    (single,) = compare(base[:1], new[:1], QUICK).tasks
    assert width(row) > 1.5 * width(single)
    with pytest.raises(UserError, match="3 runs against 1 run"):
        compare(base, new[:1], QUICK)


# --- the machinery ---------------------------------------------------------------------------------------------------


def test_which_columns_decide() -> None:
    expected = {
        "span-f1.seqeval-0.0.12": [0, 1, 2], "squad-1.1": [0, 1, 3], "mlqa": [0, 1, 3], "accuracy": [0, 1],
        "pair-f1": [0, 1, 2], "map@20": [0, 1], "average-precision@20": [0, 1],
    }  # fmt: skip
    for task in built_in().values():
        totals = np.full((2, len(task.metric.columns)), 100.0)
        assert deciding_columns(task.metric, totals) == expected[task.metric.name], task.name


def test_few_distinct_rows_are_exchanged_from_the_same_distribution() -> None:
    change = np.random.default_rng(0).choice([-1.0, 0.0, 1.0], 400, p=[0.1, 0.8, 0.1])[:, None]
    noise = np.random.default_rng(1).random(400)[:, None]
    fast = exchange_sums(change, 4000, np.random.default_rng(2))[:, 0]
    slow = exchange_sums(np.hstack([change, noise]), 4000, np.random.default_rng(3))[:, 0]
    assert fast.mean() == pytest.approx(slow.mean(), abs=0.5)
    assert fast.std() == pytest.approx(slow.std(), rel=0.07)


def test_counts_that_are_far_from_each_other() -> None:
    """As a metric of the user's own may give them: whole numbers are not counted out one by one."""
    base = source("base", {("xnli", "de"): right([1.0, 0.0] * 50)})
    new = source("new", {("xnli", "de"): right([1.0, 1e15] * 50)})
    (row,) = compare([base], [new], QUICK).cells
    assert row.difference == pytest.approx(100 * 0.5 * (1e15 - 0), rel=1e-6)


@pytest.mark.parametrize("wrong", [{"resamples": 5}, {"alpha": 0.0}, {"alpha": 1.0}, {"margin": -1.0}])
def test_options_that_make_no_sense(wrong: dict[str, float]) -> None:
    with pytest.raises(UserError):
        CompareOptions(**wrong).check()  # type: ignore[arg-type]
