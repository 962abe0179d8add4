"""What a change of the data does to each answer, beside what it does to the score.

Two targets belong together if they train and evaluate the same and one of them reads changed data: every item of the
one is an item of the other, changed. Of such pairs there are two measures, as means over items:

- retention: right answers to changed items among those whose original is answered rightly (P^c of Sinha et al. 2021,
  UnNatural Language Inference, of one permutation an item);
- consistency: answers that are the same to an item and to the changed one, right or wrong.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from xharness.comparison.source import Measured, Source
from xharness.studies.design import StudyDesign
from xharness.studies.statistics.contrasts import Endpoint, LanguageSet
from xharness.studies.statistics.effects import ArmEffect, effects
from xharness.studies.statistics.outcome import Outcome, Outcomes, RunName
from xharness.studies.statistics.replicates import Replicates
from xharness.tasks.base import FloatArray, Items
from xharness.tasks.metrics.ratios import percent

RETENTION, CONSISTENCY = "retention", "consistency"
RIGHT = ("right", "items")
"""The first columns of metrics that count right answers, one an item."""


@dataclass(frozen=True)
class Kept:
    """What becomes of answers when items are changed."""

    name: ClassVar[str] = "kept"
    columns: ClassVar[tuple[str, ...]] = ("right_both", "right_plain", "same", "items")
    official_scores: ClassVar[tuple[str, ...]] = (RETENTION, CONSISTENCY)
    primary_scores: ClassVar[tuple[str, ...]] = (RETENTION,)

    def measure(self, gold: Sequence[object], answers: Sequence[tuple[object, object]], language: str) -> Items:
        """One item a pair of answers: to the original, and to the changed one."""
        del language
        ids = tuple(map(str, range(len(gold))))
        right = np.array([[each == label for each in pair] for pair, label in zip(answers, gold, strict=True)])
        same = np.array([plain == changed for plain, changed in answers])
        return Items(ids, ids, self.statistics(right[:, 0], right[:, 1], same))

    @staticmethod
    def statistics(plain: NDArray[np.bool_], changed: NDArray[np.bool_], same: NDArray[np.bool_]) -> FloatArray:
        """Of each item whether it is answered rightly as it is and when changed, and whether both answers are the same.

        Shape (items,) each, to (items, columns).
        """
        return np.column_stack([plain & changed, plain, same, np.ones(len(same))]).astype(np.float64)

    def aggregate(self, totals: FloatArray) -> dict[str, FloatArray]:
        """Percent from totals of shape (..., 4)."""
        return {
            RETENTION: percent(totals[..., 0], totals[..., 1]),
            CONSISTENCY: percent(totals[..., 2], totals[..., 3]),
        }


def robustness(study: StudyDesign, outcomes: Outcomes, arms: Sequence[str], baseline: str) -> list[ArmEffect]:
    """Both measures of every arm on every target with changed data, in other languages and in English.

    Nothing of targets whose originals were not evaluated, or whose metric does not count right answers.
    """
    found = dict(_outcomes(study, outcomes))
    targets = [name for name in study.targets if any(run[1] == name for run in found)]
    endpoints = [
        Endpoint(target, languages, score=score)
        for target in targets
        for score in Kept.official_scores
        for languages in (LanguageSet.ZERO_SHOT, LanguageSet.ENGLISH)
    ]
    return effects(Replicates(found), arms, baseline, endpoints)


def _outcomes(study: StudyDesign, outcomes: Outcomes) -> Iterator[tuple[RunName, Outcome]]:
    """Of each run on changed data, with that on the originals beside it."""
    originals = _originals(study)
    for arm, target, seed in outcomes:
        original = (arm, originals.get(target, ""), seed)
        if original in outcomes:
            changed, plain = outcomes[arm, target, seed].test, outcomes[original].test
            if cells := dict(_beside(plain, changed)):
                yield (arm, target, seed), Outcome(replace(changed, cells=cells))


def _originals(study: StudyDesign) -> Mapping[str, str]:
    """By each target with changed data, the one without that is the same otherwise."""
    targets = study.targets
    plain = {(repr(each.phase), each.evaluate): name for name, each in targets.items() if not each.data}
    found = {name: plain.get((repr(each.phase), each.evaluate)) for name, each in targets.items() if each.data}
    return {name: original for name, original in found.items() if original is not None}


def _beside(plain: Source, changed: Source) -> Iterator[tuple[tuple[str, str], Measured]]:
    """The cells whose items are the same in both, one for one."""
    for name, cell in changed.cells.items():
        other = plain.cells.get(name)
        counts = cell.task.type.in_order and tuple(cell.task.metric.columns[:2]) == RIGHT
        if other is None or not counts or other.items.ids != cell.items.ids:
            continue
        answers = [_answers(source, cell) for source in (plain, changed)]
        if all(len(each) == len(cell.items.ids) for each in answers):
            same = np.array([first == second for first, second in zip(*answers, strict=True)])
            right = [each.items.statistics[:, 0] > 0 for each in (other, cell)]
            items = Items(cell.items.ids, cell.items.clusters, Kept.statistics(right[0], right[1], same))
            yield name, replace(cell, task=replace(cell.task, metric=Kept()), items=items)


def _answers(source: Source, cell: Measured) -> Sequence[object]:
    """In the order of the items; none where a run was left without them."""
    path = source.path / "predictions" / cell.task.name / cell.task.file_name(cell.language)
    found: Sequence[object] = cell.task.type.parse_answers(path).answers if path.is_file() else ()
    return found
