"""The sources of a route brought onto this machine: checked against what is known, and noted in the manifest."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from xharness.fetch.cache import Blob, Cache
from xharness.fetch.download import Downloader
from xharness.fetch.failures import Changed, NotTheKnownFile, NotThere, OnlyManually, Unavailable
from xharness.fetch.hub import HubClient, HubFile, pin, read_rows
from xharness.fetch.local import Local
from xharness.fetch.manifest import FetchManifest
from xharness.fetch.plan import all_parts
from xharness.fetch.sources import Hub, Manual, Notes, Source, SourceRoute, Upstream
from xharness.fetch.unpack import as_folder, is_archive, unpack
from xharness.tasks.common.errors import UserError
from xharness.tasks.common.files import hash_file

if TYPE_CHECKING:
    from datasets import Dataset


@dataclass(frozen=True)
class Item:
    """One source: its name, and its file or files."""

    name: str
    blobs: list[Blob]


@dataclass(frozen=True)
class Files:
    """What converters see (:class:`xharness.fetch.sources.SourceFiles`)."""

    cache: Cache
    items: list[Item]
    notes: Notes

    def path(self, index: int) -> Path:
        """The file itself."""
        return self.items[index].blobs[0].path

    def folder(self, index: int, *patterns: str) -> Path:
        """Members of an archive, or the file under its own name."""
        item = self.items[index]
        blob = item.blobs[0]
        if is_archive(item.name):
            return unpack(blob.path, blob.sha256, item.name, self.cache, *patterns)
        return as_folder(blob.path, item.name, self.cache.root / "unpacked" / blob.sha256)

    def inside(self, archive: Path) -> Path:
        """Everything in an archive that lay in an archive."""
        return unpack(archive, hash_file(archive), archive.name, self.cache)

    def rows(self, index: int) -> Dataset:
        """Rows from the Hub."""
        return read_rows([blob.path for blob in self.items[index].blobs])


class Sources:
    """Gets sources: from a folder that is imported, else from the authors and the Hub.

    Attributes:
        trusted: Sources that no published hash vouches for, whose hash was recorded now.
        accepted: Sources with another hash than the published one, which was asked for.
    """

    def __init__(
        self,
        cache: Cache,
        manifest: FetchManifest,
        transfer: Callable[[str, int, int | None], None],
        *,
        local: Path | None,
        mirror: str,
        accept_changed: bool,
    ) -> None:
        self.cache, self.manifest, self.transfer, self.accept_changed = cache, manifest, transfer, accept_changed
        pinned = {key: entry["commit"] for key, entry in manifest.sources.items() if "commit" in entry}
        self.hub = HubClient(cache, pinned)
        self.web = Downloader(cache, mirror, accept_changed)
        self.local = Local.of(opened(local, cache)) if local else None
        self.trusted: list[str] = []
        self.accepted: list[str] = []

    def files(self, route: SourceRoute, notes: Notes) -> Files:
        """The sources of a route, in its order.

        Raises:
            NotThere: the folder that is imported does not have one.
            Unavailable: one cannot be had, or is not what it was.
        """
        return Files(self.cache, [self._get(source) for source in route.sources], notes)

    def _get(self, source: Source) -> Item:
        """One source on this machine, entered into the manifest."""
        if isinstance(source, Hub):
            return self._get_from_hub(source)
        recorded = str(self.manifest.sources.get(source.key, {}).get("sha256", ""))
        blob = self._find(source, recorded) if self.local else self._download(source, recorded)
        known = source.sha256 if isinstance(source, Upstream) else ""
        basis = "published hash" if known == blob.sha256 else "accepted against the published hash"
        if not known:
            basis = "first fetch"
        if known != blob.sha256 and not recorded:
            (self.accepted if known else self.trusted).append(source.key)
        self.manifest.sources[source.key] = {"sha256": blob.sha256, "size": blob.size, "basis": basis}
        return Item(source.name, [blob])

    def _find(self, source: Upstream | Manual, recorded: str) -> Blob:
        """A source in the folder that is imported: as it is published, or as it was at the first fetch."""
        assert self.local
        published, folder = (source.sha256, source.folder) if isinstance(source, Upstream) else ("", "")
        blob = self.local.find(source.name, "" if self.accept_changed else published or recorded, folder)
        if blob is None and recorded and not published and source.name in self.local.index:
            raise NotTheKnownFile(f"{source.name} is not the file that was fetched before: expected {recorded[:12]}...")
        if blob is None:
            raise NotThere(f"{source.name} is not in it")
        return blob

    def _download(self, source: Upstream | Manual, recorded: str) -> Blob:
        """A file of the authors', as it is published or as it was at the first fetch."""
        if isinstance(source, Manual):
            raise OnlyManually(f"{source.name} has to be supplied manually: {source.why}")
        return self.web.get(
            source.url,
            source.sha256 or recorded,
            source.size,
            lambda done, total: self.transfer(source.name, done, total),
        )

    def _get_from_hub(self, source: Hub) -> Item:
        """The parquet files of a split; its commit is pinned from now on."""
        blobs, entries = [], {}
        recorded = self.manifest.sources.get(source.key, {}).get("files", {})
        for file in self.hub.files(source):
            path = self.hub.fetch(file)
            size = path.stat().st_size
            self.transfer(f"{file.dataset}/{file.path}", size, size)
            sha256 = file.sha256 or hash_file(path)
            if recorded.get(file.path, sha256) != sha256:
                raise Changed(f"{file.dataset}, {file.path} is not the file that was fetched before")
            blobs.append(Blob(path, sha256, size))
            entries[file.path] = sha256
            if not source.revision:
                self._pin(file)
        basis = "pinned commit" if source.revision else "first fetch"
        self.manifest.sources[source.key] = {"files": entries, "basis": basis}
        return Item(source.name, blobs)

    def _pin(self, file: HubFile) -> None:
        """The commit of a branch, at its first fetch."""
        branch = pin(file.dataset, file.branch)
        if branch not in self.manifest.sources:
            self.trusted.append(f"{branch}, commit {file.commit[:12]}")
            self.manifest.sources[branch] = {"commit": file.commit, "basis": "first fetch"}
            self.hub.pinned[branch] = file.commit


def opened(path: Path, cache: Cache) -> Path:
    """The folder to take from: an archive that no source is named after is unpacked first."""
    if not path.exists():
        raise UserError(f"nothing at {path}", "--from takes hub, upstream, a folder or an archive", "check the path")
    if path.is_dir() or path.name in _named_sources():
        return path
    if not is_archive(path.name):
        why = "it is neither a folder, nor an archive (.zip, .tar.gz, .tgz, .tar.bz2), nor a published file"
        raise UserError(f"cannot import {path}", why, "name a folder or an archive")
    try:
        return unpack(path, hash_file(path), path.name, cache)
    except Unavailable as error:
        raise UserError(f"cannot unpack {path}", str(error), "get the archive again") from error


def _named_sources() -> set[str]:
    sources = (source for part in all_parts().values() for route in part.routes for source in route.sources)
    return {source.name for source in sources if not isinstance(source, Hub)}
