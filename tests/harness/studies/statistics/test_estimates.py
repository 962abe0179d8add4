"""Crossings, the best of several, and what an estimate knows of itself."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tests.harness.studies.statistics.made_study import exactly, study
from xharness.studies.statistics.contrasts import AgainstBest, Crossing, Endpoint, difference, slope
from xharness.studies.statistics.estimates import estimate, lacking
from xharness.studies.statistics.outcome import Outcome
from xharness.studies.statistics.replicates import Replicates
from xharness.tasks.common.errors import UserError

ENDPOINT = Endpoint("tatoeba")


def curves(english: list[int], multilingual: list[int]) -> Replicates:
    """Right answers of 100 at 100, 1,000 and 10,000 examples; a seed adds nothing."""
    arms = [f"{kind}{number}" for kind in "em" for number in range(3)]
    hits = dict(zip(arms, english + multilingual, strict=True))
    return Replicates(exactly(lambda arm, seed: hits[arm], arms, (0, 1)))


def sizes(kind: str) -> tuple[tuple[str, float], ...]:
    return tuple((f"{kind}{number}", 10.0 ** (number + 2)) for number in range(3))


def test_where_two_lines_cross() -> None:
    found = estimate(Crossing(sizes("e"), sizes("m"), ENDPOINT), curves([40, 50, 60], [50, 52, 54]))
    assert found.value == pytest.approx(10 ** (2 + 10 / 8))  # 40 + 10 x = 50 + 2 x
    assert found.over_seeds is None and found.seeds == 2
    assert found.interval is not None and found.interval[0] < found.value < found.interval[1]
    assert 0 <= found.undefined < 0.2


def test_lines_that_do_not_cross_within_the_sizes() -> None:
    parallel = estimate(Crossing(sizes("e"), sizes("m"), ENDPOINT), curves([40, 50, 60], [50, 60, 70]))
    assert np.isnan(parallel.value) and parallel.undefined > 0.9
    beyond = estimate(Crossing(sizes("e"), sizes("m"), ENDPOINT), curves([10, 11, 12], [50, 50, 50]))
    assert np.isnan(beyond.value) and beyond.undefined == 1
    assert beyond.interval is None and np.isnan(beyond.error) and np.isnan(beyond.bias)


def test_the_share_of_undefined_replicates_is_counted_in_a_plain_loop() -> None:
    runs = study({"e0": 0.5, "e1": 0.62, "m0": 0.55, "m1": 0.58}, target="t", task="tatoeba", size=80)
    replicates = Replicates(runs)
    endpoint = Endpoint("t")
    draws = {arm: replicates.value(arm, endpoint).draws for arm in ("e0", "e1", "m0", "m1")}
    crossed = []
    for e0, e1, m0, m1 in zip(*(draws[arm] for arm in ("e0", "e1", "m0", "m1")), strict=True):
        share = (m0 - e0) / ((e1 - e0) - (m1 - m0)) if e1 - e0 != m1 - m0 else np.inf
        crossed.append(1_000 * 10**share if 0 <= share <= 1 else np.nan)  # from 1,000 to 10,000 examples
    crossing = Crossing((("e0", 1e3), ("e1", 1e4)), (("m0", 1e3), ("m1", 1e4)), endpoint)
    found = estimate(crossing, replicates)
    defined = np.isfinite(np.array(crossed))
    assert found.undefined == pytest.approx(1 - defined.mean(), abs=0.002)  # that meet at an end may round either way
    assert found.interval == pytest.approx(np.quantile(np.array(crossed)[defined], [0.025, 0.975]), rel=0.01)


def test_a_slope_has_the_value_of_every_seed() -> None:
    hits = {"s": (30, 32), "m": (40, 40), "l": (50, 54)}
    replicates = Replicates(exactly(lambda arm, seed: hits[arm][seed], tuple(hits), (0, 1)))
    found = estimate(slope({"s": 10, "m": 100, "l": 1_000}, ENDPOINT), replicates)
    assert found.points == pytest.approx({0: 10, 1: 11})
    assert found.value == pytest.approx(10.5)


def test_the_best_of_several_is_chosen_on_dev_in_each_replicate() -> None:
    shares = {"all": 0.7, "x": 0.6, "y": 0.6, "z": 0.6}
    runs = study(shares, dev={"all": 0.5, "x": 0.7, "y": 0.69, "z": 0.1}, size=80)
    replicates, arms = Replicates(runs), ("x", "y", "z")
    found = estimate(AgainstBest("all", arms, Endpoint("xnli")), replicates)
    dev = np.array([replicates.value(arm, Endpoint("xnli"), "dev").draws for arm in arms])
    apart = [estimate(difference("all", arm, Endpoint("xnli")), replicates) for arm in arms]
    expected = [apart[int(np.argmax(dev[:, world].round(9)))].draws[world] for world in range(2_000)]
    assert found.draws.tolist() == expected
    assert found.chosen["z"] == 0 and 0.1 < found.chosen["x"] < 0.9
    assert sum(found.chosen.values()) == pytest.approx(1)
    best = int(np.argmax([replicates.value(arm, Endpoint("xnli"), "dev").points.mean() for arm in arms]))
    assert (found.value, found.points) == (apart[best].value, apart[best].points)


def test_the_best_may_be_chosen_on_another_target() -> None:
    shares = {"all": 0.7, "x": 0.6, "y": 0.6}
    other = study({"all": 0.5, "x": 0.3, "y": 0.6}, target="genres", task="pawsx", languages=("en",), size=80)
    replicates = Replicates({**study(shares, size=80), **other})
    endpoint, genres = Endpoint("xnli"), Endpoint("genres")
    found = estimate(AgainstBest("all", ("x", "y"), endpoint, genres), replicates)
    scores = np.array([replicates.value(arm, genres).draws for arm in ("x", "y")])
    apart = [estimate(difference("all", arm, endpoint), replicates) for arm in ("x", "y")]
    expected = [apart[int(np.argmax(scores[:, world].round(9)))].draws[world] for world in range(2_000)]
    assert found.draws.tolist() == expected
    assert found.value == apart[1].value and found.chosen["y"] > 0.9


def test_a_choice_by_seeds_that_are_lucky_shows_as_bias() -> None:
    """Five equal arms whose seeds scatter, on dev as on test: the best of any drawn seeds is better than the mean."""

    def hits(arm: str, seed: int) -> int:
        return 50 + (0 if arm == "0" else [-10, -5, 0, 5, 10][(ord(arm) + seed) % 5])

    arms = tuple("abcde")
    runs = {}
    for name, run in exactly(hits, ("0", *arms), range(5)).items():
        cell = run.test.cells["tatoeba", "de"]
        english = replace(run.test, cells={("tatoeba", "en"): replace(cell, language="en")})
        runs[name] = Outcome(run.test, english)
    found = estimate(AgainstBest("0", arms, ENDPOINT), Replicates(runs))
    assert found.value == pytest.approx(0)
    assert found.points == pytest.approx({seed: 50 - hits("a", seed) for seed in range(5)})
    assert found.bias < -2
    assert all(0.1 < share < 0.3 for share in found.chosen.values())


def test_what_a_contrast_lacks() -> None:
    replicates = Replicates(study())
    assert lacking(difference("a", "c", Endpoint("xnli")), replicates) == ["c on xnli"]
    with pytest.raises(UserError, match="nothing can be estimated"):
        estimate(difference("a", "c", Endpoint("xnli")), replicates)
    assert lacking(AgainstBest("a", ("b", "none"), Endpoint("xnli")), replicates) == ["dev scores of xnli"]
    assert lacking(Crossing((("a", 1), ("q", 2)), (("b", 1), ("r", 2)), Endpoint("xnli")), replicates) == [
        "q on xnli",
        "r on xnli",
    ]
