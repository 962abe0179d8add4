"""Archives, opened without trust: no member may leave its folder, be a link, or blow up the disk."""

from __future__ import annotations

import fnmatch
import lzma
import os
import shutil
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import IO

from harness.fetch.cache import Cache, key_of, no_space
from harness.fetch.failures import Unavailable
from tasks.files import TEMPORARY_SUFFIX

SUFFIXES = (".zip", ".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tbz2", ".tar.xz")
MAX_BYTES = 20 * 10**9
MAX_RATIO = 200
"""Most bytes from a byte of the archive; text shrinks to a tenth, rarely to a fiftieth."""
SMALL = 10**8
"""Below this many bytes the ratio does not matter."""


def is_archive(name: str) -> bool:
    """Whether a file name is that of an archive that :func:`unpack` reads."""
    return name.lower().endswith(SUFFIXES)


def unpack(archive: Path, sha256: str, name: str, cache: Cache, *patterns: str) -> Path:
    """The folder with the members of an archive whose paths match one of the patterns (all without any).

    Done once for an archive and its patterns; a killed process leaves no half member behind.

    Raises:
        Unavailable: broken, or a member that is not safe.
        UserError: no space.
    """
    with cache.lock(f"unpacked/{sha256}"):
        folder = cache.root / "unpacked" / sha256
        done = folder.with_name(f"{sha256}.{key_of('|'.join(patterns))}.done")
        if done.exists() and folder.is_dir():
            return folder
        try:
            _unpack_all(archive, name, folder, patterns)
        except (zipfile.BadZipFile, tarfile.TarError, zlib.error, lzma.LZMAError, EOFError) as error:
            raise Unavailable(f"{name} is a broken archive: {error}") from error
        except OSError as error:
            if isinstance(error, gzip_errors()):
                raise Unavailable(f"{name} is a broken archive: {error}") from error
            raise no_space(error, name, folder) from error
        done.touch()
        return folder


def gzip_errors() -> tuple[type[OSError], ...]:
    """What the gzip module raises for broken files (an OSError, as a full disk is)."""
    import gzip

    return (gzip.BadGzipFile,)


def _unpack_all(archive: Path, name: str, folder: Path, patterns: tuple[str, ...]) -> None:
    """Write the wanted members one by one, counting bytes as they come, not as the archive announces them."""
    allowed = min(MAX_BYTES, max(SMALL, MAX_RATIO * archive.stat().st_size))
    for member, size, stream in _members(archive, name, patterns):
        target = folder / _safe(member, name)
        if not (target.is_file() and target.stat().st_size == size):
            _write(stream, target, allowed, name)
        allowed -= size
        if allowed < 0:
            raise Unavailable(f"{name} unpacks to far more than it can hold; it may be made to fill the disk")


def _write(stream: IO[bytes], target: Path, allowed: int, name: str) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    temporary = target.with_name(f".{target.name}{TEMPORARY_SUFFIX}")
    written = 0
    with temporary.open("wb") as file:
        while chunk := stream.read(1 << 20):
            written += len(chunk)
            if written > allowed:
                break
            file.write(chunk)
        file.flush()
        os.fsync(file.fileno())
    if written > allowed:
        temporary.unlink()
        raise Unavailable(f"{name} unpacks to far more than it can hold; it may be made to fill the disk")
    temporary.replace(target)


def _members(archive: Path, name: str, patterns: tuple[str, ...]) -> Iterator[tuple[str, int, IO[bytes]]]:
    """Path, announced size and content of each wanted file. Links and devices are refused, folders passed over."""
    if zipfile.is_zipfile(archive):
        with zipfile.ZipFile(archive) as opened:
            for info in opened.infolist():
                if not info.is_dir() and _wanted(info.filename, patterns):
                    if (info.external_attr >> 16) & 0o170000 == 0o120000:
                        raise Unavailable(f"{name} holds a link ({info.filename}), which is not safe to unpack")
                    with opened.open(info) as stream:
                        yield info.filename, info.file_size, stream
        return
    with tarfile.open(archive) as opened_tar:
        for member in opened_tar:
            if member.isdir() or not _wanted(member.name, patterns):
                continue
            stream_of = opened_tar.extractfile(member) if member.isreg() else None
            if stream_of is None:
                raise Unavailable(f"{name} holds a link or device ({member.name}), which is not safe to unpack")
            yield member.name, member.size, stream_of


def _wanted(member: str, patterns: tuple[str, ...]) -> bool:
    """Whether a path is asked for; what macOS adds to archives never is."""
    if member.startswith("__MACOSX/") or PurePosixPath(member).name.startswith("._"):
        return False
    return not patterns or any(fnmatch.fnmatchcase(f"/{member}", f"*/{pattern}") for pattern in patterns)


def _safe(member: str, name: str) -> str:
    """The path, if it stays inside."""
    path = PurePosixPath(member.replace("\\", "/"))
    if path.is_absolute() or ".." in path.parts or (path.parts and path.parts[0].endswith(":")):
        raise Unavailable(f"{name} holds the path '{member}', which leads out of its folder")
    return str(path)


def as_folder(path: Path, name: str, folder: Path) -> Path:
    """A folder that holds one file under its own name."""
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / name
    if not (target.is_file() and target.stat().st_size == path.stat().st_size):
        temporary = folder / f".{name}{TEMPORARY_SUFFIX}"
        shutil.copyfile(path, temporary)
        temporary.replace(target)
    return folder
