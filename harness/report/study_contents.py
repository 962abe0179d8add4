"""Everything that the report of a study is about, read and verified once for all formats."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from xharness.runs.manifest import Manifest
from xharness.runs.reading import open_run
from xharness.studies.findings import Findings, find
from xharness.studies.findings_tables import effects_table, robustness_table, verdicts_table
from xharness.studies.planning import Evaluated
from xharness.studies.record import RecordedStudy, open_study
from xharness.studies.results import of_a_step
from xharness.studies.status import StudyStanding, standing
from xharness.submissions.scores_file import ScoresFile
from xharness.tables.table import Table
from xharness.tasks.registry import Registry, open_registry


@dataclass(frozen=True, eq=False)
class StudyRun:
    """One evaluation that is whole."""

    evaluated: Evaluated
    manifest: Manifest
    scores: ScoresFile


@dataclass(frozen=True, eq=False)
class StudyContents:
    """What is rendered.

    Attributes:
        found: None as long as no evaluation is whole.
        runs: Those that are whole, in the order of the study.
    """

    study: RecordedStudy
    standing: StudyStanding
    found: Findings | None
    runs: Sequence[StudyRun]

    @cached_property
    def not_zero_shot(self) -> set[tuple[str, str]]:
        """Arms and targets whose models have seen labelled data of other languages."""
        return {(run.evaluated.arm, run.evaluated.target) for run in self.runs if run.scores.not_zero_shot}

    @cached_property
    def tables(self) -> list[Table]:
        """What a paper wants: effects, what became of answers to changed data, and verdicts."""
        if self.found is None:
            return []
        robustness = [robustness_table(self.found)] if self.found.robustness else []
        verdicts = [verdicts_table(self.found)] if self.found.judgements else []
        return [effects_table(self.found, self.not_zero_shot), *robustness, *verdicts]


def gather_study(folder: Path) -> StudyContents:
    """Read a study, finished or not.

    Raises:
        UserError: it is not one, or something of it was changed.
    """
    study = open_study(folder)
    registry = open_registry(_own_tasks(study))
    stands = standing(study.graph, study.store, study.operations)
    return StudyContents(study, stands, find(study, registry), list(_runs(study, registry)))


def _runs(study: RecordedStudy, registry: Registry) -> Iterator[StudyRun]:
    """Each whole evaluation; one that stands for several arms is read once."""
    read: dict[str, tuple[Manifest, ScoresFile]] = {}
    for each in study.evaluated:
        if not study.store.is_done(each.step.id):
            continue
        if each.step.id not in read:
            with of_a_step():
                run = open_run(study.store.output(each.step.id), registry)
            read[each.step.id] = run.manifest, run.scores
        yield StudyRun(each, *read[each.step.id])


def _own_tasks(study: RecordedStudy) -> Path | None:
    """The file with the user's own tasks, which every evaluation of the study knows."""
    works: list[Any] = [each.step.work for each in study.evaluated]
    found = next((work["tasks_from"] for work in works if work.get("tasks_from")), None)
    return Path(found) if found else None
