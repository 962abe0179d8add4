"""From the records of a run to ``scores.json``. Needs no model: a scorer's bug never costs a forward pass."""

from __future__ import annotations

from typing import Any

from xharness.checkpoints.provenance import seen_by
from xharness.evaluation.plan import Plan
from xharness.runs.folder import DamagedCellError, Record
from xharness.runs.reading import cell_of, sweeps_of
from xharness.submissions.measuring import fault
from xharness.submissions.scores import summarise
from xharness.submissions.zero_shot import is_marked, mark
from xharness.tasks.base import Items
from xharness.tasks.registry import XTREME


def score_run(plan: Plan) -> dict[str, Any]:
    """The content of ``scores.json`` over every finished cell in the run folder.

    Cells of earlier calls count as well (a run may be completed task by task). One that does not count any more,
    because its data, weights or code have changed or a file of it is damaged, is unscored, with the reason.
    """
    current, left_out = _current(plan)
    tasks = plan.registry.tasks
    cells = [cell_of(tasks[record.task], record, items) for record, items in current]
    records = [record for record, _ in current]
    scores = summarise(cells, XTREME, resamples=plan.resamples, seed=plan.seed)
    ours = scores["xharness"]
    counted = {(record.task, record.language) for record in records}
    ours["unscored"] += [
        {"task": task, "language": language, "reason": why}
        for (task, language), why in left_out.items()
        if (task, language) not in counted
    ]
    if sweeps := sweeps_of(records):
        ours["sweep"] = sweeps
    mark(scores, _seen(plan, records))
    ours["notes"] += [
        f"{record.task} {record.language}: approximate search ({record.extra.get('index', '?')}) found "
        f"{100 * record.extra['recall']:.1f} % of the true neighbours"
        for record in records
        if "recall" in record.extra
    ]
    if plan.limit:
        ours["notes"].append(f"limited to the first {plan.limit} examples of each cell")
    return scores


def _current(plan: Plan) -> tuple[list[tuple[Record, dict[str, Items]]], dict[tuple[str, str], str]]:
    """Cells that count with their statistics, and by task and language why others do not."""
    current, left_out = [], {}
    for name in plan.folder.names():
        try:
            record, items = plan.folder.read(*name)
        except DamagedCellError as error:
            left_out[name[:2]] = f"{error}; evaluate it again"
            continue
        task = plan.registry.tasks.get(record.task)
        why = plan.why_stale(record)
        if task and not why and "main" in items:
            why = fault(task.metric, items["main"])
        if why:
            left_out[name[:2]] = why
        else:
            current.append((record, items))
    return current, left_out


def _seen(plan: Plan, records: list[Record]) -> dict[str, list[str]]:
    """Why tasks are not zero-shot: what the provenance of their checkpoints says, of earlier calls that it is so."""
    found = {record.task: ["as its signature says"] for record in records if is_marked(record.signature)}
    found |= {each.task.name: seen for each in plan.compatible if (seen := seen_by(each.checkpoint.provenance))}
    return found
