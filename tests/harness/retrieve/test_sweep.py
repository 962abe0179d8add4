"""The sweep's table and its plot."""

from __future__ import annotations

import numpy as np
import pytest

from xharness.retrieve.sweep import plot, tabulate

SCORES = {"de": {2: 10.0, 1: 5.0, 3: 8.0}, "sw": {1: 1.0, 2: 0.0, 3: 2.0}}


def test_table() -> None:
    sweep = tabulate(SCORES)
    assert sweep.languages == ("de", "sw")
    assert sweep.layers == (1, 2, 3)
    np.testing.assert_array_equal(sweep.scores, [[5, 10, 8], [1, 0, 2]])
    np.testing.assert_array_equal(sweep.mean, [3, 5, 5])
    assert sweep.best == 2  # the lower of two equals


def test_a_language_without_a_layer_is_a_bug_of_the_caller() -> None:
    with pytest.raises(KeyError):
        tabulate({"de": {1: 5.0, 2: 6.0}, "sw": {1: 1.0}})


@pytest.mark.parametrize(
    "scores", [SCORES, {"de": {1: 0.0}}, {f"l{i}": dict.fromkeys(range(1, 25), i) for i in range(36)}]
)
def test_plot_is_a_png_and_the_same_every_time(scores: dict[str, dict[int, float]]) -> None:
    first, second = (plot(tabulate(scores), title="made up", measure="accuracy (%)") for _ in range(2))
    assert first.startswith(b"\x89PNG")
    assert first == second
    assert int.from_bytes(first[20:24], "big") < 4000  # pixels high
