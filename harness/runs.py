"""A run folder: what is done already, and writing so that nothing is ever half-written.

    sweep-<task>-<measure>.png       where layers were swept
    manifest.json                    identity, options, versions, timings
    scores.json                      the official scorer's shape, and ours under "xharness"
    predictions/<task>/test-de.tsv   ready for the leaderboard
    items/<task>/test-de.{json,npz}  the cell's record and its per-item statistics

A cell is done when its record is there, its key is the one asked for and its files are those that the record names.
The record is written last.
"""

from __future__ import annotations

import fcntl
import hashlib
import io
import json
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from tasks.base import Items
from tasks.errors import UserError
from tasks.files import TEMPORARY_SUFFIX, render_json, sha256, write_atomic

KIND = "xharness run"
OURS = ("scores.json", "predictions", "items", "manifest.json", ".lock")  # cleared in this order
PLOTS = "sweep-*.png"


@dataclass(frozen=True)
class Record:
    """What is kept of a finished cell beside its predictions.

    Attributes:
        key: Hash of everything that could change the answers.
        prediction: Name of the prediction file under ``predictions/<task>/``; empty if the cell has none.
        prediction_sha256: Hash of that file.
        n: Number of items.
        reason: Why the cell has no official score; empty if it has one.
        extra: Facts of the task's own (threshold, layer, sweep, counts).
        variants: Names of further statistics in the same file, and the name of the metric of each.
        items_sha256: Hash of the statistics file; empty if there is none.
    """

    task: str
    language: str
    split: str
    key: str
    n: int
    signature: str
    prediction: str = ""
    prediction_sha256: str = ""
    items_sha256: str = ""
    reason: str = ""
    extra: Mapping[str, Any] = field(default_factory=dict)
    variants: Mapping[str, str] = field(default_factory=dict)


class RunFolder:
    """One evaluation on disk."""

    def __init__(self, path: Path) -> None:
        self.path = path

    # -- opening ------------------------------------------------------------------------------------------------------

    def check(self, identity: Mapping[str, Any], *, overwrite: bool) -> None:
        """Refuse a folder that cannot be written or that holds something else. Changes nothing.

        Raises:
            UserError: not writable; not a run; a run with another identity (unless ``overwrite``).
        """
        parent = self.path
        while not os.access(parent, os.F_OK):
            parent = parent.parent
        if not parent.is_dir() or not os.access(parent, os.W_OK):
            raise UserError(
                f"cannot write to {self.path}",
                f"{parent} is {'not writable' if parent.is_dir() else 'a file'}",
                "choose another --out, or mend the permissions",
            )
        if not self.path.is_dir() or not any(self.path.iterdir()):
            return
        if self.manifest().get("kind") != KIND:
            foreign = sorted(child.name for child in self.path.iterdir() if not _is_ours(child))
            if foreign:
                raise UserError(
                    f"{self.path} is not empty and holds no run",
                    f"it has {', '.join(foreign[:3])}, and xharness never writes among files of others",
                    "choose another --out",
                )
            return
        if not overwrite and (differing := self._differences(identity)):
            raise UserError(
                f"{self.path} holds another run",
                "; ".join(differing),
                "choose another --out, or pass --overwrite to throw the old run away",
            )

    def _differences(self, identity: Mapping[str, Any]) -> list[str]:
        """Fields in which the run there differs from the one asked for; none before its first cell is done."""
        if not self._has_cells():
            return []
        before, now = self.manifest().get("identity", {}), dict(identity)
        # A suite may grow task by task: checkpoints that only one of the two has make no other run of it.
        old, new = before.get("model"), now.get("model")
        if isinstance(old, dict) and isinstance(new, dict) and (common := old.keys() & new.keys()):
            before, now = ({**each, "model": {n: each["model"][n] for n in common}} for each in (before, now))
        return differences(before, now)

    def _has_cells(self) -> bool:
        """True if any cell was ever finished here."""
        return any((self.path / "items").glob("*/*.json"))

    def open(self, identity: Mapping[str, Any], *, overwrite: bool) -> None:
        """Make the folder ready: clear what an overwritten run or a killed process left."""
        self.check(identity, overwrite=overwrite)
        if overwrite and (self.path / "manifest.json").is_file() and self._differences(identity):
            for target in (*self.path.glob(PLOTS), *(self.path / name for name in OURS[:-1])):
                shutil.rmtree(target) if target.is_dir() else target.unlink(missing_ok=True)
        for left in self.path.rglob(f".*{TEMPORARY_SUFFIX}"):
            left.unlink()
        if not (self.path / "manifest.json").is_file() or not self._has_cells():
            self.write_manifest({"kind": KIND, "identity": identity})

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Keep a second process out of the folder. The lock goes with the process, however it ends."""
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            file = (self.path / ".lock").open("w")
        except OSError as error:
            raise UserError(
                f"cannot write to {self.path}", str(error.strerror), "choose another --out, or mend the cause"
            ) from error
        with file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError as error:
                raise UserError(
                    f"{self.path} is in use",
                    "another xharness is writing there",
                    "wait for it, or choose another --out",
                ) from error
            yield

    # -- manifest -----------------------------------------------------------------------------------------------------

    def manifest(self) -> dict[str, Any]:
        """The manifest, or an empty one."""
        path = self.path / "manifest.json"
        try:
            found = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
        except ValueError as error:
            raise UserError(f"cannot read {path}", f"broken JSON: {error}", "delete it to start again") from error
        return found if isinstance(found, dict) else {}

    def write_manifest(self, content: Mapping[str, Any]) -> None:
        """Replace the manifest."""
        write_atomic(self.path / "manifest.json", render_json(content))

    def write_scores(self, scores: Mapping[str, Any]) -> None:
        """Replace ``scores.json``."""
        write_atomic(self.path / "scores.json", render_json(scores))

    # -- cells --------------------------------------------------------------------------------------------------------

    def _item_path(self, task: str, language: str, split: str, suffix: str) -> Path:
        return self.path / "items" / task / f"{split}-{language}.{suffix}"

    def record(self, task: str, language: str, split: str) -> Record | None:
        """The record of a finished cell whose files are whole, whatever its key; None if there is none."""
        path = self._item_path(task, language, split, "json")
        try:
            record = Record(**json.loads(path.read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError):
            return None
        files = {self.path / "predictions" / task / record.prediction: record.prediction_sha256}
        files[self._item_path(task, language, split, "npz")] = record.items_sha256
        whole = all(not digest or (file.is_file() and sha256([file]) == digest) for file, digest in files.items())
        return record if whole else None

    def records(self) -> list[Record]:
        """All finished cells in the folder, in order of their paths."""
        paths = sorted((self.path / "items").glob("*/*-*.json"))
        names = [(path.parent.name, *path.stem.split("-", 1)) for path in paths]
        found = (self.record(task, language, split) for task, split, language in names)
        return [record for record in found if record is not None]

    def save(self, record: Record, prediction: str | None, items: Mapping[str, Items]) -> None:
        """Write a cell: predictions, statistics, and last the record that makes it done.

        Args:
            prediction: Content of the prediction file; None if the cell has none.
            items: Statistics by name; ``main`` for the official metric, others for variants.
        """
        fields = asdict(record)
        self._item_path(record.task, record.language, record.split, "json").unlink(missing_ok=True)
        if prediction is not None:
            path = self.path / "predictions" / record.task / record.prediction
            write_atomic(path, prediction)
            fields["prediction_sha256"] = sha256([path])
        if items:
            path = self._item_path(record.task, record.language, record.split, "npz")
            write_atomic(path, pack_items(items))
            fields["items_sha256"] = sha256([path])
        write_atomic(self._item_path(record.task, record.language, record.split, "json"), render_json(fields))

    def items(self, record: Record) -> dict[str, Items]:
        """The statistics of a cell by name; empty if it has none."""
        if not record.items_sha256:
            return {}
        return unpack_items(self._item_path(record.task, record.language, record.split, "npz"))


def pack_items(items: Mapping[str, Items]) -> bytes:
    """Statistics as the bytes of an npz file; the same for the same statistics."""
    arrays: dict[str, Any] = {}
    for name, value in items.items():
        arrays[f"{name}.ids"] = np.array(value.ids, dtype=np.str_)
        arrays[f"{name}.clusters"] = np.array(value.clusters, dtype=np.str_)
        arrays[f"{name}.counts"] = value.counts
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **arrays)
    return buffer.getvalue()


def unpack_items(path: Path) -> dict[str, Items]:
    """The inverse of :func:`pack_items`."""
    with np.load(path, allow_pickle=False) as file:
        names = dict.fromkeys(key.rsplit(".", 1)[0] for key in file.files)
        return {
            name: Items(
                tuple(file[f"{name}.ids"].tolist()), tuple(file[f"{name}.clusters"].tolist()), file[f"{name}.counts"]
            )
            for name in names
        }


def key(parts: Mapping[str, Any]) -> str:
    """Content key of a cell: a hash over everything that could change its answers."""
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


def _is_ours(path: Path) -> bool:
    """True for what a run may leave in its folder; a manifest that is no run's is not ours."""
    named = path.name in OURS and path.name != "manifest.json"
    return named or path.match(PLOTS) or path.name.endswith(TEMPORARY_SUFFIX)


def differences(before: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    """Field by field, in which one identity differs from another: ``options.layer was last, now 4``."""
    old, new = _flat(dict(before)), _flat(json.loads(json.dumps(now)))
    keys = sorted(old.keys() | new.keys())
    return [f"{k} was {_brief(old.get(k))}, now {_brief(new.get(k))}" for k in keys if old.get(k) != new.get(k)]


def _flat(value: Any, prefix: str = "") -> dict[str, Any]:
    """Nested mappings as one level with dotted names."""
    if not isinstance(value, dict):
        return {prefix: value}
    return {k: v for name, inner in value.items() for k, v in _flat(inner, f"{prefix}.{name}".strip(".")).items()}


def _brief(value: Any) -> str:
    """A value short enough for a message; hashes by their first digits."""
    text = "absent" if value is None else str(value)
    return text[:12] if len(text) == 64 else text
