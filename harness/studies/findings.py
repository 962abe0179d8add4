"""What a study found: the table of effects, and the judgement on each of its hypotheses."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from xharness.studies.design import ALL_LANGUAGES, ZERO_SHOT, HypothesisDesign, StudyDesign, targets_of
from xharness.studies.fitted_lines import FittedLine, fit_line
from xharness.studies.record import RecordedStudy
from xharness.studies.results import of_a_step
from xharness.studies.robustness import robustness
from xharness.studies.statistics.as_json import effect_json, judgement_json
from xharness.studies.statistics.contrasts import (
    AgainstBest,
    Contrast,
    Endpoint,
    Languages,
    LanguageSet,
    difference,
    interaction,
    slope,
    subtract,
)
from xharness.studies.statistics.effects import ArmEffect, effects
from xharness.studies.statistics.judge import Hypothesis, Judgement, judge
from xharness.studies.statistics.outcome import Outcome, RunName, outcome_of
from xharness.studies.statistics.replicates import Replicates
from xharness.studies.statistics.verdicts import Direction
from xharness.tasks.common.files import render_json, write_atomic
from xharness.tasks.common.json_types import Json
from xharness.tasks.common.sealed import seal
from xharness.tasks.registry import Registry

FINDINGS = "findings.json"
SETS = {ZERO_SHOT: LanguageSet.ZERO_SHOT, ALL_LANGUAGES: LanguageSet.ALL, "en": LanguageSet.ENGLISH}


@dataclass(frozen=True)
class Findings:
    """Numbers of one state of a study.

    Attributes:
        effects: A row an arm and endpoint: each target's languages other than English, then English.
        baseline: The arm that the others are compared with.
        robustness: Likewise of answers to changed data (:mod:`xharness.studies.robustness`), if the study has such.
        lines: Of the hypotheses about a slope, where all of their arms were measured.
    """

    study: RecordedStudy
    judgements: Sequence[Judgement]
    effects: Sequence[ArmEffect]
    baseline: str
    lines: Sequence[FittedLine] = ()
    robustness: Sequence[ArmEffect] = ()


class StoredOutcomes(Mapping[RunName, Outcome]):
    """The finished evaluations of a study, each read when it is asked for."""

    def __init__(self, study: RecordedStudy, registry: Registry | None = None) -> None:
        self._registry = registry
        self._runs = {
            (each.arm, each.target, each.seed): study.store.output(each.step.id)
            for each in study.evaluated
            if study.store.is_done(each.step.id)
        }

    def __getitem__(self, name: RunName) -> Outcome:
        with of_a_step():
            return outcome_of(self._runs[name], registry=self._registry)

    def __iter__(self) -> Iterator[RunName]:
        return iter(self._runs)

    def __len__(self) -> int:
        return len(self._runs)


def find(study: RecordedStudy, registry: Registry | None = None) -> Findings | None:
    """What the evaluations that are whole say; None if there are none.

    Raises:
        UserError: a run in the store was changed, or two of a target are not the same measurement.
    """
    outcomes = StoredOutcomes(study, registry)
    if not outcomes:
        return None
    replicates = Replicates(outcomes)
    arms = list(dict.fromkeys(each.arm for each in study.evaluated))
    targets = list(dict.fromkeys(each.target for each in study.evaluated))
    baseline = study.design.baseline or arms[0]
    declared = of_size(study)
    claims = [hypothesis_of(each, study.design) for each in declared]
    endpoints = [Endpoint(t, languages) for t in targets for languages in (LanguageSet.ZERO_SHOT, LanguageSet.ENGLISH)]
    return Findings(
        study,
        judge(claims, replicates),
        effects(replicates, arms, baseline, endpoints),
        baseline,
        _lines(declared, study.design, replicates),
        robustness(study.design, outcomes, arms, baseline),
    )


def write_findings(found: Findings) -> None:
    """Write ``findings.json``: the same bytes for the same results."""
    content: dict[str, Json] = {
        "study": found.study.name,
        "size": found.study.size,
        "baseline": found.baseline,
        "hypotheses": [judgement_json(each) for each in found.judgements],
        "effects": [effect_json(each) for each in found.effects],
    }
    if found.robustness:
        content["robustness"] = [effect_json(each) for each in found.robustness]
    write_atomic(found.study.out / FINDINGS, render_json(seal(content)))


def hypothesis_of(design: HypothesisDesign, study: StudyDesign) -> Hypothesis:
    """The claim that statistics test, from what a study's file declares."""
    contrast = _contrast(design, study)
    return Hypothesis(design.name, contrast, Direction(design.direction), design.smallest_effect, design.family)


def _contrast(design: HypothesisDesign, study: StudyDesign) -> Contrast:
    languages = languages_of(design.languages)
    endpoints = [Endpoint(target, languages) for target in design.targets]
    if design.test == "slope":
        return slope(_amounts(design, study), *endpoints)
    if design.test == "best-single":
        return AgainstBest(design.arms[0], design.arms[1:], endpoints[0], Endpoint(design.chosen_on))
    if design.test == "interaction":
        both, second, first, neither = design.arms
        return interaction(both, first, second, neither, *endpoints)
    arm, base = design.arms
    apart = difference(arm, base, *endpoints)
    if not design.other_targets:
        return apart
    others = [Endpoint(target, languages) for target in design.other_targets]
    return subtract(apart, difference(arm, base, *others))


def _amounts(design: HypothesisDesign, study: StudyDesign) -> dict[str, float]:
    return {arm: study.arms[arm].amount or 0.0 for arm in design.arms}


def _lines(declared: Sequence[HypothesisDesign], study: StudyDesign, replicates: Replicates) -> list[FittedLine]:
    found = []
    for each in declared:
        if each.test == "slope":
            endpoints = [Endpoint(target, languages_of(each.languages)) for target in each.targets]
            found.append(fit_line(each.name, _amounts(each, study), endpoints, replicates))
    return [line for line in found if line is not None]


def languages_of(text: str) -> Languages:
    """A set of languages by its name, or the languages between commas."""
    return SETS[text] if text in SETS else tuple(part.strip() for part in text.split(","))


def of_size(study: RecordedStudy) -> list[HypothesisDesign]:
    """The hypotheses that the size can test: those of a family stay together if only some of its arms are run."""
    size, design = study.design.sizes[study.size], study.design
    arms, targets = {*(size.arms or design.arms)}, {*(size.targets or design.targets)}
    arms |= {each.arm for each in study.evaluated}
    targets |= {each.target for each in study.evaluated}
    return [each for each in design.hypotheses if {*each.arms} <= arms and {*targets_of(each)} <= targets]
