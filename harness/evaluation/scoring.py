"""From the records of a run to ``scores.json``. Needs no model: a scorer's bug never costs a forward pass."""

from __future__ import annotations

from typing import Any

from xharness.checkpoints.provenance import seen_by
from xharness.evaluation.answer import answerer_of
from xharness.evaluation.plan import PlannedCell, Prepared
from xharness.runs.folder import DamagedCellError, Record
from xharness.runs.reading import cell_of, sweeps_of
from xharness.submissions.measuring import fault
from xharness.submissions.scores import summarise
from xharness.submissions.signature import Signature
from xharness.submissions.zero_shot import PART, is_marked, mark
from xharness.tasks.base import Items
from xharness.tasks.data import CellData
from xharness.tasks.registry import XTREME


def score_run(prepared: Prepared) -> dict[str, Any]:
    """The content of ``scores.json`` over every finished cell in the run folder.

    Cells of earlier calls count as well (a run may be completed task by task). One that does not count any more,
    because its data, weights or code have changed or a file of it is damaged, is unscored, with the reason.
    """
    options = prepared.options
    current, left_out = _current(prepared)
    tasks = prepared.registry.tasks
    cells = [cell_of(tasks[record.task], record, items) for record, items in current]
    records = [record for record, _ in current]
    scores = summarise(cells, XTREME, resamples=options.resamples, seed=options.seed)
    ours = scores["xharness"]
    counted = {(record.task, record.language) for record in records}
    ours["unscored"] += [
        {"task": task, "language": language, "reason": why}
        for (task, language), why in left_out.items()
        if (task, language) not in counted
    ]
    if sweeps := sweeps_of(records):
        ours["sweep"] = sweeps
    mark(scores, _seen(prepared, records))
    ours["notes"] += [
        f"{record.task} {record.language}: approximate search ({record.extra.get('index', '?')}) found "
        f"{100 * record.extra['recall']:.1f} % of the true neighbours"
        for record in records
        if "recall" in record.extra
    ]
    if options.limit:
        ours["notes"].append(f"limited to the first {options.limit} examples of each cell")
    return scores


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
    parts |= {**cell.task.signature, **answerer.signature_parts(cell.settings)}
    if seen_by(checkpoint.provenance):
        parts |= PART
    if options.reference_quirks:
        parts["quirks"] = "reference"
    if options.limit:
        parts["limit"] = str(options.limit)
    return str(Signature.of(**parts))
