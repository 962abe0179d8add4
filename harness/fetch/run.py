"""The walk: for each part the first source that works, checked, converted, written, and entered into the manifest."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from filelock import FileLock, Timeout

from xharness.checkpoints.offline import online
from xharness.fetch.cache import Blob, Cache, default_root
from xharness.fetch.download import Downloader
from xharness.fetch.failures import MALFORMED, Changed, Unavailable, first_line
from xharness.fetch.hub import HubClient, pin, read_rows
from xharness.fetch.local import Local
from xharness.fetch.manifest import Manifest
from xharness.fetch.plan import routes
from xharness.fetch.sources import Hub, Manual, Notes, Origin, Output, Part, Route, Source, Upstream
from xharness.fetch.unpack import as_folder, is_archive, unpack
from xharness.tasks.common.errors import UserError
from xharness.tasks.common.files import hash_file, sweep_partial, write_atomic
from xharness.tasks.common.outputs import check_folder

if TYPE_CHECKING:
    from datasets import Dataset

CONVERSION = 1
"""Raised when a conversion changes, so that parts made by an older one are made again."""
MIRROR = "XHARNESS_MIRROR"


class Reporter(Protocol):
    """Is told what happens."""

    def part(self, part: Part, number: int, total: int) -> None:
        """A part begins."""

    def transfer(self, name: str, done: int, total: int | None) -> None:
        """Bytes of a file came."""

    def next_source(self, part: Part, why: str) -> None:
        """A source did not work; the next one is tried."""


@dataclass(frozen=True, kw_only=True)
class Settings:
    """How to fetch.

    Attributes:
        data: The data folder.
        cache: The cache folder.
        origin: Only sources of this kind; None for all in their order.
        local: A folder or archive to take everything from, instead of the network.
        mirror: Base URL that stands for every upstream host.
        accept_changed: Take upstream files whose hash is not the known one.
        overwrite: Replace files in the data folder that were not fetched.
    """

    data: Path
    cache: Path = field(default_factory=default_root)
    origin: Origin | None = None
    local: Path | None = None
    mirror: str = field(default_factory=lambda: os.environ.get(MIRROR, ""))
    accept_changed: bool = False
    overwrite: bool = False


@dataclass
class Result:
    """What happened.

    Attributes:
        made: Parts that were written now, with their origin.
        kept: Parts that were there already.
        failed: Parts that could not be had, with the reason of each source.
        notes: By part, what its conversion left out or decided.
        trusted: Sources that no published hash vouches for, whose hash was recorded now.
        accepted: Sources with another hash than the published one, which was asked for.
    """

    made: list[tuple[Part, Origin]] = field(default_factory=list)
    kept: list[Part] = field(default_factory=list)
    failed: list[tuple[Part, list[str]]] = field(default_factory=list)
    notes: dict[str, list[str]] = field(default_factory=dict)
    trusted: list[str] = field(default_factory=list)
    accepted: list[str] = field(default_factory=list)


@online()
def fetch(parts: Sequence[Part], settings: Settings, reporter: Reporter) -> Result:
    """Fetch parts into the data folder. The same call again continues, and at the end finds nothing to do.

    Raises:
        UserError: no space, another fetch into the same folder, files in the way, or an unreadable manifest.
    """
    check_folder(settings.data, "--data")
    check_folder(settings.cache, "--cache")
    settings.data.mkdir(parents=True, exist_ok=True)
    lock = FileLock(settings.data / ".fetch.lock", timeout=0)
    try:
        with lock:
            for name in ("download", "labels", "intermediate"):
                sweep_partial(settings.data / name, deep=True, owned=True)
            sweep_partial(settings.data, owned=True)
            return _Walk(settings, reporter).go(parts)
    except Timeout as error:
        why = "two at once would overwrite each other's files"
        raise UserError(f"another fetch into {settings.data} is running", why, "wait until it is done") from error


class _Walk:
    """One call of :func:`fetch`."""

    def __init__(self, settings: Settings, reporter: Reporter) -> None:
        self.settings, self.reporter, self.result = settings, reporter, Result()
        self.cache = Cache(settings.cache)
        self.manifest = Manifest.load(settings.data)
        pinned = {key: entry["commit"] for key, entry in self.manifest.sources.items() if "commit" in entry}
        self.hub = HubClient(self.cache, pinned)
        self.web = Downloader(self.cache, settings.mirror, settings.accept_changed)
        self.local = Local.of(self._opened(settings.local)) if settings.local else None

    def go(self, parts: Sequence[Part]) -> Result:
        """All parts, one after the other; one that fails does not stop the others."""
        for number, part in enumerate(parts, 1):
            self.reporter.part(part, number, len(parts))
            ways = () if self.local else routes(part, self.settings.origin)
            if ways and self.manifest.is_done(part.name, self._keys(part, ways)):
                self.result.kept.append(part)
                continue
            reasons = list(self._try_local(part) if self.local else self._try_all(part, ways))
            if reasons:
                self.result.failed.append((part, reasons))
        return self.result

    def _keys(self, part: Part, ways: Sequence[Route]) -> set[str]:
        """What counts as done: made by one of these routes or, if no kind of source is asked for, imported."""
        entry = self.manifest.parts.get(part.name, {})
        imported = {entry["key"]} if entry.get("origin") == Origin.FOLDER and self.settings.origin is None else set()
        return {_key(route) for route in ways} | imported

    def _try_all(self, part: Part, ways: Sequence[Route]) -> Iterator[str]:
        """Why each route failed; nothing if one worked."""
        reasons: list[str] = []
        for rank, route in enumerate(ways, 1):
            try:
                return self._make(part, route)
            except Unavailable as error:
                reasons.append(str(error))
                if rank < len(ways):
                    self.reporter.next_source(part, str(error))
        if not ways and part.missing:
            reasons = [part.missing]
        elif not ways:
            reasons = [f"no source of the kind '{self.settings.origin}'"]
        yield from reasons

    def _try_local(self, part: Part) -> Iterator[str]:
        """A laid out folder first, then published files by their names."""
        assert self.local
        copies = list(self.local.copies(part))
        if copies:
            source = f"folder:{self.settings.local.name if self.settings.local else ''}"
            self._enter(part, Origin.FOLDER, source, iter(copies), Notes(), [source])
            return
        for route in part.routes:
            if route.origin is not Origin.HUB:
                try:
                    return self._make(part, route)
                except Unavailable as error:
                    if not isinstance(error, _NotThere):
                        yield str(error)
                        return
        yield "not in it"

    def _make(self, part: Part, route: Route) -> None:
        """Get the sources of a route, convert them and write the part."""
        notes = Notes()
        if route.lossy:
            notes.add(f"this copy {route.lossy}")
        got = _Files(self, [self._get(source) for source in route.sources], notes)
        keys = [source.key for source in route.sources]
        self._enter(part, route.origin, _key(route), _converted(route, got), notes, keys)

    def _get(self, source: Source) -> _Item:
        """One source on this machine, entered into the manifest."""
        if isinstance(source, Hub):
            return self._get_from_hub(source)
        blob = self.local.find(source, accept_changed=self.settings.accept_changed) if self.local else None
        if blob is None and self.local:
            raise _NotThere(f"{source.name} is not in it")
        if isinstance(source, Manual) and blob is None:
            raise Unavailable(f"{source.name} has to be brought by hand: {source.why}")
        recorded = str(self.manifest.sources.get(source.key, {}).get("sha256", ""))
        if isinstance(source, Upstream) and blob is None:
            blob = self.web.get(
                source.url,
                source.sha256 or recorded,
                source.size,
                lambda done, total: self.reporter.transfer(source.name, done, total),
            )
        assert blob
        known = source.sha256 if isinstance(source, Upstream) else ""
        basis = "published hash" if known == blob.sha256 else "accepted against the published hash"
        if not known:
            basis = "first fetch"
        if known != blob.sha256 and not recorded:
            (self.result.accepted if known else self.result.trusted).append(source.key)
        self.manifest.sources[source.key] = {"sha256": blob.sha256, "size": blob.size, "basis": basis}
        return _Item(source.name, [blob])

    def _get_from_hub(self, source: Hub) -> _Item:
        """The parquet files of a split; its commit is pinned from now on."""
        blobs, entries = [], {}
        recorded = self.manifest.sources.get(source.key, {}).get("files", {})
        for file in self.hub.files(source):
            path = self.hub.fetch(file)
            size = path.stat().st_size
            self.reporter.transfer(f"{file.dataset}/{file.path}", size, size)
            sha256 = file.sha256 or hash_file(path)
            if recorded.get(file.path, sha256) != sha256:
                raise Changed(f"{file.dataset}, {file.path} is not the file that was fetched before")
            blobs.append(Blob(path, sha256, size))
            entries[file.path] = sha256
            branch = pin(file.dataset, file.branch)
            if not source.revision and branch not in self.manifest.sources:
                self.result.trusted.append(f"{branch}, commit {file.commit[:12]}")
                self.manifest.sources[branch] = {"commit": file.commit, "basis": "first fetch"}
                self.hub.pinned[branch] = file.commit
        basis = "pinned commit" if source.revision else "first fetch"
        self.manifest.sources[source.key] = {"files": entries, "basis": basis}
        return _Item(source.name, blobs)

    def _enter(
        self, part: Part, origin: Origin, key: str, outputs: Iterable[Output], notes: Notes, sources: list[str]
    ) -> None:
        """Write the files of a part, drop those it had before and no longer has, and save the manifest."""
        files: dict[str, dict[str, Any]] = {}
        for output in outputs:
            sha256 = hashlib.sha256(output.content).hexdigest()
            self._write(output, sha256)
            files[output.path] = {"sha256": sha256, "size": len(output.content), "part": part.name}
        if not files:
            raise Unavailable("nothing in it can be used")
        for path in self.manifest.of_part(part.name):
            del self.manifest.files[path]
            if path not in files:
                (self.settings.data / path).unlink(missing_ok=True)
        self.manifest.files |= files
        self.manifest.parts[part.name] = {
            "key": key,
            "task": part.task,
            "origin": str(origin),
            "sources": sources,
            "licence": part.licence,
            "notes": notes.lines,
        }
        self.manifest.save()
        self.result.made.append((part, origin))
        if notes.lines:
            self.result.notes[part.name] = notes.lines

    def _write(self, output: Output, sha256: str) -> None:
        """One file, unless it is there; a file of somebody else's is not overwritten unasked."""
        path = self.settings.data / output.path
        if path.is_file():
            actual = hash_file(path)
            if actual == sha256:
                return
            if output.path not in self.manifest.files and not self.settings.overwrite:
                raise UserError(
                    f"{path} is in the way",
                    "it was not fetched, and differs from what would be written there",
                    "move it away, name another folder with --data, or pass --overwrite",
                )
        write_atomic(path, output.content)

    def _opened(self, path: Path) -> Path:
        """The folder to take from: an archive that no source is named after is unpacked first."""
        if not path.exists():
            raise UserError(
                f"nothing at {path}", "--from takes hub, upstream, a folder or an archive", "check the path"
            )
        if path.is_dir() or path.name in _named_sources():
            return path
        if not is_archive(path.name):
            why = "it is neither a folder, nor an archive (.zip, .tar.gz, .tgz, .tar.bz2), nor a published file"
            raise UserError(f"cannot import {path}", why, "name a folder or an archive")
        try:
            return unpack(path, hash_file(path), path.name, self.cache)
        except Unavailable as error:
            raise UserError(f"cannot unpack {path}", str(error), "get the archive again") from error


class _NotThere(Unavailable):
    """A folder that is imported does not have this file, which is no error of the file."""


@dataclass(frozen=True)
class _Item:
    """One source: its name, and its file or files."""

    name: str
    blobs: list[Blob]


@dataclass(frozen=True)
class _Files:
    """What converters see (:class:`xharness.fetch.sources.Got`)."""

    walk: _Walk
    items: list[_Item]
    notes: Notes

    def path(self, index: int) -> Path:
        """The file itself."""
        return self.items[index].blobs[0].path

    def folder(self, index: int, *patterns: str) -> Path:
        """Members of an archive, or the file under its own name."""
        item, cache = self.items[index], self.walk.cache
        blob = item.blobs[0]
        if is_archive(item.name):
            return unpack(blob.path, blob.sha256, item.name, cache, *patterns)
        return as_folder(blob.path, item.name, cache.root / "unpacked" / blob.sha256)

    def inside(self, archive: Path) -> Path:
        """Everything in an archive that lay in an archive."""
        return unpack(archive, hash_file(archive), archive.name, self.walk.cache)

    def rows(self, index: int) -> Dataset:
        """Rows from the Hub."""
        return read_rows([blob.path for blob in self.items[index].blobs])


def _converted(route: Route, got: _Files) -> Iterator[Output]:
    """What a conversion makes. Raises Unavailable where it meets values that the published files do not have."""
    try:
        yield from route.convert(got)
    except MALFORMED as error:
        raise Unavailable(f"it is not as published ({type(error).__name__}: {first_line(error)})") from error


def _key(route: Route) -> str:
    """What a part is made of and by what."""
    named = "\n".join([f"conversion {CONVERSION}", *(repr(source) for source in route.sources)])
    return hashlib.sha256(named.encode()).hexdigest()[:16]


def _named_sources() -> set[str]:
    from xharness.fetch.plan import all_parts

    sources = (source for part in all_parts().values() for route in part.routes for source in route.sources)
    return {source.name for source in sources if not isinstance(source, Hub)}
