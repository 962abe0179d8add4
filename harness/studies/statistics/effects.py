"""The table of a study: the score of every arm on every target, and its difference to a baseline."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from xharness.studies.statistics.contrasts import Place, difference, value
from xharness.studies.statistics.estimates import Estimate, estimate, lacking
from xharness.studies.statistics.replicates import Replicates


@dataclass(frozen=True, eq=False)
class Effect:
    """One arm at one place.

    Attributes:
        score: In percent; its ``points`` are the scores by seed. None if it was not measured.
        change: The score minus that of the baseline; None for the baseline itself, and where either lacks.
        lacking: What was not measured.
    """

    arm: str
    place: Place
    score: Estimate | None
    change: Estimate | None
    lacking: tuple[str, ...] = ()


def effects(replicates: Replicates, arms: Sequence[str], baseline: str, places: Sequence[Place]) -> list[Effect]:
    """One row for each arm and place, arms in order and the places of each after another."""
    return [_effect(replicates, arm, baseline, place) for arm in arms for place in places]


def _effect(replicates: Replicates, arm: str, baseline: str, place: Place) -> Effect:
    missing = tuple(lacking(value(arm, place), replicates))
    if missing:
        return Effect(arm, place, None, None, missing)
    apart = difference(arm, baseline, place)
    comparable = arm != baseline and not lacking(apart, replicates)
    change = estimate(apart, replicates) if comparable else None
    return Effect(arm, place, estimate(value(arm, place), replicates), change)
