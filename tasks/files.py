"""Writing files so that a killed process, or a full disk, leaves nothing half-written; and hashing them."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import json
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from tasks.errors import UserError

TEMPORARY_SUFFIX = ".partial"


def write_atomic(path: Path, content: bytes | str) -> None:
    """Write a whole file or nothing: temporary file in the same folder, fsync, rename. Creates parent folders.

    Raises:
        UserError: the disk is full or the folder cannot be written; the old file, if any, is untouched.
    """
    data = content.encode() if isinstance(content, str) else content
    temporary = path.with_name(f".{path.name}.{os.getpid()}{TEMPORARY_SUFFIX}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with temporary.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except OSError as error:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)
        raise _cannot_write(path, error) from error


def _cannot_write(path: Path, error: OSError) -> UserError:
    """What went wrong while writing, for people."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return UserError(
            f"cannot write {path}: the disk is full",
            f"{error.strerror}; what was written before is whole",
            "free some space, then run the same command again: it continues",
        )
    return UserError(
        f"cannot write {path}", f"{error.strerror or error}", "check the path and its permissions, or choose another"
    )


def render_json(value: Any) -> str:
    """JSON as every file of ours has it: indented, readable letters, final newline, NaN refused."""
    return json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def sha256(paths: Iterable[Path]) -> str:
    """Hash of the contents of files in the order given, whatever their names; file boundaries count."""
    total = hashlib.sha256()
    for path in paths:
        with path.open("rb") as file:
            total.update(hashlib.file_digest(file, "sha256").digest())
    return total.hexdigest()
