"""Downloaded files by their content, shared by all data folders of a user.

``blobs/<sha256>`` holds whole files, ``urls/`` which URL gave which, ``partial/`` what is still coming, ``locks/`` one
lock a URL, ``unpacked/<sha256>/`` members of archives, ``hub/`` the Hugging Face client's own cache.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock

from xharness.tasks.common.errors import UserError
from xharness.tasks.common.files import hash_file, render_json, write_atomic

ENVIRONMENT = "XHARNESS_CACHE"


@dataclass(frozen=True)
class Blob:
    """A whole file in the cache."""

    path: Path
    sha256: str
    size: int


@dataclass(frozen=True)
class Cache:
    """The folder. Nothing in it is needed once the data are made; it may be deleted at any time."""

    root: Path

    def lock(self, name: str) -> FileLock:
        """A lock that other processes see; held while one URL is downloaded or one archive unpacked."""
        folder = self._made("locks")
        return FileLock(folder / f"{key_of(name)}.lock")

    def partial(self, url: str) -> Path:
        """Where a download grows."""
        return self._made("partial") / key_of(url)

    def blob(self, sha256: str) -> Blob | None:
        """A file by its hash, which is computed again; one that does not have it any more is deleted."""
        path = self.root / "blobs" / sha256
        if not sha256 or not path.is_file():
            return None
        if hash_file(path) != sha256:
            path.unlink()
            return None
        return Blob(path, sha256, path.stat().st_size)

    def find(self, url: str) -> Blob | None:
        """What a URL gave the last time."""
        record = self.root / "urls" / f"{key_of(url)}.json"
        try:
            return self.blob(str(json.loads(record.read_text(encoding="utf-8"))["sha256"]))
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def add(self, url: str, path: Path, sha256: str) -> Blob:
        """Move a finished download in and remember its URL."""
        target = self._made("blobs") / sha256
        path.replace(target)
        write_atomic(self.root / "urls" / f"{key_of(url)}.json", render_json({"url": url, "sha256": sha256}))
        return Blob(target, sha256, target.stat().st_size)

    def _made(self, name: str) -> Path:
        folder = self.root / name
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise UserError(
                f"cannot make the cache folder {folder}", error.strerror or str(error), "choose another with --cache"
            ) from error
        return folder


def default_root() -> Path:
    """``$XHARNESS_CACHE``, else the place that the platform has for caches."""
    if chosen := os.environ.get(ENVIRONMENT):
        return Path(chosen)
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches" / "xharness"
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local") / "xharness" / "Cache"
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "xharness"


def key_of(name: str) -> str:
    """A file name for any text."""
    return hashlib.sha256(name.encode()).hexdigest()[:32]


def require_space(folder: Path, needed: int, what: str) -> None:
    """Refuse before the first byte what cannot fit.

    Raises:
        UserError: the disk of the folder has too little space.
    """
    while not folder.exists():
        folder = folder.parent
    free = shutil.disk_usage(folder).free
    if needed > free:
        raise UserError(
            f"no space for {what}",
            f"it has {megabytes(needed)}, and {folder} has {megabytes(free)} left",
            "free some space, or name a folder on another disk with --cache or --data",
        )


def no_space(error: OSError, what: str, folder: Path) -> UserError:
    """The error for a disk that is full in the middle; others are passed on as they are."""
    if error.errno not in (errno.ENOSPC, errno.EDQUOT):
        return UserError(f"cannot write {what} to {folder}", error.strerror or str(error), "check its permissions")
    return UserError(
        f"no space for {what}",
        f"the disk of {folder} is full; what came so far is kept",
        "free some space, then run the same command again: it continues",
    )


def megabytes(number: int | None) -> str:
    """A size for people."""
    if number is None:
        return "?"
    return f"{number / 1e6:,.1f} MB" if number >= 100_000 else f"{number / 1e3:,.1f} kB"
