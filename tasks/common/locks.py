"""One lock for every folder that only one process may write into. It goes with the process, however it ends."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from xharness.tasks.common.errors import UserError

LOCK = ".lock"
_patience = 0.0


def be_patient(seconds: float) -> None:
    """Wait so long for a folder from now on: of a process that knows that whoever is in it is about to leave."""
    global _patience
    _patience = seconds


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Keep a second process out of a folder, which is made if it is not there.

    Raises:
        UserError: another process is in it, or it cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = FileLock(folder / LOCK, timeout=_patience)
        lock.acquire()
    except Timeout as error:
        raise UserError(
            f"{folder} is in use", "another xharness is writing there", "wait for it, or choose another --out"
        ) from error
    except OSError as error:
        raise UserError(
            f"cannot write to {folder}", error.strerror or str(error), "choose another --out, or fix the cause"
        ) from error
    try:
        yield
    finally:
        lock.release()
