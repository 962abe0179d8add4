"""Where a checkpoint comes from: ``xharness.json`` beside its weights, with those of all its ancestors inside.

{"format": 1,
 "task": "xnli",                   or "tasks": [...], for a mixture
 "parents": [{"path", "fingerprint", "provenance": the parent's own file, or null,
              "hub": {"id", "revision"} of one that was fetched}],
 "recipe": {...}, "mixture": {...} or null, "seed": 42,
 "data": {"xnli": {"sha256", "examples", ...}},
 "select": {"on": "English dev", "best": 84.2, "step": 12000, ...},
 "zero_shot": true, "seen": [what of other languages training or choosing has seen, parents included],
 "pooler": "...", "identity": {...},
 "processes": [2],                 how many trained together; [2, 4] if training went on with others
 "versions": {...}, "created": "2024-01-31T12:00:00Z"}
"""

from __future__ import annotations

import platform
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from harness import __version__
from harness.checkpoint import Checkpoint, read_json
from harness.versions import installed
from tasks.errors import UserError
from tasks.files import render_json, write_atomic

FILE = "xharness.json"
FORMAT = 1
PRETRAINED = "pretrained"
PACKAGES = ("torch", "transformers", "tokenizers", "accelerate", "safetensors", "numpy")


def write_provenance(
    folder: Path,
    *,
    tasks: Sequence[str],
    parent: Checkpoint | None,
    recipe: Mapping[str, Any],
    mixture: Mapping[str, Any] | None,
    data: Mapping[str, Mapping[str, Any]],
    select: Mapping[str, Any],
    pooler: str,
    identity: Mapping[str, Any],
    seen: Sequence[str] = (),
    processes: Sequence[int] = (1,),
) -> None:
    """Write ``xharness.json`` into a checkpoint; last, because it marks the checkpoint as whole.

    Args:
        tasks: What was trained on.
        parent: What training started from; None for a model trained from nothing.
        recipe: As resolved, seed included (:func:`harness.train.recipes.describe`).
        mixture: How tasks were mixed; None for a single one.
        data: By task: the hash of its data, number of examples, and whatever else tells which they were.
        select: Which step was kept and why: ``on`` and ``step``, where there was a choice also its ``best``.
        pooler: What became of the parent's pooler.
        identity: What makes the phase the phase that it is.
        seen: What labelled data of other languages than English training or choosing has seen; then the checkpoint
            is not zero-shot, and its children never are.
        processes: How many trained together, one number after the other if training went on with others.

    Raises:
        UserError: it cannot be written; or the parent's own file is broken.
    """
    earlier = read(parent.path) if parent else None
    record = {
        "format": FORMAT,
        **({"task": tasks[0]} if len(tasks) == 1 else {"tasks": list(tasks)}),
        "parents": [_as_parent(parent, earlier)] if parent else [],
        "recipe": dict(recipe),
        "mixture": dict(mixture) if mixture is not None else None,
        "seed": recipe["seed"],
        "data": {name: dict(facts) for name, facts in data.items()},
        "select": dict(select),
        "zero_shot": not (all_seen := [*seen_by(earlier), *seen]),
        "seen": all_seen,
        "pooler": pooler,
        "identity": dict(identity),
        "processes": list(processes),
        "versions": versions(),
        "created": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
    }
    write_atomic(folder / FILE, render_json(record))


def read(folder: Path) -> dict[str, Any] | None:
    """The provenance of a checkpoint; None if xharness did not train it.

    Raises:
        UserError: it is broken, or of a later format.
    """
    path = folder / FILE
    if not path.is_file():
        return None
    record = read_json(path)
    _check(record, path)
    return record


def chain(folder: Path) -> list[str]:
    """The phases that made a checkpoint, first to last: ``["pretrained", "squad_v1", "mnli+xnli"]``.

    A checkpoint without provenance counts as pretrained; a chain that starts from nothing starts with its first task.

    Raises:
        UserError: the provenance is broken.
    """
    names: list[str] = []
    record = read(folder)
    while record is not None:
        names.append("+".join(tasks_of(record)))
        if not record["parents"]:
            return names[::-1]
        record = record["parents"][0]["provenance"]
    return [PRETRAINED, *names[::-1]]


def tasks_of(record: Mapping[str, Any]) -> list[str]:
    """The tasks that a phase trained on."""
    return [record["task"]] if "task" in record else list(record["tasks"])


def seen_by(record: Mapping[str, Any] | None) -> list[str]:
    """Why a checkpoint is not zero-shot, in words; empty if it is, as far as its provenance goes."""
    if record is None or record.get("zero_shot", True):
        return []
    return list(record.get("seen") or ["an earlier phase has seen other languages"])


def versions() -> dict[str, str]:
    """Versions of everything that weights depend on, as installed."""
    return {"xharness": __version__, "python": platform.python_version(), **installed(PACKAGES)}


def _as_parent(parent: Checkpoint, provenance: dict[str, Any] | None) -> dict[str, Any]:
    """A parent as its child remembers it: the fingerprint holds when the path no longer does."""
    hub = {"hub": asdict(parent.hub)} if parent.hub else {}
    return {"path": str(parent.path), **hub, "fingerprint": parent.fingerprint, "provenance": provenance}


def _check(record: Mapping[str, Any], path: Path) -> None:
    """Refuse what is no provenance of ours, ancestors included."""
    fix = "restore the file; or delete it, and the checkpoint counts as a pretrained one"
    if record.get("format") != FORMAT:
        why = f"its format is {record.get('format')!r}, and this xharness reads {FORMAT}"
        raise UserError(f"cannot read {path}", why, fix)
    entry: Any = record
    while entry is not None:
        if not _is_whole(entry):
            raise UserError(f"cannot read {path}", "it lacks tasks, parents or zero_shot, its own or a parent's", fix)
        entry = entry["parents"][0]["provenance"] if entry["parents"] else None


def _is_whole(entry: Any) -> bool:
    """True if everything that is read from an entry is there."""
    if not isinstance(entry, dict) or not isinstance(entry.get("zero_shot"), bool):
        return False
    tasks, parents = [entry["task"]] if "task" in entry else entry.get("tasks"), entry.get("parents")
    if not isinstance(tasks, list) or not tasks or not all(isinstance(name, str) for name in tasks):
        return False
    return isinstance(parents, list) and all(isinstance(p, dict) and "provenance" in p for p in parents)
