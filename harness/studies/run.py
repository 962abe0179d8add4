"""A planned study, carried out: its record, its steps, its results."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from xharness.studies.driver import Driver, Progress
from xharness.studies.executors.base import Executor
from xharness.studies.findings import Findings, find, write_findings
from xharness.studies.planning import PlannedStudy
from xharness.studies.record import RecordedStudy, record
from xharness.studies.results import ScoreRow, write_results
from xharness.tasks.registry import open_registry


@dataclass(frozen=True)
class RanStudy:
    """What came out of one call of ``xharness study run``."""

    study: RecordedStudy
    progress: Progress
    rows: Sequence[ScoreRow]
    findings: Findings | None


def run_planned(
    name: str,
    planned: PlannedStudy,
    executor: Executor,
    threads: int = 1,
    shown: Callable[[Progress], None] | None = None,
    operations: Mapping[str, float] | None = None,
) -> RanStudy:
    """Run what is not done yet, and write the results of all that is.

    Args:
        operations: Of each step, by the budget: how the time left is told.

    Raises:
        UserError: the folder is another study's, or results in the store were changed.
        KeyboardInterrupt: the user wants to stop; running steps have saved their state.
    """
    study = record(name, planned, operations or {}, threads)
    shown = shown or (lambda _progress: None)
    progress = Driver(study.graph, study.store, executor, threads, shown, study.operations).run()
    registry = open_registry(planned.options.tasks_from)
    rows, found = write_results(study, registry), find(study, registry)
    if found is not None:
        write_findings(found)
    return RanStudy(study, progress, rows, found)
