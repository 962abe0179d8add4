"""What is compared: the measured cells of a run folder, or of a baseline file."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from harness.runs import KIND, Record, RunFolder
from submissions.rules import plural
from tasks.base import Items, Task
from tasks.errors import UserError
from tasks.registry import XTREME, Registry

CellName = tuple[str, str]  # task, language


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
    """

    name: str
    path: Path
    cells: Mapping[CellName, Measured]
    benchmark: str = XTREME.name
    left_out: Mapping[CellName, str] = field(default_factory=dict)
    models: Mapping[str, str] = field(default_factory=dict)
    seed: int | None = None


def load_source(path: Path, registry: Registry | None = None) -> Source:
    """Read a run folder or a baseline file.

    Args:
        path: A folder that ``xharness evaluate`` wrote, or a file of ``xharness baseline set``.
        registry: The tasks that are known; by default those of this installation.

    Raises:
        UserError: nothing is there; it is no run; its evaluation was interrupted; it is damaged.
    """
    registry = registry or Registry()
    if path.is_file():
        from harness.compare.baseline import read_baseline

        return read_baseline(path, registry)
    if not path.is_dir():
        raise UserError(f"no run at {path}", "there is no such folder", near_names(path))
    return _read_run(path, registry)


def near_names(path: Path) -> str:
    """What to do about a path that leads nowhere: the nearest name beside it, or what is beside it."""
    folder = path.parent
    beside = sorted(child.name for child in folder.iterdir() if child.is_dir()) if folder.is_dir() else []
    close = difflib.get_close_matches(path.name, beside, n=1)
    if close:
        return f"did you mean {folder / close[0]}?"
    if not beside:
        return "give a folder that xharness evaluate wrote, or @NAME for a baseline"
    more = f" and {len(beside) - 5} more" if len(beside) > 5 else ""
    where = "here" if folder == Path() else f"in {folder}"
    return f"choose one of the folders {where}: {', '.join(beside[:5])}{more}"


def _read_run(path: Path, registry: Registry) -> Source:
    """A finished run; cells without statistics are left out with their reason."""
    folder = RunFolder(path)
    manifest = folder.manifest()
    _refuse_what_is_no_run(path, manifest)
    records = _records(folder)
    cells: dict[CellName, Measured] = {}
    left_out: dict[CellName, str] = {}
    for record in records:
        name = (record.task, record.language)
        if record.task not in registry.tasks:
            left_out[name] = "the task is not known here; --tasks-from names the file that declares it"
        elif "main" not in (items := folder.items(record)):
            left_out.setdefault(name, record.reason or "it has no score")
        else:
            task = registry.tasks[record.task]
            cells[name] = Measured(task, record.language, items["main"], record.signature, record.split, record.n)
    return Source(
        name=path.resolve().name,
        path=path,
        cells=in_order(cells),
        left_out={name: why for name, why in left_out.items() if name not in cells},
        models=dict(manifest["identity"].get("model", {})),
        seed=_seed(manifest),
    )


def in_order(cells: Mapping[CellName, Measured]) -> dict[CellName, Measured]:
    """Cells in the benchmark's order of tasks and languages, then the others."""
    order = [(task, language) for task, languages in XTREME.languages.items() for language in languages]
    return {name: cells[name] for name in dict.fromkeys([*order, *sorted(cells)]) if name in cells}


def _refuse_what_is_no_run(path: Path, manifest: Mapping[str, Any]) -> None:
    """Raise UserError unless this is a run whose evaluation came to its end."""
    if manifest.get("kind") != KIND or not isinstance(manifest.get("identity"), dict):
        raise UserError(
            f"{path} is no run",
            "it has no manifest.json that xharness evaluate wrote",
            "give a folder that xharness evaluate wrote (its --out), or @NAME for a baseline",
        )
    if "xharness" not in manifest or not (path / "scores.json").is_file():
        done = len(list((path / "items").glob("*/*.json")))
        raise UserError(
            f"{path} is half a run",
            f"its evaluation was interrupted after {plural(done, 'cell')}",
            "run the same xharness evaluate command again: it continues",
        )


def _records(folder: RunFolder) -> list[Record]:
    """Every record of the run. Raises UserError if a file of a cell is missing or changed, or from an older version."""
    found = folder.records()
    there = {(path.parent.name, path.stem) for path in (folder.path / "items").glob("*/*-*.json")}
    damaged = sorted(there - {(record.task, f"{record.split}-{record.language}") for record in found})
    if damaged:
        task, stem = damaged[0]
        more = f" and {len(damaged) - 1} more" if len(damaged) > 1 else ""
        raise UserError(
            f"{folder.path} cannot be read: cell {task} {stem}{more}",
            "a file of it is missing or was changed, or another version of xharness wrote it",
            "run the same xharness evaluate command again: it answers what is not whole",
        )
    if not found:
        raise UserError(f"{folder.path} has no cells", "nothing was evaluated in it", "evaluate at least one task")
    return found


def _seed(manifest: Mapping[str, Any]) -> int | None:
    """The seed of training, if all checkpoints that have one agree."""
    models = manifest.get("model", {}).values()
    seeds = {(model.get("provenance") or {}).get("seed") for model in models} - {None}
    return seeds.pop() if len(seeds) == 1 else None
