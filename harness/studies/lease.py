"""A lease on a step: who works on it, renewed while they live. It holds over hosts, where a lock of a file may not.

A lease is a small file that is made by linking, which is atomic on network file systems too. Whoever holds it touches
it every few seconds. One that was not touched for a minute, or whose process on this host is gone, may be taken over:
the taker renames it away first, which only one can.
"""

from __future__ import annotations

import json
import os
import socket
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

HEARTBEAT = 5.0
"""Seconds between two signs of life."""

EXPIRES = 60.0
"""Seconds without one after which a holder on another host counts as gone."""


class LeaseHeldError(Exception):
    """Somebody else works on the step; the message says who."""


class LeaseLostError(Exception):
    """Somebody else has taken the step over while this process was not seen to be alive."""


@dataclass(frozen=True)
class Holder:
    """Who has a lease."""

    owner: str
    host: str
    process: int
    seen: float

    @property
    def is_alive(self) -> bool:
        """False if it is known to be gone, or was not seen for too long."""
        if self.host == socket.gethostname():
            return _runs(self.process)
        return time.time() - self.seen < EXPIRES

    def __str__(self) -> str:
        return f"process {self.process} on {self.host}"


class Lease:
    """This process's claim on one step.

    Attributes:
        owner: A name of its own, so that a later process of the same number is not taken for it.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.owner = uuid.uuid4().hex[:12]

    @contextmanager
    def held(self) -> Iterator[None]:
        """Hold the lease, renewing it from a thread.

        Raises:
            LeaseHeldError: somebody alive has it.
        """
        self._acquire()
        stop = threading.Event()
        thread = threading.Thread(target=self._renew, args=(stop,), daemon=True)
        thread.start()
        try:
            yield
        finally:
            stop.set()
            thread.join()
            if self.is_mine:
                self.path.unlink(missing_ok=True)

    @property
    def is_mine(self) -> bool:
        """Whether nobody has taken it over."""
        found = read_lease(self.path)
        return found is not None and found.owner == self.owner

    def check(self) -> None:
        """Raise LeaseLostError if it is not this process's any more."""
        if not self.is_mine:
            raise LeaseLostError(str(self.path))

    def _acquire(self) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        for _ in range(10):  # others may be quicker, and be gone again
            if self._link():
                return
            holder = read_lease(self.path)
            if holder is None:
                continue
            if holder.is_alive:
                raise LeaseHeldError(str(holder))
            self._take_away(holder)
        raise LeaseHeldError("others who are quicker")

    def _link(self) -> bool:
        """Make the file, if there is none."""
        own = self.path.with_name(f"{self.path.name}.{self.owner}")
        content = {"owner": self.owner, "host": socket.gethostname(), "process": os.getpid()}
        own.write_text(json.dumps(content), encoding="utf-8")
        try:
            os.link(own, self.path)
        except FileExistsError:
            return False
        finally:
            own.unlink()
        return True

    def _take_away(self, holder: Holder) -> None:
        """Move a dead holder's file aside. Of several who try, one succeeds."""
        aside = self.path.with_name(f"{self.path.name}.{holder.owner}.old.{self.owner}")
        with suppress(FileNotFoundError):
            self.path.rename(aside)
            moved = read_lease(aside)
            if moved is not None and moved.owner != holder.owner:  # a new one came between looking and moving
                with suppress(FileExistsError):
                    os.link(aside, self.path)
            aside.unlink()

    def _renew(self, stop: threading.Event) -> None:
        while not stop.wait(HEARTBEAT):
            with suppress(OSError):
                if self.is_mine:
                    os.utime(self.path)


def read_lease(path: Path) -> Holder | None:
    """Who holds a lease; None if there is none, or it cannot be read."""
    try:
        seen = path.stat().st_mtime
        found = json.loads(path.read_text(encoding="utf-8"))
        return Holder(str(found["owner"]), str(found["host"]), int(found["process"]), seen)
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _runs(process: int) -> bool:
    """Whether a process of this host is there."""
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:  # it is another user's
        return True
    return True
