"""Paths that a user names for output, checked before any work, and files written there."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path

from xharness.tasks.common.errors import UserError
from xharness.tasks.common.files import sweep_partial, write_atomic

LONGEST = 255  # bytes of one name, on every common file system
WRITTEN_THROUGH = (stat.S_ISREG, stat.S_ISCHR, stat.S_ISFIFO)  # a block device is somebody's disk


def check_file(path: Path, option: str = "--out") -> None:
    """Refuse a path at which no file can be written. A link stands for what it points to. Changes nothing.

    Raises:
        UserError: it names no file; a folder, socket or disk is there; a folder above it cannot be used.
    """
    if path.name in ("", ".."):
        raise _refused(path, option, "it names a folder, not a file")
    mode = _mode(path, option)
    if mode is None or stat.S_ISREG(mode):
        _check_folder(Path(os.path.realpath(path)).parent if path.is_symlink() else path.parent, path, option)
    elif stat.S_ISDIR(mode):
        raise UserError(f"{path} is a folder", f"{option} names one file", f"for example {option} {path / 'FILE'}")
    elif not any(allowed(mode) for allowed in WRITTEN_THROUGH):
        raise _refused(path, option, "it is a socket or a disk")


def check_folder(path: Path, option: str = "--out") -> None:
    """Refuse a path at which no folder can be made or written to. Changes nothing.

    Raises:
        UserError: a file is there, or a folder above it cannot be used.
    """
    if path.is_absolute() and path.parent == path:
        raise _refused(path, option, "it is the root of the disk")
    _check_folder(path, path, option)


def write_output(path: Path, content: bytes | str) -> None:
    """Write a file that a user asked for, whole or not at all; what killed processes left beside it is removed.

    Raises:
        UserError: it cannot be written; the old file, if any, is untouched.
    """
    check_file(path)
    sweep_partial(path.parent)
    write_atomic(path, content)


def _check_folder(folder: Path, path: Path, option: str) -> None:
    """Refuse unless the folder can be written to, or be made below one that can."""
    if folder.parts and folder.parts[0].startswith("~") and not os.path.lexists(folder.parts[0]):
        raise _refused(path, option, f"the shell did not replace {folder.parts[0]}, as it does in {option} ~/NAME")
    if long := next((part for part in folder.parts if len(os.fsencode(part)) > LONGEST), None):
        raise _refused(path, option, f"a name in it has {len(os.fsencode(long))} bytes, and {LONGEST} are the most")
    for place in (folder, *folder.parents):
        mode = _mode(place, option)
        if mode is None and not place.is_symlink():
            continue
        if mode is None:
            raise _refused(path, option, f"{place} is a link that leads nowhere")
        if not stat.S_ISDIR(mode):
            raise _refused(path, option, f"{place} is a file, and a folder must be there")
        if not os.access(place, os.W_OK | os.X_OK):
            raise _refused(path, option, f"{place} is not writable")
        return


def _mode(path: Path, option: str) -> int | None:
    """What is there, links followed; None for nothing."""
    try:
        return path.stat().st_mode
    except FileNotFoundError:
        return None
    except OSError as error:
        if error.errno == errno.ENOTDIR:  # the file in the way is found further up
            return None
        raise _refused(path, option, error.strerror or str(error)) from error


def _refused(path: Path, option: str, why: str) -> UserError:
    return UserError(f"cannot write to {path}", why, f"choose another {option}, or fix the cause")
