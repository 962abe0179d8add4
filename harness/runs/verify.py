"""Whether the scores of a run follow from its items: every number is computed again and must be the one told.

Whoever edits a file can edit its hash, too; then the numbers still contradict each other.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping, Sequence

from xharness.runs.cells import CellItems, StoredCell
from xharness.runs.identity import flattened
from xharness.runs.record import Record
from xharness.submissions.measuring import fault
from xharness.submissions.scores import Cell, summarise
from xharness.submissions.scores_file import ScoresFile, Sweeps
from xharness.submissions.signature import Signature
from xharness.submissions.zero_shot import is_marked
from xharness.tasks.base import Items, Metric, Task
from xharness.tasks.common.json_types import Json
from xharness.tasks.metrics.accuracy import Accuracy
from xharness.tasks.metrics.bitext import BitextF1
from xharness.tasks.metrics.label_f1 import LabelF1
from xharness.tasks.registry import BENCHMARKS, Registry

VARIANT_METRICS: dict[str, Metric] = {metric.name: metric for metric in (Accuracy(), BitextF1(), LabelF1())}
NOT_KNOWN = "the task is not known here; --tasks-from names the file that declares it"
SUMMARY = ("complete", "languages", "of", "missing", "transfer_gap")
CLOSE = 1e-9  # scores are sums of the same numbers, so that only another summation can tell them apart

CellName = tuple[str, str]  # task, language
StoredCells = Sequence[StoredCell]


def cell_of(task: Task, record: Record, items: CellItems) -> Cell:
    """A record as the scorer takes it."""
    return Cell(
        task=task,
        language=record.language,
        items=items.get("main"),
        signature=record.signature,
        variants={name: (VARIANT_METRICS[metric], items[name]) for name, metric in record.variants.items()},
        extra={name: value for name, value in record.extra.items() if name != "sweep"},
        reason=record.reason,
        n=record.n,
    )


def sweeps_of(records: Iterable[Record]) -> Sweeps:
    """Scores by block of every swept cell: task -> language -> measure -> block -> score."""
    found: dict[str, dict[str, Mapping[str, Mapping[str, float]]]] = {}
    for record in records:
        if "sweep" in record.extra:
            found.setdefault(record.task, {})[record.language] = record.extra["sweep"]
    return found


def split_verifiable(scored: StoredCells, registry: Registry) -> tuple[dict[CellName, Cell], list[str]]:
    """The scored cells as the scorer takes them, and notes on those that cannot be verified."""
    known, notes = {}, []
    for record, items in scored:
        task = registry.tasks.get(record.task)
        if "main" not in items:
            continue
        why = NOT_KNOWN if task is None else _other_metric(record, task, items)
        if why or task is None:
            notes.append(f"{record.task} {record.language} could not be verified: {why}")
        else:
            known[record.task, record.language] = cell_of(task, record, items)
    return known, notes


def _other_metric(record: Record, task: Task, items: Mapping[str, Items]) -> str:
    """Why the statistics of a cell cannot be taken for those of the task's metric; empty if they can."""
    signed = Signature.parse(record.signature)["metric"] or task.metric.name
    if signed != task.metric.name:
        return f"it was scored by {signed}, and this version scores it by {task.metric.name}"
    if unknown := [name for name in record.variants.values() if name not in VARIANT_METRICS]:
        return f"this version has no metric {unknown[0]}"
    return fault(task.metric, items["main"])


def find_unmatched(cells: StoredCells, scores: ScoresFile, stale: Collection[CellName], *, complete: bool) -> str:
    """A cell that only the scores or only the items have; empty if there is none.

    Args:
        stale: Cells that are there and do not count.
        complete: What does not count is listed, with the reason; older versions left it out.
    """
    there = {(record.task, record.language) for record, items in cells if "main" in items}
    shown = _scored_names(scores)
    if without := sorted(shown - there):
        return f"scores.json has {' '.join(without[0])}, of which there are no items"
    missing = sorted(there - shown - set(stale))
    return f"scores.json lacks {' '.join(missing[0])}, of which there are items" if complete and missing else ""


def find_contradiction(scores: ScoresFile, known: Mapping[CellName, Cell], scored: StoredCells) -> str:
    """In what ``scores.json`` differs from what the statistics give; empty if in nothing.

    Averages over cells of which not all could be verified are left out.
    """
    unsure = {task for task, _ in _scored_names(scores) - known.keys()}
    expected = summarise(known.values(), BENCHMARKS[scores.benchmark], resamples=0)
    right = _points(expected, known, unsure) | flattened(sweeps_of(record for record, _ in scored), "sweep")
    given = _points(scores, known, unsure) | flattened(scores.sweep, "sweep")
    for name in sorted(right.keys() | given.keys()):
        if not _same(right.get(name), given.get(name)):
            return f"{name} is {_brief(given.get(name))} in scores.json, and {_brief(right.get(name))} by its items"
    marked = (record.task for record, _ in scored if is_marked(record.signature))
    unmarked = [task for task in marked if task not in scores.not_zero_shot]
    return f"{unmarked[0]} is not marked as not zero-shot, as its signature is" if unmarked else ""


def _scored_names(scores: ScoresFile) -> set[CellName]:
    return {(task, language) for task, languages in scores.cells.items() for language in languages}


def _points(scores: ScoresFile, known: Iterable[CellName], unsure: Collection[str]) -> dict[str, Json]:
    """Everything of ``scores.json`` that is not resampled, by dotted names."""
    official = {
        name: value
        for name, value in scores.official.items()
        if name not in unsure and (not unsure or isinstance(value, Mapping))
    }
    found = flattened(official)
    if not unsure:
        found |= flattened({name: each.score for name, each in scores.averages.items()}, "averages")
    for task, language in known:
        cell = scores.cells.get(task, {}).get(language)
        content = cell.content() if cell else {}
        found |= flattened({n: v for n, v in content.items() if "interval" not in n}, f"{task}.{language}")
    for task, summary in scores.tasks.items():
        if task not in unsure:
            content = summary.content()
            found |= flattened({name: content[name] for name in SUMMARY}, f"tasks.{task}")
    return found


def _same(one: Json, other: Json) -> bool:
    if isinstance(one, bool) or isinstance(other, bool):
        return one == other
    if isinstance(one, int | float) and isinstance(other, int | float):
        return math.isclose(one, other, rel_tol=CLOSE, abs_tol=CLOSE)
    return one == other


def _brief(value: Json) -> str:
    return f"{value:.4f}" if isinstance(value, float) else "absent" if value is None else str(value)[:80]
