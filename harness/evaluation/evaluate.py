"""One evaluation: prepare, plan, answer what is not done yet, score what has gold, and write it all down.

The cells of a task go through the model in chunks of several languages. Which cells share a chunk depends only on the
cells that were asked for, never on what is done already: an interrupted chunk is planned again as a whole, so that
batches, and with them the last bits of every number, are those of an undisturbed run. What the model gave for it is
kept batch by batch, and only what is missing is computed.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from xharness.checkpoints.offline import offline
from xharness.checkpoints.provenance import doubt
from xharness.compute.device import Device, resolve
from xharness.evaluation.answering import Models, answer
from xharness.evaluation.label_order import check_label_orders
from xharness.evaluation.manifest import EvaluationPhase, describe
from xharness.evaluation.options import EvaluateOptions
from xharness.evaluation.plan import Plan, PlannedCell
from xharness.evaluation.prepare import Prepared, prepare
from xharness.evaluation.reading import Chunk, chunks, read
from xharness.evaluation.reporter import Reporter
from xharness.evaluation.scoring import score_run
from xharness.retrieve.sweeps import plots
from xharness.submissions.measuring import FIX
from xharness.submissions.score_rows import frame
from xharness.submissions.scores_file import ScoresFile
from xharness.tables.html import scores_table
from xharness.tasks.common.errors import UserError
from xharness.tasks.common.files import write_atomic
from xharness.tasks.readers.lines import left_out

if TYPE_CHECKING:
    from pandas import DataFrame

__all__ = ["Reporter", "Result", "carry_out", "evaluate"]

SHOWN_FAILURES = 3


@dataclass(frozen=True)
class Result:
    """A finished evaluation.

    Attributes:
        prepared: What was asked for, checked and resolved.
        scored: The scores, typed.
        manifest: The content of ``manifest.json``.
        computed: Number of cells that were answered now; the others were done before.
    """

    prepared: Plan = field(repr=False)
    scored: ScoresFile = field(repr=False)
    manifest: Mapping[str, Any] = field(repr=False)
    computed: int

    @cached_property
    def scores(self) -> Mapping[str, Any]:
        """The content of ``scores.json``; ``Any``, so that users may index into it."""
        return self.scored.content()

    def to_pandas(self) -> DataFrame:
        """Every number as a tidy table: :class:`xharness.submissions.score_rows.TidyRow` has the columns."""
        return frame(self.scored)

    def _repr_html_(self) -> str:
        """A table for notebooks."""
        return scores_table(self.scored)


@offline()
def evaluate(options: EvaluateOptions, reporter: Reporter | None = None) -> Result:
    """Evaluate a checkpoint, or continue an interrupted evaluation of it.

    Raises:
        UserError: anything that the user can fix; nothing that was done before is lost. Where the metric of a cell
            failed, the others are finished and written first.
    """
    reporter = reporter or Reporter()
    reporter.progress("checking model and data", 0.0)
    return carry_out(prepare(options), reporter)


@offline()
def carry_out(prepared: Prepared, reporter: Reporter | None = None) -> Result:
    """The same for an evaluation that is checked already."""
    reporter, options = reporter or Reporter(), prepared.options
    started = time.time()
    device = resolve(options.device, options.precision)
    plan = Plan.of(prepared, device)
    plan.folder.check(plan.identity, overwrite=options.overwrite)
    with plan.folder.locked():
        plan.folder.open(plan.identity, overwrite=options.overwrite, more=plan.own_tasks)
        for said in filter(None, (device.doubt(), *map(doubt, plan.checkpoints.values()))):
            reporter.note(f"note: {said}")
        wanted = [chunk for chunk in chunks(plan) if not all(_done(plan, cell) for cell in chunk.cells)]
        _say_what_was_done(plan, wanted, reporter)
        phases, orders = _answer(plan, wanted, device, reporter) if wanted else ([], {})
        plan.folder.forget_unfinished()  # what a process left that was killed when all was done
        scores, manifest = _write(plan, device, phases, orders, started)
        _refuse_failures(plan, scores)
    return Result(plan, scores, manifest, sum(len(chunk.cells) for chunk in wanted))


def _say_what_was_done(plan: Plan, wanted: Sequence[Chunk], reporter: Reporter) -> None:
    """A line for who continues an evaluation."""
    left = sum(len(chunk.cells) for chunk in wanted)
    if wanted and left < len(plan.cells):
        reporter.note(f"{len(plan.cells) - left} of {len(plan.cells)} cells were done")


def _done(plan: Plan, cell: PlannedCell) -> bool:
    """True if the cell's files are whole and its key is the one asked for."""
    record = plan.folder.record(cell.task.name, cell.language, cell.split)
    return record is not None and record.key == cell.key


def _answer(
    plan: Plan, wanted: Sequence[Chunk], device: Device, reporter: Reporter
) -> tuple[list[EvaluationPhase], dict[str, str]]:
    """Read what is not done, say what of it was left out, and answer it; what English dev says of label names."""
    models = Models(device, reporter)
    found = read(plan, wanted, models.encoder, reporter)
    for cell in (cell for data in found for cell in data.cells):
        for note in left_out(cell.rows):
            reporter.note(f"{cell.task.name} {cell.language}: {note}")
    orders = check_label_orders(plan, [cell for chunk in wanted for cell in chunk.cells], models)
    return answer(plan, found, models, reporter), orders


def _write(
    plan: Plan, device: Device, phases: Sequence[EvaluationPhase], orders: Mapping[str, str], started: float
) -> tuple[ScoresFile, Mapping[str, Any]]:
    """Scores and plots of all that is done, and the manifest last."""
    scores = score_run(plan)
    written = plan.folder.write_scores(scores.content())
    for name, picture in plots(scores).items():
        write_atomic(plan.folder.path / name, picture)
    manifest = describe(plan, device, phases, orders, started, written)
    plan.folder.write_manifest(manifest)
    return scores, manifest


def _refuse_failures(plan: Plan, scores: ScoresFile) -> None:
    """Raise UserError for the cells that were asked for and whose metric failed, when all else is written."""
    without = [cell for cell in plan.cells if cell.language not in scores.cells.get(cell.task.name, {})]
    records = (plan.folder.record(cell.task.name, cell.language, cell.split) for cell in without)
    failed = [record for record in records if record is not None and record.failed]
    if not failed:
        return
    names = ", ".join(f"{record.task} {record.language}" for record in failed[:SHOWN_FAILURES])
    more = f" and {len(failed) - SHOWN_FAILURES} more" if len(failed) > SHOWN_FAILURES else ""
    raise UserError(f"no score for {names}{more}", failed[0].reason, f"{FIX}; the rest is in {plan.folder.path}")
