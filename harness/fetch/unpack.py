"""Archives, opened without trust: no member may leave its folder, be a link, or blow up the disk."""

from __future__ import annotations

import bz2
import errno
import fnmatch
import gzip
import lzma
import os
import shutil
import stat
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import IO, Any, cast

from xharness.fetch.cache import Cache, key_of, no_space
from xharness.fetch.failures import Unavailable
from xharness.tasks.common.errors import first_line
from xharness.tasks.common.files import TEMPORARY_SUFFIX, sweep_partial

SUFFIXES = (".zip", ".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tbz2", ".tar.xz")
MAX_BYTES = 20 * 10**9
MAX_RATIO = 200
"""Most bytes from a byte of the archive; text shrinks to a tenth, rarely to a fiftieth."""
SMALL = 10**8
"""Below this many bytes the ratio does not matter."""
MAX_MEMBERS = 20_000
"""Files and folders in one archive; all of Universal Dependencies 2.7 has about 2,000."""
MAX_HEADER = 1 << 22
"""Bytes that are read at once from a tar: its longest names and comments have thousands."""
BROKEN = (
    zipfile.BadZipFile, tarfile.TarError, zlib.error, lzma.LZMAError, gzip.BadGzipFile, EOFError,
    RuntimeError, NotImplementedError, ValueError, OverflowError, zipfile.LargeZipFile, IndexError, KeyError,
)  # fmt: skip
"""What Python's modules raise for archives that are broken, encrypted (RuntimeError), oddly compressed, or lie."""


def is_archive(name: str) -> bool:
    """Whether a file name is that of an archive that :func:`unpack` reads."""
    return name.lower().endswith(SUFFIXES)


def unpack(archive: Path, sha256: str, name: str, cache: Cache, *patterns: str) -> Path:
    """The folder with the members of an archive whose paths match one of the patterns (all without any).

    Done once for an archive and its patterns; a killed process leaves no half member behind.

    Raises:
        Unavailable: broken, encrypted, too much in it, or a member that is not safe.
        UserError: no space.
    """
    with cache.lock(f"unpacked/{sha256}"):
        folder = cache.root / "unpacked" / sha256
        done = folder.with_name(f"{sha256}.{key_of('|'.join(patterns))}.done")
        if done.exists() and folder.is_dir():
            return folder
        sweep_partial(folder, deep=True, owned=True)
        try:
            folder.mkdir(parents=True, exist_ok=True)
            _unpack_all(archive, name, folder, patterns)
        except BROKEN as error:
            raise Unavailable(f"{name} is a broken archive: {first_line(error)}") from error
        except (FileExistsError, IsADirectoryError, NotADirectoryError) as error:
            raise Unavailable(f"{name} is a broken archive: a file and a folder have one name") from error
        except OSError as error:
            if error.errno in (errno.ENAMETOOLONG, errno.EINVAL, errno.EILSEQ):
                raise Unavailable(f"{name} is a broken archive: a name in it is none ({error.strerror})") from error
            raise no_space(error, name, folder) from error
        done.touch()
        return folder


def _unpack_all(archive: Path, name: str, folder: Path, patterns: tuple[str, ...]) -> None:
    """Write the wanted members one by one, counting bytes as they come, not as the archive announces them."""
    allowed = _allowed(archive)
    for member, size, stream in _members(archive, name, patterns):
        target = folder / _safe(member, name)
        if not (target.is_file() and target.stat().st_size == size):
            _write(stream, target, allowed, name)
        allowed -= size
        if allowed < 0:
            raise _too_much(name)


def _allowed(archive: Path) -> int:
    """Most bytes that may come out of an archive."""
    return min(MAX_BYTES, max(SMALL, MAX_RATIO * archive.stat().st_size))


def _too_much(name: str) -> Unavailable:
    return Unavailable(f"{name} unpacks to far more than it can hold; it may be made to fill the disk")


def _check_count(count: int, name: str) -> None:
    if count > MAX_MEMBERS:
        raise Unavailable(f"{name} holds more than {MAX_MEMBERS:,} files; no published archive does")


def _write(stream: IO[bytes], target: Path, allowed: int, name: str) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    temporary = target.with_name(f".{key_of(target.name)}.{os.getpid()}{TEMPORARY_SUFFIX}")
    written = 0
    try:
        with temporary.open("wb") as file:
            while chunk := stream.read(1 << 20):
                written += len(chunk)
                if written > allowed:
                    raise _too_much(name)
                file.write(chunk)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(target)
    finally:
        temporary.unlink(missing_ok=True)


def _members(archive: Path, name: str, patterns: tuple[str, ...]) -> Iterator[tuple[str, int, IO[bytes]]]:
    """Path, announced size and content of each wanted file. Links and devices are refused, folders passed over."""
    return (_zip_members if zipfile.is_zipfile(archive) else _tar_members)(archive, name, patterns)


def _zip_members(archive: Path, name: str, patterns: tuple[str, ...]) -> Iterator[tuple[str, int, IO[bytes]]]:
    """All of a zip is announced in its directory, so it is refused before the first byte is written."""
    with zipfile.ZipFile(archive) as opened:
        infos = opened.infolist()
        _check_count(len(infos), name)
        wanted = [info for info in infos if not info.is_dir() and _wanted(info.filename, patterns)]
        if sum(info.file_size for info in wanted) > _allowed(archive):
            raise _too_much(name)
        for info in wanted:
            if stat.S_IFMT(info.external_attr >> 16) not in (0, stat.S_IFREG):
                raise Unavailable(f"{name} holds a link or device ({info.filename}), which is not safe to unpack")
            with opened.open(info) as stream:
                yield info.filename, info.file_size, stream


def _tar_members(archive: Path, name: str, patterns: tuple[str, ...]) -> Iterator[tuple[str, int, IO[bytes]]]:
    """A tar has no directory: counts and announced sizes are checked from member to member."""
    announced, allowed = 0, _allowed(archive)
    with _decompressed(archive, name) as stream, tarfile.open(fileobj=cast(Any, stream), mode="r:") as opened:
        for count, member in enumerate(opened, 1):
            announced += max(member.size, 0)
            _check_count(count, name)
            if announced > allowed:
                raise _too_much(name)
            if member.isdir() or not _wanted(member.name, patterns):
                continue
            content = opened.extractfile(member) if member.isreg() else None
            if content is None:
                raise Unavailable(f"{name} holds a link or device ({member.name}), which is not safe to unpack")
            yield member.name, member.size, content


class _Bounded:
    """A stream that hands out no huge piece at once, as a header that lies about its length would ask for."""

    def __init__(self, stream: IO[bytes], name: str) -> None:
        self.stream, self.name = stream, name
        self.seek, self.tell, self.seekable = stream.seek, stream.tell, stream.seekable

    def read(self, size: int = -1) -> bytes:
        """Raises Unavailable for more than a header may have."""
        if not 0 <= size <= MAX_HEADER:
            raise _too_much(self.name)
        return self.stream.read(size)


@contextmanager
def _decompressed(archive: Path, name: str) -> Iterator[_Bounded]:
    """The bytes of a tar, whatever it is compressed with, by its first bytes."""
    with archive.open("rb") as file:
        begins = file.read(6)
    kinds: dict[bytes, Any] = {b"\x1f\x8b": gzip.open, b"BZh": bz2.open, b"\xfd7zXZ\0": lzma.open}
    opener = next((opener for magic, opener in kinds.items() if begins.startswith(magic)), open)
    with opener(archive, "rb") as stream:
        yield _Bounded(stream, name)


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
        sweep_partial(folder)
        temporary = folder / f".{name}.{os.getpid()}{TEMPORARY_SUFFIX}"
        shutil.copyfile(path, temporary)
        temporary.replace(target)
    return folder
