"""Hypotheses that were declared beforehand, and the judgement on each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from xharness.comparison.pairing import Missing
from xharness.comparison.statistics import holm
from xharness.studies.statistics.contrasts import Contrast, Crossing, Linear
from xharness.studies.statistics.estimates import Estimate, endpoints_of, estimate, lacking
from xharness.studies.statistics.outcome import Outcomes
from xharness.studies.statistics.replicates import Replicates
from xharness.studies.statistics.settings import Settings
from xharness.studies.statistics.stochastic_order import LEAST_SCORES, StochasticOrder, almost_stochastic_order
from xharness.studies.statistics.verdicts import (
    Direction,
    Reason,
    Verdict,
    bootstrap_p,
    decide,
    detectable,
    seeds_p,
)
from xharness.tasks.common.errors import UserError
from xharness.tasks.metrics.intervals import seed_of


@dataclass(frozen=True)
class Hypothesis:
    """A claim about a contrast.

    Attributes:
        smallest_effect: The smallest effect of interest, in points: less is as good as none.
        family: Hypotheses of one family are corrected together.
    """

    name: str
    contrast: Contrast
    direction: Direction
    smallest_effect: float
    family: str = ""

    def check(self) -> None:
        """Raise UserError for a claim that cannot be tested."""
        if isinstance(self.contrast, Crossing):
            why = "a crossing may be undefined, and no test is of that"
            raise UserError(f"the hypothesis {self.name} is about a crossing", why, "test the difference of two slopes")
        equivalent = self.direction is Direction.EQUIVALENT
        if not 0 <= self.smallest_effect < float("inf") or (equivalent and not self.smallest_effect):
            why = f"it is {self.smallest_effect:g}, and it is a number of points{' above 0' if equivalent else ''}"
            raise UserError(f"the smallest effect of {self.name} makes no sense", why, "for example 0.5")


@dataclass(frozen=True, eq=False)
class Judgement:
    """What became of a hypothesis.

    Attributes:
        estimate: None if something of it was not measured.
        p: Of the multi-bootstrap. With one seed it is about items only.
        p_seeds: Of Student's t over seeds; None with one seed.
        p_holm: The larger of both, corrected for the family; 1 with one seed.
        tests: Size of the family, with hypotheses that were not measured.
        detectable: The true difference that would have been found with a power of 80 %.
        order: Almost stochastic order, where both sides are one arm with five or more seeds.
        lacking: What was not measured.
        left_out: Cells that only some runs have, so that they do not count.
    """

    hypothesis: Hypothesis
    verdict: Verdict
    reason: Reason
    estimate: Estimate | None
    tests: int
    p: float | None = None
    p_seeds: float | None = None
    p_holm: float = 1.0
    detectable: float | None = None
    order: StochasticOrder | None = None
    lacking: tuple[str, ...] = ()
    left_out: tuple[Missing, ...] = ()

    @property
    def seeds(self) -> int:
        """k, the fewest of all arms; 0 if not measured."""
        return self.estimate.seeds if self.estimate else 0


def judge(
    hypotheses: Sequence[Hypothesis], outcomes: Outcomes | Replicates, settings: Settings | None = None
) -> list[Judgement]:
    """A judgement on each hypothesis, in order.

    Args:
        outcomes: The runs; or their replicates, so that other numbers of the study come from the same draws.

    Raises:
        UserError: a hypothesis cannot be tested, there are too few resamples for the families, or the runs of a target
            are not the same measurement.
    """
    replicates = outcomes if isinstance(outcomes, Replicates) else Replicates(outcomes, settings)
    families: dict[str, list[int]] = {}
    for number, hypothesis in enumerate(hypotheses):
        hypothesis.check()
        families.setdefault(hypothesis.family, []).append(number)
    replicates.settings.check(max(map(len, families.values()), default=1))
    found = [_tested(each, len(families[each.family]), replicates) for each in hypotheses]
    for members in families.values():
        for number, p in zip(members, holm([found[number].p_holm for number in members]), strict=True):
            found[number] = _decided(replace(found[number], p_holm=p), replicates.settings.alpha)
    return found


def _tested(hypothesis: Hypothesis, tests: int, replicates: Replicates) -> Judgement:
    """Everything but the correction and the verdict that follows from it; ``p_holm`` is not corrected yet."""
    direction, smallest = hypothesis.direction, hypothesis.smallest_effect
    if missing := lacking(hypothesis.contrast, replicates):
        return Judgement(hypothesis, Verdict.INCONCLUSIVE, Reason.NOT_MEASURED, None, tests, lacking=tuple(missing))
    found, alpha = estimate(hypothesis.contrast, replicates), replicates.settings.alpha
    p = bootstrap_p(direction, found, smallest)
    p_seeds = seeds_p(direction, found.over_seeds, smallest) if found.over_seeds else None
    targets = dict.fromkeys(endpoint.target for _, endpoint, _ in endpoints_of(hypothesis.contrast))
    return Judgement(
        hypothesis,
        Verdict.INCONCLUSIVE,
        Reason.UNDECIDED,
        found,
        tests,
        p=p,
        p_seeds=p_seeds,
        p_holm=1.0 if p_seeds is None else max(p, p_seeds),
        detectable=detectable(direction, found, alpha, tests),
        order=_order(hypothesis, found, tests, replicates),
        left_out=tuple(cell for target in targets for cell in replicates.missing(target)),
    )


def _decided(judgement: Judgement, alpha: float) -> Judgement:
    if judgement.estimate is None:
        return judgement
    claim = judgement.hypothesis
    verdict, reason = decide(claim.direction, judgement.estimate, claim.smallest_effect, judgement.p_holm, alpha)
    return replace(judgement, verdict=verdict, reason=reason)


def _order(hypothesis: Hypothesis, found: Estimate, tests: int, replicates: Replicates) -> StochasticOrder | None:
    """Whether the arm that is claimed (or found) to be better is so as a distribution over seeds."""
    if not isinstance(hypothesis.contrast, Linear) or hypothesis.direction is Direction.EQUIVALENT:
        return None
    sides = [[term for term in hypothesis.contrast.terms if term.weight * sign > 0] for sign in (1, -1)]
    if any(len({term.arm for term in side}) != 1 or found.seeds < LEAST_SCORES for side in sides):
        return None
    values = [[(abs(term.weight), replicates.value(term.arm, term.endpoint)) for term in side] for side in sides]
    if any(len({value.seeds for _, value in side}) > 1 for side in values):
        return None
    better, other = (sum(weight * value.points for weight, value in side) for side in values)
    if hypothesis.direction is Direction.LESS or (hypothesis.direction is Direction.DIFFERENT and found.value < 0):
        better, other = other, better
    settings = replicates.settings
    return almost_stochastic_order(
        better,
        other,
        comparisons=tests,
        alpha=settings.alpha,
        seed=seed_of(settings.seed, "order", hypothesis.name),
    )
