"""Sources of a folder that is imported: as they are published, else as they were at the first fetch."""

from __future__ import annotations

from pathlib import Path

import pytest

from xharness.fetch.acquire import Sources
from xharness.fetch.cache import Cache
from xharness.fetch.failures import NotTheKnownFile, NotThere, OnlyManually
from xharness.fetch.manifest import FetchManifest
from xharness.fetch.sources import Notes, SourceRoute, by_hand, upstream


def sources(tmp_path: Path, manifest: FetchManifest, *, local: bool = True, accept_changed: bool = False) -> Sources:
    """Sources of the folder ``disk``."""
    cache, disk = Cache(tmp_path / "cache"), tmp_path / "disk" if local else None
    return Sources(cache, manifest, lambda *_: None, local=disk, mirror="", accept_changed=accept_changed)


def unpublished(tmp_path: Path, text: str) -> SourceRoute:
    """A route to a file that nobody has published a hash of, in the folder."""
    (tmp_path / "disk").mkdir(exist_ok=True)
    (tmp_path / "disk" / "own.tsv").write_text(text)
    return upstream(lambda _: iter(()), "https://example.org/own.tsv")


def test_a_recorded_hash_binds_the_next_import(tmp_path: Path) -> None:
    manifest = FetchManifest(tmp_path)
    same = unpublished(tmp_path, "one")
    first = sources(tmp_path, manifest)
    assert first.files(same, Notes()).path(0).read_text() == "one"
    assert first.trusted == ["https://example.org/own.tsv"]
    again = sources(tmp_path, manifest)
    again.files(same, Notes())
    assert not again.trusted
    changed = unpublished(tmp_path, "two")
    with pytest.raises(NotTheKnownFile, match=r"own\.tsv is not the file that was fetched before"):
        sources(tmp_path, manifest).files(changed, Notes())
    taken = sources(tmp_path, manifest, accept_changed=True).files(changed, Notes())
    assert taken.path(0).read_text() == "two"


def test_what_a_folder_lacks_and_what_no_program_fetches(tmp_path: Path) -> None:
    unpublished(tmp_path, "one")
    route = by_hand(lambda _: iter(()), "CCGbank", "its licence forbids it", "order it")
    with pytest.raises(NotThere, match="CCGbank is not in it"):
        sources(tmp_path, FetchManifest(tmp_path)).files(route, Notes())
    with pytest.raises(OnlyManually, match="CCGbank has to be supplied manually: its licence forbids it"):
        sources(tmp_path, FetchManifest(tmp_path), local=False).files(route, Notes())
