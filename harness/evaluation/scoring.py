"""From the records of a run to ``scores.json``. Needs no model: a scorer's bug never costs a forward pass."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from xharness.checkpoints.provenance import seen_by
from xharness.evaluation.answer import answerer_of
from xharness.evaluation.plan import PlannedCell, Prepared
from xharness.runs.record import DamagedCellError, Record
from xharness.runs.verify import cell_of, sweeps_of
from xharness.submissions.measuring import fault
from xharness.submissions.score_parts import Unscored
from xharness.submissions.scores import summarise
from xharness.submissions.scores_file import ScoresFile
from xharness.submissions.signature import Signature
from xharness.submissions.zero_shot import PART, is_marked, mark
from xharness.tasks.base import Items
from xharness.tasks.data import CellData
from xharness.tasks.registry import XTREME


def score_run(prepared: Prepared) -> ScoresFile:
    """The scores over every finished cell in the run folder.

    Cells of earlier calls count as well (a run may be completed task by task). One that does not count any more,
    because its data, weights or code have changed or a file of it is damaged, is unscored, with the reason.
    """
    options = prepared.options
    current, left_out = _current(prepared)
    tasks = prepared.registry.tasks
    cells = [cell_of(tasks[record.task], record, items) for record, items in current]
    records = [record for record, _ in current]
    scores = summarise(cells, XTREME, resamples=options.resamples, seed=options.seed)
    counted = {(record.task, record.language) for record in records}
    unscored = [Unscored(*name, why) for name, why in left_out.items() if name not in counted]
    scores = replace(scores, unscored=[*scores.unscored, *unscored], sweep=sweeps_of(records))
    scores = mark(scores, _seen(prepared, records))
    return replace(scores, notes=[*scores.notes, *_notes(records, options.limit)])


def _notes(records: Sequence[Record], limit: int | None) -> Iterator[str]:
    """What a reader of the scores must know, one line each."""
    for record in records:
        if "recall" in record.extra:
            yield (
                f"{record.task} {record.language}: approximate search ({record.extra.get('index', '?')}) found "
                f"{100 * record.extra['recall']:.1f} % of the true neighbours"
            )
    if limit:
        yield f"limited to the first {limit} examples of each cell"


def _current(prepared: Prepared) -> tuple[list[tuple[Record, dict[str, Items]]], dict[tuple[str, str], str]]:
    """Cells that count with their statistics, and by task and language why others do not."""
    current, left_out = [], {}
    for name in prepared.folder.names():
        try:
            record, items = prepared.folder.read(*name)
        except DamagedCellError as error:
            left_out[name[:2]] = f"{error}; evaluate it again"
            continue
        task = prepared.registry.tasks.get(record.task)
        why = prepared.why_stale(record)
        if task and not why and "main" in items:
            why = fault(task.metric, items["main"])
        if why:
            left_out[name[:2]] = why
        else:
            current.append((record, items))
    return current, left_out


def _seen(prepared: Prepared, records: list[Record]) -> dict[str, list[str]]:
    """Why tasks are not zero-shot: what the provenance of their checkpoints says, of earlier calls that it is so."""
    found = {record.task: ["as its signature says"] for record in records if is_marked(record.signature)}
    found |= {each.task.name: seen for each in prepared.compatible if (seen := seen_by(each.checkpoint.provenance))}
    return found


def cell_signature(prepared: Prepared, cell: PlannedCell, data: CellData) -> str:
    """The string beside a number that names what produced it."""
    options, checkpoint, answerer = prepared.options, cell.fitting.checkpoint, answerer_of(cell.task)
    parts = {
        "task": f"{cell.task.name}.{cell.language}",
        "metric": cell.task.metric.name,
        "split": cell.split,
        "model": checkpoint.fingerprint[:8],
        "data": data.sha[:8],
        "precision": options.precision,
        "length": str(answerer.max_length(options, cell.task)),
    }
    parts |= answerer.signature_parts(cell.settings)
    if seen_by(checkpoint.provenance):
        parts |= PART
    if options.reference_quirks:
        parts["quirks"] = "reference"
    if options.limit:
        parts["limit"] = str(options.limit)
    return str(Signature.of(**parts))
