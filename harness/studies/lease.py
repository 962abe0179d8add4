"""A lease on a step: who works on it, renewed while they live. It holds over hosts, where a lock of a file may not.

The leases of a step are numbered files in a folder of its own, and the last one counts. Who wants the step links the
file of the next number, which is atomic on network file systems too, and which one process only can do; so what was
taken over is never held by two. A holder touches its file every few seconds. One that was not touched for a minute, or
whose process on this host is gone, may be taken over.
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import sys
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from xharness.studies.process import born, numbering, runs
from xharness.tasks.common.errors import UserError
from xharness.tasks.common.files import write_atomic

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
    """Who has a lease.

    Attributes:
        owner: A name of its own, so that a later process of the same number is not taken for it.
        numbering: Where the number of its process means something, besides its host.
        born: When the process started, as its host counts.
        seen: Time of its last sign of life.
    """

    owner: str
    host: str
    numbering: str
    process: int
    born: str
    seen: float

    @property
    def is_here(self) -> bool:
        """Whether it is a process of this machine."""
        return (self.host, self.numbering) == (socket.gethostname(), numbering())

    @property
    def is_alive(self) -> bool:
        """False if it is known to be gone, or was not seen for too long."""
        if self.is_here and sys.platform != "win32":
            if not runs(self.process, self.born):
                return False
            if self.born and born(self.process) == self.born:
                return True  # else another process may have its number by now
        return time.time() - self.seen < EXPIRES

    def __str__(self) -> str:
        return f"process {self.process} on {self.host}"


class Lease:
    """This process's claim on one step."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.owner = uuid.uuid4().hex[:12]
        self._number = 0

    @contextmanager
    def held(self, lost: Callable[[], None] = lambda: None) -> Iterator[None]:
        """Hold the lease, renewing it from a thread. When the block ends well nobody needs it again.

        Args:
            lost: Called from the thread if somebody else has taken over.

        Raises:
            LeaseHeldError: somebody alive has it.
        """
        self._acquire()
        stop = threading.Event()
        thread = threading.Thread(target=self._renew, args=(stop, lost), daemon=True)
        thread.start()
        ended_well = False
        try:
            yield
            ended_well = True
        finally:
            stop.set()
            thread.join()
            if self.is_mine:
                self._release(ended_well)

    @property
    def is_mine(self) -> bool:
        """Whether nobody has taken it over."""
        number, holder = _last(self.folder)
        return number == self._number and holder is not None and holder.owner == self.owner

    def check(self) -> None:
        """Raise LeaseLostError if it is not this process's any more."""
        if not self.is_mine:
            raise LeaseLostError(str(self.folder))

    def _acquire(self) -> None:
        for _ in range(10):  # others may be quicker, and be gone again
            self.folder.mkdir(parents=True, exist_ok=True)
            number, holder = _last(self.folder)
            if holder is not None and holder.is_alive:
                raise LeaseHeldError(str(holder))
            if self._link(number + 1):
                self._number = number + 1
                self._forget_earlier()
                return
        raise LeaseHeldError("others who are quicker")

    def _link(self, number: int) -> bool:
        """Make the file of a number, if there is none."""
        own = self.folder / f"{self.owner}.new"
        with suppress(FileNotFoundError):  # who ended well has removed the folder
            own.write_text(json.dumps(self._described()), encoding="utf-8")
            try:
                with suppress(FileExistsError):  # said also of a link that was made, if the answer got lost
                    os.link(own, self.folder / str(number))
                return own.stat().st_nlink > 1
            finally:
                own.unlink(missing_ok=True)
        return False

    def _described(self) -> dict[str, str | int]:
        me = os.getpid()
        return {
            "owner": self.owner,
            "host": socket.gethostname(),
            "numbering": numbering(),
            "process": me,
            "born": born(me),
        }

    def _forget_earlier(self) -> None:
        for earlier in _numbers(self.folder):
            if earlier < self._number:
                (self.folder / str(earlier)).unlink(missing_ok=True)

    def _release(self, ended_well: bool) -> None:
        """Let others have it; the number stays, unless there is nothing left to do."""
        with suppress(OSError, UserError):
            if ended_well:
                shutil.rmtree(self.folder)
            else:
                write_atomic(self.folder / str(self._number), json.dumps({"released by": self.owner}))

    def _renew(self, stop: threading.Event, lost: Callable[[], None]) -> None:
        while not stop.wait(HEARTBEAT):
            if max(_numbers(self.folder), default=0) > self._number:
                lost()
                return
            with suppress(OSError):
                os.utime(self.folder / str(self._number))


def read_lease(folder: Path) -> Holder | None:
    """Who holds a lease; None if nobody does."""
    return _last(folder)[1]


def _last(folder: Path) -> tuple[int, Holder | None]:
    """The last number, and who has it."""
    number = max(_numbers(folder), default=0)
    path = folder / str(number)
    try:
        seen = path.stat().st_mtime
        found = json.loads(path.read_text(encoding="utf-8"))
        names = ("owner", "host", "numbering", "born")
        return number, Holder(**{name: str(found[name]) for name in names}, process=int(found["process"]), seen=seen)
    except (OSError, ValueError, KeyError, TypeError):
        return number, None


def _numbers(folder: Path) -> list[int]:
    try:
        return [int(path.name) for path in folder.iterdir() if path.name.isdecimal()]
    except OSError:
        return []
