"""The folder of one phase: whose it is, keeping others out, and moving what is finished into place.

out/                 a Hugging Face checkpoint with xharness.json; for several tasks, one such folder a task
out/training.jsonl   losses and dev scores by step
out/tensorboard/     the same for TensorBoard, if asked for
out/dynamics.npz     what the model said of each training example, if asked for; in each folder of several tasks
out/.training/       identity, saved states and log during training

A finished phase with a damaged file is trained again, and its files lie in ``.training/damaged`` until that is done.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from xharness.checkpoints.config import read_json
from xharness.checkpoints.provenance import FILE as MARK
from xharness.checkpoints.provenance import TRAINING_LOG as LOG
from xharness.tasks.common.errors import UserError
from xharness.tasks.common.files import render_json, sweep_partial, write_atomic
from xharness.tasks.common.json_types import Json
from xharness.tasks.common.locks import LOCK, locked
from xharness.tasks.common.sealed import FORMAT, damaged, is_broken, is_of_today, is_sealed, seal
from xharness.tasks.selection.dynamics import FILE as DYNAMICS
from xharness.train.earlier import is_unverified
from xharness.train.phase_records import WORKING, differing_fields, folder_name, identity_of, parent_of
from xharness.train.specification import PhaseSpecification

START_AGAIN = "choose another --out, or delete the folder to start again"


class PhaseFolder:
    """Where a phase of one identity is trained.

    Attributes:
        notes: What the last look at the files found, for people.
    """

    def __init__(self, out: Path, specification: PhaseSpecification) -> None:
        self.out, self.specification = out, specification
        self.working = out / WORKING
        self.final, self.log = self.working / "final", self.working / "log.jsonl"
        self.notes: list[str] = []
        self._since = time.monotonic()

    @property
    def seconds(self) -> float:
        """Since this process began to work on the phase."""
        return time.monotonic() - self._since

    @property
    def _is_named(self) -> bool:
        """True for a folder of a chain, which is named by the phase's key."""
        return self.out.name == folder_name(self.specification)

    @property
    def finished(self) -> bool:
        """True if the folder holds the whole result of this very phase; what is left of its working folder is rubbish.

        Raises:
            UserError: it holds another training, finished or not, or files that are none of ours.
        """
        identity, mark = self.working / "identity.json", self.out / MARK
        if mark.is_file():
            self._check_ours(mark)
            is_whole = self._is_whole(self.out)
            if is_whole and is_unverified(identity_of(mark, read_json(mark)), self.specification):
                said = f"not verified: {mark} is of a version that does not tell all files of the dev set"
                self.notes = [*self.notes, said]
            return is_whole
        if identity.is_file():
            self._check_ours(identity)
        elif self.out.exists() and any(child.name not in (WORKING, LOCK) for child in self.out.iterdir()):
            if self._is_named:
                self.notes = [f"{self.out} is damaged ({MARK} is gone): the phase is trained again"]
                return False
            fix = "choose another --out"
            raise UserError(f"{self.out} is not empty", "training never writes among other files", fix)
        elif not self._is_named and any(self.working.glob("[!.]*")):
            raise UserError(
                f"{identity} is missing", f"nothing else tells which training {self.out} holds", START_AGAIN
            )
        return False

    @property
    def trained(self) -> bool:
        """True if all that is missing is to move the finished files into place."""
        self.notes = []
        return (self.final / MARK).is_file() and self._is_whole(self.final, self.out)

    @property
    def record(self) -> dict[str, Json]:
        """What tells whose folder it is, and the weights that training started from."""
        phase = self.specification
        return {
            "format": FORMAT,
            "phase": phase.key,
            "identity": phase.identity,
            "parent": phase.parent.fingerprint,
        }

    @contextmanager
    def claimed(self) -> Iterator[None]:
        """Make the folder this phase's own, and keep every other process out of it.

        Raises:
            UserError: another process trains in it.
        """
        with locked(self.out):
            sweep_partial(self.out, deep=True, owned=True)
            if not self.finished:  # another process may have been faster
                is_damaged = (self.out / MARK).is_file() or not (self.working / "identity.json").is_file()
                write_atomic(self.working / "identity.json", render_json(seal(self.record)))
                if is_damaged:
                    self._set_aside()
            yield

    def take_back_log(self) -> None:
        """Let training continue with a log that was moved into place with a checkpoint that is not whole."""
        if (self.out / LOG).is_file() and not self.log.is_file():
            (self.out / LOG).replace(self.log)

    def publish(self) -> None:
        """Move the finished files into place, the mark last."""
        if self.log.is_file():
            self.log.replace(self.out / LOG)
        for path in sorted(self.final.iterdir(), key=lambda path: path.name == MARK):
            target = self.out / path.name
            if target.is_dir():
                shutil.rmtree(target)
            path.replace(target)

    def clean(self) -> None:
        """Remove what a finished training, killed at its very end or not, has left besides its result."""
        shutil.rmtree(self.working, ignore_errors=True)
        (self.out / LOCK).unlink(missing_ok=True)

    def _check_ours(self, path: Path) -> None:
        """Refuse a folder of another training. A damaged file may still tell whose it is; so does the folder's name.

        Raises:
            UserError: it is another, or that cannot be told.
        """
        try:
            content = path.read_bytes()
            record = read_json(path)
        except OSError as error:
            raise _unreadable(path, error) from error
        except UserError:
            record = {}
        differing = differing_fields(path, record, self.specification)
        if not differing or self._is_named:
            self._check_parent(record)
            return
        if record and not is_broken(record):
            raise UserError(f"{self.out} holds another training", "; ".join(differing), START_AGAIN)
        if self.specification.key.encode() not in content:
            why = f"it does not tell any more which training {self.out} holds"
            raise UserError(f"{path} is damaged", why, START_AGAIN)

    def _check_parent(self, record: Mapping[str, Any]) -> None:
        """Refuse to take for this phase's result what was trained from other weights under the same key.

        Raises:
            UserError: it was.
        """
        was, now = parent_of(record), self.specification.parent
        if was and was != now.fingerprint:
            raise UserError(
                f"{self.out} was trained from other weights",
                f"they were {was[:12]}, and {now.path} has {now.fingerprint[:12]}: it was trained again since",
                f"delete {self.out}, and it is trained again; or restore those weights",
            )

    def _is_whole(self, *folders: Path) -> bool:
        """Whether every file that the mark in the first folder names is what it was, there or in one of the others."""
        mark = folders[0] / MARK
        self.notes = []
        try:
            record = read_json(mark)
        except UserError:
            record = {"format": FORMAT}  # which needs a seal
        if not is_of_today(record):
            self.notes = [f"not verified: {mark} is of before xharness noted hashes"]
            if self.specification.options.dynamics:
                self._check_recorded({})
            return True
        wrong = _damaged(record.get("files"), folders) if is_sealed(record) else [MARK]
        if self.log.is_file() and LOG in wrong:  # it is moved with the rest
            wrong.remove(LOG)
        if any(self._decides(name) for name in wrong):
            self.notes = [f"{self.out} is damaged ({', '.join(wrong)}): the phase is trained again"]
            return False
        harm = {LOG: ", so the curve of this training may be wrong; weights are not"}
        self.notes = [f"{self.out / name} is damaged{harm.get(name, '; weights are not')}" for name in wrong]
        if self.specification.options.dynamics:
            self._check_recorded(record)
        return True

    def _decides(self, name: str) -> bool:
        """Whether the phase is trained again when a file is damaged: not for what tells of the training only."""
        return name != LOG and (Path(name).name != DYNAMICS or self.specification.options.dynamics)

    def _check_recorded(self, record: Mapping[str, Any]) -> None:
        """Refuse a finished phase without the training dynamics that are wanted: they come by while it trains.

        Raises:
            UserError: it has none.
        """
        if not any(Path(name).name == DYNAMICS for name in record.get("files") or ()):
            raise UserError(
                f"{self.out} has no training dynamics",
                "it was trained without --dynamics, which records them while it trains",
                "choose another --out: the same training again, recorded; or leave --dynamics out",
            )

    def _set_aside(self) -> None:
        """Move a damaged result where nobody takes it for one, the mark last; what else is in the folder stays."""
        aside = self.working / "damaged"
        for path in sorted(self.out.iterdir(), key=lambda path: path.name == MARK):
            if (
                path.name in (MARK, LOG, DYNAMICS, "config.json")
                or path.suffix == ".safetensors"
                or (path / MARK).is_file()
            ):
                target = aside / path.name
                aside.mkdir(exist_ok=True)
                shutil.rmtree(target) if target.is_dir() else target.unlink(missing_ok=True)
                path.rename(target)


def _damaged(files: Any, folders: Sequence[Path]) -> list[str]:
    """Files that are not what they were.

    Raises:
        UserError: one cannot be read.
    """
    try:
        return damaged(files, *folders)
    except OSError as error:
        raise _unreadable(error.filename, error) from error


def _unreadable(path: Path, error: OSError) -> UserError:
    return UserError(f"cannot read {path}", error.strerror or str(error), "fix the cause, or choose another --out")
