"""The walk: for each part the first source that works, checked, converted, written, and entered into the manifest."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from filelock import FileLock, Timeout

from xharness.checkpoints.offline import online
from xharness.fetch.acquire import Files, Sources
from xharness.fetch.cache import Cache, default_root
from xharness.fetch.enter import Writer
from xharness.fetch.failures import MALFORMED, NotThere, Unavailable
from xharness.fetch.manifest import FetchManifest
from xharness.fetch.plan import routes
from xharness.fetch.sources import DataPackage, Notes, Origin, Output, SourceRoute
from xharness.tasks.base import LossNote
from xharness.tasks.common.errors import UserError, first_line
from xharness.tasks.common.files import sweep_partial
from xharness.tasks.common.outputs import check_folder

CONVERSION = 1
"""Raised when a conversion changes, so that parts made by an older one are made again."""
MIRROR = "XHARNESS_MIRROR"


class FetchReporter(Protocol):
    """Shows progress: told of each part, of bytes that came and of sources that failed."""

    def part(self, part: DataPackage, number: int, total: int) -> None:
        """A part begins."""

    def transfer(self, name: str, done: int, total: int | None) -> None:
        """Bytes of a file came."""

    def next_source(self, part: DataPackage, why: str) -> None:
        """A source did not work; the next one is tried."""


@dataclass(frozen=True, kw_only=True)
class FetchOptions:
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
class FetchReport:
    """What happened.

    Attributes:
        made: Parts that were written now, with their origin.
        kept: Parts that were there already.
        failed: Parts that could not be had, with the reason of each source.
        notes: By part, what its conversion left out or decided.
        trusted: Sources that no published hash vouches for, whose hash was recorded now.
        accepted: Sources with another hash than the published one, which was asked for.
    """

    made: list[tuple[DataPackage, Origin]] = field(default_factory=list)
    kept: list[DataPackage] = field(default_factory=list)
    failed: list[tuple[DataPackage, list[Unavailable]]] = field(default_factory=list)
    notes: dict[str, list[str]] = field(default_factory=dict)
    trusted: list[str] = field(default_factory=list)
    accepted: list[str] = field(default_factory=list)


@online()
def fetch(parts: Sequence[DataPackage], settings: FetchOptions, reporter: FetchReporter) -> FetchReport:
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

    def __init__(self, settings: FetchOptions, reporter: FetchReporter) -> None:
        self.settings, self.reporter = settings, reporter
        self.manifest = FetchManifest.load(settings.data)
        self.writer = Writer(self.manifest, settings.overwrite)
        self.sources = Sources(
            Cache(settings.cache),
            self.manifest,
            reporter.transfer,
            local=settings.local,
            mirror=settings.mirror,
            accept_changed=settings.accept_changed,
        )
        self.result = FetchReport(trusted=self.sources.trusted, accepted=self.sources.accepted)

    def go(self, parts: Sequence[DataPackage]) -> FetchReport:
        """All parts, one after the other; one that fails does not stop the others."""
        for number, part in enumerate(parts, 1):
            self.reporter.part(part, number, len(parts))
            ways = () if self.sources.local else routes(part, self.settings.origin)
            if ways and self.manifest.is_done(part.name, self._keys(part, ways)):
                self.result.kept.append(part)
            elif reasons := self._import(part) if self.sources.local else self._fetch(part, ways):
                self.result.failed.append((part, reasons))
        return self.result

    def _keys(self, part: DataPackage, ways: Sequence[SourceRoute]) -> set[str]:
        """What counts as done: made by one of these routes or, if no kind of source is asked for, imported."""
        entry = self.manifest.parts.get(part.name, {})
        imported = {entry["key"]} if entry.get("origin") == Origin.FOLDER and self.settings.origin is None else set()
        return {_key(route) for route in ways} | imported

    def _fetch(self, part: DataPackage, ways: Sequence[SourceRoute]) -> list[Unavailable]:
        """Make a part by the first route that works. Returns why each failed; nothing if one worked."""
        reasons: list[Unavailable] = []
        for rank, route in enumerate(ways, 1):
            try:
                self._make(part, route)
            except Unavailable as error:
                reasons.append(error)
                if rank < len(ways):
                    self.reporter.next_source(part, str(error))
            else:
                return []
        return reasons if ways else [Unavailable(part.missing or f"no source of the kind '{self.settings.origin}'")]

    def _import(self, part: DataPackage) -> list[Unavailable]:
        """Make a part of a laid out folder, else of published files by their names. Returns why it failed."""
        assert self.sources.local
        assert self.settings.local
        if copies := list(self.sources.local.copies(part)):
            source = f"folder:{self.settings.local.name}"
            self._enter(part, Origin.FOLDER, source, iter(copies), Notes(), [source])
            return []
        for route in part.routes:
            if route.origin is not Origin.HUB:
                try:
                    self._make(part, route)
                except NotThere:
                    continue
                except Unavailable as error:
                    return [error]
                return []
        return [NotThere("not in it")]

    def _make(self, part: DataPackage, route: SourceRoute) -> None:
        """Get the sources of a route, convert them and write the part."""
        notes = Notes()
        if route.lossy:
            notes.add(LossNote(f"this copy {route.lossy}"))
        files = self.sources.files(route, notes)
        keys = [source.key for source in route.sources]
        self._enter(part, route.origin, _key(route), _converted(route, files), notes, keys)

    def _enter(
        self,
        part: DataPackage,
        origin: Origin,
        key: str,
        outputs: Iterator[Output],
        notes: Notes,
        sources: Sequence[str],
    ) -> None:
        """Write a part, and note it and its remarks in the result."""
        self.writer.enter(part, origin, key, outputs, notes, sources)
        self.result.made.append((part, origin))
        if notes.lines:
            self.result.notes[part.name] = notes.lines


def _converted(route: SourceRoute, files: Files) -> Iterator[Output]:
    """What a conversion makes. Raises Unavailable where it meets values that the published files do not have."""
    try:
        yield from route.convert(files)
    except MALFORMED as error:
        raise Unavailable(f"it is not as published ({type(error).__name__}: {first_line(error)})") from error


def _key(route: SourceRoute) -> str:
    """What a part is made of and by what."""
    named = "\n".join([f"conversion {CONVERSION}", *(repr(source) for source in route.sources)])
    return hashlib.sha256(named.encode()).hexdigest()[:16]
