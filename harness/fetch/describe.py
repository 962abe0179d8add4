"""What a fetch would do, before it does anything."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

from xharness.fetch.plan import routes
from xharness.fetch.sources import DataPackage, Hub, Origin, Source, Upstream


@dataclass(frozen=True)
class SourceRow:
    """One kind of source of one task.

    Attributes:
        rank: 0 for what is tried first.
        label: The address; for many files what their addresses share.
        files: Number of files; 0 where only the Hub knows it.
        sizes: URL and bytes, None where nobody recorded it; empty for the Hub.
        basis: What the files are checked against.
    """

    task: str
    parts: int
    licence: str
    rank: int
    label: str
    files: int
    sizes: tuple[tuple[str, int | None], ...]
    basis: str

    @property
    def size(self) -> int | None:
        """Bytes of all files whose size is known."""
        known = [size for _, size in self.sizes if size is not None]
        return sum(known) if known else None


def listing(parts: Sequence[DataPackage], origin: Origin | None) -> list[SourceRow]:
    """Every source of the parts, by task and in order of trust; with an origin only those of its kind."""
    rows = []
    for task in dict.fromkeys(part.task for part in parts):
        own = [part for part in parts if part.task == task]
        licence = ", ".join(dict.fromkeys(part.licence for part in own))
        by_kind: dict[str, dict[Source, None]] = {}
        for part in own:
            for route in routes(part, origin):
                for source in route.sources:
                    by_kind.setdefault(_kind(source), {})[source] = None
        for rank, sources in enumerate(by_kind.values()):
            rows.append(_row(task, len(own), licence, rank, list(sources)))
    return rows


def _kind(source: Source) -> str:
    """What goes into one row: all files of the authors, each dataset of the Hub, each file supplied manually."""
    if isinstance(source, Upstream):
        return "upstream"
    return f"hub: {source.dataset}" if isinstance(source, Hub) else f"supplied manually: {source.name}"


def _shared_folder(urls: Sequence[str]) -> str:
    """The folder that all URLs have in common."""
    columns = zip(*(url.split("/")[:-1] for url in urls), strict=False)
    return "/".join(parts[0] for parts in itertools.takewhile(lambda parts: len(set(parts)) == 1, columns))


def _row(task: str, parts: int, licence: str, rank: int, sources: list[Source]) -> SourceRow:
    published = [source for source in sources if isinstance(source, Upstream)]
    if not published:
        pinned = isinstance(sources[0], Hub) and sources[0].revision
        basis = "pinned commit" if pinned else "first fetch" if isinstance(sources[0], Hub) else "-"
        return SourceRow(task, parts, licence, rank, _kind(sources[0]), 0, (), basis)
    urls = [source.url for source in published]
    shared = urls[0] if len(urls) == 1 else f"{_shared_folder(urls)}/..."
    known = sum(bool(source.sha256) for source in published)
    basis = "published hash" if known == len(urls) else "first fetch" if not known else f"published hash ({known})"
    return SourceRow(task, parts, licence, rank, shared, len(urls), tuple((s.url, s.size) for s in published), basis)
