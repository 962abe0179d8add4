"""Options of mixtures: what cannot be, and how they are described."""

from __future__ import annotations

import math
from typing import Any

import pytest

from tests.harness.train.mixtures import options
from xharness.tasks.common.errors import UserError
from xharness.train.mixture_options import describe, probabilities


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({"strategy": "caped"}, "did you mean 'capped'"),
        ({"cap": 0}, "the cap is 0"),
        ({"temperature": 0}, "above 0"),
        ({"temperature": math.nan}, "above 0"),
        ({"strategy": "weights", "weights": {"a": -1, "b": 1}}, "the weight of a is -1"),
        ({"strategy": "weights", "weights": {"a": math.inf, "b": 1}}, "the weight of a is inf"),
        ({"strategy": "weights", "weights": {"a": 1}}, "no weight for b"),
        ({"strategy": "weights", "weights": {"a": 1, "b": 1, "aa": 1}}, "did you mean 'a'"),
        ({"strategy": "weights", "weights": {"a": 0, "b": 0}}, "all weights are 0"),
    ],
)
def test_options_that_cannot_be(values: dict[str, Any], says: str) -> None:
    with pytest.raises(UserError) as caught:
        probabilities({"a": 1, "b": 2}, options(**values))
    assert says in str(caught.value)


def test_described() -> None:
    assert describe({"b": 3, "a": 1}, options(strategy="capped", cap=1, grouped=True)) == {
        "strategy": "capped",
        "cap": 1,
        "homogeneous": True,
        "grouped": True,
        "sizes": {"a": 1, "b": 3},
        "probabilities": {"a": 0.5, "b": 0.5},
    }
