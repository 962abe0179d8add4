"""What is compared: the measured cells of a run folder, or of a baseline file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from xharness.runs.manifest import Manifest
from xharness.runs.reading import Run
from xharness.runs.verify import NOT_KNOWN, CellName
from xharness.submissions.measuring import fault
from xharness.tables.escapes import one_line
from xharness.tasks.base import Items, Task
from xharness.tasks.common.errors import UserError
from xharness.tasks.registry import XTREME, Registry


@dataclass(frozen=True, eq=False)
class Measured:
    """One cell with the statistics of its items. ``n`` is its number of examples."""

    task: Task
    language: str
    items: Items
    signature: str
    split: str
    n: int


@dataclass(frozen=True, eq=False)
class Source:
    """One side of a comparison, or one seed of a side.

    Attributes:
        cells: By task and language, in the order of the benchmark.
        benchmark: Name of the benchmark whose averages are compared.
        left_out: Cells that the source has without statistics, and why.
        models: Fingerprint of each checkpoint by its name in the suite.
        seed: What the model was trained with, where its provenance says so.
        notes: What of it could not be verified.
    """

    name: str
    path: Path
    cells: Mapping[CellName, Measured]
    benchmark: str = XTREME.name
    left_out: Mapping[CellName, str] = field(default_factory=dict)
    models: Mapping[str, str] = field(default_factory=dict)
    seed: int | None = None
    notes: Sequence[str] = ()


def is_same(first: Source, other: Source) -> bool:
    """One run beside itself, or two of the same model: if their answers agree, no other items could tell them apart."""
    return first.path == other.path or (bool(first.models) and first.models == other.models)


def source_of(run: Run, registry: Registry) -> Source:
    """A run as one side of a comparison."""
    cells: dict[CellName, Measured] = {}
    left_out: dict[CellName, str] = {}
    for record, items in run.cells:
        name = (record.task, record.language)
        if record.task not in registry.tasks:
            left_out[name] = NOT_KNOWN
        elif "main" not in items:
            left_out.setdefault(name, record.reason or "it has no score")
        elif name in run.stale and record.language not in run.scores.cells.get(record.task, {}):
            left_out[name] = run.stale[name]
        else:
            task = registry.tasks[record.task]
            require_fit(task, items["main"], f"{record.task} {record.language} of {run.path}")
            cells[name] = Measured(task, record.language, items["main"], record.signature, record.split, record.n)
    return Source(
        name=one_line(run.path.resolve().name),
        path=run.path,
        cells=benchmark_order(cells),
        benchmark=run.scores.benchmark,
        left_out={name: why for name, why in left_out.items() if name not in cells},
        models=dict(run.manifest.identity.models),
        seed=_seed(run.manifest),
        notes=run.notes,
    )


def require_fit(task: Task, items: Items, name: str) -> None:
    """Raise UserError, which names the cell, for statistics that are not of the task's metric, or not finite."""
    if why := fault(task.metric, items):
        raise UserError(f"{name} cannot be read", f"metric {task.metric.name}: {why}", "evaluate it again")


def benchmark_order(cells: Mapping[CellName, Measured]) -> dict[CellName, Measured]:
    """Cells in the benchmark's order of tasks and languages, then the others."""
    order = [(task, language) for task, languages in XTREME.languages.items() for language in languages]
    return {name: cells[name] for name in dict.fromkeys([*order, *sorted(cells)]) if name in cells}


def _seed(manifest: Manifest) -> int | None:
    """The seed of training, if all checkpoints that have one agree."""
    found = [(model.provenance or {}).get("seed") for model in manifest.models.values()]
    seeds = {seed for seed in found if isinstance(seed, int)}
    return seeds.pop() if len(seeds) == 1 else None
