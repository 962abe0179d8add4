"""Where a checkpoint comes from: ``xharness.json`` beside its weights, with those of all its ancestors inside.

{"format": 2,                      1 has neither "phase" nor the hashes at the end
 "phase": "...",                   hash of the identity
 "task": "xnli",                   or "tasks": [...], for a mixture
 "parents": [{"path", "fingerprint", "provenance": the parent's own file, or null,
              "changed": files that are not those of its provenance, where there are any,
              "hub": {"id", "revision"} of one that was fetched,
              "merged": {"adapter", "base"} of an adapter that was given with its base}],
 "recipe": {...}, "mixture": {...} or null, "seed": 42,
 "data": {"xnli": {"sha256", "examples", ...}},
 "select": {"on": "English dev", "best": 84.2, "step": 12000, ...},
 "did_not_train": [why],           only where the training came to nothing
 "zero_shot": true, "seen": [what of other languages training or choosing has seen, parents included],
 "pooler": "...", "identity": {...},
 "processes": [2],                 how many trained together; [2, 4] if training continued with others
 "threads": [8],                   of a process, likewise: on a processor they decide the last bits
 "versions": {...}, "created": "2024-01-31T12:00:00Z",
 "seconds": 81.5,                  that the process which finished it worked on it
 "files": {"model.safetensors": its SHA-256, ...}, "sha256": hash of everything above}
"""

from __future__ import annotations

import platform
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from xharness.checkpoints.adapter import FOLDER as ADAPTER
from xharness.checkpoints.checkpoint import Checkpoint, tokenizer_candidates
from xharness.checkpoints.config import read_json
from xharness.checkpoints.pretrained import is_from_text_alone
from xharness.checkpoints.weights import WEIGHTS
from xharness.tasks.common.errors import UserError
from xharness.tasks.common.files import hash_file, render_json, write_atomic
from xharness.tasks.common.json_files import as_list, as_object
from xharness.tasks.common.json_types import JsonObject
from xharness.tasks.common.keys import content_key
from xharness.tasks.common.sealed import FORMAT, files_below, is_of_today, is_sealed, seal
from xharness.tasks.common.shapes import Each, misfit
from xharness.tasks.common.version import VERSION, installed

FILE = "xharness.json"
TRAINING_LOG = "training.jsonl"
FORMATS = (1, FORMAT)
PRETRAINED = "pretrained"
PACKAGES = ("torch", "transformers", "tokenizers", "accelerate", "safetensors", "numpy")


def write_provenance(
    folder: Path,
    *,
    tasks: Sequence[str],
    parent: Checkpoint | None,
    recipe: JsonObject,
    mixture: JsonObject | None,
    data: Mapping[str, JsonObject],
    select: JsonObject,
    pooler: str,
    identity: JsonObject,
    seen: Sequence[str] = (),
    processes: Sequence[int] = (1,),
    log: Path | None = None,
    threads: Sequence[int] = (),
    did_not_train: Sequence[str] = (),
    seconds: float | None = None,
) -> None:
    """Write ``xharness.json`` into a checkpoint; last, because it marks the checkpoint as whole, and hashes its files.

    Args:
        tasks: What was trained on.
        parent: What training started from; None for a model trained from nothing.
        recipe: As resolved, seed included (:func:`xharness.train.recipes.describe`).
        mixture: How tasks were mixed; None for a single one.
        data: By task: the hash of its data, number of examples, and whatever else tells which they were.
        select: Which step was kept and why: ``on`` and ``step``, where there was a choice also its ``best``.
        pooler: What became of the parent's pooler: a :class:`xharness.train.model.Pooler`.
        identity: What makes the phase the phase that it is.
        seen: What labelled data of other languages than English training or choosing has seen; then the checkpoint
            is not zero-shot, and its children never are.
        processes: How many trained together, one number after the other if training continued with others.
        log: The log of the training, which will lie beside the checkpoint as ``training.jsonl``.
        threads: Of the main process, likewise.
        did_not_train: Why the training came to nothing, in words; empty if it did not.
        seconds: That the process which finished it worked on it.

    Raises:
        UserError: it cannot be written; or the parent's own file is broken.
    """
    earlier = read(parent.path) if parent else None
    record = {
        "format": FORMAT,
        "phase": content_key(identity),
        **({"task": tasks[0]} if len(tasks) == 1 else {"tasks": list(tasks)}),
        "parents": [_as_parent(parent, earlier)] if parent else [],
        "recipe": dict(recipe),
        "mixture": dict(mixture) if mixture is not None else None,
        "seed": recipe["seed"],
        "data": {name: dict(facts) for name, facts in data.items()},
        "select": dict(select),
        **({"did_not_train": list(did_not_train)} if did_not_train else {}),
        "zero_shot": not (all_seen := [*seen_by(earlier), *seen]),
        "seen": all_seen,
        "pooler": pooler,
        "identity": dict(identity),
        "processes": list(processes),
        "threads": list(threads),
        "versions": versions(),
        "created": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        **({} if seconds is None else {"seconds": round(seconds, 1)}),
    }
    files = files_below(folder, [FILE]) | ({TRAINING_LOG: hash_file(log)} if log and log.is_file() else {})
    write_atomic(folder / FILE, render_json(seal({**record, "files": files})))


def read(folder: Path) -> dict[str, Any] | None:
    """The provenance of a checkpoint; None if xharness did not train it. ``Any``, for its shape is checked here.

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
    record: JsonObject | None = read(folder)
    while record:
        names.append("+".join(tasks_of(record)))
        parents = as_list(record["parents"])
        if not parents:
            return names[::-1]
        record = as_object(as_object(parents[0])["provenance"])
    return [PRETRAINED, *names[::-1]]


def tasks_of(record: JsonObject) -> list[str]:
    """The tasks that a phase trained on."""
    return [str(record["task"])] if "task" in record else list(map(str, as_list(record["tasks"])))


def is_dual_encoder(record: JsonObject | None) -> bool:
    """Whether the last phase of a checkpoint, as its provenance tells, trained a dual encoder."""
    return as_object(as_object(record).get("recipe")).get("negatives") is not None


def seen_by(record: JsonObject | None) -> list[str]:
    """Why a checkpoint is not zero-shot, in words; empty if it is, as far as its provenance goes."""
    if record is None or record.get("zero_shot", True):
        return []
    return list(map(str, as_list(record.get("seen")))) or ["an earlier phase has seen other languages"]


def did_not_train(record: JsonObject | None) -> list[str]:
    """Why the training of a checkpoint came to nothing, in words; empty if it did not, as far as is known."""
    return list(map(str, as_list((record or {}).get("did_not_train"))))


def is_traced(facts: JsonObject) -> bool:
    """True for a checkpoint of which all labelled data are known: by its provenance, or as a published encoder.

    Nothing is known of one that was changed, or that came from an encoder of which nothing is known: an encoder without
    a head may have seen labelled data as well as any other (sentence encoders have).

    Args:
        facts: ``provenance``, ``changed`` and ``hub`` of the checkpoint, as in the manifest of a run; parents have the
            same.
    """
    if facts.get("changed"):
        return False
    record = facts.get("provenance")
    if record is None:
        return is_from_text_alone(str(as_object(facts.get("hub")).get("id", "")))
    return all(map(is_traced, map(as_object, as_list(as_object(record).get("parents")))))


def versions() -> dict[str, str]:
    """Versions of everything that weights depend on, as installed."""
    return {"xharness": VERSION, "python": platform.python_version(), **installed(PACKAGES)}


def changed(checkpoint: Checkpoint) -> list[str] | None:
    """Files that can change an answer and are not those that the provenance of a checkpoint describes.

    Returns:
        Their names; None where nothing is known, because it has no provenance or one of before there were hashes.

    Raises:
        UserError: the provenance is broken.
    """
    record = read(checkpoint.path)
    if record is None or not is_of_today(record):
        return None
    files = as_object(record.get("files"))
    there = checkpoint.digests
    tokenizer = {path.name for path in tokenizer_candidates(checkpoint.path)}
    own = [name for name in files if not name.startswith(f"{ADAPTER}/")]  # the weights of it are in the model's
    gone = [name for name in own if (name in tokenizer or name.endswith(WEIGHTS)) and name not in there]
    found = [name for name, digest in there.items() if files.get(name) != digest]
    return [*found, *gone, *([] if is_sealed(record) else [FILE])]


def doubt(checkpoint: Checkpoint) -> str:
    """What a user should know before trusting the provenance of a checkpoint; empty if it holds, or there is none.

    Raises:
        UserError: it is broken.
    """
    names = changed(checkpoint)
    if names is None:
        old = f"not verified: {checkpoint.path / FILE} is of before xharness noted hashes"
        return old if checkpoint.provenance is not None else ""
    if not names:
        return ""
    return f"{checkpoint.path} is not the checkpoint that its {FILE} describes: changed since: {', '.join(names)}"


def _as_parent(parent: Checkpoint, provenance: JsonObject | None) -> JsonObject:
    """A parent as its child remembers it: the fingerprint holds when the path no longer does."""
    hub: JsonObject = {"hub": asdict(parent.hub)} if parent.hub else {}
    doubtful: JsonObject = {"changed": names} if (names := changed(parent)) else {}
    merged: JsonObject = {"merged": parent.merged_from} if parent.merged_from else {}
    facts: JsonObject = {"path": str(parent.path), **hub, "fingerprint": parent.fingerprint, **doubtful, **merged}
    return {**facts, "provenance": provenance}


def _check(record: JsonObject, path: Path) -> None:
    """Refuse what is not a provenance of ours, ancestors included."""
    fix = "restore the file; or delete it, and the checkpoint counts as a pretrained one"
    if type(record.get("format")) is not int or record["format"] not in FORMATS:
        why = f"its format is {record.get('format')!r:.80}, and this xharness reads {' and '.join(map(str, FORMATS))}"
        raise UserError(f"cannot read {path}", why, fix)
    entry: Any = record
    while entry is not None:
        if misfit(entry, ENTRY) or not (entry.get("task") or entry.get("tasks")):
            why = "it lacks tasks, parents or zero_shot, or a field is of another type, its own or a parent's"
            raise UserError(f"cannot read {path}", why, fix)
        entry = entry["parents"][0]["provenance"] if entry["parents"] else None


ENTRY = {
    "task?": str,
    "tasks?": [str],
    "parents": [{"path?": str, "fingerprint?": str, "provenance": object}],
    "zero_shot": bool,
    "seen?": ([str], None),
    "did_not_train?": [str],
    "recipe?": dict,
    "data?": Each(dict),
    "select?": dict,
    "identity?": dict,
    "versions?": dict,
    "seed?": int,
    "mixture?": (dict, None),
    "pooler?": str,
    "created?": str,
    "seconds?": float,
}
"""What is read of an entry; one of its own and one for each ancestor."""
