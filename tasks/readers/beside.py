"""Files that a task shares with others: in its own folder, or in theirs beside it or in ``intermediate``."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from xharness.tasks.base import Reader, Split


@dataclass(frozen=True)
class BesideReader:
    """What another reader finds in the first folder that has it.

    Attributes:
        reader: Reads the files.
        folders: Names of folders beside the task's own, best first.
        test: The published split that is the test set here.
    """

    reader: Reader
    folders: tuple[str, ...]
    test: str = "test"

    def find(self, folder: Path, language: str, split: str) -> tuple[Path, ...]:
        """The files of the split; empty if there are none."""
        found = (self.reader.find(place, language, self._published(split)) for place in self._places(folder))
        return next(filter(None, found), ())

    def read(self, folder: Path, language: str, split: str, *, keep_csv_quotes: bool = False) -> Split:
        """Read what :meth:`find` found.

        Raises:
            FileNotFoundError: nothing is there.
        """
        for place in self._places(folder):
            if self.reader.find(place, language, self._published(split)):
                return self.reader.read(place, language, self._published(split), keep_csv_quotes=keep_csv_quotes)
        names = ", ".join((folder.name, *self.folders))
        raise FileNotFoundError(f"no {split} files for '{language}' in {names} of {folder.parent}")

    def _published(self, split: str) -> str:
        return self.test if split == "test" else split

    def _places(self, folder: Path) -> Iterator[Path]:
        """Its own folder, then those beside it, then those in ``intermediate`` beside ``download``."""
        yield folder
        for holder in (folder.parent, folder.parent.parent / "intermediate"):
            yield from (place for name in self.folders if (place := holder / name).is_dir())
