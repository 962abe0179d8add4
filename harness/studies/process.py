"""Processes of this machine by their numbers, which the system gives again to others."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from pathlib import Path

LOOK = 1.0
"""Seconds between two looks at a process that is watched."""

BORN, STATE = 19, 0
"""Places of fields of ``/proc/<number>/stat`` after the name, which may hold anything."""


def numbering() -> str:
    """Name of the numbering of processes that this one lives in: containers of one host have their own."""
    try:
        return str(Path("/proc/self/ns/pid").readlink())
    except OSError:
        return ""


def born(process: int) -> str:
    """When a process started, as the system counts: a later one of the same number differs. Empty if not known."""
    fields = _fields(process)
    return fields[BORN] if fields else ""


def runs(process: int, since: str = "") -> bool:
    """Whether a process is there and has not ended.

    Args:
        since: What :func:`born` said of it; empty if that is not known.
    """
    try:
        os.kill(process, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except OSError:  # it is another user's
        pass
    fields = _fields(process)
    if not fields:
        return process > 0
    return fields[STATE] not in "ZX" and since in ("", fields[BORN])


def when_gone(process: int, then: Callable[[], None]) -> None:
    """Call ``then``, from a thread, as soon as a process has ended."""
    since = born(process)

    def watch() -> None:
        while runs(process, since):
            time.sleep(LOOK)
        then()

    threading.Thread(target=watch, daemon=True).start()


def _fields(process: int) -> list[str]:
    """What the system tells of a process; empty where there is no ``/proc``."""
    try:
        return Path(f"/proc/{process}/stat").read_text(errors="replace").rpartition(")")[2].split()
    except OSError:
        return []
