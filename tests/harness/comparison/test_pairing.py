"""Which items of two runs are one pair."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tests.harness.comparison.made import QUICK, right, rows, source
from xharness.comparison.compare import compare
from xharness.comparison.pairing import signature_changes
from xharness.tasks.common.errors import UserError


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


def test_nothing_in_common() -> None:
    base, new = source("a", {("xnli", "de"): right([1.0, 0])}), source("b", {("udpos", "de"): right([1.0, 0])})
    with pytest.raises(UserError) as refused:
        compare([base], [new], QUICK)
    assert (refused.value.what, refused.value.why) == (
        "nothing to compare: no cell is in both runs", "a has xnli; b has udpos",
    )  # fmt: skip
