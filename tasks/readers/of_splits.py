"""Splits that are published in files of their own kinds each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from xharness.tasks.base import Reader, Split


@dataclass(frozen=True)
class SplitsReader:
    """A reader for each split that there is."""

    readers: Mapping[str, Reader]

    def find(self, folder: Path, language: str, split: str) -> tuple[Path, ...]:
        """The files of the split; empty if there are none."""
        reader = self.readers.get(split)
        return reader.find(folder, language, split) if reader else ()

    def read(self, folder: Path, language: str, split: str, *, keep_csv_quotes: bool = False) -> Split:
        """Read what :meth:`find` found.

        Raises:
            FileNotFoundError: nothing is there.
        """
        if split not in self.readers:
            raise FileNotFoundError(f"there is no {split} split")
        return self.readers[split].read(folder, language, split, keep_csv_quotes=keep_csv_quotes)
