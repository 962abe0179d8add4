"""Items of the browser."""

from __future__ import annotations

from xharness.report.items import _spread


def test_a_few_are_spread_over_all() -> None:
    assert _spread(range(10), 3) == [0, 3, 6]
    assert _spread(range(2), 3) == [0, 1]
