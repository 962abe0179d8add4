"""Writing files so that a killed process, or a full disk, leaves nothing half-written; and hashing them."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import json
import math
import os
import re
import shutil
import stat
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

from xharness.tasks.common.errors import UserError

TEMPORARY_SUFFIX = ".partial"
_LEFT = re.compile(rf"\..+\.(\d{{1,9}}){re.escape(TEMPORARY_SUFFIX)}")
_KEPT = 50  # letters of a name in the name of its temporary file, which must not become too long


def write_atomic(path: Path, content: bytes | str) -> None:
    """Write a whole file or nothing: temporary file in the same folder, fsync, rename. Creates parent folders.

    A link stays, and what it points to is written; a device or a pipe takes the content as it comes. Halves of
    characters, which names of files may hold, become escapes.

    Raises:
        UserError: the disk is full or the folder cannot be written; the old file, if any, is untouched.
    """
    data = content.encode(errors="backslashreplace") if isinstance(content, str) else content
    try:
        if _takes_as_it_comes(path):
            _write_through(path, data)
        else:
            _replace(Path(os.path.realpath(path)) if path.is_symlink() else path, data)
    except OSError as error:
        raise _cannot_write(path, error) from error


def _replace(path: Path, data: bytes) -> None:
    """Put a file in place of what is there."""
    if path.name in ("", "..") or path.is_dir():
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
    temporary = path.with_name(f".{path.name[:_KEPT]}.{os.getpid()}{TEMPORARY_SUFFIX}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with temporary.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except OSError:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)
        raise


def _takes_as_it_comes(path: Path) -> bool:
    """True for what is there and no file or folder, and for this process's own output (``/dev/stdout``)."""
    try:
        mode = path.stat().st_mode
    except FileNotFoundError:
        return False
    return not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)) or _own_output(path) is not None


def _own_output(path: Path) -> int | None:
    """The number of this process's output that a path stands for, so that its place in the file is shared."""
    for number in (1, 2):
        with contextlib.suppress(OSError):
            if os.path.samestat(path.stat(), os.fstat(number)):
                return number
    return None


def _write_through(path: Path, data: bytes) -> None:
    own = _own_output(path)
    with path.open("wb") if own is None else os.fdopen(os.dup(own), "wb") as file:
        file.write(data)


def sweep_partial(folder: Path, *, deep: bool = False, owned: bool = False) -> None:
    """Remove what writers that were killed have left of files in a folder: ``.<name>.<process>.partial``.

    Args:
        deep: Sweep the folders in it, too; links to folders are not followed.
        owned: This process keeps all others out of the folder, so that whatever is left there is rubbish, partial
            folders included. Else it is only where its process is dead.
    """
    with contextlib.suppress(OSError):  # a folder that cannot be read, or not any more, has nothing that we may remove
        for path in list((folder.rglob if deep else folder.glob)(f".*{TEMPORARY_SUFFIX}")):
            writer = _LEFT.fullmatch(path.name)
            if not owned and (writer is None or _is_alive(int(writer[1]))):
                continue
            with contextlib.suppress(OSError):  # on Windows whatever its writer still holds open
                shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()


def _is_alive(process: int) -> bool:
    """True for a process of this machine that runs; on Windows never, where files in use cannot be removed anyway."""
    if sys.platform == "win32":  # there os.kill ends the process, whatever the signal
        return False
    try:
        os.kill(process, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except OSError:  # of another user
        return True
    return process > 0


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


def render_json(value: object) -> str:
    """JSON as every file of ours has it: indented, readable letters, final newline.

    Raises:
        UserError: a number in it is not finite; it is named by its place.
    """
    try:
        return json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False) + "\n"
    except ValueError as error:
        if not (place := not_finite(value)):
            raise
        raise UserError(
            f"{place} is not a finite number",
            "a metric or a file gave NaN or infinity, which no file of ours may hold",
            "look at the metric of that cell; the other cells are not touched",
        ) from error


def not_finite(value: object, place: str = "") -> str:
    """The place of the first number that is NaN or infinite, as ``cells.xnli.de.score``; empty if there is none."""
    if isinstance(value, float):
        return "" if math.isfinite(value) else place or "the value"
    inner: Iterable[tuple[object, object]] = ()
    if isinstance(value, Mapping):
        inner = value.items()
    elif isinstance(value, list | tuple):
        inner = enumerate(value)
    places = (not_finite(child, f"{place}.{name}".lstrip(".")) for name, child in inner)
    return next(filter(None, places), "")


def hash_file(path: Path) -> str:
    """SHA-256 of a file's content."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def sha256(paths: Iterable[Path]) -> str:
    """Hash of the contents of files in the order given, whatever their names; file boundaries count."""
    return joined(map(hash_file, paths))


def joined(digests: Iterable[str]) -> str:
    """One hash over hashes of files, in the order given."""
    return hashlib.sha256(b"".join(map(bytes.fromhex, digests))).hexdigest()


class FileHashes:
    """The same hashes, each file read once as long as it is not replaced or written (by its inode, size and times)."""

    def __init__(self) -> None:
        self._known: dict[Path, tuple[tuple[int, ...], str]] = {}

    def sha256(self, paths: Iterable[Path]) -> str:
        """As :func:`sha256`."""
        return joined(map(self._hash, paths))

    def _hash(self, path: Path) -> str:
        state = _state(path)
        known = self._known.get(path)
        if known is None or known[0] != state:
            # The state is the one from before reading: a file that is written meanwhile is read again the next time.
            known = self._known[path] = state, hash_file(path)
        return known[1]


def _state(path: Path) -> tuple[int, ...]:
    facts = path.stat()
    return facts.st_dev, facts.st_ino, facts.st_size, facts.st_mtime_ns, facts.st_ctime_ns
