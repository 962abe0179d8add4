"""Weights of contrasts, exactly."""

from __future__ import annotations

import numpy as np
import pytest

from xharness.studies.statistics.contrasts import (
    Endpoint,
    LanguageSet,
    Linear,
    choose,
    difference,
    interaction,
    line_weights,
    mean_of,
    slope,
    subtract,
    transfer_gap,
    value,
)

HERE, THERE = Endpoint("xnli"), Endpoint("panx")


def weights(contrast: Linear) -> dict[tuple[str, str], float]:
    found: dict[tuple[str, str], float] = {}
    for term in contrast.terms:
        found[term.arm, term.endpoint.target] = found.get((term.arm, term.endpoint.target), 0.0) + term.weight
    return found


def test_differences_means_and_interactions() -> None:
    assert weights(difference("a", "none", HERE)) == {("a", "xnli"): 1, ("none", "xnli"): -1}
    assert weights(value("a", HERE, THERE)) == {("a", "xnli"): 0.5, ("a", "panx"): 0.5}
    assert weights(mean_of([difference("a", "none", HERE), difference("b", "none", HERE)])) == {
        ("a", "xnli"): 0.5,
        ("b", "xnli"): 0.5,
        ("none", "xnli"): -1,
    }
    assert weights(interaction("both", "task", "mlm", "none", HERE)) == {
        ("both", "xnli"): 1,
        ("mlm", "xnli"): -1,
        ("task", "xnli"): -1,
        ("none", "xnli"): 1,
    }
    dissociation = subtract(difference("syntax", "meaning", THERE), difference("syntax", "meaning", HERE))
    assert list(weights(dissociation).values()) == [1, -1, -1, 1]


def test_a_slope_is_that_of_least_squares() -> None:
    sizes = {"small": 1_000.0, "middle": 3_000.0, "large": 30_000.0}
    scores = {"small": 61.0, "middle": 66.5, "large": 70.0}
    fitted = np.polynomial.polynomial.polyfit(np.log10(list(sizes.values())), list(scores.values()), 1)
    by_arm = {arm: weight for (arm, _), weight in weights(slope(sizes, HERE)).items()}
    assert sum(by_arm[arm] * scores[arm] for arm in sizes) == pytest.approx(fitted[1])
    assert sum(line_weights(sizes)[arm][0] * scores[arm] for arm in sizes) == pytest.approx(fitted[0])
    for wrong in ({"a": 10.0}, {"a": 10.0, "b": 10.0}, {"a": 0.0, "b": 10.0}):
        with pytest.raises(ValueError, match="two sizes above 0"):
            slope(wrong, HERE)


def test_languages() -> None:
    there = ["ar", "en", "sw"]
    assert choose(LanguageSet.ALL, there) == there
    assert choose(LanguageSet("zero-shot"), there) == ["ar", "sw"]
    assert choose(LanguageSet.ENGLISH, there) == ["en"]
    assert choose(("sw", "fr"), there) == ["sw", "fr"]
    gap = [(term.weight, term.endpoint.languages) for term in transfer_gap("a", HERE).terms]
    assert gap == [(1, LanguageSet.ENGLISH), (-1, LanguageSet.ZERO_SHOT)]
