"""Margins by hand."""

import numpy as np
import pytest

from xharness.retrieve.margin import Margin, margin_scores


@pytest.mark.parametrize(
    ("margin", "expected"), [("absolute", [0.75, 0.5]), ("distance", [0.25, 0.5]), ("ratio", [1.5, 0])]
)
def test_margins(margin: Margin, expected: list[float]) -> None:
    """The second pair has no neighbourhood: its ratio is 0, and nothing is divided by 0."""
    cosine, one, other = (np.array(values, np.float32) for values in ([0.75, 0.5], [0.25, 0.5], [0.75, -0.5]))
    with np.errstate(all="raise"):
        assert margin_scores(cosine, one, other, margin).tolist() == expected
