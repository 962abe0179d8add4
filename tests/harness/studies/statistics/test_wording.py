"""The words of a judgement, made from its numbers."""

from __future__ import annotations

import pytest

from tests.harness.studies.statistics.made_study import exactly, study
from xharness.studies.statistics.contrasts import Crossing, Endpoint, difference
from xharness.studies.statistics.estimates import estimate
from xharness.studies.statistics.judge import Hypothesis, judge
from xharness.studies.statistics.outcome import Outcomes
from xharness.studies.statistics.replicates import Replicates
from xharness.studies.statistics.verdicts import Direction
from xharness.studies.statistics.wording import crossing, sentence

ENDPOINT = Endpoint("xnli")


def said(runs: Outcomes, direction: Direction, smallest: float, arm: str = "a", base: str = "none") -> str:
    return sentence(judge([Hypothesis("h", difference(arm, base, ENDPOINT), direction, smallest)], runs)[0])


LARGE = study({"none": 0.2, "a": 0.8}, seeds=range(5), size=200)
ALIKE = study({"none": 0.5, "a": 0.5}, seeds=range(3), size=40)


@pytest.mark.parametrize(
    ("text", "start"),
    [
        (said(LARGE, Direction.GREATER, 1.0), "supported: it is greater than 0; +"),
        (
            said(LARGE, Direction.GREATER, 60.0),
            "supported: it is greater than 0, but perhaps by less than 60 points; +",
        ),
        (
            said(LARGE, Direction.DIFFERENT, 80.0),
            "not supported: whatever it is, it is smaller than 80 points, the smallest",
        ),
        (said(LARGE, Direction.LESS, 1.0), "not supported: it is not less than 0 but the opposite; +"),
        (said(LARGE, Direction.EQUIVALENT, 5.0), "not supported: it is farther from 0 than 5 points; +"),
        (
            said(ALIKE, Direction.EQUIVALENT, 1.0),
            "inconclusive: neither that it is as good as 0 nor that it is not could",
        ),
        (said(LARGE, Direction.EQUIVALENT, 90.0), "supported: it is as good as 0, within 90 points; +"),
        (
            said(study(seeds=(0,)), Direction.GREATER, 1.0),
            "inconclusive: one seed tells nothing of a recipe; the interval",
        ),
        (said(LARGE, Direction.GREATER, 1.0, arm="b"), "inconclusive: there is no b on xnli"),
    ],
)
def test_a_sentence(text: str, start: str) -> None:
    assert text.startswith(start)


def test_the_numbers_that_stand_beside_a_verdict() -> None:
    text = said(LARGE, Direction.GREATER, 1.0)
    for part in (
        "over 5 seeds [+",
        "p 0.000",
        "(Holm over 1 test)",
        "this budget finds ",
        "eps_min 0.00 at a confidence of 0.95",
    ):
        assert part in text
    assert "eps_min" not in said(ALIKE, Direction.GREATER, 1.0)


def test_cells_that_do_not_count_are_named() -> None:
    runs = study()
    runs["a", "xnli", 1] = study(languages=("de",))["a", "xnli", 1]
    assert said(runs, Direction.GREATER, 1.0).endswith("without xnli en, which not every run has")


def test_a_crossing() -> None:
    endpoint = Endpoint("tatoeba")
    hits = {"e0": 20, "e1": 80, "m0": 50, "m1": 50}
    replicates = Replicates(exactly(lambda arm, seed: hits[arm], tuple(hits), (0, 1)))
    sizes = (("e0", 100), ("e1", 10_000)), (("m0", 100), ("m1", 10_000))
    assert crossing(estimate(Crossing(*sizes, endpoint), replicates)).startswith("crossing at 1,000 [")
    hits["m1"] = hits["m0"] = 90
    apart = Replicates(exactly(lambda arm, seed: hits[arm], tuple(hits), (0, 1)))
    assert crossing(estimate(Crossing(*sizes, endpoint), apart)).startswith(
        "no crossing within the sizes, undefined in "
    )
