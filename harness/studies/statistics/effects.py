"""The table of a study: the score of every arm on every target, and its difference to a baseline."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from xharness.studies.statistics.contrasts import Endpoint, difference, value
from xharness.studies.statistics.estimates import Estimate, estimate, lacking
from xharness.studies.statistics.replicates import Replicates


@dataclass(frozen=True, eq=False)
class ArmEffect:
    """One arm at one endpoint.

    Attributes:
        score: In percent; its ``points`` are the scores by seed. None if it was not measured.
        change: The score minus that of the baseline; None for the baseline itself, and where either lacks.
        lacking: What was not measured.
    """

    arm: str
    endpoint: Endpoint
    score: Estimate | None
    change: Estimate | None
    lacking: tuple[str, ...] = ()


def effects(
    replicates: Replicates, arms: Sequence[str], baseline: str, endpoints: Sequence[Endpoint]
) -> list[ArmEffect]:
    """One row for each arm and endpoint, arms in order and the endpoints of each after another."""
    return [_effect(replicates, arm, baseline, endpoint) for arm in arms for endpoint in endpoints]


def _effect(replicates: Replicates, arm: str, baseline: str, endpoint: Endpoint) -> ArmEffect:
    missing = tuple(lacking(value(arm, endpoint), replicates))
    if missing:
        return ArmEffect(arm, endpoint, None, None, missing)
    apart = difference(arm, baseline, endpoint)
    comparable = arm != baseline and not lacking(apart, replicates)
    change = estimate(apart, replicates) if comparable else None
    return ArmEffect(arm, endpoint, estimate(value(arm, endpoint), replicates), change)
