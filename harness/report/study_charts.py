"""The numbers behind the charts of a study, as JSON for the page's script."""

from __future__ import annotations

import math

from xharness.report.charts import DIGITS
from xharness.studies.findings import Findings
from xharness.studies.fitted_lines import FittedLine
from xharness.studies.statistics.contrasts import LanguageSet
from xharness.studies.statistics.effects import ArmEffect
from xharness.studies.statistics.estimates import Estimate
from xharness.studies.statistics.judge import Judgement
from xharness.studies.statistics.verdicts import Direction
from xharness.tasks.common.json_types import Json, JsonObject

OTHERS, ENGLISH = "other languages", "English"


def study_charts(found: Findings | None) -> dict[str, Json]:
    """Everything that is drawn; empty lists where there is nothing to draw."""
    if found is None:
        return {"hypotheses": [], "changes": [], "lines": []}
    tests = {each.name: each.test for each in found.study.design.hypotheses}
    return {
        "hypotheses": [_hypothesis(each, tests[each.hypothesis.name]) for each in found.judgements if each.estimate],
        "changes": [_change(each, each.change, found) for each in found.effects if each.change],
        "lines": [_line(each, found) for each in found.lines],
    }


def _hypothesis(judgement: Judgement, test: str) -> JsonObject:
    assert judgement.estimate is not None  # those without are not drawn
    claim = judgement.hypothesis
    return {
        "label": claim.name + (" (a tenfold)" if test == "slope" else ""),
        "series": str(judgement.verdict),
        "bounds": [*bounds_of_interest(claim.direction, claim.smallest_effect)],
        **_estimate(judgement.estimate),
    }


def bounds_of_interest(direction: Direction, smallest: float) -> list[float]:
    """Where an effect begins to be of interest, on the side or the sides that are claimed."""
    if not smallest:
        return []
    return {Direction.GREATER: [smallest], Direction.LESS: [-smallest]}.get(direction, [-smallest, smallest])


def _change(effect: ArmEffect, change: Estimate, found: Findings) -> JsonObject:
    design, endpoint = found.study.design, effect.endpoint
    return {
        "target": design.targets[endpoint.target].title or endpoint.target,
        "label": design.arms[effect.arm].title or effect.arm,
        "series": ENGLISH if endpoint.languages is LanguageSet.ENGLISH else OTHERS,
        "bounds": [],
        **_estimate(change),
    }


def _line(line: FittedLine, found: Findings) -> JsonObject:
    arms = found.study.design.arms
    ends = sorted(set(line.amounts.values()))
    return {
        "title": line.hypothesis,
        "means": [
            {"amount": line.amounts[arm], "label": arms[arm].title or arm, **_estimate(score)}
            for arm, score in line.scores.items()
        ],
        "fit": [[amount, _rounded(line.intercept + line.slope * math.log10(amount))] for amount in ends],
        "band": [[amount, _rounded(low), _rounded(high)] for amount, (low, high) in line.band.items()],
        "slope": _rounded(line.slope),
    }


def _estimate(estimate: Estimate) -> JsonObject:
    """Mean, both intervals, and the value of every seed."""
    low, high = estimate.interval or (None, None)
    over = estimate.over_seeds.interval if estimate.over_seeds else (None, None)
    return {
        "value": _rounded(estimate.value),
        "low": _rounded(low),
        "high": _rounded(high),
        "seedLow": _rounded(over[0]),
        "seedHigh": _rounded(over[1]),
        "points": [[seed, _rounded(value)] for seed, value in estimate.points.items()],
    }


def _rounded(number: float | None) -> float | None:
    return None if number is None or not math.isfinite(number) else round(number, DIGITS)
