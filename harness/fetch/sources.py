"""Where data come from: small values that say what to get and how far it is known, and the parts made of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

from xharness.fetch.checksums import KNOWN

if TYPE_CHECKING:
    from pathlib import Path

    from datasets import Dataset


class Origin(StrEnum):
    """Kinds of sources."""

    UPSTREAM = "upstream"
    HUB = "hub"
    HAND = "hand"
    FOLDER = "folder"


@dataclass(frozen=True)
class Upstream:
    """A file that the authors publish. Its hash and size are known where :mod:`xharness.fetch.checksums` lists them.

    Attributes:
        in_folder: Its name alone does not tell what it is, such as ``test.tsv``; the folder that it lies in does.
    """

    url: str
    in_folder: bool = field(default=False, repr=False)  # keys of parts are made of representations

    @property
    def name(self) -> str:
        """File name, by which a copy on a disk is recognised as well."""
        return self.url.rpartition("/")[2]

    @property
    def folder(self) -> str:
        """Name of the folder that a copy on a disk must lie in; empty for any."""
        return self.url.split("/")[-2] if self.in_folder else ""

    @property
    def sha256(self) -> str:
        """Published hash; empty where none is known, so that the first fetch has to record it."""
        return KNOWN.get(self.name, ("", None))[0]

    @property
    def size(self) -> int | None:
        """Bytes, where known."""
        return KNOWN.get(self.name, ("", None))[1]

    @property
    def key(self) -> str:
        """Name in the manifest."""
        return self.url


@dataclass(frozen=True)
class Hub:
    """One split of one configuration of a dataset on the Hugging Face Hub; only its parquet files are read.

    Attributes:
        revision: Commit that the data are pinned to. Empty: the first fetch takes the newest and records it.
        labels: Label names by index, for files that do not carry them. Files that do are believed.
    """

    dataset: str
    config: str
    split: str
    revision: str = ""
    labels: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """For people."""
        return f"{self.dataset}, {self.config}, {self.split}"

    @property
    def key(self) -> str:
        """Name in the manifest."""
        return f"hub:{self.dataset}/{self.config}/{self.split}"


@dataclass(frozen=True)
class Manual:
    """A file that no program may or can fetch. ``why`` says so, ``how`` where people get it."""

    name: str
    why: str
    how: str

    @property
    def key(self) -> str:
        """Name in the manifest."""
        return f"hand:{self.name}"


Source = Upstream | Hub | Manual


class SourceFiles(Protocol):
    """The sources of a route as they lie on this machine, in the order of the route.

    Attributes:
        notes: What the conversion leaves out or decides; every dropped example is counted there.
    """

    @property
    def notes(self) -> Notes:
        """For people and the manifest."""

    def path(self, index: int) -> Path:
        """The file itself."""

    def folder(self, index: int, *patterns: str) -> Path:
        """A folder with the file under its own name or, if it is an archive, the members that match a pattern."""

    def inside(self, archive: Path) -> Path:
        """A folder with everything in an archive that lay in an archive."""

    def rows(self, index: int) -> Dataset:
        """The rows of a split from the Hub, with the features that its files declare."""


@dataclass(frozen=True)
class Output:
    """One file to write: path relative to the data folder, and content."""

    path: str
    content: bytes


@dataclass
class Notes:
    """Lines for people, each once."""

    lines: list[str] = field(default_factory=list)

    def add(self, line: str) -> None:
        """A line, unless it is there already."""
        if line not in self.lines:
            self.lines.append(line)


Convert = Callable[[SourceFiles], Iterator[Output]]


@dataclass(frozen=True)
class SourceRoute:
    """One way to a part. ``lossy`` says what this copy lacks; such a route is only taken when asked for."""

    origin: Origin
    sources: tuple[Source, ...]
    convert: Convert
    lossy: str = ""


@dataclass(frozen=True)
class DataPackage:
    """The smallest thing that is fetched as a whole: a task in one language, or a training set.

    Attributes:
        name: ``<task>/<language>``.
        task: Name of the task it belongs to.
        language: As the task's reader calls it.
        splits: The splits it holds.
        folder: Where its examples go, relative to the data folder.
        licence: Of the data.
        routes: In order of trust.
        missing: What other sources have and why they are of no use; for people.
    """

    name: str
    task: str
    language: str
    splits: tuple[str, ...]
    folder: str
    licence: str
    routes: tuple[SourceRoute, ...]
    missing: str = ""


def upstream(convert: Convert, *urls: str) -> SourceRoute:
    """A way by files that the authors publish."""
    return SourceRoute(Origin.UPSTREAM, tuple(Upstream(url) for url in urls), convert)


def hub(convert: Convert, *sources: Hub, lossy: str = "") -> SourceRoute:
    """A way by splits from the Hub; ``lossy`` says what this copy lacks."""
    return SourceRoute(Origin.HUB, sources, convert, lossy)


def by_hand(convert: Convert, name: str, why: str, how: str) -> SourceRoute:
    """A file that a person has to bring."""
    return SourceRoute(Origin.HAND, (Manual(name, why, how),), convert)
