"""SQuAD 1.1 and 2.0 in English (Rajpurkar et al. 2016, 2018). Encoding: the question first, the paragraph second."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from xharness.tasks.base import Split
from xharness.tasks.readers.records import NamedFilesReader
from xharness.tasks.readers.squad import read_squad


@dataclass(frozen=True)
class SquadReader(NamedFilesReader):
    """``<train|dev>-v1.1.json`` or ``<train|dev>-v2.0.json``, and parts of them under names that begin with ``squad``.

    In version 2.0 a question without an answer in its paragraph has no ``answers`` and the fact ``answerable=no``.
    """

    version: str = "1.1"

    def names(self, split: str) -> tuple[str, ...]:
        """Published name, then those of parts."""
        part = f"squad_v{self.version}_{split}*.json"
        loose = ("squad_subset_*.json",) if self.version == "1.1" and split == "train" else ()
        return f"{split}-v{self.version}.json", part, *loose

    def parse(self, path: Path, split: str) -> Split:  # noqa: ARG002
        """See :meth:`NamedFilesReader.parse`."""
        return read_squad(path, unanswerable=self.version == "2.0")


@dataclass(frozen=True)
class NamedSquadReader(NamedFilesReader):
    """A test set in SQuAD 1.1's JSON under a name of its own."""

    file: str

    def names(self, split: str) -> tuple[str, ...]:
        """The one name."""
        return (self.file,) if split == "test" else ()

    def parse(self, path: Path, split: str) -> Split:  # noqa: ARG002
        """See :meth:`NamedFilesReader.parse`."""
        return read_squad(path)
