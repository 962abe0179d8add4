"""Numbers of a comparison as text: what is not nought is not shown as nought."""

from __future__ import annotations

import pytest

from tests.harness.comparison.made import right, source
from xharness.comparison.compare import compare
from xharness.comparison.wording import DOWN, columns, family, format_probability, format_signed, mark, remarks


@pytest.mark.parametrize(
    ("value", "text"), [(0.004, "0.00"), (-0.004, "0.00"), (0.006, "+0.01"), (-0.006, "-0.01"), (12.0, "+12.00")]
)
def test_a_difference_has_a_sign_unless_it_is_nought(value: float, text: str) -> None:
    assert format_signed(value) == text


@pytest.mark.parametrize(("value", "text"), [(1.0, "1"), (0.994, "0.99"), (0.1, "0.10"), (0.0501, "0.0501")])
def test_a_probability_is_not_rounded_to_a_level_that_it_misses(value: float, text: str) -> None:
    assert format_probability(value) == text


def test_a_loss_is_marked_and_a_missing_cell_is_named() -> None:
    base = source("old", {("xnli", "de"): right([1] * 40), ("xnli", "fr"): right([1] * 40)})
    found = compare([base], [source("new", {("xnli", "de"): right([0] * 20 + [1] * 20)})])
    (row,) = found.cells
    assert mark(row) == DOWN
    assert columns(row)[:5] == ("xnli.de", "100.00", "50.00", "-50.00", DOWN)
    assert any(line.startswith("missing in new (new): xnli fr (1 cell): ") for line in remarks(found))
    assert family(found) == "p: two-sided, Holm over 1 task; cells: Holm over all cells"
