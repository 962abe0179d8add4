"""Several runs of one model: the spread over seeds."""

from __future__ import annotations

import numpy as np
import pytest

from tests.harness.comparison.made import QUICK, right, source, width
from xharness.comparison.compare import compare
from xharness.tasks.common.errors import UserError


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
