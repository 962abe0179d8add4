"""The log of a training, a line of JSON a step: it only ever grows, so a saved state knows how much of it was there.

Trackers (:mod:`xharness.train.loop.trackers`) follow it: they get each of its lines, once.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Protocol

from xharness.tasks.common.errors import UserError, first_line
from xharness.tasks.common.files import write_atomic
from xharness.tasks.common.json_files import JsonError, parse_json
from xharness.tasks.common.json_types import JsonObject


class MetricLogger(Protocol):
    """Whoever takes numbers by step, as accelerate's trackers do."""

    name: str

    def log(self, values: Mapping[str, float], step: int) -> None:
        """Take the numbers of a step; a step may come twice, with other numbers."""

    def finish(self) -> None:
        """Wait until everything is written or sent."""


class TrainingLog:
    """Losses and dev scores by step, in ``log.jsonl`` and wherever else they are followed."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._followers: list[MetricLogger] = []
        self._note: Callable[[str], None] = lambda _text: None

    def followed_by(self, loggers: Sequence[MetricLogger], note: Callable[[str], None]) -> None:
        """Give loggers what is there already, so that a resumed training has each step once, and what comes.

        Args:
            note: Told of a logger that fails, which gets nothing more; training continues.
        """
        self._followers, self._note = list(loggers), note
        for entry in read_log(self.path):
            self._tell(entry)

    def close(self) -> None:
        """Wait until every follower has everything."""
        for follower in [*self._followers]:
            self._attempt(follower, follower.finish)
        self._followers = []

    def append(self, entry: JsonObject) -> None:
        """Add a line.

        Raises:
            UserError: it cannot be written, for want of room as a rule.
        """
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with self.path.open("a", encoding="utf-8") as file:
                file.write(json.dumps(entry) + "\n")
        except OSError as error:
            raise UserError(
                f"cannot write {self.path}",
                f"{error.strerror or error}; the last good state is kept",
                "make room, then run the same command again: it continues",
            ) from error
        self._tell(entry)

    def _tell(self, entry: Mapping[str, Any]) -> None:
        """Give every number of a line to the followers; dev sets one by one."""
        values = {**entry, **{f"dev/{name}": score for name, score in entry.get("parts", {}).items()}}
        numbers = {name: value for name, value in values.items() if name != "step" and isinstance(value, int | float)}
        for follower in [*self._followers]:
            self._attempt(follower, partial(follower.log, numbers, step=entry["step"]))

    def _attempt(self, follower: MetricLogger, action: Callable[[], None]) -> None:
        """Do something with a follower, and without it from then on if that fails."""
        try:
            action()
        except Exception as error:  # of many types: files, networks, services
            self._followers.remove(follower)
            said = first_line(error)
            self._note(f"note: {follower.name} gets no more numbers: {said}; training continues")

    def extent(self) -> tuple[int, str]:
        """Its length in bytes, and the hash of them."""
        content = self.path.read_bytes() if self.path.is_file() else b""
        return len(content), hashlib.sha256(content).hexdigest()

    def cut(self, step: int, length: int, digest: str) -> str:
        """Forget what was written after a saved state.

        Args:
            step: Of the state.
            length: How many bytes there were.
            digest: Hash of them; empty if the state does not know, and then lines of later steps go.

        Returns:
            What is wrong with it, in words; empty if nothing is.
        """
        content = self.path.read_bytes() if self.path.is_file() else b""
        whole = not digest or hashlib.sha256(content[:length]).hexdigest() == digest
        kept = content[:length] if digest and whole else _up_to(content, step)
        if kept != content:
            write_atomic(self.path, kept)
        return "" if whole else f"{self.path} is damaged, so the curve up to step {step} may be wrong; weights are not"


def read_log(path: Path) -> list[dict[str, Any]]:
    """The lines of a log; those that are none are left out."""
    content = path.read_bytes() if path.is_file() else b""
    return [entry for line in content.splitlines() if (entry := _entry(line)) is not None]


def _up_to(content: bytes, step: int) -> bytes:
    """The whole lines of steps up to one."""
    lines = content.splitlines(keepends=True)
    entries = [(line, _entry(line)) for line in lines if line.endswith(b"\n")]
    return b"".join(line for line, entry in entries if entry is not None and entry["step"] <= step)


def _entry(line: bytes) -> dict[str, Any] | None:
    """A line as what was logged; None if it is damaged."""
    try:
        entry = parse_json(line.decode("utf-8"))
    except (UnicodeDecodeError, JsonError):
        return None
    return entry if isinstance(entry, dict) and type(entry.get("step")) is int else None
