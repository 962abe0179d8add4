"""Estimates, effects and judgements as plain values, for files: numbers in points, with six digits."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import asdict

from xharness.studies.statistics.contrasts import Endpoint
from xharness.studies.statistics.effects import ArmEffect
from xharness.studies.statistics.estimates import Estimate
from xharness.studies.statistics.judge import Judgement
from xharness.studies.statistics.wording import sentence
from xharness.tasks.common.json_types import Json, JsonObject

_DIGITS = 6


def judgement_json(judgement: Judgement) -> JsonObject:
    """Everything of a judgement but the weights of its contrast."""
    claim, order = judgement.hypothesis, judgement.order
    return {
        "name": claim.name,
        "direction": claim.direction.value,
        "smallest_effect": claim.smallest_effect,
        "family": claim.family,
        "tests": judgement.tests,
        "verdict": judgement.verdict.value,
        "reason": judgement.reason.value,
        "sentence": sentence(judgement),
        "seeds": judgement.seeds,
        "estimate": estimate_json(judgement.estimate),
        "p": _rounded(judgement.p),
        "p_seeds": _rounded(judgement.p_seeds),
        "p_holm": _rounded(judgement.p_holm),
        "detectable": _rounded(judgement.detectable),
        "order": {name: _rounded(number) for name, number in asdict(order).items()} if order else None,
        "lacking": list(judgement.lacking),
        "left_out": [f"{cell.task}.{cell.language}: {cell.reason}" for cell in judgement.left_out],
    }


def effect_json(effect: ArmEffect) -> JsonObject:
    """One row of the table of effects."""
    return {
        "arm": effect.arm,
        **_endpoint(effect.endpoint),
        "score": estimate_json(effect.score),
        "change": estimate_json(effect.change),
        "lacking": list(effect.lacking),
    }


def estimate_json(found: Estimate | None) -> Json:
    """An estimate without its draws; null for none, and in it for what is undefined."""
    if found is None:
        return None
    seeds = found.over_seeds
    return {
        "value": _rounded(found.value),
        "interval": _pair(found.interval),
        "error": _rounded(found.error),
        "bias": _rounded(found.bias),
        "seeds": found.seeds,
        "points": {str(seed): _rounded(point) for seed, point in found.points.items()},
        "seed_interval": _pair(seeds.interval if seeds else None),
        "seed_freedom": seeds.freedom if seeds else None,
        "undefined": found.undefined,
        "chosen": dict(found.chosen),
    }


def _endpoint(endpoint: Endpoint) -> JsonObject:
    languages = endpoint.languages
    return {
        "target": endpoint.target,
        "task": endpoint.task,
        "languages": list(languages) if isinstance(languages, tuple) else languages.value,
        "metric": endpoint.score,
    }


def _pair(interval: Iterable[float] | None) -> Json:
    return None if interval is None else [_rounded(bound) for bound in interval]


def _rounded(number: float | None) -> float | None:
    return None if number is None or not math.isfinite(number) else round(number, _DIGITS)
