"""A run folder: what is done already, and writing so that nothing is ever half-written.

    sweep-<task>-<measure>.png       where layers were swept
    manifest.json                    identity, options, versions, timings
    scores.json                      the official scorer's shape, and ours under "xharness"
    predictions/<task>/test-de.tsv   ready for the leaderboard
    items/<task>/test-de.{json,npz}  the cell's record and its per-item statistics
    candidates/<key>.{vectors,json}  vectors of what is ranked; may be deleted, then they are made anew

A cell is done when its record is there, its key is the one asked for and its files are those that the record names.
The record is written last. Records and the manifest end in a hash over themselves, and the manifest names that of
``scores.json``. Whoever only reads a run takes :func:`xharness.runs.reading.open_run`.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from enum import Enum, auto
from pathlib import Path
from typing import Any

from xharness.runs.files import CELL, MANIFEST, RECORD
from xharness.runs.items import NpzError, pack_items, unpack_items
from xharness.tasks.base import Items
from xharness.tasks.common.errors import UserError
from xharness.tasks.common.files import TEMPORARY_SUFFIX, render_json, sha256, sweep_partial, write_atomic
from xharness.tasks.common.json_files import JsonError, read_json
from xharness.tasks.common.keys import content_key
from xharness.tasks.common.locks import locked
from xharness.tasks.common.sealed import is_broken, seal, unsealed
from xharness.tasks.common.shapes import misfit

KIND = "xharness run"
FORMAT = 2  # of manifests; those of the first versions have no number, and no hash
OURS = ("scores.json", "predictions", "items", "candidates", "manifest.json", ".lock")  # cleared in this order
NOT_EXTRA = {"task", "language", "reason", *CELL}  # what stands beside the extra facts in scores.json
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
        parts: What the key is a hash of, by name, so that a difference can be told; empty in older records.
        failed: The cell has no score because its metric failed; ``reason`` says how.
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
    parts: Mapping[str, Any] = field(default_factory=dict)
    failed: bool = False

    @property
    def stem(self) -> str:
        """What the names of the cell's files begin with."""
        return f"{self.split}-{self.language}"


class DamagedCellError(ValueError):
    """A cell whose files are not what ``xharness evaluate`` wrote; the message says in what."""


class ManifestState(Enum):
    """What there is under the name of the manifest."""

    MISSING = auto()
    FOREIGN = auto()  # of something else
    DAMAGED = auto()  # of a run, but truncated or changed
    WHOLE = auto()


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
        self.check_place()
        if not overwrite and (differing := self._differences(identity)):
            raise UserError(
                f"{self.path} holds another run",
                "; ".join(differing),
                "choose another --out, or pass --overwrite to throw the old run away",
            )

    def check_place(self) -> None:
        """The part of :meth:`check` that needs no identity."""
        parent = self.path
        while not os.access(parent, os.F_OK):
            parent = parent.parent
        if not parent.is_dir() or not os.access(parent, os.W_OK):
            raise UserError(
                f"cannot write to {self.path}",
                f"{parent} is {'not writable' if parent.is_dir() else 'a file'}",
                "choose another --out, or fix the permissions",
            )
        if not self.path.is_dir() or not any(self.path.iterdir()):
            return
        state = self.state()
        foreign = sorted(child.name for child in self.path.iterdir() if not _is_ours(child, state))
        if foreign and state in (ManifestState.MISSING, ManifestState.FOREIGN):
            raise UserError(
                f"{self.path} is not empty and holds no run",
                f"it has {', '.join(foreign[:3])}, and xharness never writes among files of others",
                "choose another --out",
            )

    def _differences(self, identity: Mapping[str, Any]) -> list[str]:
        """Fields in which the run there differs from the one asked for; none before its first cell is done."""
        if not self._has_cells():
            return []
        if self.state() is not ManifestState.WHOLE:
            return self._strangers(identity)
        before, now = identity_of(self.manifest()), dict(identity)
        # A suite may grow task by task: checkpoints that only one of the two has make no other run of it.
        old, new = before.get("model"), now.get("model")
        if isinstance(old, dict) and isinstance(new, dict) and (common := old.keys() & new.keys()):
            before, now = ({**each, "model": {n: each["model"][n] for n in common}} for each in (before, now))
        return differences(before, now)

    def _strangers(self, identity: Mapping[str, Any]) -> list[str]:
        """Without a manifest: in what the cells that are there tell that they are of another run."""
        found: dict[str, None] = {}
        for record in self.records():
            options = {name: identity.get("options", {}).get(name) for name in record.parts.get("options", {})}
            if not record.parts:
                found |= {f"the manifest is lost, and {record.task} {record.stem} does not tell its run": None}
            elif (model := record.parts.get("model", "")) not in identity.get("model", {}).values():
                found |= {f"{record.task} {record.stem} is of the model {model[:12]}": None}
            else:
                found |= dict.fromkeys(differences({"options": record.parts.get("options")}, {"options": options}))
        return list(found)

    def _has_cells(self) -> bool:
        """True if any cell was ever finished here."""
        return any((self.path / "items").glob("*/*.json"))

    def open(self, identity: Mapping[str, Any], *, overwrite: bool) -> None:
        """Make the folder ready: clear what an overwritten run or a killed process left."""
        self.check(identity, overwrite=overwrite)
        if overwrite and self._differences(identity):
            for target in (*self.path.glob(PLOTS), *(self.path / name for name in OURS[:-1])):
                shutil.rmtree(target) if target.is_dir() else target.unlink(missing_ok=True)
        sweep_partial(self.path, deep=True, owned=True)
        if self.state() is not ManifestState.WHOLE or not self._has_cells():
            self.write_manifest({"kind": KIND, "identity": identity})

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Keep a second process out of the folder. The lock goes with the process, however it ends."""
        with locked(self.path):
            yield

    # -- manifest -----------------------------------------------------------------------------------------------------

    def state(self) -> ManifestState:
        """Whether there is a manifest, and whether it can be relied on."""
        return self._manifest()[0]

    def manifest(self) -> dict[str, Any]:
        """The manifest; an empty one unless it is whole."""
        return self._manifest()[1]

    def _manifest(self) -> tuple[ManifestState, dict[str, Any]]:
        path = self.path / "manifest.json"
        if not path.is_file():
            return ManifestState.MISSING, {}
        try:
            found = read_json(path)
        except (OSError, JsonError):
            return self._not_whole(path), {}
        if not isinstance(found, dict) or found.get("kind") != KIND:
            return self._not_whole(path), {}
        content = unsealed(found)
        if is_broken(found) or misfit(content, MANIFEST):
            return ManifestState.DAMAGED, {}
        return ManifestState.WHOLE, content

    def _not_whole(self, path: Path) -> ManifestState:
        """A manifest without its kind is of a run if it begins like one, or if there are cells of one."""
        try:
            ours = KIND.encode() in path.read_bytes()[:100]
        except OSError:
            ours = False
        return ManifestState.DAMAGED if ours or self.records() else ManifestState.FOREIGN

    def write_manifest(self, content: Mapping[str, Any]) -> None:
        """Replace the manifest."""
        write_atomic(self.path / "manifest.json", render_json(seal(content)))

    def write_scores(self, scores: Mapping[str, Any]) -> str:
        """Replace ``scores.json``. Returns its hash, for the manifest."""
        text = render_json(scores)
        write_atomic(self.path / "scores.json", text)
        return hashlib.sha256(text.encode()).hexdigest()

    # -- cells --------------------------------------------------------------------------------------------------------

    def _item_path(self, task: str, language: str, split: str, suffix: str) -> Path:
        return self.path / "items" / task / f"{split}-{language}.{suffix}"

    def names(self) -> list[tuple[str, str, str]]:
        """Task, language and split of everything that looks like a record, in order of their paths."""
        paths = sorted((self.path / "items").glob("*/*-*.json"))
        parts = [(path.parent.name, *path.stem.split("-", 1)) for path in paths]
        return [(task, language, split) for task, split, language in parts]

    def read(self, task: str, language: str, split: str) -> tuple[Record, dict[str, Items]]:
        """A finished cell and its statistics by name, every file of it checked.

        Raises:
            DamagedCellError: a file of it is missing, was changed, or is not one of ours.
        """
        record = self._read_record(task, language, split)
        if record.prediction:
            self._bytes(self.path / "predictions" / task / record.prediction, record.prediction_sha256)
        if not record.items_sha256:
            return record, {}
        content = self._bytes(self._item_path(task, language, split, "npz"), record.items_sha256)
        try:
            items = unpack_items(content)
        except NpzError as error:
            raise DamagedCellError(f"{record.stem}.npz: {error}") from error
        if missing := [name for name in record.variants if name not in items]:
            raise DamagedCellError(f"{record.stem}.npz has no {missing[0]}, which its record names")
        if "main" in items and record.n != (there := len(items["main"].ids)):
            raise DamagedCellError(f"its record says {record.n} items, and {record.stem}.npz has {there}")
        if "main" not in items and not record.reason:
            raise DamagedCellError(f"{record.stem}.npz has no statistics of its score")
        return record, items

    def _read_record(self, task: str, language: str, split: str) -> Record:
        path = self._item_path(task, language, split, "json")
        try:
            found = read_json(path)
        except (OSError, JsonError) as error:
            raise DamagedCellError(f"{path.name} cannot be read: {error}") from error
        if wrong := misfit(found, RECORD):
            raise DamagedCellError(f"{path.name}: {wrong}")
        content = unsealed(found)
        if is_broken(found):
            raise DamagedCellError(f"{path.name} was changed")
        if unknown := sorted(content.keys() - Record.__dataclass_fields__.keys()):
            raise DamagedCellError(f"{path.name} has {unknown[0]}: another version of xharness wrote it")
        record = Record(**content)
        if wrong := _contradiction(record, (task, language, split)):
            raise DamagedCellError(f"{path.name} {wrong}")
        return record

    def _bytes(self, path: Path, digest: str) -> bytes:
        """What a file holds, read once: the same bytes are hashed and used."""
        try:
            content = path.read_bytes()
        except OSError:
            content = None
        if content is None or sha256_of(content) != digest:
            raise DamagedCellError(f"{path.name} is missing or was changed since it was written")
        return content

    def record(self, task: str, language: str, split: str) -> Record | None:
        """The record of a finished cell whose files are whole, whatever its key; None if there is none."""
        try:
            return self.read(task, language, split)[0]
        except DamagedCellError:
            return None

    def records(self) -> list[Record]:
        """All finished cells in the folder, in order of their paths."""
        return [record for record, _ in self.cells()]

    def cells(self) -> Iterator[tuple[Record, dict[str, Items]]]:
        """The same with their statistics."""
        for name in self.names():
            try:
                yield self.read(*name)
            except DamagedCellError:
                continue

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
        write_atomic(self._item_path(record.task, record.language, record.split, "json"), render_json(seal(fields)))

    def items(self, record: Record) -> dict[str, Items]:
        """The statistics of a cell by name; empty if it has none.

        Raises:
            DamagedCellError: they are not those that were saved.
        """
        return self.read(record.task, record.language, record.split)[1]


def sha256_of(content: bytes) -> str:
    """As :func:`xharness.tasks.common.files.sha256` of one file with this content."""
    return hashlib.sha256(hashlib.sha256(content).digest()).hexdigest()


def _contradiction(record: Record, name: tuple[str, str, str]) -> str:
    """What in a record cannot be; empty if nothing."""
    if (record.task, record.language, record.split) != name:
        return f"is the record of {record.task} {record.stem}"
    plain = Path(record.prediction).name == record.prediction and "\\" not in record.prediction
    if record.prediction and not (plain and record.prediction.startswith(f"{record.stem}.")):
        return f"names the prediction {record.prediction!r}, which is not a file of this cell"
    if not record.items_sha256 and (record.variants or (record.n and not record.reason)):
        return "names no statistics, although the cell has a score"
    if taken := sorted(record.extra.keys() & NOT_EXTRA):
        return f"has extra.{taken[0]}, which only a scorer gives"
    if record.parts and content_key(record.parts) != record.key:
        return "has a key that is not that of its parts"
    return ""


def identity_of(manifest: Mapping[str, Any]) -> dict[str, Any]:
    """The identity that a manifest names; that of an old one in today's words."""
    identity = dict(manifest.get("identity", {}))
    options, device = dict(identity.get("options", {})), manifest.get("device", {})
    if "format" in manifest or not device:
        return identity
    if options.get("precision") == "auto":  # as it was spelled, not as it was resolved
        options["precision"] = device.get("precision")
    if options.get("precision") != "fp32":
        options["batch_tokens"] = device.get("batch_tokens")
    return {**identity, "options": options}


def _is_ours(path: Path, state: ManifestState) -> bool:
    """True for what a run may leave in its folder; a manifest of something else is not ours."""
    named = path.name in OURS and not (path.name == "manifest.json" and state is ManifestState.FOREIGN)
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
