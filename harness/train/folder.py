"""The folder of one phase: whose it is, keeping others out, and moving what is finished into place.

out/                 a Hugging Face checkpoint with xharness.json; for several tasks, one such folder a task
out/training.jsonl   losses and dev scores by step
out/tensorboard/     the same for TensorBoard, if asked for
out/.training/       identity, saved states and log while training goes on
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from harness.checkpoint import read_json
from harness.runs import RunFolder, differences
from tasks.errors import UserError
from tasks.files import render_json, write_atomic

WORKING = ".training"
LOCK = ".lock"
MARK = "xharness.json"
LOG = "training.jsonl"
BOARD = "tensorboard"


class PhaseFolder:
    """Where a phase of one identity is trained."""

    def __init__(self, out: Path, identity: Mapping[str, Any]) -> None:
        self.out, self.identity = out, identity
        self.working = out / WORKING
        self.final = self.working / "final"

    @property
    def finished(self) -> bool:
        """True if the folder holds the whole result of this very phase; what is left of its working folder is rubbish.

        Raises:
            UserError: it holds another training, finished or not, or files that are none of ours.
        """
        identity = self.working / "identity.json"
        done = (self.out / MARK).is_file()
        if done:
            self._compare(read_json(self.out / MARK).get("identity", {}))
        elif identity.is_file():
            self._compare(read_json(identity))
        elif self.out.exists() and any(child.name not in (WORKING, LOCK) for child in self.out.iterdir()):
            fix = "choose another --out"
            raise UserError(f"{self.out} is not empty", "training never writes among other files", fix)
        return done

    @contextmanager
    def claimed(self) -> Iterator[None]:
        """Make the folder this phase's own, and keep every other process out of it.

        Raises:
            UserError: another process trains in it.
        """
        with RunFolder(self.out).locked():
            if not self.finished:  # another process may have been faster
                write_atomic(self.working / "identity.json", render_json(self.identity))
            yield

    def publish(self) -> None:
        """Move the finished files into place, the mark last."""
        log = self.working / "log.jsonl"
        if log.is_file():
            log.replace(self.out / LOG)
        for path in sorted(self.final.iterdir(), key=lambda path: path.name == MARK):
            target = self.out / path.name
            if target.is_dir():
                shutil.rmtree(target)
            path.replace(target)

    def clean(self) -> None:
        """Remove what a finished training, killed at its very end or not, has left besides its result."""
        shutil.rmtree(self.working, ignore_errors=True)
        (self.out / LOCK).unlink(missing_ok=True)

    def _compare(self, found: Mapping[str, Any]) -> None:
        if differing := differences(found, self.identity):
            raise UserError(
                f"{self.out} holds another training",
                "; ".join(differing),
                "choose another --out, or delete the folder to start again",
            )
