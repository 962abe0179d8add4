"""From the records of a run to ``scores.json``. Needs no model: a scorer's bug never costs a forward pass."""

from __future__ import annotations

from typing import Any

from harness.device import Device
from harness.layers import layer_signature
from harness.prepare import PlannedCell, Prepared
from harness.retrieve.approximate import EXACT
from harness.runs import Record
from harness.train.provenance import seen_by
from submissions.scores import Cell, signature, summarise
from submissions.zero_shot import PART, is_marked, mark
from tasks.base import Items, Kind, Metric
from tasks.data import CellData
from tasks.metrics.accuracy import Accuracy
from tasks.metrics.bitext import PairSet
from tasks.registry import XTREME

VARIANT_METRICS: dict[str, Metric] = {metric.name: metric for metric in (Accuracy(), PairSet())}


def score_run(prepared: Prepared, precision: str) -> dict[str, Any]:
    """The content of ``scores.json`` over every finished cell in the run folder.

    Cells of earlier calls count as well (a run may be completed task by task), unless their data or weights have
    changed since.
    """
    folder, options = prepared.folder, prepared.options
    tasks = prepared.registry.tasks
    records = [
        record
        for record in folder.records()
        if record.task in tasks
        and prepared.is_current(tasks[record.task], record.language, record.split, record.key, precision)
    ]
    cells = [_cell(prepared, record, folder.items(record)) for record in records]
    scores = summarise(cells, XTREME, resamples=options.resamples, seed=options.seed)
    if sweeps := _sweeps(records):
        scores["xharness"]["sweep"] = sweeps
    mark(scores, _seen(prepared, records))
    scores["xharness"]["notes"] += [
        f"{record.task} {record.language}: approximate search ({record.extra['index']}) found "
        f"{100 * record.extra['recall']:.1f} % of the true neighbours"
        for record in records
        if "recall" in record.extra
    ]
    if options.limit:
        scores["xharness"]["notes"].append(f"limited to the first {options.limit} examples of each cell")
    return scores


def _seen(prepared: Prepared, records: list[Record]) -> dict[str, list[str]]:
    """Why tasks are not zero-shot: what the provenance of their checkpoints says, of earlier calls that it is so."""
    found = {record.task: ["as its signature says"] for record in records if is_marked(record.signature)}
    found |= {
        ability.task.name: seen for ability in prepared.abilities if (seen := seen_by(ability.checkpoint.provenance))
    }
    return found


def _cell(prepared: Prepared, record: Record, items: dict[str, Items]) -> Cell:
    """A record as the scorer takes it."""
    return Cell(
        task=prepared.registry.task(record.task),
        language=record.language,
        items=items.get("main"),
        signature=record.signature,
        variants={name: (VARIANT_METRICS[metric], items[name]) for name, metric in record.variants.items()},
        extra={name: value for name, value in record.extra.items() if name != "sweep"},
        reason=record.reason,
        n=record.n,
    )


def _sweeps(records: list[Record]) -> dict[str, Any]:
    """Scores by block of every swept cell: task -> language -> measure -> block -> score."""
    found: dict[str, Any] = {}
    for record in records:
        if "sweep" in record.extra:
            found.setdefault(record.task, {})[record.language] = record.extra["sweep"]
    return found


def cell_signature(prepared: Prepared, device: Device, cell: PlannedCell, data: CellData) -> str:
    """The string beside a number that names what produced it."""
    options, checkpoint = prepared.options, cell.ability.checkpoint
    parts = {
        "task": f"{cell.task.name}.{cell.language}",
        "metric": cell.task.metric.name,
        "split": cell.split,
        "model": checkpoint.fingerprint[:8],
        "data": data.sha[:8],
        "precision": device.precision,
        "length": str(options.max_length or cell.task.max_length),
    }
    if cell.task.kind in (Kind.RETRIEVAL, Kind.MINING):
        parts |= {"layer": layer_signature(options.layer, checkpoint.blocks), "pooling": options.pooling}
    if cell.task.kind is Kind.MINING:
        mining = options.mining
        threshold = "dev" if mining.threshold is None else str(mining.threshold)
        parts |= {"margin": mining.margin, "k": str(mining.k), "keep": mining.retrieval, "threshold": threshold}
        parts |= {"index": mining.index} if mining.index != EXACT else {}
        parts |= {"vectors": "fp16"} if mining.vectors == "disk" else {}
    if cell.task.kind is Kind.SPAN:
        parts |= {"stride": str(options.span.doc_stride), "answer": str(options.span.max_answer_length)}
    if seen_by(checkpoint.provenance):
        parts |= PART
    if options.reference_quirks:
        parts["quirks"] = "reference"
    if options.limit:
        parts["limit"] = str(options.limit)
    return signature(**parts)
