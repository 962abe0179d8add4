"""A run folder: what is done already, and writing so that nothing is ever half-written.

    sweep-<task>-<measure>.png       where layers were swept
    manifest.json                    identity, options, versions, timings
    scores.json                      the official scorer's shape, and ours under "xharness"
    predictions/<task>/test-de.tsv   ready for the leaderboard
    items/<task>/test-de.{json,npz}  the cell's record and its per-item statistics
    candidates/<key>.{vectors,json}  vectors of what is ranked; may be deleted, then they are made anew
    unfinished/<key>                 what a model gave for cells that are not done; may be deleted, too

Records and the manifest end in a hash over themselves, and the manifest names that of ``scores.json``. Whoever only
reads a run takes :func:`xharness.runs.reading.open_run`.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from enum import Enum, auto
from pathlib import Path

from xharness.runs.cells import CellStore
from xharness.runs.files import MANIFEST
from xharness.runs.identity import Identity, differences
from xharness.runs.manifest import KIND, Manifest
from xharness.runs.record import Record
from xharness.submissions.scores_file import FILE as SCORES
from xharness.tasks.common.errors import UserError
from xharness.tasks.common.files import TEMPORARY_SUFFIX, render_json, sweep_partial, write_atomic
from xharness.tasks.common.json_files import JsonError, read_json
from xharness.tasks.common.json_types import Json, JsonObject
from xharness.tasks.common.locks import locked
from xharness.tasks.common.sealed import is_broken, seal, unsealed
from xharness.tasks.common.shapes import misfit

NAME = "manifest.json"
OURS = (SCORES, "predictions", "items", "candidates", "unfinished", NAME, ".lock")  # cleared in this order
PLOTS = "sweep-*.png"


class ManifestState(Enum):
    """What there is under the name of the manifest."""

    MISSING = auto()
    FOREIGN = auto()  # of something else
    DAMAGED = auto()  # of a run, but truncated or changed
    WHOLE = auto()


class RunFolder(CellStore):
    """One evaluation on disk."""

    # -- opening ------------------------------------------------------------------------------------------------------

    def check(self, identity: JsonObject, *, overwrite: bool) -> None:
        """Refuse a folder that cannot be written or that holds something else. Changes nothing.

        Raises:
            UserError: not writable; not a run; a run with another identity (unless ``overwrite``).
        """
        self.check_place()
        if not overwrite and (differing := self._differences(Identity(identity))):
            raise UserError(
                f"{self.path} holds another run",
                "; ".join(differing),
                "choose another --out, or pass --overwrite to throw the old run away",
            )

    def check_place(self) -> None:
        """The part of :meth:`check` that needs no identity."""
        _check_writable(self.path)
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

    def open(self, identity: JsonObject, *, overwrite: bool, more: Mapping[str, Json] | None = None) -> None:
        """Make the folder ready: clear what an overwritten run or a killed process left.

        Args:
            more: What the manifest says from the start, beside the identity.
        """
        self.check(identity, overwrite=overwrite)
        if overwrite and self._differences(Identity(identity)):
            for target in (*self.path.glob(PLOTS), *(self.path / name for name in OURS[:-1])):
                shutil.rmtree(target) if target.is_dir() else target.unlink(missing_ok=True)
        sweep_partial(self.path, deep=True, owned=True)
        if self.state() is not ManifestState.WHOLE or not self.has_cells():
            self.write_manifest({"kind": KIND, "identity": identity, **(more or {})})

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Keep a second process out of the folder. The lock goes with the process, however it ends."""
        with locked(self.path):
            yield

    @property
    def unfinished(self) -> Path:
        """Where outputs are kept of what is being answered."""
        return self.path / "unfinished"

    def forget_unfinished(self) -> None:
        """Remove them: all that was being answered is done."""
        shutil.rmtree(self.unfinished, ignore_errors=True)

    def _differences(self, now: Identity) -> list[str]:
        """Fields in which the run there differs from the one asked for; none before its first cell is done."""
        if not self.has_cells():
            return []
        if self.state() is not ManifestState.WHOLE:
            found = (why for record in self.records() for why in _stranger(record, now))
            return list(dict.fromkeys(found))
        return Manifest.parse(self.manifest()).comparable_identity.differences(now)

    # -- manifest and scores ------------------------------------------------------------------------------------------

    def state(self) -> ManifestState:
        """Whether there is a manifest, and whether it can be relied on."""
        return self._manifest()[0]

    def manifest(self) -> JsonObject:
        """The content of the manifest; empty unless it is whole."""
        return self._manifest()[1]

    def _manifest(self) -> tuple[ManifestState, JsonObject]:
        path = self.path / NAME
        if not path.is_file():
            return ManifestState.MISSING, {}
        try:
            found = read_json(path)
        except (OSError, JsonError):
            return self._without_kind(path), {}
        if not isinstance(found, dict) or found.get("kind") != KIND:
            return self._without_kind(path), {}
        content = unsealed(found)
        if is_broken(found) or misfit(content, MANIFEST):
            return ManifestState.DAMAGED, {}
        return ManifestState.WHOLE, content

    def _without_kind(self, path: Path) -> ManifestState:
        """A manifest without its kind is of a run if it begins like one, or if there are cells of one."""
        try:
            ours = KIND.encode() in path.read_bytes()[:100]
        except OSError:
            ours = False
        return ManifestState.DAMAGED if ours or self.records() else ManifestState.FOREIGN

    def write_manifest(self, content: JsonObject) -> None:
        """Replace the manifest."""
        write_atomic(self.path / NAME, render_json(seal(content)))

    def write_scores(self, content: JsonObject) -> str:
        """Replace ``scores.json``. Returns its hash, for the manifest."""
        text = render_json(content)
        write_atomic(self.path / SCORES, text)
        return hashlib.sha256(text.encode()).hexdigest()


def _check_writable(path: Path) -> None:
    """Raise UserError for a path whose nearest existing parent is not a folder that can be written."""
    parent = path
    while not os.access(parent, os.F_OK):
        parent = parent.parent
    if not parent.is_dir() or not os.access(parent, os.W_OK):
        raise UserError(
            f"cannot write to {path}",
            f"{parent} is {'not writable' if parent.is_dir() else 'a file'}",
            "choose another --out, or fix the permissions",
        )


def _stranger(record: Record, identity: Identity) -> list[str]:
    """Without a manifest: in what a cell that is there tells that it is of another run."""
    model, options = record.parts.get("model", ""), record.parts.get("options", {})
    if not record.parts or not isinstance(model, str) or not isinstance(options, dict):
        return [f"the manifest is lost, and {record.task} {record.stem} does not tell its run"]
    if model not in identity.models.values():
        return [f"{record.task} {record.stem} is of the model {model[:12]}"]
    return differences({"options": options}, {"options": {name: identity.options.get(name) for name in options}})


def _is_ours(path: Path, state: ManifestState) -> bool:
    """True for what a run may leave in its folder; a manifest of something else is not ours."""
    named = path.name in OURS and not (path.name == NAME and state is ManifestState.FOREIGN)
    return named or path.match(PLOTS) or path.name.endswith(TEMPORARY_SUFFIX)
