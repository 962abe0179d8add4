"""The store: results of steps by their keys, for all studies that use it.

    steps/<id>/step.json   what the step was and the hash of every file; written last, so a folder with it is whole
    steps/<id>/output/     the result: a checkpoint, a run, a list of examples, changed data
    work/<id>/             a step that is being done; a killed one continues there
    held/<id>/             who works on it (:mod:`xharness.studies.lease`)
    planned/<id>.json      how to do it
    failed/<id>.json       why it was not done, with the last lines of its log
    logs/<id>.log          what it printed
    log.jsonl              every start and end, one line each

A step that is whole is never done again, and is never changed.
"""

from __future__ import annotations

import json
import os
import shutil
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from xharness.studies.graph import Step
from xharness.studies.lease import Holder, Lease, read_lease
from xharness.tasks.common.errors import UserError
from xharness.tasks.common.files import render_json, write_atomic
from xharness.tasks.common.json_types import Json
from xharness.tasks.common.sealed import damaged, files_below, is_broken, seal

MARK, OUTPUT, LOG = "step.json", "output", "log.jsonl"
PIDS = ".lock"
LAST_LINES = 8


@dataclass(frozen=True)
class Store:
    """A folder with results of steps."""

    root: Path

    def output(self, step_id: str) -> Path:
        """The result of a step that is whole."""
        return self.root / "steps" / step_id / OUTPUT

    def work(self, step_id: str) -> Path:
        """Where a step is done."""
        return self.root / "work" / step_id

    def log(self, step_id: str) -> Path:
        """What a step printed."""
        return self.root / "logs" / f"{step_id}.log"

    def lease(self, step_id: str) -> Lease:
        """A lease to work on a step."""
        return Lease(self.root / "held" / step_id)

    def done(self) -> set[str]:
        """Identifiers of all steps that are whole."""
        return {path.name for path in self._files("steps") if (path / MARK).is_file()}

    def is_done(self, step_id: str) -> bool:
        """Whether a step is whole."""
        return (self.root / "steps" / step_id / MARK).is_file()

    def working(self) -> dict[str, str]:
        """Who works on which step, by its identifier, in words."""
        return {name: str(holder) for name, holder in self.held().items()}

    def held(self) -> dict[str, Holder]:
        """Who is alive and works on a step, by its identifier."""
        found = {path.name: read_lease(path) for path in self._files("held")}
        return {name: holder for name, holder in found.items() if holder is not None and holder.is_alive}

    def is_held(self, step_id: str) -> bool:
        """Whether somebody alive works on a step."""
        holder = read_lease(self.root / "held" / step_id)
        return holder is not None and holder.is_alive

    def failed(self) -> dict[str, dict[str, Any]]:
        """What was recorded of each step that failed last time it was tried."""
        return {path.stem: _read(path) for path in self._files("failed")}

    def failure(self, step_id: str) -> dict[str, Any]:
        """What was recorded of a step when it failed; empty if it did not."""
        return _read(self.root / "failed" / f"{step_id}.json")

    def plan(self, step: Step) -> None:
        """Write down how to do a step, which is tried anew."""
        (self.root / "failed" / f"{step.id}.json").unlink(missing_ok=True)
        write_atomic(self.root / "planned" / f"{step.id}.json", render_json(seal(step.record())))

    def planned(self, step_id: str) -> Step:
        """How to do a step.

        Raises:
            UserError: that was not written down, or was changed.
        """
        path = self.root / "planned" / f"{step_id}.json"
        found = _read(path)
        if not found or is_broken(found):
            raise UserError(f"{path} is damaged", "it tells how a step is done", "run the study again: it is rewritten")
        return Step(found["kind"], found["key"], found["title"], found["parents"], found["work"])

    def publish(self, step: Step, lease: Lease, facts: Mapping[str, Json]) -> None:
        """Move the work of a step to its place, whole.

        Args:
            facts: What else is worth keeping, such as seconds.

        Raises:
            LeaseLostError: another process has taken the step over; its result counts.
        """
        work = self.work(step.id)
        (work / OUTPUT / PIDS).unlink(missing_ok=True)
        record = {**step.record(), **facts, "files": dict(files_below(work / OUTPUT))}
        lease.check()
        write_atomic(work / MARK, render_json(seal(record)))
        target = self.root / "steps" / step.id
        if target.exists() and not self.is_done(step.id):  # somebody copied or deleted a part of it
            self.set_aside(step.id)
        target.parent.mkdir(parents=True, exist_ok=True)
        lease.check()
        work.rename(target)
        (self.root / "failed" / f"{step.id}.json").unlink(missing_ok=True)

    def seconds(self, step_id: str) -> float:
        """How long a step took that is whole."""
        return float(_read(self.root / "steps" / step_id / MARK).get("seconds", 0.0))

    def fail(self, step_id: str, reason: str) -> None:
        """Record that a step was not done, with the end of its log."""
        record = {"reason": reason, "log": self.last_lines(step_id), "time": round(time.time())}
        write_atomic(self.root / "failed" / f"{step_id}.json", render_json(record))

    def last_lines(self, step_id: str) -> list[str]:
        """The end of a step's log."""
        try:
            text = self.log(step_id).read_text(encoding="utf-8", errors="replace")
        except OSError:
            return []
        return [line for line in text.splitlines() if line.strip()][-LAST_LINES:]

    def check(self, step_id: str) -> list[str]:
        """Names of files of a whole step that are not what they were; empty if all are.

        Raises:
            UserError: they cannot be read, which says nothing of what they are.
        """
        folder = self.root / "steps" / step_id
        try:
            record = _object((folder / MARK).read_bytes())
            return damaged(record.get("files"), folder / OUTPUT) if record and not is_broken(record) else [MARK]
        except FileNotFoundError as error:
            return [Path(error.filename).name]
        except OSError as error:
            why = f"{error.strerror or error}; nothing was changed"
            fix = "see that the disk can be read, and run the same command again"
            raise UserError(f"cannot read {error.filename or folder}", why, fix) from error

    def set_aside(self, step_id: str) -> Path:
        """Move a damaged step away, so that it is done again; nothing is deleted.

        Raises:
            UserError: it cannot be moved.
        """
        source, target = self.root / "steps" / step_id, self.root / "damaged" / f"{step_id}.{time.time_ns()}"
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            with suppress(FileNotFoundError):  # another driver was quicker
                source.rename(target)
        except OSError as error:
            why = f"it is damaged, and cannot be moved aside: {error.strerror}"
            raise UserError(f"cannot use {source}", why, "move it away, and run the same command again") from error
        return target

    def note(self, event: str, step_id: str, **facts: Json) -> None:
        """Add a line to the store's log: appended whole, whoever else writes."""
        line = json.dumps({"time": round(time.time(), 3), "event": event, "step": step_id, **facts})
        self.root.mkdir(parents=True, exist_ok=True)
        with (self.root / LOG).open("ab+", buffering=0) as file:
            file.seek(max(0, file.seek(0, os.SEEK_END) - 1))
            cut = file.read(1) not in (b"", b"\n")  # whoever wrote last was killed, or the disk was full
            file.write(b"\n" * cut + line.encode() + b"\n")

    def events(self) -> Iterator[dict[str, Any]]:
        """The lines of the store's log; one that a killed process has cut is left out."""
        try:
            lines = (self.root / LOG).read_bytes().splitlines()
        except OSError:
            return
        for line in lines:
            try:
                found = json.loads(line)
            except ValueError:
                continue
            if isinstance(found, dict) and {"time", "event", "step"} <= found.keys():
                yield found

    def forget_work(self, step_id: str) -> None:
        """Delete what is left of a step that was done elsewhere in the meantime."""
        shutil.rmtree(self.work(step_id), ignore_errors=True)

    def _files(self, name: str) -> list[Path]:
        try:
            return [Path(entry.path) for entry in os.scandir(self.root / name)]
        except OSError:
            return []


def _read(path: Path) -> dict[str, Any]:
    """A JSON object; empty if there is none."""
    try:
        return _object(path.read_bytes())
    except OSError:
        return {}


def _object(content: bytes) -> dict[str, Any]:
    """A JSON object; empty if it is something else."""
    try:
        found = json.loads(content)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
