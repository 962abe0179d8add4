"""From the records of a run to ``scores.json``. Needs no model: a scorer's bug never costs a forward pass."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from xharness.checkpoints.provenance import seen_by
from xharness.evaluation.plan import Plan
from xharness.runs.record import DamagedCellError, Record
from xharness.runs.verify import cell_of, sweeps_of
from xharness.submissions.measuring import fault
from xharness.submissions.score_parts import Unscored
from xharness.submissions.scores import summarise
from xharness.submissions.scores_file import ScoresFile
from xharness.submissions.zero_shot import is_marked, mark
from xharness.tasks.base import Items


def score_run(plan: Plan) -> ScoresFile:
    """The scores over every finished cell in the run folder.

    Cells of earlier calls count as well (a run may be completed task by task). One that does not count any more,
    because its data, weights or code have changed or a file of it is damaged, is unscored, with the reason.
    """
    current, left_out = _current(plan)
    tasks = plan.registry.tasks
    cells = [cell_of(tasks[record.task], record, items) for record, items in current]
    records = [record for record, _ in current]
    scores = summarise(cells, plan.benchmark, resamples=plan.resamples, seed=plan.seed)
    counted = {(record.task, record.language) for record in records}
    unscored = [Unscored(*name, why) for name, why in left_out.items() if name not in counted]
    scores = replace(scores, unscored=[*scores.unscored, *unscored], sweep=sweeps_of(records))
    scores = mark(scores, _seen(plan, records))
    return replace(scores, notes=[*scores.notes, *_notes(records, plan.limit)])


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
