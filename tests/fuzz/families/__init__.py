"""Targets, one module a family of files."""

from __future__ import annotations

from tests.fuzz.families import data, models, others, predictions, runs, training
from tests.fuzz.target import Target


def every_target() -> list[Target]:
    """All of them."""
    families = (data, predictions, runs, models, training, others)
    return [target for family in families for target in family.targets()]
