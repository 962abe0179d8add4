"""From a study's runs to its judgements: the declared contrasts, what is left out, and the file."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.harness.studies.written import DESIGN, design_of, write_study
from xharness.studies.design import HypothesisDesign
from xharness.studies.findings import FINDINGS, Findings, find, hypothesis_of, languages_of, write_findings
from xharness.studies.record import RecordedStudy
from xharness.studies.statistics.contrasts import (
    Endpoint,
    LanguageSet,
    difference,
    interaction,
    slope,
    subtract,
)
from xharness.studies.statistics.verdicts import Reason, Verdict


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> RecordedStudy:
    return write_study(tmp_path_factory.mktemp("study"))


@pytest.fixture(scope="module")
def found(study: RecordedStudy) -> Findings:
    found = find(study)
    assert found is not None
    return found


def claim(**fields: object) -> HypothesisDesign:
    return HypothesisDesign(**{"name": "h", "arms": ("large", "none"), "targets": ("xnli",), **fields})  # type: ignore[arg-type]


def test_declared_tests_are_these_contrasts() -> None:
    design, zero = design_of(), LanguageSet.ZERO_SHOT
    xnli, pawsx = Endpoint("xnli", zero), Endpoint("pawsx", zero)
    assert hypothesis_of(claim(targets=("xnli", "pawsx")), design).contrast == difference("large", "none", xnli, pawsx)
    four = claim(test="interaction", arms=("chain", "large", "small", "none"))
    # (a - b) - (c - d): what the first arm has over the second, minus what the third has over the fourth
    assert hypothesis_of(four, design).contrast == interaction("chain", "small", "large", "none", xnli)
    twice = claim(test="difference-in-differences", other_targets=("pawsx",))
    expected = subtract(difference("large", "none", xnli), difference("large", "none", pawsx))
    assert hypothesis_of(twice, design).contrast == expected
    line = claim(test="slope", arms=("small", "middle", "large"))
    amounts = {"small": 100.0, "middle": 1000.0, "large": 10000.0}
    assert hypothesis_of(line, design).contrast == slope(amounts, xnli)


def test_sets_of_languages() -> None:
    assert [languages_of(name) for name in ("zero-shot", "all", "en")] == [
        LanguageSet.ZERO_SHOT,
        LanguageSet.ALL,
        LanguageSet.ENGLISH,
    ]
    assert languages_of("de, sw") == ("de", "sw")


def test_every_hypothesis_is_judged_in_order(found: Findings) -> None:
    assert [each.hypothesis.name for each in found.judgements] == [each.name for each in design_of().hypotheses]
    verdicts = [each.verdict for each in found.judgements]
    assert verdicts[:2] == [Verdict.SUPPORTED, Verdict.NOT_SUPPORTED]
    assert verdicts[3] is Verdict.SUPPORTED
    assert found.judgements[1].reason is Reason.OPPOSITE
    assert {each.tests for each in found.judgements} == {4}


def test_effects_are_those_of_the_items(study: RecordedStudy, found: Findings) -> None:
    effects = {(each.arm, each.endpoint.target, each.endpoint.languages): each for each in found.effects}
    assert len(effects) == 5 * 2 * 2
    large, none = (effects[arm, "xnli", LanguageSet.ENGLISH] for arm in ("large", "none"))
    assert none.change is None and large.change is not None and large.score is not None and none.score is not None
    scores = {
        each.seed: json.loads((study.store.output(each.step.id) / "scores.json").read_text("utf-8"))
        for each in study.evaluated
        if (each.arm, each.target) == ("large", "xnli")
    }
    assert large.score.points == pytest.approx({seed: each["xnli"]["accuracy"]["en"] for seed, each in scores.items()})
    assert large.change.value == pytest.approx(large.score.value - none.score.value)


def test_what_is_not_done_is_not_judged(tmp_path: Path) -> None:
    gone = {f"large → xnli, seed {seed}" for seed in (1, 2, 3)}
    found = find(write_study(tmp_path, without=gone, items=40))
    assert found is not None
    assert found.judgements[0].reason is Reason.NOT_MEASURED
    assert found.judgements[0].lacking == ("large on xnli",)
    assert found.lines == []


def test_nothing_done_is_nothing_found(tmp_path: Path) -> None:
    titles = {f"{arm} → {target}, seed {seed}" for arm in ("none", "small") for target in ("xnli",) for seed in (1, 2)}
    assert find(write_study(tmp_path, size="smoke", without=titles)) is None


def test_hypotheses_about_other_arms_are_left_out(tmp_path: Path) -> None:
    found = find(write_study(tmp_path, size="smoke", items=40))
    assert found is not None
    assert [each.hypothesis.name for each in found.judgements] == [
        each.name for each in design_of().hypotheses if set(each.arms) == {"small", "none"}
    ]


def test_the_first_arm_is_the_baseline_unless_one_is_declared(tmp_path: Path, found: Findings) -> None:
    assert found.baseline == "none"
    other = find(write_study(tmp_path, design_of(f'baseline = "small"\n{DESIGN}'), size="smoke", items=40))
    assert other is not None and other.baseline == "small"


def test_the_file_has_the_same_bytes_for_the_same_results(study: RecordedStudy, found: Findings) -> None:
    write_findings(found)
    first = (study.out / FINDINGS).read_bytes()
    again = find(study)
    assert again is not None
    write_findings(again)
    assert (study.out / FINDINGS).read_bytes() == first
    content = json.loads(first)
    assert (content["study"], content["size"], content["baseline"]) == ("made", "small", "none")
    assert [each["verdict"] for each in content["hypotheses"]] == [each.verdict for each in found.judgements]


def test_lines_have_the_slope_that_is_judged(found: Findings) -> None:
    (line,) = found.lines
    judged = next(each for each in found.judgements if each.hypothesis.name == line.hypothesis)
    assert judged.estimate is not None
    assert line.slope == pytest.approx(judged.estimate.value)
    assert line.amounts == {"small": 100.0, "middle": 1000.0, "large": 10000.0}
    middle = line.intercept + 3 * line.slope
    assert middle == pytest.approx(sum(score.value for score in line.scores.values()) / 3)
    for power, (low, high) in zip((2, 3, 4), line.band.values(), strict=True):
        assert low < line.intercept + power * line.slope < high
