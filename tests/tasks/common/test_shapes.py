"""Shapes of JSON."""

from typing import Any

import pytest

from xharness.tasks.common.shapes import INTERVAL, Each, misfit

SHAPE = {"name": str, "size?": int, "score": float, "bounds": INTERVAL, "by": Each({"n": int}), "list": [str]}
FITTING = {"name": "a", "score": 1, "bounds": [0.5, 2], "by": {"x": {"n": 1}}, "list": ["a"], "unknown": 0}


def test_what_fits() -> None:
    assert misfit(FITTING, SHAPE) == ""
    assert misfit({**FITTING, "size": 3, "bounds": None}, SHAPE) == ""


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"name": 1}, "name must be a text"),
        ({"size": True}, "size must be a whole number"),
        ({"score": float("nan")}, "score must be a number"),
        ({"bounds": [2, 1]}, "bounds must be two numbers, the lower one first"),
        ({"by": {"x": {}}}, "by.x.n is missing"),
        ({"by": []}, "by must be an object"),
        ({"list": ["a", None]}, "list.1 must be a text"),
    ],
)
def test_the_first_misfit_is_named_with_its_place(change: dict[str, Any], told: str) -> None:
    assert misfit({**FITTING, **change}, SHAPE) == told


def test_what_is_missing_or_another_kind() -> None:
    assert misfit({}, SHAPE) == "name is missing"
    assert misfit(None, SHAPE) == "it must be an object"
