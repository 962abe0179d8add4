"""Answers to changed data beside those to the originals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.harness.comparison.made import right, source
from tests.harness.studies.written import DESIGN, design_of
from xharness.studies.robustness import CONSISTENCY, RETENTION, Kept, robustness
from xharness.studies.statistics.contrasts import LanguageSet
from xharness.studies.statistics.outcome import Outcome, RunName
from xharness.tasks import xnli

STUDY = design_of(
    DESIGN
    + """
[perturbed.moved]
tasks = ["xnli"]
by = "window"
[targets.xnli-moved]
phase = { tasks = ["xnli"], examples = 500 }
evaluate = ["xnli"]
data = "moved"
[targets.xnli-other]
phase = { tasks = ["xnli"], examples = 50 }
evaluate = ["xnli"]
data = "moved"
"""
)
LABELS = np.array(["entailment", "neutral", "contradiction"])
GOLD = LABELS[np.arange(60) % 3]
LANGUAGES = ("en", "de", "sw")
Answers = NDArray[np.str_]


def drawn(run: RunName, language: str) -> Answers:
    """Made-up answers, other ones of every run and language."""
    arm, target, seed = run
    numbers = np.random.default_rng([seed, len(arm), len(target), LANGUAGES.index(language)]).integers(0, 3, 60)
    return np.where(numbers == 0, LABELS[numbers], GOLD)


def outcome(folder: Path, run: RunName, languages: Sequence[str] = LANGUAGES) -> Outcome:
    """A run with these answers, and the files that hold them."""
    path = folder / "-".join(map(str, run))
    found = {language: drawn(run, language) for language in languages}
    for language, answers in found.items():
        file = path / "predictions" / "xnli" / xnli.TASK.file_name(language)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("".join(f"{answer}\n" for answer in answers))
    cells = {("xnli", language): right(answers == GOLD) for language, answers in found.items()}
    return Outcome(replace(source("run", cells), path=path))


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory: pytest.TempPathFactory) -> dict[RunName, Outcome]:
    folder = tmp_path_factory.mktemp("runs")
    targets = ("xnli", "xnli-moved", "xnli-other", "pawsx")
    runs = [(arm, target, seed) for arm in ("none", "small") for target in targets for seed in (1, 2)]
    return {run: outcome(folder, run) for run in runs if run[1] != "pawsx"}


def share(arm: str, seed: int, language: str, score: str) -> float:
    """Worked out from the answers."""
    plain, moved = drawn((arm, "xnli", seed), language), drawn((arm, "xnli-moved", seed), language)
    if score == CONSISTENCY:
        return float(100 * (plain == moved).mean())
    return float(100 * (moved == GOLD)[plain == GOLD].mean())


@pytest.mark.parametrize("score", [RETENTION, CONSISTENCY])
def test_both_measures_are_those_of_the_answers(outcomes: dict[RunName, Outcome], score: str) -> None:
    found = robustness(STUDY, outcomes, ["none", "small"], "none")
    rows = {(each.arm, each.endpoint.languages): each for each in found if each.endpoint.score == score}
    assert len(found) == 2 * len(rows) == 8
    for arm in ("none", "small"):
        for languages, names in ((LanguageSet.ENGLISH, ["en"]), (LanguageSet.ZERO_SHOT, ["de", "sw"])):
            estimate = rows[arm, languages].score
            assert estimate is not None
            expected = {seed: np.mean([share(arm, seed, name, score) for name in names]) for seed in (1, 2)}
            assert estimate.points == pytest.approx(expected)
    change, base, other = (rows[arm, LanguageSet.ENGLISH] for arm in ("small", "none", "small"))
    assert base.change is None and change.change is not None and base.score is not None and other.score is not None
    assert change.change.value == pytest.approx(other.score.value - base.score.value)


def test_a_target_that_trains_otherwise_is_no_original(outcomes: dict[RunName, Outcome]) -> None:
    assert {each.endpoint.target for each in robustness(STUDY, outcomes, ["none"], "none")} == {"xnli-moved"}


def test_without_the_originals_or_their_answers_there_is_nothing(
    outcomes: dict[RunName, Outcome], tmp_path: Path
) -> None:
    moved = {run: each for run, each in outcomes.items() if run[1] == "xnli-moved"}
    assert robustness(STUDY, moved, ["none"], "none") == []
    run = ("none", "xnli", 1)
    elsewhere = replace(outcomes[run].test, path=tmp_path)
    assert robustness(STUDY, {**moved, run: Outcome(elsewhere)}, ["none"], "none") == []


def test_answers_are_compared_with_gold_and_with_each_other() -> None:
    pairs = [("a", "a"), ("a", "b"), ("b", "b"), ("b", "a")]
    items = Kept().measure(["a", "a", "a", "a"], pairs, "de")
    assert items.statistics.tolist() == [[1, 1, 1, 1], [0, 1, 0, 1], [0, 0, 1, 1], [0, 0, 0, 1]]
    found = Kept().aggregate(items.statistics.sum(axis=0))
    assert {name: float(each) for name, each in found.items()} == {RETENTION: 50.0, CONSISTENCY: 50.0}
