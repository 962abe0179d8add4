"""The vectorised multi-bootstrap against plain loops."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tests.harness.comparison.made import right, rows, source
from tests.harness.studies.statistics.made_study import study
from xharness.studies.statistics.contrasts import Endpoint, LanguageSet, difference
from xharness.studies.statistics.estimates import estimate
from xharness.studies.statistics.outcome import Outcome, RunName
from xharness.studies.statistics.replicates import Replicates
from xharness.studies.statistics.settings import Settings
from xharness.tasks.base import Items
from xharness.tasks.common.errors import UserError
from xharness.tasks.metrics.intervals import seed_of

R = 2_000
ARMS, SEEDS, LANGUAGES = ("a", "none"), (3, 7, 8), ("de", "en")


def span_counts(generator: np.random.Generator, size: int) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    gold = 1.0 + generator.poisson(1, size)
    hits = generator.binomial(gold.astype(int), 0.6)
    predicted = hits + generator.binomial(2, 0.3, size)
    return np.column_stack([hits, predicted, gold, hits, predicted, gold, hits, gold]).astype(np.float64)


def drawn(size: int, *names: str) -> np.ndarray[tuple[int, int], np.dtype[np.int64]]:
    return np.random.default_rng(seed_of(0, *names)).integers(0, size, (R, size))


def test_parallel_languages_in_a_plain_loop() -> None:
    clusters = [f"p{row // 3}" for row in range(12)]
    generator = np.random.default_rng(1)
    hits = {(a, s, g): generator.random(12) < 0.6 for a in ARMS for s in SEEDS for g in LANGUAGES}
    runs: dict[RunName, Outcome] = {}
    for arm in ARMS:
        for seed in SEEDS:
            cells = {("xnli", g): right(hits[arm, seed, g], clusters) for g in LANGUAGES}
            runs[arm, "xnli", seed] = Outcome(source(arm, cells))
    found = estimate(difference("a", "none", Endpoint("xnli")), Replicates(runs))
    worlds, seeds = drawn(4, "items", "test", "xnli", ""), drawn(3, "seeds", "3", "7", "8")
    for replicate in range(0, R, 40):
        items = [3 * cluster + row for cluster in worlds[replicate] for row in range(3)]
        scores = {}
        for arm in ARMS:
            by_seed = [[hits[arm, SEEDS[s], g][items].mean() for g in LANGUAGES] for s in seeds[replicate]]
            scores[arm] = 100 * np.mean([np.mean(one) for one in by_seed])
        assert found.draws[replicate] == pytest.approx(scores["a"] - scores["none"], abs=1e-8)
    points = {s: 100 * np.mean([hits["a", s, g].mean() - hits["none", s, g].mean() for g in LANGUAGES]) for s in SEEDS}
    assert found.points == pytest.approx(points)
    assert found.value == pytest.approx(np.mean(list(points.values())))


def test_f1_of_languages_with_items_of_their_own_in_a_plain_loop() -> None:
    generator = np.random.default_rng(2)
    sizes = {"de": 9, "en": 6}
    counts = {(a, s, g): span_counts(generator, sizes[g]) for a in ARMS for s in SEEDS for g in LANGUAGES}
    runs: dict[RunName, Outcome] = {}
    for arm in ARMS:
        for seed in SEEDS:
            cells = {("panx", g): rows(counts[arm, seed, g]) for g in LANGUAGES}
            runs[arm, "panx", seed] = Outcome(source(arm, cells))
    found = estimate(difference("a", "none", Endpoint("panx")), Replicates(runs, Settings(paired_seeds=False)))
    worlds = {g: drawn(sizes[g], "items", "test", "panx", g) for g in LANGUAGES}
    seeds = {arm: drawn(3, "seeds", arm, "3", "7", "8") for arm in ARMS}
    for replicate in range(0, R, 40):
        scores = {}
        for arm in ARMS:
            f1 = []
            for seed in seeds[arm][replicate]:
                for g in LANGUAGES:
                    right_, predicted, gold = counts[arm, SEEDS[seed], g][worlds[g][replicate]].sum(axis=0)[:3]
                    f1.append(200 * right_ / (predicted + gold))
            scores[arm] = np.mean(f1)
        assert found.draws[replicate] == pytest.approx(scores["a"] - scores["none"], abs=1e-8)


def test_arms_with_other_seeds_are_not_paired_and_a_common_seed_cancels_where_they_are() -> None:
    def run(hits: int) -> Outcome:
        return Outcome(source("x", {("tatoeba", "de"): right(np.arange(100) < hits)}))

    shifts = {0: 0, 1: 10, 2: 20}
    paired = {(arm, "t", s): run(30 + more + add) for arm, add in (("a", 5), ("none", 0)) for s, more in shifts.items()}
    contrast = difference("a", "none", Endpoint("t"))
    together = estimate(contrast, Replicates(paired))
    assert together.points == pytest.approx({0: 5, 1: 5, 2: 5})
    moved = {(arm, t, seed + 10 * (arm == "a")): each for (arm, t, seed), each in paired.items()}
    apart = estimate(contrast, Replicates(moved))
    assert apart.points == {} and apart.value == pytest.approx(together.value)
    assert apart.error > 2 * together.error


def test_tasks_that_share_their_items_are_drawn_together() -> None:
    def both(seed: int) -> Outcome:
        hits = np.random.default_rng(seed).random(50) < 0.5
        return Outcome(source("x", {(task, "en"): right(hits) for task in ("xnli", "pawsx")}))

    runs = {("a", "t", seed): both(seed) for seed in (0, 1)}
    contrast = difference("a", "a", Endpoint("t", task="xnli"))
    assert not estimate(contrast, Replicates(runs)).draws.any()
    first, second = Endpoint("t", task="xnli"), Endpoint("t", task="pawsx")
    shared = Replicates(runs, Settings(same_items=(("xnli", "pawsx"),)))
    assert np.array_equal(shared.value("a", first).draws, shared.value("a", second).draws)
    apart = Replicates(runs)
    assert not np.array_equal(apart.value("a", first).draws, apart.value("a", second).draws)


def test_languages_and_scores_are_chosen() -> None:
    replicates = Replicates(study(languages=("de", "en", "sw")))
    by_language = {g: replicates.value("a", Endpoint("xnli", (g,))).points.mean() for g in ("de", "en", "sw")}
    zero_shot = replicates.value("a", Endpoint("xnli", LanguageSet.ZERO_SHOT)).points.mean()
    assert zero_shot == pytest.approx((by_language["de"] + by_language["sw"]) / 2)
    assert replicates.value("a", Endpoint("xnli", LanguageSet.ENGLISH)).points.mean() == by_language["en"]

    def question(arm: str) -> Items:
        return rows(np.column_stack([np.zeros(4), np.full(4, 0.5), np.full(4, 0.5), np.ones(4)]))

    asked = Replicates({("a", "xquad", s): Outcome(source("x", {("xquad", "de"): question("a")})) for s in (0, 1)})
    assert asked.value("a", Endpoint("xquad", score="f1")).points.tolist() == [50, 50]
    assert asked.value("a", Endpoint("xquad")).points.tolist() == [25, 25]  # the mean of exact match and F1
    with pytest.raises(UserError, match="nothing of xquad has the score 'F1'"):
        list(asked.lacking("a", Endpoint("xquad", score="F1")))


def test_what_is_lacking_is_told() -> None:
    replicates = Replicates(study())
    assert list(replicates.lacking("c", Endpoint("xnli"))) == ["c on xnli"]
    assert list(replicates.lacking("a", Endpoint("xnli", ("fr",)))) == ["xnli fr of xnli"]
    assert list(replicates.lacking("a", Endpoint("xnli", task="pawsx"))) == ["pawsx of xnli in these languages"]
    assert list(replicates.lacking("a", Endpoint("xnli"), "dev")) == ["dev scores of xnli"]
    assert not list(replicates.lacking("a", Endpoint("xnli")))


def test_a_cell_that_one_run_lacks_counts_for_none() -> None:
    runs = study()
    runs["a", "xnli", 1] = study(languages=("de",))["a", "xnli", 1]
    replicates = Replicates(runs)
    assert list(replicates.lacking("b", Endpoint("xnli", ("en",)))) == ["xnli en of xnli"]
    assert [(cell.task, cell.language) for cell in replicates.missing("xnli")] == [("xnli", "en")]


def test_a_cell_that_no_run_has_is_not_told_of_and_one_that_some_lack_once() -> None:
    runs = dict(study())
    for name, outcome in runs.items():
        runs[name] = replace(outcome, test=replace(outcome.test, left_out={("xnli", "th"): "no gold"}))
    assert Replicates(runs).missing("xnli") == []
    for seed in (1, 2):
        runs["a", "xnli", seed] = study(languages=("de",))["a", "xnli", seed]
        runs["b", "xnli", seed] = study(languages=("de",))["b", "xnli", seed]
    assert [(cell.task, cell.language) for cell in Replicates(runs).missing("xnli")] == [("xnli", "en")]


def test_runs_that_are_other_measurements_are_refused_but_for_what_was_trained_on() -> None:
    cells = {("tatoeba", "de"): right([1.0, 0.0])}
    runs = {("a", "t", 0): Outcome(source("x", cells)), ("none", "t", 0): Outcome(source("y", cells, length="64"))}
    with pytest.raises(UserError, match="a on t, seed 0 and none on t, seed 0 are not the same measurement"):
        list(Replicates(runs).lacking("a", Endpoint("t")))
    runs["none", "t", 0] = Outcome(source("y", cells, **{"zero-shot": "no"}))
    assert not list(Replicates(runs).lacking("a", Endpoint("t")))


def test_settings_that_make_no_sense_are_refused() -> None:
    for settings in (Settings(alpha=0.0), Settings(resamples=1_999)):
        with pytest.raises(UserError):
            Replicates(study(), settings)


def test_a_run_is_read_when_its_target_is_asked_for_and_not_kept() -> None:
    class Reading(dict[RunName, Outcome]):
        def __getitem__(self, name: RunName) -> Outcome:
            read.append(name)
            return super().__getitem__(name)

    read: list[RunName] = []
    outcomes = Reading(study() | study(target="other"))
    replicates = Replicates(outcomes)
    assert replicates.seeds("a", "xnli") == (0, 1, 2) and not read
    for arm in ("a", "b", "none"):
        assert estimate(difference(arm, "none", Endpoint("xnli")), replicates).seeds == 3
    assert replicates.missing("xnli") == []
    assert read == [(arm, "xnli", seed) for arm in ("a", "b", "none") for seed in range(3)]
